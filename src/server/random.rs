//! Random text and numbers: ids, secrets, pauses, seeds. Numbers are drawn in bulk: every request needs two, and asking
//! the system for each alone would cost more than the rest of its way in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_machine::value::Str;
use std::cell::RefCell;
use zeroize::Zeroizing;

/// `N` random bytes as base64url; `None` if the system has no randomness.
#[must_use]
pub fn text<const N: usize>() -> Option<String> {
    let mut bytes = Zeroizing::new([0; N]);
    aws_lc_rs::rand::fill(bytes.as_mut_slice()).ok()?;
    Some(URL_SAFE_NO_PAD.encode(bytes.as_slice()))
}

const NUMBERS: usize = 256;
const WIDTH: usize = 16;

thread_local! {
    static POOL: RefCell<Vec<[u8; WIDTH]>> = const { RefCell::new(Vec::new()) };
}

/// A seed nobody can foresee; `None`: the system has no randomness to give.
#[must_use]
pub fn seed() -> Option<u128> {
    POOL.with_borrow_mut(|pool| {
        if pool.is_empty() {
            fill(pool)?;
        }
        pool.pop().map(u128::from_le_bytes)
    })
}

fn fill(pool: &mut Vec<[u8; WIDTH]>) -> Option<()> {
    let mut bytes = [0; NUMBERS * WIDTH];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    let (numbers, _) = bytes.as_chunks();
    pool.extend_from_slice(numbers);
    Some(())
}

/// A number nobody can foresee; `None`: the system has no randomness to give.
#[must_use]
pub fn number() -> Option<u64> {
    seed().and_then(|seed| u64::try_from(seed >> 64).ok())
}

/// The digits of base64url.
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// Digits of half a name: 48 bits. Before two names are the same, 10^14 are given.
const HALF: usize = 8;

/// A name nobody else has, short enough to need no memory of its own.
pub(crate) fn id() -> Str {
    let number = seed().unwrap_or_default();
    let mut text = [0; 2 * HALF];
    for (half, digits) in [number as u64, (number >> 64) as u64]
        .into_iter()
        .zip(text.chunks_exact_mut(HALF))
    {
        let mut rest = half;
        for digit in digits {
            *digit = DIGITS
                .get(rest as usize % DIGITS.len())
                .copied()
                .unwrap_or_default();
            rest /= DIGITS.len() as u64;
        }
    }
    Str::from(std::str::from_utf8(&text).unwrap_or_default())
}
