//! The greatest and the least of several numbers, of any types.

use crate::builtin::Pattern::{Double, Dyn, Int, List, Uint};
use crate::builtin::{Builtin, Cost, Outcome, Overload, function, variadic};
use crate::value::{EvalError, Value, number};
use std::cmp::Ordering;

pub(super) const GREATEST: Builtin = Builtin {
    name: "math.greatest",
    docs: "The greatest of its arguments, or of the numbers in a list; the first one of equals.",
    overloads: OVERLOADS,
    examples: &[
        ("math.greatest(1, 3, 2)", "3"),
        ("math.greatest([1.5, -2.0])", "1.5"),
    ],
    cost: Cost::Whole,
    call: |args| choose(args, Ordering::Greater),
};

pub(super) const LEAST: Builtin = Builtin {
    name: "math.least",
    docs: "The least of its arguments, or of the numbers in a list; the first one of equals.",
    overloads: OVERLOADS,
    examples: &[
        ("math.least(1, 3, 2)", "1"),
        ("math.least([1.5, -2.0])", "-2.0"),
    ],
    cost: Cost::Whole,
    call: |args| choose(args, Ordering::Less),
};

const OVERLOADS: &[Overload] = &[
    variadic(&[Int], Int),
    variadic(&[Uint], Uint),
    variadic(&[Double], Double),
    function(&[List(&Int)], Int),
    function(&[List(&Uint)], Uint),
    function(&[List(&Double)], Double),
    variadic(&[Dyn], Dyn),
];

fn choose(args: &[Value], wanted: Ordering) -> Outcome {
    let numbers = if let [Value::List(list)] = args {
        list
    } else {
        args
    };
    let (first, rest) = numbers
        .split_first()
        .ok_or_else(EvalError::no_such_overload)?;
    if !numbers.iter().all(is_number) {
        return Err(EvalError::no_such_overload());
    }
    let better = |best, next| {
        if number::compare(next, best) == Some(wanted) {
            next
        } else {
            best
        }
    };
    Ok(rest.iter().fold(first, better).clone())
}

fn is_number(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Uint(_) | Value::Double(_))
}
