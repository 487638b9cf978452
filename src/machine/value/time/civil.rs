//! The calendar: seconds since 1970 to year, month, day and back (proleptic Gregorian, without leap seconds).

use super::{Timestamp, Zone};

const SECONDS_PER_DAY: i64 = 86_400;
/// Days of 400 years, after which the calendar repeats.
const DAYS_PER_ERA: i64 = 146_097;
/// Days from 0000-03-01, where eras begin, to 1970-01-01.
const EPOCH_DAY: i64 = 719_468;

/// A point in time as a calendar and a clock on a wall show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Civil {
    /// 1–9999; one more or less where a zone shifts the ends.
    pub year: i64,
    /// 1–12
    pub month: i64,
    /// 1–31
    pub day: i64,
    /// 0–23
    pub hour: i64,
    /// 0–59
    pub minute: i64,
    /// 0–59
    pub second: i64,
    /// 0 is Sunday.
    pub weekday: i64,
    /// 0–365
    pub day_of_year: i64,
}

impl Timestamp {
    /// What calendar and clock show in `zone`.
    #[must_use]
    pub fn civil(self, zone: &Zone) -> Civil {
        let local = self.seconds + zone.offset_at(self);
        let (days, clock) = (
            local.div_euclid(SECONDS_PER_DAY),
            local.rem_euclid(SECONDS_PER_DAY),
        );
        let (year, month, day) = date_of(days);
        Civil {
            year,
            month,
            day,
            hour: clock / 3_600,
            minute: clock / 60 % 60,
            second: clock % 60,
            weekday: (days + 4).rem_euclid(7),
            day_of_year: days - day_number(year, 1, 1),
        }
    }
}

/// Days since 1970 of a date. Years begin in March here, so that the leap day is their last.
pub(super) fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year.div_euclid(400) * DAYS_PER_ERA + of_era * 365 + of_era / 4 - of_era / 100 + of_year
        - EPOCH_DAY
}

/// The date of a day since 1970.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH_DAY;
    let of_era = days.rem_euclid(DAYS_PER_ERA);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    (
        days.div_euclid(DAYS_PER_ERA) * 400 + year + i64::from(month <= 2),
        month,
        day,
    )
}

/// Days of a month.
pub(super) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}
