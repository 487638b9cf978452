//! Artifacts: any bytes, also behind a header that fits them, give a verified program or an error.
#![no_main]
use journey_machine::wire::program::{VERSION, decode};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fuzz_target!(|bytes: &[u8]| {
    let _ = decode(bytes);
    let _ = decode(&sealed(bytes));
});

/// A payload with magic, version, length and hash before it.
fn sealed(payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u64).to_le_bytes();
    [b"JRNY".as_slice(), &VERSION.to_le_bytes(), &length, &Sha256::digest(payload), payload].concat()
}
