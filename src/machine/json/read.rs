//! JSON from outside to values, without types: strict, bounded, nothing guessed.

use super::document::{Document, Token, Wrong};
use super::reader::Reader;
use crate::value::{Key, List, Map, Str, Value};
use thiserror::Error as ThisError;

/// Why a document was refused, and where. It repeats nothing of the document.
#[derive(Clone, Debug, PartialEq, Eq, ThisError)]
#[error("{message} at line {line}, column {column}")]
pub struct JsonError {
    /// What is wrong.
    pub message: &'static str,
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
    let text = std::str::from_utf8(bytes)
        .map_err(|error| JsonError::at(bytes, error.valid_up_to(), "invalid UTF-8"))?;
    let mut reader = Reader::new(text);
    let value = untyped(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|wrong| JsonError::new(bytes, &wrong))
}

impl JsonError {
    pub(crate) fn new(bytes: &[u8], wrong: &Wrong) -> Self {
        Self::at(bytes, wrong.at(), wrong.message())
    }

    fn at(bytes: &[u8], offset: usize, message: &'static str) -> Self {
        let before = bytes.get(..offset).unwrap_or(bytes);
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        Self {
            message,
            line,
            column: offset - line_start + 1,
        }
    }
}

/// The next value of a document, whatever its type. Its depth is bounded by the document's budget.
pub(crate) fn untyped(document: &mut impl Document) -> Result<Value, Wrong> {
    Ok(match document.value()? {
        Token::Null => Value::Null,
        Token::Bool(flag) => Value::Bool(flag),
        Token::Int(n) => Value::Int(n),
        Token::Uint(n) => Value::Uint(n),
        Token::Double(x) => Value::Double(x),
        Token::Text(text) => Value::string(text),
        Token::Huge(_) => return Err(document.wrong("integer beyond 64 bits")),
        Token::List => list(document)?,
        Token::Object => object(document)?,
    })
}

fn list(document: &mut impl Document) -> Result<Value, Wrong> {
    let mut list = List::default();
    while document.item(list.is_empty())? {
        list.push(untyped(document)?);
    }
    Ok(list.into())
}

fn object(document: &mut impl Document) -> Result<Value, Wrong> {
    let mut map = Map::new();
    while let Some(name) = document.member(map.is_empty())? {
        let key = Key::String(Str::new(name));
        if map.contains_key(&key) {
            return Err(document.wrong("a key stands twice in one object"));
        }
        map.push(key, untyped(document)?);
    }
    Ok(map.into())
}
