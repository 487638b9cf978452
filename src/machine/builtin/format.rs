//! `format`: text with clauses (`%d`, `%.2f`) for the items of a list.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a clause takes a few types and refuses all others, those to come too"
)]

use super::Pattern::{Dyn, List, String};
use super::{Builtin, Cost, Outcome, method};
use crate::value::extent::check_bytes;
use crate::value::{EvalError, Value};
use std::fmt::Write as _;
use std::string::String as Text;

/// Digits behind the point, if a clause does not say.
const DEFAULT_PRECISION: usize = 6;
/// The most digits behind the point.
const MAX_PRECISION: usize = 1_000;

const TOO_FEW: EvalError = EvalError::fixed("format: there are fewer arguments than clauses");
const CUT_OFF: EvalError = EvalError::fixed("format: the last clause is cut off");
const NO_CLAUSE: EvalError = EvalError::fixed("format: unknown clause");
const PRECISION: EvalError = EvalError::fixed("format: bad precision");
const WRONG_TYPE: EvalError =
    EvalError::fixed("format: an argument does not have the type its clause wants");

pub(super) const ALL: &[Builtin] = &[Builtin {
    name: "format",
    docs: "The string with its clauses replaced by items of a list: `%s` any value, `%d` `%b` `%o` `%x` `%X` integers (decimal, binary, octal, hexadecimal), `%f` `%e` numbers with a point or an exponent (`%.2f`: two digits), `%%` a percent sign.",
    overloads: &[method(&[String, List(&Dyn)], String)],
    examples: &[
        (
            "'%s has %d items'.format(['cart', 3])",
            "'cart has 3 items'",
        ),
        (
            "'%.2f %x %e'.format([1.255, 255, 1500.0])",
            "'1.25 ff 1.500000e+03'",
        ),
    ],
    cost: Cost::Whole,
    call: format,
}];

/// One clause: its letter, and how many digits it wants behind the point.
struct Clause {
    letter: char,
    precision: usize,
}

fn format(args: &[Value]) -> Outcome {
    let [Value::String(text), Value::List(items)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let mut items = items.iter();
    let mut out = Text::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, clause)) = rest.split_once('%') {
        out.push_str(before);
        rest = match clause.strip_prefix('%') {
            Some(after) => {
                out.push('%');
                after
            }
            None => {
                let (clause, after) = read(clause)?;
                write(&clause, items.next().ok_or(TOO_FEW)?, &mut out)?;
                check_bytes(out.len())?;
                after
            }
        };
    }
    out.push_str(rest);
    Ok(out.into())
}

/// The clause behind a percent sign, and what follows it.
fn read(text: &str) -> Result<(Clause, &str), EvalError> {
    let (precision, rest) = match text.strip_prefix('.') {
        Some(digits) => {
            let rest = digits.trim_start_matches(|c: char| c.is_ascii_digit());
            let written = digits.get(..digits.len() - rest.len()).unwrap_or_default();
            let precision = written.parse().ok().filter(|n| *n <= MAX_PRECISION);
            (precision.ok_or(PRECISION)?, rest)
        }
        None => (DEFAULT_PRECISION, text),
    };
    let letter = rest.chars().next().ok_or(CUT_OFF)?;
    let after = rest.get(letter.len_utf8()..).unwrap_or_default();
    Ok((Clause { letter, precision }, after))
}

fn write(clause: &Clause, value: &Value, out: &mut Text) -> Result<(), EvalError> {
    match clause.letter {
        's' => any(value, out)?,
        'd' => decimal(value, out)?,
        'f' => fixed(float(value)?, clause.precision, out),
        'e' => scientific(float(value)?, clause.precision, out),
        'b' => binary(value, out)?,
        'o' => whole(value, out, |n| format!("{n:o}"))?,
        'x' => hexadecimal(
            value,
            out,
            |n| format!("{n:x}"),
            |byte| format!("{byte:02x}"),
        )?,
        'X' => hexadecimal(
            value,
            out,
            |n| format!("{n:X}"),
            |byte| format!("{byte:02X}"),
        )?,
        _ => return Err(NO_CLAUSE),
    }
    Ok(())
}

/// `%s`: any data; entries of a map in the order of their keys' texts. As deep as the value, which is bounded.
fn any(value: &Value, out: &mut Text) -> Result<(), EvalError> {
    match value {
        Value::Null => out.push_str("null"),
        Value::Type(name) => out.push_str(name),
        Value::Bytes(bytes) => out.push_str(&Text::from_utf8_lossy(bytes)),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                any(item, out)?;
            }
            out.push(']');
        }
        Value::Map(map) => {
            let mut entries: Vec<(Text, &Value)> = Vec::with_capacity(map.len());
            for (key, value) in map.iter() {
                let mut name = Text::new();
                any(&key.to_value(), &mut name)?;
                entries.push((name, value));
            }
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            out.push('{');
            for (at, (name, value)) in entries.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(name);
                out.push_str(": ");
                any(value, out)?;
            }
            out.push('}');
        }
        other => out.push_str(&other.to_text().ok_or(WRONG_TYPE)?),
    }
    Ok(())
}

/// `%d`: integers, and the doubles that are no numbers.
fn decimal(value: &Value, out: &mut Text) -> Result<(), EvalError> {
    match value {
        Value::Double(x) if !x.is_finite() => fixed(*x, 0, out),
        _ => whole(value, out, |n| n.to_string())?,
    }
    Ok(())
}

/// The sign, and the digits of the magnitude.
fn whole(value: &Value, out: &mut Text, digits: fn(u64) -> Text) -> Result<(), EvalError> {
    let magnitude = match value {
        Value::Int(n) => {
            out.push_str(if *n < 0 { "-" } else { "" });
            n.unsigned_abs()
        }
        Value::Uint(n) => *n,
        _ => return Err(WRONG_TYPE),
    };
    out.push_str(&digits(magnitude));
    Ok(())
}

fn binary(value: &Value, out: &mut Text) -> Result<(), EvalError> {
    match value {
        Value::Bool(flag) => out.push(if *flag { '1' } else { '0' }),
        _ => whole(value, out, |n| format!("{n:b}"))?,
    }
    Ok(())
}

fn hexadecimal(
    value: &Value,
    out: &mut Text,
    digits: fn(u64) -> Text,
    pair: fn(u8) -> Text,
) -> Result<(), EvalError> {
    match value {
        Value::String(text) => out.extend(text.bytes().map(pair)),
        Value::Bytes(bytes) => out.extend(bytes.iter().copied().map(pair)),
        _ => whole(value, out, digits)?,
    }
    Ok(())
}

fn float(value: &Value) -> Result<f64, EvalError> {
    match value {
        Value::Double(x) => Ok(*x),
        Value::Int(n) => Ok(*n as f64),
        Value::Uint(n) => Ok(*n as f64),
        _ => Err(WRONG_TYPE),
    }
}

fn fixed(x: f64, precision: usize, out: &mut Text) {
    if x.is_finite() {
        // Writing to a string does not fail.
        _ = write!(out, "{x:.precision$}");
    } else {
        out.push_str(&Value::Double(x).to_text().unwrap_or_default());
    }
}

/// An exponent has a sign and at least two digits.
fn scientific(x: f64, precision: usize, out: &mut Text) {
    let written = format!("{x:.precision$e}");
    match written.split_once('e') {
        Some((digits, exponent)) if x.is_finite() => {
            let (sign, exponent) = exponent
                .strip_prefix('-')
                .map_or(('+', exponent), |exponent| ('-', exponent));
            _ = write!(out, "{digits}e{sign}{exponent:0>2}");
        }
        _ => fixed(x, precision, out),
    }
}
