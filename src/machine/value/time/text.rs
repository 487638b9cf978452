//! Timestamps as RFC 3339 text, durations as CEL's: `1h30m` is read, `5400s` is written.

use super::civil::{day_number, days_in};
use super::{Duration, NANOS_PER_SECOND, Timestamp, Zone};
use crate::value::number;
use std::fmt;

impl Timestamp {
    /// Reads RFC 3339: `2009-02-13T23:31:30.5+01:00`, with at most nine digits of fraction and no leap second.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut text = Cursor(text.as_bytes());
        let days = text.date()?;
        text.one_of(b"Tt")?;
        let (hour, minute) = text.clock()?;
        text.one_of(b":")?;
        let second = text.number(2, 59)?;
        let nanos = if text.one_of(b".").is_some() {
            text.fraction()?
        } else {
            0
        };
        let offset = text.offset()?;
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + second - offset;
        if text.0.is_empty() {
            Self::new(seconds, nanos)
        } else {
            None
        }
    }

    /// Appends it as RFC 3339 in UTC, with as many digits of fraction as it needs.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        let at = self.civil(&Zone::UTC);
        out.extend_from_slice(&digits::<4>(at.year));
        for (mark, n) in [
            (b'-', at.month),
            (b'-', at.day),
            (b'T', at.hour),
            (b':', at.minute),
            (b':', at.second),
        ] {
            let [tens, ones] = digits(n);
            out.extend_from_slice(&[mark, tens, ones]);
        }
        write_fraction(self.nanos.into(), out);
        out.push(b'Z');
    }
}

impl Duration {
    /// Reads CEL's text: an optional sign, then numbers with units (`h`, `m`, `s`, `ms`, `us`, `µs`, `ns`), or `0`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.as_bytes() {
            [b'-', ..] => (true, text.get(1..)?),
            [b'+', ..] => (false, text.get(1..)?),
            _ => (false, text),
        };
        if rest == "0" {
            return Some(Self(0));
        }
        let mut total: i128 = 0;
        loop {
            let (nanos, tail) = component(rest)?;
            total = total.checked_add(nanos)?;
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        i64::try_from(if negative { -total } else { total })
            .ok()
            .map(Self)
    }

    /// Appends it in seconds: `5400s`, `-1.5s`.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        if self.0 < 0 {
            out.push(b'-');
        }
        number::write_uint(self.seconds().unsigned_abs(), out);
        write_fraction((self.0 % NANOS_PER_SECOND).abs(), out);
        out.push(b's');
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written(f, |out| self.write(out))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        written(f, |out| self.write(out))
    }
}

fn written(f: &mut fmt::Formatter<'_>, write: impl FnOnce(&mut Vec<u8>)) -> fmt::Result {
    let mut bytes = Vec::with_capacity(32);
    write(&mut bytes);
    f.pad(str::from_utf8(&bytes).unwrap_or_default())
}

/// One number with its unit, in nanoseconds, and what follows it. Fractions of a nanosecond are cut off.
fn component(text: &str) -> Option<(i128, &str)> {
    let number_end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, rest) = text.split_at_checked(number_end)?;
    let unit_end = rest
        .find(|c: char| c.is_ascii_digit() || c == '.')
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at_checked(unit_end)?;
    let unit: i128 = match unit {
        "h" => 3_600_000_000_000,
        "m" => 60_000_000_000,
        "s" => 1_000_000_000,
        "ms" => 1_000_000,
        "us" | "µs" | "μs" => 1_000,
        "ns" => 1,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = if whole.is_empty() {
        0
    } else {
        i128::from(whole.parse::<i64>().ok()?)
    };
    Some((whole * unit + part_of(fraction, unit)?, rest))
}

/// `0.fraction` of `unit`; digits beyond the eighteenth make no nanosecond.
fn part_of(fraction: &str, unit: i128) -> Option<i128> {
    if fraction.is_empty() {
        return Some(0);
    }
    let digits = fraction.get(..fraction.len().min(18))?;
    let scale = 10_i128.pow(u32::try_from(digits.len()).ok()?);
    (!fraction.contains('.')).then_some(i128::from(digits.parse::<i64>().ok()?) * unit / scale)
}

/// `.5`, `.000000001`, or nothing for 0.
fn write_fraction(nanos: i64, out: &mut Vec<u8>) {
    if nanos == 0 {
        return;
    }
    out.push(b'.');
    out.extend_from_slice(&digits::<9>(nanos));
    while out.last() == Some(&b'0') {
        out.pop();
    }
}

/// The last `WIDTH` decimal digits of a number that is not negative.
fn digits<const WIDTH: usize>(mut n: i64) -> [u8; WIDTH] {
    let mut digits = [b'0'; WIDTH];
    for digit in digits.iter_mut().rev() {
        *digit += (n % 10).unsigned_abs() as u8;
        n /= 10;
    }
    digits
}

/// The rest of a text that is being read.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        bytes.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    fn digit(&mut self) -> Option<i64> {
        self.one_of(b"0123456789")
            .map(|byte| i64::from(byte - b'0'))
    }

    fn number(&mut self, width: usize, max: i64) -> Option<i64> {
        let n = (0..width).try_fold(0, |n, _| Some(n * 10 + self.digit()?))?;
        (n <= max).then_some(n)
    }

    fn clock(&mut self) -> Option<(i64, i64)> {
        let hour = self.number(2, 23)?;
        self.one_of(b":")?;
        Some((hour, self.number(2, 59)?))
    }

    /// A date, in days since 1970.
    fn date(&mut self) -> Option<i64> {
        let year = self.number(4, 9_999)?;
        self.one_of(b"-")?;
        let month = self.number(2, 12)?;
        self.one_of(b"-")?;
        let day = self.number(2, 31)?;
        (month >= 1 && day >= 1 && day <= days_in(year, month))
            .then(|| day_number(year, month, day))
    }

    fn fraction(&mut self) -> Option<u32> {
        let (mut nanos, mut width) = (self.digit()?, 1);
        while let Some(digit) = self.digit() {
            (nanos, width) = (nanos * 10 + digit, width + 1);
            if width > 9 {
                return None;
            }
        }
        u32::try_from((width..9).fold(nanos, |n, _| n * 10)).ok()
    }

    /// `Z` or `±hh:mm`, in seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let (hours, minutes) = self.clock()?;
        Some(sign * (hours * 3_600 + minutes * 60))
    }
}
