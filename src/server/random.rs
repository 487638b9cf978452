//! Random text and numbers: ids, secrets, pauses.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// `N` random bytes as base64url; `None` if the system has no randomness.
#[must_use]
pub fn text<const N: usize>() -> Option<String> {
    let mut bytes = Zeroizing::new([0; N]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

/// A random number; `None` if the system has no randomness.
#[must_use]
pub fn number() -> Option<u64> {
    let mut bytes = [0; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(u64::from_ne_bytes(bytes))
}
