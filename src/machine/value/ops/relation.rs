//! Relations: what can be asked of two values without making a third.

use super::{is_in, truth};
use crate::value::{EvalError, Value};
use std::cmp::Ordering;

/// How two values may stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `a == b`
    Equal,
    /// `a < b`
    Less,
    /// `a <= b`
    AtMost,
    /// `a > b`
    Greater,
    /// `a >= b`
    AtLeast,
    /// `b in a`
    Holds,
    /// `a.startsWith(b)`
    StartsWith,
    /// `a.endsWith(b)`
    EndsWith,
    /// `a.contains(b)`
    Contains,
}

impl Relation {
    /// Every relation, with its sign in listings.
    pub const ALL: [(Self, &'static str); 9] = [
        (Self::Equal, "=="),
        (Self::Less, "<"),
        (Self::AtMost, "<="),
        (Self::Greater, ">"),
        (Self::AtLeast, ">="),
        (Self::Holds, "holds"),
        (Self::StartsWith, "starts_with"),
        (Self::EndsWith, "ends_with"),
        (Self::Contains, "contains"),
    ];

    /// Do `a` and `b` stand so to each other?
    ///
    /// # Errors
    /// Those of the operation or function of the same meaning.
    #[inline]
    pub fn holds(self, a: &Value, b: &Value) -> Result<bool, EvalError> {
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => self.of_order(a.cmp(b)),
            (Value::String(a), Value::String(b)) => self.of_texts(a, b),
            _ => self.of_others(a, b),
        }
    }

    /// Do two texts stand so to each other?
    #[inline]
    pub(crate) fn of_texts(self, a: &str, b: &str) -> Result<bool, EvalError> {
        match self {
            Self::Equal => Ok(a == b),
            Self::StartsWith => Ok(a.starts_with(b)),
            Self::EndsWith => Ok(a.ends_with(b)),
            Self::Contains => Ok(a.contains(b)),
            Self::Less | Self::AtMost | Self::Greater | Self::AtLeast | Self::Holds => {
                self.of_order(a.cmp(b))
            }
        }
    }

    /// Do two doubles stand so to each other? `None`: it cannot be asked of them.
    pub(crate) fn of_doubles(self, a: f64, b: f64) -> Option<bool> {
        match self {
            Self::Equal => Some(a == b),
            Self::Less => Some(a < b),
            Self::AtMost => Some(a <= b),
            Self::Greater => Some(a > b),
            Self::AtLeast => Some(a >= b),
            Self::Holds | Self::StartsWith | Self::EndsWith | Self::Contains => None,
        }
    }

    fn of_others(self, a: &Value, b: &Value) -> Result<bool, EvalError> {
        match self {
            Self::Equal => Ok(a == b),
            Self::Holds => is_in(b, a).and_then(|is| truth(&is)),
            Self::Less | Self::AtMost | Self::Greater | Self::AtLeast => match a.compare(b) {
                Some(order) => self.of_order(order),
                None if a.is_number() && b.is_number() => Ok(false),
                None => Err(EvalError::no_such_overload()),
            },
            Self::StartsWith | Self::EndsWith | Self::Contains => {
                Err(EvalError::no_such_overload())
            }
        }
    }

    #[inline]
    fn of_order(self, order: Ordering) -> Result<bool, EvalError> {
        match self {
            Self::Equal => Ok(order.is_eq()),
            Self::Less => Ok(order.is_lt()),
            Self::AtMost => Ok(order.is_le()),
            Self::Greater => Ok(order.is_gt()),
            Self::AtLeast => Ok(order.is_ge()),
            Self::Holds | Self::StartsWith | Self::EndsWith | Self::Contains => {
                Err(EvalError::no_such_overload())
            }
        }
    }
}
