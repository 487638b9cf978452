//! Random numbers of a run: the same seed gives the same numbers. Good for names, never for secrets.

use crate::value::{Str, Value};
use std::fmt::Write;

/// The generator xoshiro256** of Blackman and Vigna.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Random(pub(super) [u64; 4]);

impl Random {
    /// The state is filled by SplitMix64, as its authors advise, so that similar seeds give unrelated numbers.
    pub(super) fn new(seed: u128) -> Self {
        let (low, high) = (seed as u64, (seed >> 64) as u64);
        Self([
            split_mix(low),
            split_mix(low ^ 1),
            split_mix(high ^ 2),
            split_mix(high ^ 3),
        ])
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// A UUID of version 4 (RFC 9562).
    pub(super) fn uuid(&mut self) -> Value {
        let high = (self.next() & !0xf000) | 0x4000;
        let low = (self.next() >> 2) | (1 << 63);
        let mut text = smol_str::SmolStrBuilder::new();
        let written = write!(
            text,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xffff,
            low >> 48,
            low & 0xffff_ffff_ffff
        );
        debug_assert!(written.is_ok(), "writing into memory does not fail");
        Value::String(Str::from(text))
    }
}

fn split_mix(seed: u64) -> u64 {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
