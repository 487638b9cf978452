//! Untyped JSON from outside: any bytes give a value or an error.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = journey_machine::json::read_json(bytes);
});
