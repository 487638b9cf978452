//! Runtime values: JSON plus what CEL adds (unsigned integers, bytes, timestamps, durations, optionals, types).
//!
//! | to … | see |
//! |---|---|
//! | make a value | the `From` implementations, [`Value::string`], [`Value::object`], [`Map`], [`List`], [`Timestamp`], [`Duration`] |
//! | look inside | [`Value::as_str`], [`Value::as_i64`], [`Value::as_list`], [`Value::as_map`], …, [`Map::field`], [`Map::get`] |
//! | compute as CEL does | [`ops`]: one function for each operation that expressions know |
//! | compare | `==` and [`Value::compare`] as CEL does; [`Value::is_identical`] where `1` and `1.0` must differ |
//! | know what it costs | [`Value::size`]: what making it added; [`Value::weight`]: with all its parts; [`Value::depth`] |

mod access;
#[cfg(test)]
pub(crate) mod arbitrary;
mod compare;
mod error;
pub(crate) mod escape;
pub(crate) mod extent;
mod list;
mod map;
mod net;
pub(crate) mod number;
pub mod ops;
#[cfg(test)]
mod tests;
pub(crate) mod text;
pub(crate) mod time;

pub use error::{ErrorKind, EvalError};
pub use list::List;
pub use map::{FieldRef, Iter, Key, Map, Shape};
pub use net::Net;
pub use time::{Civil, Duration, Timestamp, Zone};

use std::sync::Arc;

/// A string: up to 23 bytes inline, longer ones shared.
pub type Str = smol_str::SmolStr;

/// One value. 24 bytes; cloning never copies more than that.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// An unsigned 64-bit integer.
    Uint(u64),
    /// An IEEE 754 double.
    Double(f64),
    /// UTF-8 text.
    String(Str),
    /// Raw bytes; base64 in JSON.
    Bytes(Arc<[u8]>),
    /// An ordered list. Appending to an unshared list copies nothing (`Arc::make_mut`).
    List(Arc<List>),
    /// A map with string, integer, unsigned or boolean keys, in insertion order.
    Map(Arc<Map>),
    /// A point in time, RFC 3339 in JSON.
    Timestamp(Timestamp),
    /// A length of time, `"1.5s"` in JSON.
    Duration(Duration),
    /// A network address or a range of them; their text in JSON.
    Net(Net),
    /// CEL's `optional_type`.
    Optional(Option<Arc<Value>>),
    /// The type of a value, as `type(x)` gives it: `int`, `list`, `google.protobuf.Timestamp`, ….
    Type(Arc<str>),
    /// An error held in a register until it is absorbed, handled or raised; never inside another value.
    Error(Arc<EvalError>),
}

const _: () = assert!(size_of::<Value>() == 24);
