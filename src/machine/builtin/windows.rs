//! Counts over time windows: a list of numbers of bounded length, to be kept in a field of a record.
//!
//! A window (`1h by 1m`) is divided into buckets of equal length. The list holds for each window: how many
//! milliseconds a bucket is long, how many buckets there are, the number of the newest bucket since 1970, and the count of
//! each, the newest first. A count is exact within the length of a bucket: it holds what came in the newest bucket and
//! in those before it that make up the window.

use super::Pattern::{Duration, Int, List, String, Timestamp};
use super::{Builtin, Cost, Outcome, Pattern, function};
use crate::limits::MAX_BUCKETS;
use crate::value::{EvalError, Value};

const INTS: Pattern = List(&Int);

const NO_WINDOWS: EvalError =
    EvalError::fixed("windows are written like `1m by 5s, 1h by 1m`, with 256 buckets at most");
const NO_COUNTS: EvalError = EvalError::fixed("these are no counts over windows");
const NO_WINDOW: EvalError = EvalError::fixed("nothing is counted over such a window");

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "windows.add",
        docs: "Counts with one more at this time, or so many more. The windows are written with the length of their buckets: \
               `1h by 1m`; a window that was not counted before begins empty, one that is not written any more is left out.",
        overloads: &[
            function(&[INTS, Timestamp, String], INTS),
            function(&[INTS, Timestamp, String, Int], INTS),
        ],
        examples: &[(
            "windows.add([], timestamp('1970-01-01T00:00:07Z'), '10s by 5s')",
            "[5000, 2, 1, 1, 0]",
        )],
        cost: Cost::Whole,
        call: |args| match args {
            [counts, at, windows] => add(counts, at, windows, 1),
            [counts, at, windows, Value::Int(more)] => add(counts, at, windows, *more),
            _ => Err(EvalError::no_such_overload()),
        },
    },
    Builtin {
        name: "windows.count",
        docs: "How many were counted over a window that ends at this time, exact within the length of its buckets.",
        overloads: &[function(&[INTS, Timestamp, Duration], Int)],
        examples: &[
            (
                "windows.count([5000, 2, 1, 1, 0], timestamp('1970-01-01T00:00:08Z'), duration('10s'))",
                "1",
            ),
            (
                "windows.count([5000, 2, 1, 1, 0], timestamp('1970-01-01T00:00:20Z'), duration('10s'))",
                "0",
            ),
        ],
        cost: Cost::Whole,
        call: |args| match args {
            [counts, Value::Timestamp(at), Value::Duration(length)] => {
                count(counts, at.millis(), length.millis())
            }
            _ => Err(EvalError::no_such_overload()),
        },
    },
];

/// The counts of one window.
#[derive(Clone, Copy, Debug)]
struct Window<'a> {
    /// Milliseconds of a bucket.
    bucket: i64,
    /// Number of the newest bucket since 1970.
    newest: i64,
    /// Of each bucket, the newest first.
    counts: &'a [i64],
}

fn add(counts: &Value, at: &Value, windows: &Value, more: i64) -> Outcome {
    let (Value::Timestamp(at), Value::String(windows)) = (at, windows) else {
        return Err(EvalError::no_such_overload());
    };
    let numbers = numbers(counts)?;
    let known = read(&numbers)?;
    let declared = declared(windows).ok_or(NO_WINDOWS)?;
    let mut added = Vec::with_capacity(numbers.len());
    for (length, bucket) in declared {
        let kept = known.iter().find(|window| window.is(length, bucket));
        let empty = Window {
            bucket,
            newest: i64::MIN,
            counts: &[],
        };
        let buckets = usize::try_from(length / bucket.max(1)).unwrap_or_default();
        let kept = kept.copied().unwrap_or(empty);
        kept.append(&mut added, buckets, at.millis(), more);
    }
    let added = added.into_iter().map(Value::Int);
    Ok(added.collect::<crate::value::List>().into())
}

fn count(counts: &Value, at: i64, length: i64) -> Outcome {
    let numbers = numbers(counts)?;
    let windows = read(&numbers)?;
    if windows.is_empty() {
        return Ok(Value::Int(0));
    }
    let longest = |window: &&Window<'_>| window.length() == length;
    let window = windows.iter().find(longest).ok_or(NO_WINDOW)?;
    Ok(Value::Int(window.count(at)))
}

impl Window<'_> {
    fn length(&self) -> i64 {
        let buckets = i64::try_from(self.counts.len()).unwrap_or(i64::MAX);
        self.bucket.saturating_mul(buckets)
    }

    fn is(&self, length: i64, bucket: i64) -> bool {
        self.bucket == bucket && self.length() == length
    }

    /// How many buckets lie between the newest one and that of this time; negative: it is older.
    fn ahead(&self, at: i64) -> i64 {
        at.div_euclid(self.bucket.max(1))
            .saturating_sub(self.newest)
    }

    /// Writes the window of so many buckets behind others, with so many more at a time.
    fn append(&self, numbers: &mut Vec<i64>, buckets: usize, at: i64, more: i64) {
        let ahead = self.ahead(at);
        let gone = usize::try_from(ahead.max(0))
            .unwrap_or(usize::MAX)
            .min(buckets);
        let newest = match gone {
            0 => self.newest,
            _ => at.div_euclid(self.bucket.max(1)),
        };
        let length = i64::try_from(buckets).unwrap_or(i64::MAX);
        numbers.extend([self.bucket, length, newest]);
        let first = numbers.len();
        numbers.resize(first + gone, 0);
        numbers.extend(self.counts.iter().take(buckets - gone));
        numbers.resize(first + buckets, 0);
        // What is older than the window counts for nothing.
        let place = usize::try_from(ahead.min(0).unsigned_abs()).unwrap_or(usize::MAX);
        let counts = numbers.get_mut(first..).unwrap_or_default();
        if let Some(count) = counts.get_mut(place) {
            *count = count.saturating_add(more);
        }
    }

    fn count(&self, at: i64) -> i64 {
        let gone = usize::try_from(self.ahead(at).max(0)).unwrap_or(usize::MAX);
        let kept = self.counts.len().saturating_sub(gone);
        self.counts
            .iter()
            .take(kept)
            .fold(0, |all, n| all.saturating_add(*n))
    }
}

fn numbers(counts: &Value) -> Result<Vec<i64>, EvalError> {
    let items = counts.as_list().ok_or_else(EvalError::no_such_overload)?;
    let numbers: Option<Vec<i64>> = items.iter().map(Value::as_i64).collect();
    numbers.ok_or(NO_COUNTS)
}

/// Counts as they are kept.
fn read(mut numbers: &[i64]) -> Result<Vec<Window<'_>>, EvalError> {
    let mut windows = Vec::new();
    while let [bucket, buckets, newest, rest @ ..] = numbers {
        let buckets = usize::try_from(*buckets).map_err(|_| NO_COUNTS)?;
        let (counts, others) = rest.split_at_checked(buckets).ok_or(NO_COUNTS)?;
        if *bucket < 1 || buckets == 0 {
            return Err(NO_COUNTS);
        }
        windows.push(Window {
            bucket: *bucket,
            newest: *newest,
            counts,
        });
        numbers = others;
    }
    if numbers.is_empty() {
        Ok(windows)
    } else {
        Err(NO_COUNTS)
    }
}

/// Are windows written like this: `1m by 5s, 1h by 1m`, with no more buckets than a list of counts may have?
#[must_use]
pub fn are_windows(text: &str) -> bool {
    declared(text).is_some()
}

/// `1m by 5s, 1h by 1m`: lengths of windows and of their buckets.
fn declared(text: &str) -> Option<Vec<(i64, i64)>> {
    let window = |text: &str| {
        let (length, rest) = text.trim().split_once(' ')?;
        let bucket = rest.trim_start_matches(' ').strip_prefix("by ")?;
        let (length, bucket) = (millis(length.trim())?, millis(bucket.trim())?);
        (bucket > 0 && length >= bucket && length % bucket == 0).then_some((length, bucket))
    };
    let windows: Vec<(i64, i64)> = text.split(',').map(window).collect::<Option<_>>()?;
    let buckets = |(length, bucket): &(i64, i64)| length / bucket;
    let all = windows.iter().map(buckets).fold(0, i64::saturating_add);
    (all <= MAX_BUCKETS).then_some(windows)
}

/// `500ms`, `5s`, `1m`, `1h`, `1d`
fn millis(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 5] = [
        ("ms", 1),
        ("s", 1_000),
        ("m", 60_000),
        ("h", 3_600_000),
        ("d", 86_400_000),
    ];
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = text.get(number.len()..)?;
    let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let plain = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    number
        .parse::<i64>()
        .ok()
        .filter(|_| plain)?
        .checked_mul(*size)
}

#[cfg(test)]
mod tests {
    use super::{declared, numbers, read};
    use crate::builtin::find;
    use crate::value::{Duration, List, Timestamp, Value};
    use proptest::prelude::*;

    const WINDOWS: &str = "1m by 5s, 1h by 1m";

    fn add(counts: &Value, at: i64) -> Value {
        let at = Value::Timestamp(Timestamp::from_millis(at).unwrap());
        let args = [counts.clone(), at, WINDOWS.into()];
        find("windows.add").unwrap().invoke(&args).unwrap()
    }

    fn count(counts: &Value, at: i64, length: i64) -> i64 {
        let at = Value::Timestamp(Timestamp::from_millis(at).unwrap());
        let length = Value::Duration(Duration::from_millis(length).unwrap());
        let args = [counts.clone(), at, length];
        let counted = find("windows.count").unwrap().invoke(&args).unwrap();
        counted.as_i64().unwrap()
    }

    #[test]
    fn windows_are_read_strictly() {
        assert_eq!(
            declared(WINDOWS),
            Some(vec![(60_000, 5_000), (3_600_000, 60_000)])
        );
        for wrong in [
            "",
            "1m",
            "1m by",
            "1m by 7s",
            "5s by 1m",
            "1m by 0s",
            "1d by 1s",
            "1m by 5s,",
        ] {
            assert_eq!(declared(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn other_windows_begin_anew_and_the_same_go_on() {
        let counts = add(&add(&Value::from(List::default()), 1_000), 2_000);
        let at = Value::Timestamp(Timestamp::from_millis(3_000).unwrap());
        let changed = [counts, at, "1h by 1m, 1d by 1h".into()];
        let changed = find("windows.add").unwrap().invoke(&changed).unwrap();
        assert_eq!(count(&changed, 3_000, 3_600_000), 3);
        assert_eq!(count(&changed, 3_000, 86_400_000), 1);
    }

    proptest! {
        /// Against all times kept: a count holds exactly what came in the buckets of its window.
        #[test]
        fn counts_are_exact_within_a_bucket(
            steps in prop::collection::vec(-20_000_i64..90_000, 1..200),
            later in 0_i64..4_000_000,
        ) {
            let (mut counts, mut now, mut newest) = (Value::from(List::default()), 10_000_000, i64::MIN);
            let mut times: Vec<i64> = Vec::new();
            for step in steps {
                now += step;
                newest = newest.max(now);
                counts = add(&counts, now);
                times.push(now);
            }
            prop_assert_eq!(read(&numbers(&counts).unwrap()).unwrap().len(), 2);
            let at = newest + later;
            for (length, bucket) in declared(WINDOWS).unwrap() {
                let first = at.div_euclid(bucket) - length / bucket + 1;
                // What came late counts as long as its bucket was there still when it came.
                let mut seen = i64::MIN;
                let counted = times.iter().filter(|time| {
                    seen = seen.max(time.div_euclid(bucket));
                    let place = time.div_euclid(bucket);
                    place > seen - length / bucket && place >= first
                });
                prop_assert_eq!(count(&counts, at, length), counted.count() as i64);
            }
        }

        /// Whatever a list holds, it is counts or refused.
        #[test]
        fn any_list_is_read_or_refused(numbers in prop::collection::vec(any::<i64>(), 0..12), at in any::<i32>()) {
            let counts: Value = numbers.into_iter().map(Value::Int).collect::<List>().into();
            let at = Value::Timestamp(Timestamp::from_millis(i64::from(at) * 1_000).unwrap());
            let _ = find("windows.add").unwrap().invoke(&[counts, at, WINDOWS.into()]);
        }
    }
}
