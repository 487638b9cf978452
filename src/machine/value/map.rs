//! Maps: one type with two layouts. Objects of a known type share a [`Shape`] and hold only their slots;
//! all others hold their keys. Which layout a map has can be seen by its speed only.

use super::{Str, Value};
use std::sync::Arc;

/// A map key. CEL: `1 == 1u == 1.0` as keys, so a whole number has one canonical form (`Int` where it fits).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// `true`, `false`
    Bool(bool),
    /// A whole number that fits an `i64`, also when it came as an unsigned one.
    Int(i64),
    /// An unsigned number above `i64::MAX`.
    Uint(u64),
    /// Text.
    String(Str),
}

/// The field names of an object, shared by all objects of one type.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Shape {
    names: Vec<Str>,
}

/// A map in insertion order (shaped ones: in the order of their shape).
#[derive(Clone, Debug)]
pub enum Map {
    /// One slot for each name of the shape; `None`: the field is absent.
    Shaped {
        /// The names.
        shape: Arc<Shape>,
        /// Their values.
        slots: Box<[Option<Value>]>,
    },
    /// Keys and values in insertion order.
    Keyed(Keyed),
}

/// The layout of a map that brings its own keys.
#[derive(Clone, Debug, Default)]
pub struct Keyed {
    entries: Vec<(Key, Value)>,
}

impl PartialEq for Map {
    fn eq(&self, _other: &Self) -> bool {
        todo!()
    }
}
