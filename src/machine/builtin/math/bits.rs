//! The bits of integers, in two's complement.

use crate::builtin::Pattern::{Int, Uint};
use crate::builtin::{Builtin, Cost, Outcome, Overload, function};
use crate::value::{EvalError, Value};

pub(super) const AND: Builtin = Builtin {
    name: "math.bitAnd",
    docs: "The bits that are set in both integers.",
    overloads: BINARY,
    examples: &[("math.bitAnd(12, 10)", "8")],
    cost: Cost::Fixed,
    call: |args| binary(args, |a, b| a & b),
};

pub(super) const NOT: Builtin = Builtin {
    name: "math.bitNot",
    docs: "All bits of the integer inverted.",
    overloads: &[function(&[Int], Int), function(&[Uint], Uint)],
    examples: &[
        ("math.bitNot(1)", "-2"),
        ("math.bitNot(0u)", "18446744073709551615u"),
    ],
    cost: Cost::Fixed,
    call: not,
};

pub(super) const OR: Builtin = Builtin {
    name: "math.bitOr",
    docs: "The bits that are set in at least one of the integers.",
    overloads: BINARY,
    examples: &[("math.bitOr(12, 10)", "14")],
    cost: Cost::Fixed,
    call: |args| binary(args, |a, b| a | b),
};

pub(super) const SHIFT_LEFT: Builtin = Builtin {
    name: "math.bitShiftLeft",
    docs: "The bits moved to the left by so many places; zeros follow.",
    overloads: SHIFT,
    examples: &[("math.bitShiftLeft(1, 3)", "8")],
    cost: Cost::Fixed,
    call: |args| shift(args, u64::checked_shl),
};

pub(super) const SHIFT_RIGHT: Builtin = Builtin {
    name: "math.bitShiftRight",
    docs: "The bits moved to the right by so many places; zeros follow, also for negative integers.",
    overloads: SHIFT,
    examples: &[("math.bitShiftRight(1024, 3)", "128")],
    cost: Cost::Fixed,
    call: |args| shift(args, u64::checked_shr),
};

pub(super) const XOR: Builtin = Builtin {
    name: "math.bitXor",
    docs: "The bits that are set in one of the integers and not in the other.",
    overloads: BINARY,
    examples: &[("math.bitXor(12, 10)", "6")],
    cost: Cost::Fixed,
    call: |args| binary(args, |a, b| a ^ b),
};

const BINARY: &[Overload] = &[function(&[Int, Int], Int), function(&[Uint, Uint], Uint)];
const SHIFT: &[Overload] = &[function(&[Int, Int], Int), function(&[Uint, Int], Uint)];

fn binary(args: &[Value], apply: fn(u64, u64) -> u64) -> Outcome {
    match args {
        [Value::Int(a), Value::Int(b)] => Ok(Value::Int(
            apply(a.cast_unsigned(), b.cast_unsigned()).cast_signed(),
        )),
        [Value::Uint(a), Value::Uint(b)] => Ok(Value::Uint(apply(*a, *b))),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn not(args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => Ok(Value::Int(!n)),
        [Value::Uint(n)] => Ok(Value::Uint(!n)),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn shift(args: &[Value], apply: fn(u64, u32) -> Option<u64>) -> Outcome {
    match args {
        [Value::Int(n), Value::Int(by)] => {
            shifted(n.cast_unsigned(), *by, apply).map(|bits| bits.cast_signed().into())
        }
        [Value::Uint(n), Value::Int(by)] => shifted(*n, *by, apply).map(Value::Uint),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn shifted(bits: u64, by: i64, apply: fn(u64, u32) -> Option<u64>) -> Result<u64, EvalError> {
    let by = u64::try_from(by).map_err(|_| EvalError::fixed("negative offset"))?;
    Ok(u32::try_from(by)
        .ok()
        .and_then(|by| apply(bits, by))
        .unwrap_or(0))
}
