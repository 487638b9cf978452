//! Equality and order as CEL defines them.

use super::{Map, Value, number};
use std::cmp::Ordering;
use std::sync::Arc;

impl PartialEq for Value {
    /// CEL's `==`: numbers by value over their types, NaN unequal to all, values of different types unequal.
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Null, Self::Null) => true,
            (Self::List(a), Self::List(b)) => ***a == ***b,
            (Self::Map(a), Self::Map(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Timestamp(a), Self::Timestamp(b)) => a == b,
            (Self::Duration(a), Self::Duration(b)) => a == b,
            (Self::Net(a), Self::Net(b)) => a == b,
            (Self::Optional(a), Self::Optional(b)) => a == b,
            (Self::Type(a), Self::Type(b)) => a == b,
            (Self::Error(a), Self::Error(b)) => a == b,
            _ => number::compare(self, other) == Some(Ordering::Equal),
        }
    }
}

impl Value {
    /// CEL's order: of numbers by value over their types, of booleans, strings, bytes, timestamps and durations.
    /// `None`: there is none between these two.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => Some(a.cmp(b)),
            (Self::String(a), Self::String(b)) => Some(a.as_bytes().cmp(b.as_bytes())),
            (Self::Bytes(a), Self::Bytes(b)) => Some(a.cmp(b)),
            (Self::Timestamp(a), Self::Timestamp(b)) => Some(a.cmp(b)),
            (Self::Duration(a), Self::Duration(b)) => Some(a.cmp(b)),
            _ => number::compare(self, other),
        }
    }

    /// Is it the same value of the same type, to the bit? `1` and `1.0` are equal and not identical, NaN and NaN identical
    /// and not equal. Entries of maps are compared in order; which layout they have makes no difference.
    #[must_use]
    pub fn is_identical(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Double(a), Self::Double(b)) => a.to_bits() == b.to_bits(),
            (Self::List(a), Self::List(b)) => all_identical(a, b),
            (Self::Map(a), Self::Map(b)) => maps_identical(a, b),
            (Self::Optional(Some(a)), Self::Optional(Some(b))) => a.is_identical(b),
            _ => std::mem::discriminant(self) == std::mem::discriminant(other) && self == other,
        }
    }
}

fn all_identical(a: &[Value], b: &[Value]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is_identical(b))
}

fn maps_identical(a: &Arc<Map>, b: &Arc<Map>) -> bool {
    a.len() == b.len()
        && a.iter().zip(b.iter()).all(|((key_a, a), (key_b, b))| {
            key_a.to_value().is_identical(&key_b.to_value()) && a.is_identical(b)
        })
}
