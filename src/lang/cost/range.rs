//! Bounds: at least so many, at most so many.

/// From `min` up to and with `max`. Sums and products that are too large for a number stay at the largest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Range {
    /// At least.
    pub min: u64,
    /// At most.
    pub max: u64,
}

impl Range {
    /// Nothing.
    pub(super) const ZERO: Self = Self::exactly(0);

    pub(super) const fn exactly(n: u64) -> Self {
        Self { min: n, max: n }
    }

    pub(super) const fn up_to(max: u64) -> Self {
        Self { min: 0, max }
    }

    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_add(other.min),
            max: self.max.saturating_add(other.max),
        }
    }

    pub(super) const fn times(self, other: Self) -> Self {
        Self {
            min: self.min.saturating_mul(other.min),
            max: self.max.saturating_mul(other.max),
        }
    }

    /// One or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }

    /// The same, but none is possible too.
    pub(super) const fn or_none(self) -> Self {
        Self::up_to(self.max)
    }
}
