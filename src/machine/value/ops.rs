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
//! | asking without making a value | [`Relation`] |
//!
//! All fail with an [`EvalError`] in CEL's words; none panics, and none builds a value that is deeper than
//! [`MAX_DEPTH`](crate::limits::MAX_DEPTH) or larger than [`MAX_VALUE_BYTES`](crate::limits::MAX_VALUE_BYTES).

mod arithmetic;
mod build;
mod member;
mod relation;

pub use arithmetic::{add, div, mul, neg, not, rem, sub};
pub use build::{
    append, append_opt, concat, insert, insert_new, insert_opt, list, map, object, some, spread,
    spread_new,
};
pub use member::{field, has, index, is_in, iterable, opt_field, opt_index};
pub use relation::Relation;

use super::{EvalError, Value};

/// `a < b`
pub fn lt(a: &Value, b: &Value) -> Result<Value, EvalError> {
    Relation::Less.holds(a, b).map(Value::Bool)
}

/// `a <= b`
pub fn le(a: &Value, b: &Value) -> Result<Value, EvalError> {
    Relation::AtMost.holds(a, b).map(Value::Bool)
}

/// `a > b`
pub fn gt(a: &Value, b: &Value) -> Result<Value, EvalError> {
    Relation::Greater.holds(a, b).map(Value::Bool)
}

/// `a >= b`
pub fn ge(a: &Value, b: &Value) -> Result<Value, EvalError> {
    Relation::AtLeast.holds(a, b).map(Value::Bool)
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
