//! A perceptual hash: 64 bits that are alike for images that look alike, whatever their size and compression.

use super::gray::Gray;
use std::f64::consts::PI;
use std::fmt;

/// Pixels of a side that are looked at.
const SIDE: usize = 32;
/// Frequencies of a side that are kept; the lowest, the lightness of all, is none of them.
const KEPT: usize = 8;
/// What is smaller than that is the error of rounding.
const NOTHING: f64 = 1e-3;

/// The signs of the low frequencies against their median. Displayed as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PerceptualHash(pub u64);

impl fmt::Display for PerceptualHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl PerceptualHash {
    pub(super) fn of(gray: &Gray) -> Self {
        let small = gray.resized(SIDE, SIDE);
        let rows: Vec<Vec<f64>> = (0..SIDE).map(|row| transform(small.row(row))).collect();
        let mut frequencies = Vec::with_capacity(KEPT * KEPT);
        for across in 0..KEPT {
            let column = rows.iter().filter_map(|row| row.get(across));
            let column: Vec<f32> = column.map(|value| *value as f32).collect();
            frequencies.extend(transform(&column));
        }
        let mut sorted = frequencies.clone();
        sorted.sort_by(f64::total_cmp);
        let median = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
        let bit = |hash: u64, value: &f64| hash << 1 | u64::from(*value > median + NOTHING);
        Self(frequencies.iter().fold(0, bit))
    }

    /// How many bits differ.
    #[must_use]
    pub fn distance(self, other: Self) -> u32 {
        (self.0 ^ other.0).count_ones()
    }
}

/// The low frequencies of the discrete cosine transform (type II), without the lowest.
fn transform(values: &[f32]) -> Vec<f64> {
    let length = values.len() as f64;
    let frequency = |number: usize| {
        let step = PI * number as f64 / length;
        let waves = (0_u32..).zip(values);
        let waves =
            waves.map(|(at, value)| f64::from(*value) * (step * (f64::from(at) + 0.5)).cos());
        waves.sum()
    };
    (1..=KEPT).map(frequency).collect()
}
