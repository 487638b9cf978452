//! Does one scalar fit a type? Shared by JSON, texts and values, so that all three agree.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a scalar fits few types, and is refused by all others"
)]

use super::url::is_url;
use super::{Bound, Schema};
use crate::blob::{Blob, is_one_of, media_type};
use crate::builtin::pattern::Regex;
use crate::value::{Duration, Str, Timestamp, Value};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt::Write;

/// The typed value; `None`: it does not fit, see [`mismatch`].
pub(super) type Verdict = Option<Value>;

pub(super) fn boolean(schema: &Schema, value: bool) -> Verdict {
    match schema {
        Schema::Bool => Some(Value::Bool(value)),
        _ => None,
    }
}

/// A whole number of the usual kind.
#[inline]
pub(super) fn int(schema: &Schema, value: i64) -> Verdict {
    match schema {
        Schema::Int { min, max } if (*min..=*max).contains(&value) => Some(Value::Int(value)),
        _ => whole(schema, value.into()),
    }
}

/// A whole number; wide enough for signed and unsigned ones.
pub(super) fn whole(schema: &Schema, value: i128) -> Verdict {
    match schema {
        Schema::Int { min, max } => match i64::try_from(value) {
            Ok(value) if (*min..=*max).contains(&value) => Some(Value::Int(value)),
            _ => None,
        },
        Schema::Uint { min, max } => match u64::try_from(value) {
            Ok(value) if (*min..=*max).contains(&value) => Some(Value::Uint(value)),
            _ => None,
        },
        #[expect(
            clippy::cast_precision_loss,
            reason = "a double is declared: it takes the nearest"
        )]
        Schema::Double { .. } => double(schema, value as f64),
        _ => None,
    }
}

pub(super) fn double(schema: &Schema, value: f64) -> Verdict {
    match schema {
        Schema::Double { min, max } if above(*min, value) && below(*max, value) => {
            Some(Value::Double(value))
        }
        _ => None,
    }
}

fn above(min: Bound, value: f64) -> bool {
    match min {
        Bound::Open => true,
        Bound::Inclusive(min) => value >= min,
        Bound::Exclusive(min) => value > min,
    }
}

fn below(max: Bound, value: f64) -> bool {
    match max {
        Bound::Open => true,
        Bound::Inclusive(max) => value <= max,
        Bound::Exclusive(max) => value < max,
    }
}

/// Does JSON say its values in texts only?
pub(super) fn is_text(schema: &Schema) -> bool {
    matches!(
        schema,
        Schema::String { .. }
            | Schema::Url
            | Schema::Bytes { .. }
            | Schema::Timestamp
            | Schema::Duration
            | Schema::Enum(_)
    )
}

#[inline]
pub(super) fn text(schema: &Schema, pattern: Option<&Regex>, value: &str) -> Verdict {
    match schema {
        Schema::String { min, max, .. } => {
            has_form((*min, *max), pattern, value).then(|| Value::String(Str::new(value)))
        }
        _ => written(schema, value),
    }
}

/// Is it a text of this type? `false` for what is written as text, but is no string.
#[inline]
pub(super) fn is_such_text(schema: &Schema, pattern: Option<&Regex>, value: &str) -> bool {
    match schema {
        Schema::String { min, max, .. } => has_form((*min, *max), pattern, value),
        Schema::Enum(names) => names.iter().any(|name| name == value),
        Schema::Url => is_url(value),
        _ => false,
    }
}

#[inline]
fn has_form((min, max): (u32, u32), pattern: Option<&Regex>, value: &str) -> bool {
    has_length(value, min, max) && pattern.is_none_or(|pattern| pattern.is_match(value))
}

/// What is written as text, but is no string. Apart, so that a string is no longer way than it needs.
#[inline(never)]
fn written(schema: &Schema, value: &str) -> Verdict {
    match schema {
        Schema::Any => Some(Value::String(Str::new(value))),
        Schema::Enum(names) => names
            .iter()
            .find(|name| *name == value)
            .cloned()
            .map(Value::String),
        Schema::Url => is_url(value).then(|| Value::String(Str::new(value))),
        Schema::Timestamp => Timestamp::parse(value).map(Value::Timestamp),
        Schema::Duration => Duration::parse(value).map(Value::Duration),
        Schema::Bytes { max } => STANDARD
            .decode(value)
            .ok()
            .filter(|bytes| bytes.len() <= size(*max))
            .map(Value::from),
        Schema::Blob { max, media } => STANDARD
            .decode(value)
            .ok()
            .filter(|bytes| bytes.len() <= size(*max) && is_one_of(media_type(bytes), media))
            .map(Value::from),
        _ => None,
    }
}

/// An upload that has been received.
pub(super) fn upload(schema: &Schema, blob: &Blob) -> Verdict {
    match schema {
        Schema::Blob { max, media } => {
            let fits = blob.size <= u64::from(*max) && is_one_of(&blob.media, media);
            fits.then(|| blob.to_value())
        }
        _ => None,
    }
}

/// Bytes as they are, not as base64: an uploaded part.
pub(super) fn bytes(schema: &Schema, value: &[u8]) -> Verdict {
    match schema {
        Schema::Bytes { max } if value.len() <= size(*max) => Some(value.to_vec().into()),
        _ => None,
    }
}

pub(super) fn null(schema: &Schema) -> Verdict {
    match schema {
        Schema::Null => Some(Value::Null),
        _ => None,
    }
}

pub(super) fn size(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}

/// Characters are counted only where the number of bytes does not decide: a character has one to four.
#[inline]
fn has_length(value: &str, min: u32, max: u32) -> bool {
    let (min, max) = (size(min), size(max));
    if value.len() <= max && value.len() / 4 >= min {
        return true;
    }
    (min..=max).contains(&value.chars().count())
}

/// What is wrong with the number of items of a list, if anything is.
pub(super) fn miscounted(count: usize, min: usize, max: usize) -> Option<String> {
    match count {
        _ if count < min => Some(format!("must have at least {min} items")),
        _ if count > max => Some(format!("must have at most {max} items")),
        _ => None,
    }
}

/// What a value of this type must be, as the sentence of a fault.
pub(super) fn mismatch(schema: &Schema) -> String {
    let mut text = String::from("must be ");
    expected(schema, &mut text);
    text
}

fn expected(schema: &Schema, text: &mut String) {
    match schema {
        Schema::Any => text.push_str("any value"),
        Schema::Null => text.push_str("null"),
        Schema::Bool => text.push_str("true or false"),
        Schema::Int { min, max } => {
            let (low, high) = (
                (*min != i64::MIN).then_some(min),
                (*max != i64::MAX).then_some(max),
            );
            range(text, "a whole number", low, high);
        }
        Schema::Uint { min, max } => range(
            text,
            "a whole number",
            Some(min),
            (*max != u64::MAX).then_some(max),
        ),
        Schema::Double { min, max } => bounds(text, *min, *max),
        Schema::String { min, max, pattern } => string(text, *min, *max, pattern.as_deref()),
        Schema::Url => text.push_str("an absolute http or https URL"),
        Schema::Bytes { max } => drop(write!(text, "base64 of at most {max} bytes")),
        Schema::Blob { max, media } => described(text, *max, media),
        Schema::Timestamp => text.push_str("a timestamp such as 2026-01-31T09:30:00Z"),
        Schema::Duration => text.push_str("a duration such as 1.5s"),
        Schema::Enum(names) => alternatives(text, names),
        Schema::Nullable(_) => text.push_str("null or a value"),
        Schema::List { .. } => text.push_str("a list"),
        Schema::Map { .. } | Schema::Object { .. } => text.push_str("an object"),
    }
}

fn described(text: &mut String, max: u32, media: &[Str]) {
    let _ = write!(text, "an upload of at most {max} bytes");
    if !media.is_empty() {
        let _ = write!(text, " of type {}", media.join(", "));
    }
}

fn range<T: std::fmt::Display>(text: &mut String, what: &str, min: Option<T>, max: Option<T>) {
    text.push_str(what);
    let _ = match (min, max) {
        (Some(min), Some(max)) => write!(text, " from {min} to {max}"),
        (Some(min), None) => write!(text, " of at least {min}"),
        (None, Some(max)) => write!(text, " of at most {max}"),
        (None, None) => Ok(()),
    };
}

fn bounds(text: &mut String, min: Bound, max: Bound) {
    text.push_str("a number");
    let _ = match min {
        Bound::Open => Ok(()),
        Bound::Inclusive(min) => write!(text, " >= {min}"),
        Bound::Exclusive(min) => write!(text, " > {min}"),
    };
    let and = if matches!(min, Bound::Open) {
        ""
    } else {
        " and"
    };
    let _ = match max {
        Bound::Open => Ok(()),
        Bound::Inclusive(max) => write!(text, "{and} <= {max}"),
        Bound::Exclusive(max) => write!(text, "{and} < {max}"),
    };
}

fn string(text: &mut String, min: u32, max: u32, pattern: Option<&str>) {
    text.push_str("a string");
    let _ = match (min, max) {
        (0, u32::MAX) => Ok(()),
        (0, max) => write!(text, " of at most {max} characters"),
        (min, u32::MAX) => write!(text, " of at least {min} characters"),
        (min, max) => write!(text, " of {min} to {max} characters"),
    };
    if let Some(pattern) = pattern {
        let _ = write!(text, " that matches /{pattern}/");
    }
}

fn alternatives(text: &mut String, names: &[Str]) {
    text.push_str(if names.len() > 1 { "one of " } else { "" });
    for (count, name) in names.iter().enumerate() {
        text.push_str(if count > 0 { ", " } else { "" });
        let _ = write!(text, "{name:?}");
    }
}
