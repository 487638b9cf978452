//! Timestamps and durations with the ranges CEL gives them. No clock: a timestamp comes from its parts or from text.

mod civil;
mod text;
mod zone;

pub use civil::Civil;
pub use zone::Zone;

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// A point in time between the years 1 and 9999, to the nanosecond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    seconds: i64,
    nanos: u32,
}

impl Timestamp {
    /// 1970-01-01T00:00:00Z
    pub const EPOCH: Self = Self {
        seconds: 0,
        nanos: 0,
    };
    /// 0001-01-01T00:00:00Z
    pub const MIN: Self = Self {
        seconds: -62_135_596_800,
        nanos: 0,
    };
    /// 9999-12-31T23:59:59.999999999Z
    pub const MAX: Self = Self {
        seconds: 253_402_300_799,
        nanos: 999_999_999,
    };

    /// The point `seconds` and `nanos` after 1970; `None` if it is out of range or `nanos` is a second or more.
    #[must_use]
    pub fn new(seconds: i64, nanos: u32) -> Option<Self> {
        let time = Self { seconds, nanos };
        (nanos < 1_000_000_000 && (Self::MIN..=Self::MAX).contains(&time)).then_some(time)
    }

    /// The point so many milliseconds after 1970; `None` if it is out of range.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        Self::from_nanos(i128::from(millis) * 1_000_000)
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.seconds
    }

    /// Nanoseconds beyond [`Self::seconds`].
    #[must_use]
    pub fn nanos(self) -> u32 {
        self.nanos
    }

    /// Milliseconds since 1970, rounded down.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.seconds * 1_000 + i64::from(self.nanos / 1_000_000)
    }

    /// Later by `length`; `None` if that is out of range.
    #[must_use]
    pub fn checked_add(self, length: Duration) -> Option<Self> {
        Self::from_nanos(self.total() + i128::from(length.0))
    }

    /// Earlier by `length`; `None` if that is out of range.
    #[must_use]
    pub fn checked_sub(self, length: Duration) -> Option<Self> {
        Self::from_nanos(self.total() - i128::from(length.0))
    }

    /// The time from `earlier` to `self`; `None` if it is longer than a [`Duration`] can be.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        i64::try_from(self.total() - earlier.total())
            .ok()
            .map(Duration)
    }

    fn total(self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos)
    }

    fn from_nanos(total: i128) -> Option<Self> {
        let second = i128::from(NANOS_PER_SECOND);
        let nanos = u32::try_from(total.rem_euclid(second)).ok()?;
        Self::new(i64::try_from(total.div_euclid(second)).ok()?, nanos)
    }
}

/// A length of time, to the nanosecond: 64 bits of them, about 292 years either way, as CEL's implementations have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

impl Duration {
    /// Of so many nanoseconds.
    #[must_use]
    pub const fn from_nanos(nanos: i64) -> Self {
        Self(nanos)
    }

    /// Of so many milliseconds; `None` if that is out of range.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        millis.checked_mul(1_000_000).map(Self)
    }

    /// Of so many seconds; `None` if that is out of range.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        seconds.checked_mul(NANOS_PER_SECOND).map(Self)
    }

    /// All its nanoseconds.
    #[must_use]
    pub fn nanos(self) -> i64 {
        self.0
    }

    /// All its milliseconds, towards zero.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0 / 1_000_000
    }

    /// All its seconds, towards zero.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0 / NANOS_PER_SECOND
    }

    /// The sum; `None` if it is out of range.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` if it is out of range.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}
