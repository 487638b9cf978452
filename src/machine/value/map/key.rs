//! Map keys.

use crate::value::{Str, Value, number};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// A map key. Whole numbers are equal by value, as CEL has it: `1` and `1u` are the same key.
#[derive(Clone, Debug)]
pub enum Key {
    /// `true`, `false`
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// Text.
    String(Str),
}

const _: () = assert!(size_of::<Key>() == 24);

impl Key {
    /// The text, if it is a string.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The key that `value` makes in a new map; `None`: its type cannot be a key.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        if let Value::String(text) = value {
            return Some(Self::String(text.clone()));
        }
        match (value.as_bool(), value) {
            (Some(flag), _) => Some(Self::Bool(flag)),
            (None, Value::Int(n)) => Some(Self::Int(*n)),
            (None, Value::Uint(n)) => Some(Self::Uint(*n)),
            _ => None,
        }
    }

    /// The key that `value` finds: also a double finds the whole number it equals. `None`: it cannot find any.
    #[must_use]
    pub fn finding(value: &Value) -> Option<Self> {
        match value.as_f64() {
            Some(x) => number::whole(x),
            None => Self::of(value),
        }
    }

    /// The key as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Int(n) => Value::Int(*n),
            Self::Uint(n) => Value::Uint(*n),
            Self::String(text) => Value::String(text.clone()),
        }
    }

    /// Bytes it takes.
    pub(super) fn size(&self) -> usize {
        size_of::<Self>() + self.as_str().map_or(0, str::len)
    }

    /// Where keys of its type stand in the order of all keys, and what orders them there.
    fn rank(&self) -> Result<(u8, i128), &str> {
        match self {
            Self::Bool(flag) => Ok((0, i128::from(*flag))),
            Self::Int(n) => Ok((1, i128::from(*n))),
            Self::Uint(n) => Ok((1, i128::from(*n))),
            Self::String(text) => Err(text),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(a), Self::String(b)) => a == b,
            _ => self.rank() == other.rank(),
        }
    }
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.rank().hash(state);
    }
}

impl From<&str> for Key {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<Str> for Key {
    fn from(text: Str) -> Self {
        Self::String(text)
    }
}
