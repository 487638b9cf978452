//! What expressions do with values, one function for each operation of the machine.
//!
//! | operations | functions |
//! |---|---|
//! | `+ - * / % -x !x` | [`add`], [`sub`], [`mul`], [`div`], [`rem`], [`neg`], [`not`] |
//! | `== < <= > >= in` | [`Value::eq`](super::Value), [`lt`], [`le`], [`gt`], [`ge`], [`is_in`], [`truth`] |
//! | `a.b`, `has(a.b)`, `a.?b`, `a[b]`, `a[?b]` | [`field`], [`has`], [`opt_field`], [`index`], [`opt_index`] |
//! | making lists, maps, objects, text, optionals | [`list`], [`map`], [`object`], [`concat`], [`some`] |
//! | growing them | [`append`], [`append_opt`], [`insert`], [`insert_new`], [`insert_opt`], [`spread`], [`spread_new`] |
//! | what a loop runs over | [`iterable`] |
//!
//! All fail with an [`EvalError`] in CEL's words; none panics, and none builds a value that is deeper than
//! [`MAX_DEPTH`](crate::limits::MAX_DEPTH) or larger than [`MAX_VALUE_BYTES`](crate::limits::MAX_VALUE_BYTES).

mod arithmetic;
mod build;
mod member;

pub use arithmetic::{add, div, mul, neg, not, rem, sub};
pub use build::{
    append, append_opt, concat, insert, insert_new, insert_opt, list, map, object, some, spread,
    spread_new,
};
pub use member::{field, has, index, is_in, iterable, opt_field, opt_index};

use super::{EvalError, Value};
use std::cmp::Ordering;

/// `a < b`
pub fn lt(a: &Value, b: &Value) -> Result<Value, EvalError> {
    order(a, b, Ordering::is_lt)
}

/// `a <= b`
pub fn le(a: &Value, b: &Value) -> Result<Value, EvalError> {
    order(a, b, Ordering::is_le)
}

/// `a > b`
pub fn gt(a: &Value, b: &Value) -> Result<Value, EvalError> {
    order(a, b, Ordering::is_gt)
}

/// `a >= b`
pub fn ge(a: &Value, b: &Value) -> Result<Value, EvalError> {
    order(a, b, Ordering::is_ge)
}

/// The boolean that a condition must be.
#[inline]
pub fn truth(value: &Value) -> Result<bool, EvalError> {
    value.as_bool().ok_or_else(EvalError::no_such_overload)
}

/// The value, unless it is deeper or larger than one may be.
pub fn bounded(value: Value) -> Result<Value, EvalError> {
    value.extent().check().map(|()| value)
}

#[inline]
fn order(a: &Value, b: &Value, wanted: fn(Ordering) -> bool) -> Result<Value, EvalError> {
    match a.compare(b) {
        Some(order) => Ok(Value::Bool(wanted(order))),
        None if is_number(a) && is_number(b) => Ok(Value::Bool(false)),
        None => Err(EvalError::no_such_overload()),
    }
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Double(_))
}
