//! The registers of one frame. The verifier has seen every register of every operation, so they are indexed freely.

use super::trap::{Trap, malformed};
use crate::index::Reg;
use crate::value::{EvalError, Value};
use std::ops::{Index, IndexMut};
use std::sync::Arc;

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

    /// A register, if there is one of that number.
    #[inline]
    pub(super) fn at(&self, number: usize) -> Option<&Value> {
        self.0.get(number)
    }

    /// Consecutive registers.
    #[inline]
    pub(super) fn window(&self, first: Reg, count: usize) -> &[Value] {
        self.0
            .get(first.index()..)
            .and_then(|rest| rest.get(..count))
            .unwrap_or_default()
    }

    /// Consecutive registers that are about to go into another value, or out of the frame: none of them holds an error.
    #[inline]
    pub(super) fn values(&self, first: Reg, count: usize) -> Result<&[Value], Trap> {
        let values = self.window(first, count);
        if values.iter().any(|value| matches!(value, Value::Error(_))) {
            Err(malformed())
        } else {
            Ok(values)
        }
    }

    /// Writes a register; over a value that holds nothing, the common case, nothing is dropped.
    #[inline]
    pub(super) fn set(&mut self, reg: Reg, value: Value) {
        self[reg].replace(value);
    }

    /// Writes an integer; one integer over another, the common case, drops nothing.
    #[inline]
    pub(super) fn set_int(&mut self, reg: Reg, value: i64) {
        if let Value::Int(old) = &mut self[reg] {
            *old = value;
        } else {
            self.set(reg, Value::Int(value));
        }
    }

    /// Writes a boolean; one boolean over another, the common case, drops nothing.
    #[inline]
    pub(super) fn set_bool(&mut self, reg: Reg, value: bool) {
        if let Value::Bool(old) = &mut self[reg] {
            *old = value;
        } else {
            self.set(reg, Value::Bool(value));
        }
    }

    /// Writes a copy of what is found in a register; `false`: nothing is. What is copied most is written where it
    /// stays: a value that moves in parts has to be waited for.
    #[inline]
    pub(super) fn copy_part(
        &mut self,
        dst: Reg,
        src: Reg,
        find: impl FnOnce(&Value) -> Option<&Value>,
    ) -> bool {
        let Some(found) = find(&self[src]) else {
            return false;
        };
        if let Value::Int(n) = found {
            let n = *n;
            self.set_int(dst, n);
        } else if let Value::Map(map) = found {
            let map = Arc::clone(map);
            self.set(dst, Value::Map(map));
        } else {
            let copy = found.clone();
            self.set(dst, copy);
        }
        true
    }

    /// Writes a copy of a value.
    #[inline]
    pub(super) fn copy(&mut self, reg: Reg, value: &Value) {
        match (value, value.as_bool()) {
            (Value::Int(n), _) => self.set_int(reg, *n),
            (_, Some(flag)) => self.set_bool(reg, flag),
            (_, None) => self.set(reg, value.clone()),
        }
    }

    /// What a register holds that is to go into another value or out of the frame: no error.
    #[inline]
    pub(super) fn held(&self, reg: Reg) -> Result<&Value, Trap> {
        if matches!(self[reg], Value::Error(_)) {
            Err(malformed())
        } else {
            Ok(&self[reg])
        }
    }

    /// A copy of that.
    #[inline]
    pub(super) fn value(&self, reg: Reg) -> Result<Value, Trap> {
        self.held(reg).map(Value::copied)
    }

    /// As [`Self::value`], and the register is cleared.
    pub(super) fn take(&mut self, reg: Reg) -> Result<Value, Trap> {
        if matches!(self[reg], Value::Error(_)) {
            Err(malformed())
        } else {
            Ok(std::mem::take(&mut self[reg]))
        }
    }

    /// The error that a register holds.
    pub(super) fn error(&self, reg: Reg) -> Result<&EvalError, Trap> {
        self[reg].as_error().ok_or_else(malformed)
    }
}
