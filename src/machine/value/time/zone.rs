//! Time zones, from the bundled database: the same answer on every machine.

use super::Timestamp;
use jiff::tz::TimeZone;

/// A time zone: a fixed distance from UTC or a named region.
#[derive(Clone, Debug)]
pub struct Zone(Kind);

#[derive(Clone, Debug)]
enum Kind {
    /// Seconds east of UTC.
    Fixed(i64),
    Region(TimeZone),
}

impl Zone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(Kind::Fixed(0));

    /// The zone that `name` names: `UTC`, `Europe/Berlin`, `+05:30`, `-02:30`, `02:00`.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        if name == "UTC" {
            return Some(Self::UTC);
        }
        if let Some(seconds) = fixed(name) {
            return Some(Self(Kind::Fixed(seconds)));
        }
        TimeZone::get(name)
            .ok()
            .map(|region| Self(Kind::Region(region)))
    }

    /// Seconds east of UTC at `time`. The calendar library ends one day before we do; its last rule holds on.
    pub(super) fn offset_at(&self, time: Timestamp) -> i64 {
        match &self.0 {
            Kind::Fixed(seconds) => *seconds,
            Kind::Region(region) => {
                let time =
                    jiff::Timestamp::from_second(time.seconds()).unwrap_or(jiff::Timestamp::MAX);
                region.to_offset(time).seconds().into()
            }
        }
    }
}

/// `+hh:mm`, `-hh:mm` or `hh:mm` in seconds.
fn fixed(name: &str) -> Option<i64> {
    let (sign, digits) = match name.as_bytes() {
        [b'+', digits @ ..] => (1, digits),
        [b'-', digits @ ..] => (-1, digits),
        digits => (1, digits),
    };
    let &[h1, h2, b':', m1, m2] = digits else {
        return None;
    };
    let (hours, minutes) = (two_digits(h1, h2)?, two_digits(m1, m2)?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit())
        .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}
