//! JSON: values to bytes, and bytes from outside to values.
//!
//! How each value is written, and what a reader that knows no type makes of it again:
//!
//! | value | JSON | read back |
//! |---|---|---|
//! | null, booleans, strings, lists | themselves | the same |
//! | int, uint | all digits | int, or uint above `i64::MAX`: equal |
//! | double | shortest digits; whole ones below 2^53 without a point (`5000`), larger ones with an exponent | equal, maybe as int |
//! | NaN, infinities | `null`: JSON has no such number | null |
//! | bytes | base64, standard alphabet, padded | string |
//! | timestamp, duration | `"2009-02-13T23:31:30Z"`, `"1.5s"` | string |
//! | map | object; other keys than strings as their text | map with string keys |
//! | optional | what it holds; empty: left out of an object, `null` elsewhere | |
//! | type | its name | string |
//!
//! From outside nothing is guessed: see [`read_json`].

mod budget;
mod key;
mod document;
mod reader;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub(crate) use budget::Budget;
pub(crate) use document::{Document, Token, Wrong};
pub(crate) use key::Key;
pub(crate) use read::untyped;
pub use read::{JsonError, read_json};
pub(crate) use reader::Reader;
pub use write::write_json;
