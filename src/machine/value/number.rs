//! Numbers of different types side by side: comparison, conversion, decimal text.

use super::{Key, Value};
use serde_json::ser::{CompactFormatter, Formatter};
use std::cmp::Ordering;

/// 2^63: the first double above every `i64`.
const I64_END: f64 = 9_223_372_036_854_775_808.0;
/// 2^64: the first double above every `u64`.
const U64_END: f64 = 18_446_744_073_709_551_616.0;
/// 2^53: below it every whole double is exact, and its digits are those of the integer.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The order of two numbers, whatever their types; `None` if one is NaN or no number. Integers compare exactly,
/// an integer and a double as doubles: so CEL's implementations do, and its conformance suite asks for it.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Uint(a), Value::Uint(b)) => Some(a.cmp(b)),
        (Value::Double(a), Value::Double(b)) => a.partial_cmp(b),
        (Value::Int(a), Value::Uint(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::Uint(a), Value::Int(b)) => Some(i128::from(*a).cmp(&i128::from(*b))),
        (Value::Int(a), Value::Double(b)) => (*a as f64).partial_cmp(b),
        (Value::Uint(a), Value::Double(b)) => (*a as f64).partial_cmp(b),
        (Value::Double(a), Value::Int(b)) => a.partial_cmp(&(*b as f64)),
        (Value::Double(a), Value::Uint(b)) => a.partial_cmp(&(*b as f64)),
        _ => None,
    }
}

/// The whole number that `x` is, as a map key.
pub(crate) fn whole(x: f64) -> Option<Key> {
    if x.fract() != 0.0 {
        return None;
    }
    double_to_int(x)
        .map(Key::Int)
        .or_else(|| double_to_uint(x).map(Key::Uint))
}

/// `int(x)`: towards zero. CEL refuses −2^63, from where a rounded double may have come.
pub(crate) fn double_to_int(x: f64) -> Option<i64> {
    (x > -I64_END && x < I64_END).then_some(x as i64)
}

/// `uint(x)`: towards zero.
pub(crate) fn double_to_uint(x: f64) -> Option<u64> {
    (0.0..U64_END).contains(&x).then_some(x as u64)
}

/// Appends the decimal digits of `n`.
pub(crate) fn write_int(n: i64, out: &mut Vec<u8>) {
    written(CompactFormatter.write_i64(out, n).is_ok());
}

/// Appends the decimal digits of `n`.
pub(crate) fn write_uint(n: u64, out: &mut Vec<u8>) {
    written(CompactFormatter.write_u64(out, n).is_ok());
}

/// Appends the shortest text that reads back as the finite number `x`. A whole number below 2^53 gets no point:
/// `5000`, as JavaScript, Go and protobuf write it; larger ones get an exponent, so that no reader takes them for integers.
pub(crate) fn write_double(x: f64, out: &mut Vec<u8>) {
    let whole = x as i64;
    if x.abs() < EXACT && whole as f64 == x && (whole != 0 || x.is_sign_positive()) {
        return write_int(whole, out);
    }
    if !write_decimal(x, out) {
        written(CompactFormatter.write_f64(out, x).is_ok());
    }
}

/// Powers of ten that most decimals, such as amounts, are whole multiples of the inverse of.
const SCALES: [(u32, f64); 3] = [(1, 1e1), (2, 1e2), (3, 1e3)];
/// Decimals of fewer digits than this are different doubles: the first one that is `x` is the shortest.
const DISTINCT: u64 = 1_000_000_000_000_000;

/// Appends the number if it has no more than three digits behind the point; `false`: it has more, and nothing is appended.
fn write_decimal(x: f64, out: &mut Vec<u8>) -> bool {
    let size = x.abs();
    for (digits, scale) in SCALES {
        let whole = (size * scale + 0.5) as u64;
        if whole < DISTINCT && whole as f64 / scale == size {
            let scale = scale as u64;
            if x.is_sign_negative() {
                out.push(b'-');
            }
            write_uint(whole / scale, out);
            out.push(b'.');
            let zeros = digits - (whole % scale).checked_ilog10().unwrap_or(0) - 1;
            out.extend((0..zeros).map(|_| b'0'));
            write_uint(whole % scale, out);
            return true;
        }
    }
    false
}

/// A vector takes whatever is written to it.
fn written(all: bool) {
    debug_assert!(all);
}
