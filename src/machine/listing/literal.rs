//! Values as literals: every value has one, and no two different values have the same.

use crate::hex::hex;
use crate::value::{EvalError, Key, Value};
use std::fmt::{self, Display, Formatter, Write};

/// A value as a literal.
#[derive(Clone, Copy, Debug)]
pub struct Literal<'a>(pub &'a Value);

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Null => f.write_str("null"),
            Value::Bool(flag) => flag.fmt(f),
            Value::Int(number) => number.fmt(f),
            Value::Uint(number) => write!(f, "{number}u"),
            Value::Double(number) => write!(f, "{number:?}"),
            Value::String(text) => quoted(f, text),
            Value::Bytes(bytes) => write!(f, "bytes({})", hex(bytes)),
            Value::List(items) => {
                between(f, '[', items.iter(), ']', |f, item| Literal(item).fmt(f))
            }
            Value::Map(map) => between(f, '{', map.iter(), '}', |f, (key, value)| {
                entry(f, key, value)
            }),
            Value::Timestamp(time) => write!(f, "timestamp({time})"),
            Value::Duration(length) => write!(f, "duration({length})"),
            Value::Net(net) => write!(f, "net({net})"),
            Value::Optional(None) => f.write_str("none"),
            Value::Optional(Some(held)) => write!(f, "some({})", Literal(held)),
            Value::Type(name) => write!(f, "type({name})"),
            Value::Error(error) => fault(f, error),
        }
    }
}

fn entry(f: &mut Formatter<'_>, key: &Key, value: &Value) -> fmt::Result {
    write!(f, "{}: {}", Literal(&key.to_value()), Literal(value))
}

fn fault(f: &mut Formatter<'_>, error: &EvalError) -> fmt::Result {
    f.write_str("error(")?;
    quoted(f, &error.to_string())?;
    f.write_char(')')
}

/// Text as JSON has it, but on one line whatever it holds.
fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => write!(f, "\\{c}")?,
            '\n' => f.write_str("\\n")?,
            '\t' => f.write_str("\\t")?,
            _ if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

/// Items with commas between two brackets.
pub(super) fn between<T>(
    f: &mut Formatter<'_>,
    open: char,
    items: impl Iterator<Item = T>,
    close: char,
    mut item: impl FnMut(&mut Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    f.write_char(open)?;
    for (index, each) in items.enumerate() {
        if index > 0 {
            f.write_str(", ")?;
        }
        item(f, each)?;
    }
    f.write_char(close)
}
