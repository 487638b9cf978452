//! Numbers: CEL's extension library.

mod bits;
mod choice;

use super::Pattern::{Bool, Double, Int, Uint};
use super::{Builtin, Cost, Outcome, Overload, function};
use crate::value::{EvalError, Value};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "math.abs",
        docs: "The number without its sign.",
        overloads: SAME,
        examples: &[("math.abs(-1)", "1"), ("math.abs(-2.5)", "2.5")],
        cost: Cost::Fixed,
        call: abs,
    },
    bits::AND,
    bits::NOT,
    bits::OR,
    bits::SHIFT_LEFT,
    bits::SHIFT_RIGHT,
    bits::XOR,
    Builtin {
        name: "math.ceil",
        docs: "The smallest whole number that is not below the double.",
        overloads: ROUNDING,
        examples: &[("math.ceil(1.2)", "2.0"), ("math.ceil(-1.2)", "-1.0")],
        cost: Cost::Fixed,
        call: |args| double(args, f64::ceil),
    },
    Builtin {
        name: "math.floor",
        docs: "The largest whole number that is not above the double.",
        overloads: ROUNDING,
        examples: &[("math.floor(1.2)", "1.0"), ("math.floor(-1.2)", "-2.0")],
        cost: Cost::Fixed,
        call: |args| double(args, f64::floor),
    },
    choice::GREATEST,
    Builtin {
        name: "math.isFinite",
        docs: "Is the double neither infinite nor NaN?",
        overloads: TEST,
        examples: &[("math.isFinite(1.0 / 0.0)", "false")],
        cost: Cost::Fixed,
        call: |args| test(args, f64::is_finite),
    },
    Builtin {
        name: "math.isInf",
        docs: "Is the double infinite?",
        overloads: TEST,
        examples: &[("math.isInf(1.0 / 0.0)", "true")],
        cost: Cost::Fixed,
        call: |args| test(args, f64::is_infinite),
    },
    Builtin {
        name: "math.isNaN",
        docs: "Is the double NaN, not a number?",
        overloads: TEST,
        examples: &[("math.isNaN(0.0 / 0.0)", "true")],
        cost: Cost::Fixed,
        call: |args| test(args, f64::is_nan),
    },
    choice::LEAST,
    Builtin {
        name: "math.round",
        docs: "The nearest whole number; halves go away from zero.",
        overloads: ROUNDING,
        examples: &[("math.round(1.5)", "2.0"), ("math.round(-1.5)", "-2.0")],
        cost: Cost::Fixed,
        call: |args| double(args, f64::round),
    },
    Builtin {
        name: "math.sign",
        docs: "-1, 0 or 1, as the number is negative, zero or positive.",
        overloads: SAME,
        examples: &[("math.sign(-42)", "-1"), ("math.sign(0.0)", "0.0")],
        cost: Cost::Fixed,
        call: sign,
    },
    Builtin {
        name: "math.sqrt",
        docs: "The square root; NaN of a negative number.",
        overloads: &[
            function(&[Double], Double),
            function(&[Int], Double),
            function(&[Uint], Double),
        ],
        examples: &[
            ("math.sqrt(81)", "9.0"),
            ("math.isNaN(math.sqrt(-1.0))", "true"),
        ],
        cost: Cost::Fixed,
        call: sqrt,
    },
    Builtin {
        name: "math.trunc",
        docs: "The double without its fraction.",
        overloads: ROUNDING,
        examples: &[("math.trunc(1.9)", "1.0"), ("math.trunc(-1.9)", "-1.0")],
        cost: Cost::Fixed,
        call: |args| double(args, f64::trunc),
    },
];

const SAME: &[Overload] = &[
    function(&[Int], Int),
    function(&[Uint], Uint),
    function(&[Double], Double),
];
const ROUNDING: &[Overload] = &[function(&[Double], Double)];
const TEST: &[Overload] = &[function(&[Double], Bool)];

fn double(args: &[Value], apply: fn(f64) -> f64) -> Outcome {
    let [Value::Double(x)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(apply(*x).into())
}

fn test(args: &[Value], holds: fn(f64) -> bool) -> Outcome {
    let [Value::Double(x)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(holds(*x).into())
}

fn abs(args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => n
            .checked_abs()
            .map(Value::Int)
            .ok_or(EvalError::fixed("integer overflow")),
        [Value::Uint(n)] => Ok((*n).into()),
        [Value::Double(x)] => Ok(x.abs().into()),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn sign(args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => Ok(n.signum().into()),
        [Value::Uint(n)] => Ok((*n).min(1).into()),
        [Value::Double(x)] => Ok((if *x == 0.0 { 0.0 } else { x.signum() }).into()),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn sqrt(args: &[Value]) -> Outcome {
    match args {
        [Value::Double(x)] => Ok(x.sqrt().into()),
        [Value::Int(n)] => Ok((*n as f64).sqrt().into()),
        [Value::Uint(n)] => Ok((*n as f64).sqrt().into()),
        _ => Err(EvalError::no_such_overload()),
    }
}
