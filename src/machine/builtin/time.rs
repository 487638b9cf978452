//! Timestamps and durations taken apart.

use super::Pattern::{Duration, Int, String, Timestamp};
use super::{Builtin, Cost, Outcome, Overload, method};
use crate::value::{self, Civil, EvalError, Value, Zone};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "getDate",
        docs: "The day of the month, from 1, in UTC or in the given time zone.",
        overloads: CALENDAR,
        examples: &[("timestamp('2009-02-13T23:31:30Z').getDate()", "13")],
        cost: Cost::Fixed,
        call: |args| calendar(args, |at| at.day),
    },
    Builtin {
        name: "getDayOfMonth",
        docs: "The day of the month, from 0, in UTC or in the given time zone.",
        overloads: CALENDAR,
        examples: &[(
            "timestamp('2009-02-13T23:31:30Z').getDayOfMonth('+11:00')",
            "13",
        )],
        cost: Cost::Fixed,
        call: |args| calendar(args, |at| at.day - 1),
    },
    Builtin {
        name: "getDayOfWeek",
        docs: "The day of the week, 0 for Sunday, in UTC or in the given time zone.",
        overloads: CALENDAR,
        examples: &[("timestamp('2009-02-13T23:31:30Z').getDayOfWeek()", "5")],
        cost: Cost::Fixed,
        call: |args| calendar(args, |at| at.weekday),
    },
    Builtin {
        name: "getDayOfYear",
        docs: "The day of the year, from 0, in UTC or in the given time zone.",
        overloads: CALENDAR,
        examples: &[("timestamp('2009-02-13T23:31:30Z').getDayOfYear()", "43")],
        cost: Cost::Fixed,
        call: |args| calendar(args, |at| at.day_of_year),
    },
    Builtin {
        name: "getFullYear",
        docs: "The year, in UTC or in the given time zone.",
        overloads: CALENDAR,
        examples: &[(
            "timestamp('2009-12-31T23:31:30Z').getFullYear('Europe/Berlin')",
            "2010",
        )],
        cost: Cost::Fixed,
        call: |args| calendar(args, |at| at.year),
    },
    Builtin {
        name: "getHours",
        docs: "The hour of the day, in UTC or in the given time zone; of a duration, all its hours.",
        overloads: CLOCK,
        examples: &[
            ("timestamp('2009-02-13T23:31:30Z').getHours()", "23"),
            ("duration('90m').getHours()", "1"),
        ],
        cost: Cost::Fixed,
        call: |args| clock(args, |at| at.hour, |length| length.seconds() / 3_600),
    },
    Builtin {
        name: "getMilliseconds",
        docs: "The milliseconds within the second.",
        overloads: CLOCK,
        examples: &[("duration('1.234s').getMilliseconds()", "234")],
        cost: Cost::Fixed,
        call: milliseconds,
    },
    Builtin {
        name: "getMinutes",
        docs: "The minute of the hour, in UTC or in the given time zone; of a duration, all its minutes.",
        overloads: CLOCK,
        examples: &[
            ("timestamp('2009-02-13T23:31:30Z').getMinutes()", "31"),
            ("duration('1h').getMinutes()", "60"),
        ],
        cost: Cost::Fixed,
        call: |args| clock(args, |at| at.minute, |length| length.seconds() / 60),
    },
    Builtin {
        name: "getMonth",
        docs: "The month, 0 for January, in UTC or in the given time zone.",
        overloads: CALENDAR,
        examples: &[("timestamp('2009-02-13T23:31:30Z').getMonth()", "1")],
        cost: Cost::Fixed,
        call: |args| calendar(args, |at| at.month - 1),
    },
    Builtin {
        name: "getSeconds",
        docs: "The second of the minute, in UTC or in the given time zone; of a duration, all its seconds.",
        overloads: CLOCK,
        examples: &[
            ("timestamp('2009-02-13T23:31:30Z').getSeconds()", "30"),
            ("duration('2m').getSeconds()", "120"),
        ],
        cost: Cost::Fixed,
        call: |args| clock(args, |at| at.second, value::Duration::seconds),
    },
];

const CALENDAR: &[Overload] = &[method(&[Timestamp], Int), method(&[Timestamp, String], Int)];
const CLOCK: &[Overload] = &[
    method(&[Timestamp], Int),
    method(&[Timestamp, String], Int),
    method(&[Duration], Int),
];

fn calendar(args: &[Value], part: fn(Civil) -> i64) -> Outcome {
    match args {
        [Value::Timestamp(time)] => Ok(part(time.civil(&Zone::UTC)).into()),
        [Value::Timestamp(time), Value::String(name)] => Ok(part(time.civil(&zone(name)?)).into()),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn clock(args: &[Value], part: fn(Civil) -> i64, all: fn(value::Duration) -> i64) -> Outcome {
    if let [Value::Duration(length)] = args {
        Ok(all(*length).into())
    } else {
        calendar(args, part)
    }
}

fn milliseconds(args: &[Value]) -> Outcome {
    match args {
        [Value::Duration(length)] => Ok((length.millis() % 1_000).into()),
        [Value::Timestamp(time)] => Ok(i64::from(time.nanos() / 1_000_000).into()),
        [Value::Timestamp(time), Value::String(name)] => {
            zone(name).map(|_| i64::from(time.nanos() / 1_000_000).into())
        }
        _ => Err(EvalError::no_such_overload()),
    }
}

fn zone(name: &str) -> Result<Zone, EvalError> {
    Zone::find(name).ok_or(EvalError::fixed("unknown time zone"))
}
