//! Types as the runtime sees them: what JSON and text are decoded against.
//!
//! A [`Decoder`] is made of them once, when a program is loaded. It turns JSON, single texts and values of unknown
//! origin into typed values in one pass, and collects every fault on the way.

mod decoder;
mod fault;
mod fits;
mod kept;
mod members;
mod scalar;
mod source;
mod text;
mod uploads;
mod url;
mod walk;

pub use decoder::{Decoder, Mode, SchemaError};
pub use fault::{Fault, Faults, Path};
pub use fits::{Misfit, Way, Why, fits, misfits};
pub use members::{Member, Members};
pub use uploads::Expected;

use crate::value::{Shape, Str, Value};
use std::sync::Arc;

/// Index into [`Types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u16);

/// The types of a program; they may refer to each other in circles, data is bounded by depth.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Types(pub Vec<Schema>);

/// One type.
#[derive(Clone, Debug, PartialEq)]
pub enum Schema {
    /// Any JSON value.
    Any,
    /// `null`
    Null,
    /// `true`, `false`
    Bool,
    /// A whole number within bounds, both inclusive.
    Int {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// An unsigned number within bounds, both inclusive.
    Uint {
        /// Smallest.
        min: u64,
        /// Largest.
        max: u64,
    },
    /// A number within bounds.
    Double {
        /// Lower bound.
        min: Bound,
        /// Upper bound.
        max: Bound,
    },
    /// Text of `min..=max` characters, matching `pattern` as a whole if there is one.
    String {
        /// Fewest Unicode scalar values.
        min: u32,
        /// Most Unicode scalar values.
        max: u32,
        /// A regular expression.
        pattern: Option<Str>,
    },
    /// An absolute `http` or `https` URL, held as text.
    Url,
    /// Bytes, base64 in JSON.
    Bytes {
        /// Most bytes.
        max: u32,
    },
    /// An upload. It is made where it arrives: of a part of a form, or of base64 in JSON, whose bytes stand in its place
    /// until they are stored.
    Blob {
        /// Most bytes.
        max: u32,
        /// Media types it may have, `image/*` for all of a kind; none: any.
        media: Vec<Str>,
    },
    /// RFC 3339 text.
    Timestamp,
    /// Text like `1.5s` or `20m`.
    Duration,
    /// One of these strings.
    Enum(Vec<Str>),
    /// `null`, or the type.
    Nullable(TypeId),
    /// A list.
    List {
        /// Of what.
        item: TypeId,
        /// Fewest items.
        min: u32,
        /// Most items.
        max: u32,
    },
    /// String keys, values of one type.
    Map {
        /// Of what.
        value: TypeId,
        /// Most entries.
        max: u32,
    },
    /// An object with known fields; slot `i` of the shape is `fields[i]`.
    Object {
        /// The names.
        shape: Arc<Shape>,
        /// The fields, in the shape's order.
        fields: Vec<Field>,
        /// Are further members ignored? Otherwise they are faults.
        open: bool,
    },
}

/// One field of an object type.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its type.
    pub schema: TypeId,
    /// May it be absent?
    pub optional: bool,
    /// Its value when absent.
    pub default: Option<Value>,
}

/// A bound of a double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// None.
    Open,
    /// The number itself is allowed.
    Inclusive(f64),
    /// The number itself is not allowed.
    Exclusive(f64),
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
