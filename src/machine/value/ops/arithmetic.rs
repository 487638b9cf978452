//! Arithmetic: exact or an error, never wrapped, never converted from one type to another.

use super::bounded;
use crate::value::{EvalError, List, Str, Value};
use std::sync::Arc;

const INT_OVERFLOW: &str = "integer overflow";
const UINT_OVERFLOW: &str = "unsigned integer overflow";
const TIMESTAMP_OVERFLOW: &str = "timestamp out of range";
const DURATION_OVERFLOW: &str = "duration out of range";
const DIVISION_BY_ZERO: &str = "division by zero";
const MODULUS_BY_ZERO: &str = "modulus by zero";

/// `a + b`: numbers, text, bytes, lists, points and lengths of time.
pub fn add(a: &Value, b: &Value) -> Result<Value, EvalError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => or(a.checked_add(*b), INT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a + b)),
        (Value::Uint(a), Value::Uint(b)) => or(a.checked_add(*b), UINT_OVERFLOW),
        (Value::String(a), Value::String(b)) => bounded(Value::String(join(a, b))),
        (Value::List(a), Value::List(b)) => bounded(join_lists(a, b)),
        (Value::Bytes(a), Value::Bytes(b)) => bounded([&**a, &**b].concat().into()),
        (Value::Timestamp(a), Value::Duration(b)) => or(a.checked_add(*b), TIMESTAMP_OVERFLOW),
        (Value::Duration(a), Value::Timestamp(b)) => or(b.checked_add(*a), TIMESTAMP_OVERFLOW),
        (Value::Duration(a), Value::Duration(b)) => or(a.checked_add(*b), DURATION_OVERFLOW),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// `a - b`: numbers, points and lengths of time.
pub fn sub(a: &Value, b: &Value) -> Result<Value, EvalError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => or(a.checked_sub(*b), INT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a - b)),
        (Value::Uint(a), Value::Uint(b)) => or(a.checked_sub(*b), UINT_OVERFLOW),
        (Value::Timestamp(a), Value::Timestamp(b)) => or(a.since(*b), DURATION_OVERFLOW),
        (Value::Timestamp(a), Value::Duration(b)) => or(a.checked_sub(*b), TIMESTAMP_OVERFLOW),
        (Value::Duration(a), Value::Duration(b)) => or(a.checked_sub(*b), DURATION_OVERFLOW),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// `a * b`
pub fn mul(a: &Value, b: &Value) -> Result<Value, EvalError> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => or(a.checked_mul(*b), INT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a * b)),
        (Value::Uint(a), Value::Uint(b)) => or(a.checked_mul(*b), UINT_OVERFLOW),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// `a / b`: integers towards zero; doubles by zero give an infinity or NaN.
pub fn div(a: &Value, b: &Value) -> Result<Value, EvalError> {
    match (a, b) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(EvalError::fixed(DIVISION_BY_ZERO))
        }
        (Value::Int(a), Value::Int(b)) => or(a.checked_div(*b), INT_OVERFLOW),
        (Value::Double(a), Value::Double(b)) => Ok(Value::Double(a / b)),
        (Value::Uint(a), Value::Uint(b)) => or(a.checked_div(*b), UINT_OVERFLOW),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// `a % b`: integers only, with the sign of `a`.
pub fn rem(a: &Value, b: &Value) -> Result<Value, EvalError> {
    match (a, b) {
        (Value::Int(_), Value::Int(0)) | (Value::Uint(_), Value::Uint(0)) => {
            Err(EvalError::fixed(MODULUS_BY_ZERO))
        }
        (Value::Int(a), Value::Int(b)) => or(a.checked_rem(*b), INT_OVERFLOW),
        (Value::Uint(a), Value::Uint(b)) => or(a.checked_rem(*b), UINT_OVERFLOW),
        _ => Err(EvalError::no_such_overload()),
    }
}

/// `-a`
pub fn neg(a: &Value) -> Result<Value, EvalError> {
    if let Value::Int(n) = a {
        return or(n.checked_neg(), INT_OVERFLOW);
    }
    a.as_f64()
        .map(|x| Value::Double(-x))
        .ok_or_else(EvalError::no_such_overload)
}

/// `!a`
pub fn not(a: &Value) -> Result<Value, EvalError> {
    super::truth(a).map(|flag| Value::Bool(!flag))
}

#[inline]
fn or<T: Into<Value>>(result: Option<T>, error: &'static str) -> Result<Value, EvalError> {
    result.map(T::into).ok_or_else(|| EvalError::fixed(error))
}

fn join(a: &Str, b: &Str) -> Str {
    if b.is_empty() {
        return a.clone();
    }
    let mut text = smol_str::SmolStrBuilder::new();
    text.push_str(a);
    text.push_str(b);
    text.finish()
}

fn join_lists(a: &Arc<List>, b: &Arc<List>) -> Value {
    if b.is_empty() {
        return Value::List(Arc::clone(a));
    }
    let mut items = List::with_capacity(a.len() + b.len());
    items.extend(a.iter().chain(b.iter()).cloned());
    items.into()
}
