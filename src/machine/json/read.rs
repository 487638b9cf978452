//! JSON from outside to values, without types: strict, bounded, nothing guessed.

use super::Budget;
use crate::value::{Key, List, Map, Str, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;
use thiserror::Error as ThisError;

/// Why a document was refused, and where. It repeats nothing of the document.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("{message} at line {line}, column {column}")]
pub struct JsonError {
    /// What is wrong.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
    /// The byte in that line, from 1.
    pub column: usize,
}

/// Reads one JSON document (RFC 8259) of at most [`MAX_JSON_DEPTH`](crate::limits::MAX_JSON_DEPTH) levels and
/// [`MAX_JSON_NODES`](crate::limits::MAX_JSON_NODES) values.
///
/// Refused besides what is no JSON: duplicate keys, invalid UTF-8, lone surrogates, integers beyond 64 bits.
/// A number with a point or an exponent is a double, any other an int, or a uint above `i64::MAX`.
///
/// # Errors
/// The first thing that is wrong.
pub fn read_json(bytes: &[u8]) -> Result<Value, JsonError> {
    let budget = Budget::new();
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = ValueSeed::new(&budget)
        .deserialize(&mut reader)
        .and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(JsonError::from)?;
    match budget
        .may_have_rounded()
        .then(|| oversized_integer(bytes))
        .flatten()
    {
        Some(at) => Err(JsonError::at(bytes, at, "integer beyond 64 bits")),
        None => Ok(value),
    }
}

impl JsonError {
    fn at(bytes: &[u8], offset: usize, message: &str) -> Self {
        let before = bytes.get(..offset).unwrap_or(bytes);
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        Self {
            message: message.to_owned(),
            line,
            column: offset - line_start + 1,
        }
    }
}

impl From<serde_json::Error> for JsonError {
    fn from(error: serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        let text = error.to_string();
        let message = text
            .strip_suffix(&format!(" at line {line} column {column}"))
            .unwrap_or(&text);
        Self {
            message: message.to_owned(),
            line,
            column,
        }
    }
}

/// Where the first integer stands that fits neither `i64` nor `u64`. The bytes are valid JSON already.
pub(crate) fn oversized_integer(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let rest = bytes.get(at..)?;
        let length = match byte {
            b'"' => string_len(rest),
            b'-' | b'0'..=b'9' => rest.iter().take_while(|&&byte| is_numeric(byte)).count(),
            _ => 1,
        };
        if byte != b'"' && rest.get(..length).is_some_and(is_oversized) {
            return Some(at);
        }
        at += length;
    }
    None
}

fn string_len(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().skip(1).position(|&byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    end.map_or(bytes.len(), |end| end + 2)
}

fn is_numeric(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E')
}

fn is_oversized(token: &[u8]) -> bool {
    let text = str::from_utf8(token).unwrap_or_default();
    let is_integer = token.len() > 1 && text.bytes().skip(1).all(|byte| byte.is_ascii_digit());
    is_integer && text.parse::<i64>().is_err() && text.parse::<u64>().is_err()
}

/// Reads one value of any type, within the budget of its document. Whoever reads a document with types uses it
/// for the parts that have none.
#[derive(Clone, Copy, Debug)]
pub struct ValueSeed<'a> {
    budget: &'a Budget,
    depth: usize,
}

impl<'a> ValueSeed<'a> {
    /// For a whole document.
    #[must_use]
    pub fn new(budget: &'a Budget) -> Self {
        Self::at(budget, 0)
    }

    /// For a part of a document with `depth` levels around it.
    #[must_use]
    pub fn at(budget: &'a Budget, depth: usize) -> Self {
        Self { budget, depth }
    }

    fn inner(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.budget.node().map_err(D::Error::custom)?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Value, E> {
        Ok(Value::Int(n))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Value, E> {
        Ok(i64::try_from(n).map_or(Value::Uint(n), Value::Int))
    }

    fn visit_f64<E>(self, x: f64) -> Result<Value, E> {
        self.budget.saw_double(x);
        Ok(Value::Double(x))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::string(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.budget.enter(self.depth).map_err(A::Error::custom)?;
        let mut list = List::default();
        while let Some(item) = items.next_element_seed(self.inner())? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        self.budget.enter(self.depth).map_err(A::Error::custom)?;
        let mut map = Map::new();
        while let Some(name) = members.next_key_seed(NameSeed)? {
            let key = Key::String(name);
            if map.contains_key(&key) {
                return Err(A::Error::custom("a key stands twice in one object"));
            }
            map.push(key, members.next_value_seed(self.inner())?);
        }
        Ok(map.into())
    }
}

/// The name of a member.
struct NameSeed;

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Str;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Str, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_str<E>(self, name: &str) -> Result<Str, E> {
        Ok(name.into())
    }
}
