//! Making values of Rust's own types, and looking into them.

use super::extent::Extent;
use super::{Duration, EvalError, List, Map, Shape, Str, Timestamp, Value};
use crate::limits::MAX_DEPTH;
use std::sync::Arc;

impl Value {
    /// A string.
    pub fn string(text: impl Into<Str>) -> Self {
        Self::String(text.into())
    }

    /// An object of `shape`: one value for each of its names, `None` for an absent one.
    #[must_use]
    pub fn object(shape: &Arc<Shape>, slots: Vec<Option<Value>>) -> Self {
        Map::shaped(Arc::clone(shape), slots).into()
    }

    /// CEL's name of its type: `int`, `null_type`, `google.protobuf.Timestamp`, ….
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::String(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "list",
            Self::Map(_) => "map",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::Net(net) if net.is_range() => "net.CIDR",
            Self::Net(_) => "net.IP",
            Self::Optional(_) => "optional_type",
            Self::Type(_) => "type",
            Self::Error(_) => "error",
        }
    }

    /// Is it an integer or a double?
    #[must_use]
    pub fn is_number(&self) -> bool {
        matches!(self, Self::Int(_) | Self::Uint(_) | Self::Double(_))
    }

    /// Does it hold nothing that is to be dropped?
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        matches!(
            self,
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Uint(_) | Self::Double(_)
        )
    }

    /// A copy. The commonest values are made where they stay: one that moves in parts has to be waited for.
    #[inline(always)]
    pub(crate) fn copied(&self) -> Self {
        if let Self::Int(n) = self {
            Self::Int(*n)
        } else if let Self::Bool(flag) = self {
            Self::Bool(*flag)
        } else if let Self::Map(map) = self {
            Self::Map(Arc::clone(map))
        } else {
            self.clone()
        }
    }

    /// Is this so of it and of every value inside it? Not if it is nested too deeply.
    pub(crate) fn every(&self, is: fn(&Self) -> bool) -> bool {
        self.every_below(is, 0)
    }

    fn every_below(&self, is: fn(&Self) -> bool, depth: usize) -> bool {
        let inner = |value: &Self| value.every_below(is, depth + 1);
        depth <= MAX_DEPTH
            && is(self)
            && match self {
                Self::List(items) => items.iter().all(inner),
                Self::Map(map) => map.values().all(inner),
                Self::Optional(held) => held.iter().all(|held| inner(held)),
                Self::Null
                | Self::Bool(_)
                | Self::Int(_)
                | Self::Uint(_)
                | Self::Double(_)
                | Self::String(_)
                | Self::Bytes(_)
                | Self::Timestamp(_)
                | Self::Duration(_)
                | Self::Net(_)
                | Self::Type(_)
                | Self::Error(_) => true,
            }
    }

    /// Becomes `value`; over a value that holds nothing, the common case, nothing is dropped.
    #[inline]
    pub(crate) fn replace(&mut self, value: Self) {
        if self.is_plain() {
            std::mem::forget(std::mem::replace(self, value));
        } else {
            *self = value;
        }
    }

    /// Is it `null`?
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The boolean, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self {
            Some(*flag)
        } else {
            None
        }
    }

    /// The integer: a signed one, or an unsigned one that fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Uint(n) = self {
            return i64::try_from(*n).ok();
        }
        if let Self::Int(n) = self {
            Some(*n)
        } else {
            None
        }
    }

    /// The integer: an unsigned one, or a signed one that is not negative.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        if let Self::Int(n) = self {
            return u64::try_from(*n).ok();
        }
        if let Self::Uint(n) = self {
            Some(*n)
        } else {
            None
        }
    }

    /// The double, if it is one.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        if let Self::Double(x) = self {
            Some(*x)
        } else {
            None
        }
    }

    /// The text, if it is a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The bytes, if that is what it is.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self {
            Some(bytes)
        } else {
            None
        }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&List> {
        if let Self::List(list) = self {
            Some(list)
        } else {
            None
        }
    }

    /// The map, if it is one.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self {
            Some(map)
        } else {
            None
        }
    }

    /// The point in time, if it is one.
    #[must_use]
    pub fn as_timestamp(&self) -> Option<Timestamp> {
        if let Self::Timestamp(time) = self {
            Some(*time)
        } else {
            None
        }
    }

    /// The length of time, if it is one.
    #[must_use]
    pub fn as_duration(&self) -> Option<Duration> {
        if let Self::Duration(length) = self {
            Some(*length)
        } else {
            None
        }
    }

    /// The error, if it is one.
    #[must_use]
    pub fn as_error(&self) -> Option<&EvalError> {
        if let Self::Error(error) = self {
            Some(error)
        } else {
            None
        }
    }

    /// The value of a field, if it is a map with such a string key.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map()?.get_str(name)
    }

    /// Levels of nesting: 0 for a scalar, 1 for a list of scalars; never less than the truth.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.extent().depth()
    }

    /// About how many bytes the value takes with everything inside it, what is shared counted as often as it occurs:
    /// what comparing or writing it costs. Found without looking inside.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.extent().bytes()
    }

    #[inline]
    pub(crate) fn extent(&self) -> Extent {
        if self.is_plain() {
            Extent::leaf(0)
        } else {
            self.held()
        }
    }

    #[inline(never)]
    fn held(&self) -> Extent {
        match self {
            Self::List(list) => list.extent(),
            Self::Map(map) => map.extent(),
            Self::Optional(Some(value)) => Extent::EMPTY.around(value.extent()),
            Self::Bytes(bytes) => Extent::leaf(bytes.len()),
            Self::Type(name) => Extent::leaf(name.len()),
            Self::Error(error) => Extent::leaf(error.message.len()),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Uint(_) => Extent::leaf(0),
            Self::Double(_) | Self::Timestamp(_) | Self::Duration(_) => Extent::leaf(0),
            Self::String(text) => Extent::leaf(text.len()),
            Self::Net(_) | Self::Optional(None) => Extent::leaf(0),
        }
    }

    /// The bytes that a value of the usual kinds without parts holds beside itself.
    #[inline]
    pub(super) fn as_leaf(&self) -> Option<usize> {
        if let Self::String(text) = self {
            return Some(text.len());
        }
        self.is_plain().then_some(0)
    }

    /// About how many bytes the value itself takes, without the values inside it: they were counted when they were made.
    #[must_use]
    pub fn size(&self) -> usize {
        let heap = match self {
            Self::String(text) if text.is_heap_allocated() => text.len(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(list) => size_of::<List>() + list.len() * size_of::<Value>(),
            Self::Map(map) => map.size(),
            Self::Optional(value) => value.as_ref().map_or(0, |_| size_of::<Value>()),
            Self::Type(name) => name.len(),
            Self::Error(error) => size_of::<EvalError>() + error.message.len(),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Uint(_) | Self::Double(_) => 0,
            Self::String(_) | Self::Timestamp(_) | Self::Duration(_) | Self::Net(_) => 0,
        };
        size_of::<Value>() + heap
    }
}

macro_rules! from {
    ($($source:ty => $make:expr;)*) => {$(
        impl From<$source> for Value {
            fn from(source: $source) -> Self {
                $make(source)
            }
        }
    )*};
}

from! {
    bool => Value::Bool;
    i64 => Value::Int;
    i32 => |n| Value::Int(i64::from(n));
    u64 => Value::Uint;
    f64 => Value::Double;
    Str => Value::String;
    &str => Value::string;
    String => Value::string;
    Vec<u8> => |bytes: Vec<u8>| Value::Bytes(bytes.into());
    List => |list| Value::List(Arc::new(list));
    Vec<Value> => |items: Vec<Value>| Value::from(List::from(items));
    Map => |map| Value::Map(Arc::new(map));
    Timestamp => Value::Timestamp;
    Duration => Value::Duration;
    Option<Value> => |value: Option<Value>| Value::Optional(value.map(Arc::new));
    EvalError => |error| Value::Error(Arc::new(error));
}
