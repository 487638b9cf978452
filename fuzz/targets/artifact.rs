//! Artifacts: any bytes, also with a right hash, give a verified program or an error.
#![no_main]
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = journey_machine::wire::program::decode(bytes);
    let _ = journey_machine::wire::program::decode(&journey_machine::wire::seal(bytes));
});
