//! Uploads that call themselves images: any bytes give a report or a refusal, within the limits of pixels and memory.
#![no_main]
use journey_server::embedded::image::{Purpose, inspect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for purpose in [Purpose::Document, Purpose::Selfie] {
        let _ = inspect(bytes, purpose);
    }
});
