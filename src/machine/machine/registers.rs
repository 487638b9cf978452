//! The registers of one frame. The verifier has seen every register of every operation, so they are indexed freely.

use super::trap::{MALFORMED, Trap};
use crate::index::Reg;
use crate::value::{EvalError, Value};
use std::ops::{Index, IndexMut};

pub(super) struct Registers<'a>(&'a mut [Value]);

#[expect(
    clippy::indexing_slicing,
    reason = "the verifier has seen every register"
)]
impl Index<Reg> for Registers<'_> {
    type Output = Value;

    #[inline]
    fn index(&self, reg: Reg) -> &Value {
        &self.0[reg.index()]
    }
}

#[expect(
    clippy::indexing_slicing,
    reason = "the verifier has seen every register"
)]
impl IndexMut<Reg> for Registers<'_> {
    #[inline]
    fn index_mut(&mut self, reg: Reg) -> &mut Value {
        &mut self.0[reg.index()]
    }
}

impl<'a> Registers<'a> {
    #[inline]
    pub(super) fn new(registers: &'a mut [Value]) -> Self {
        Self(registers)
    }

    /// Consecutive registers.
    #[inline]
    pub(super) fn window(&self, first: Reg, count: usize) -> &[Value] {
        self.0
            .get(first.index()..)
            .and_then(|rest| rest.get(..count))
            .unwrap_or_default()
    }

    /// Copies of consecutive registers, to leave the frame inside something else: none of them holds an error.
    pub(super) fn values(&self, first: Reg, count: usize) -> Result<Vec<Value>, Trap> {
        self.window(first, count).iter().map(plain).collect()
    }

    /// Writes a register.
    #[inline]
    pub(super) fn set(&mut self, reg: Reg, value: Value) {
        self[reg] = value;
    }

    /// Writes an integer; one integer over another, the common case, drops nothing.
    #[inline]
    pub(super) fn set_int(&mut self, reg: Reg, value: i64) {
        if let Value::Int(old) = &mut self[reg] {
            *old = value;
        } else {
            self[reg] = Value::Int(value);
        }
    }

    /// Writes a boolean; one boolean over another, the common case, drops nothing.
    #[inline]
    pub(super) fn set_bool(&mut self, reg: Reg, value: bool) {
        if let Value::Bool(old) = &mut self[reg] {
            *old = value;
        } else {
            self[reg] = Value::Bool(value);
        }
    }

    /// A copy of a register, to leave the frame or to go into another value.
    #[inline]
    pub(super) fn value(&self, reg: Reg) -> Result<Value, Trap> {
        plain(&self[reg])
    }

    /// The error that a register holds.
    pub(super) fn error(&self, reg: Reg) -> Result<&EvalError, Trap> {
        self[reg].as_error().ok_or(MALFORMED)
    }
}

/// An error never hides inside another value.
#[inline]
fn plain(value: &Value) -> Result<Value, Trap> {
    if matches!(value, Value::Error(_)) {
        Err(MALFORMED)
    } else {
        Ok(value.clone())
    }
}
