//! Optionals: values that may be absent.

use super::Pattern::{Bool, List, Optional, Var};
use super::{Builtin, Cost, Outcome, Overload, function, method};
use crate::value::{self, EvalError, Timestamp, Value, ops};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "hasValue",
        docs: "Does the optional hold a value?",
        overloads: &[method(&[Optional(&Var('T'))], Bool)],
        examples: &[
            ("optional.of(1).hasValue()", "true"),
            ("{}.?a.hasValue()", "false"),
        ],
        cost: Cost::Fixed,
        call: has_value,
    },
    Builtin {
        name: "optional.none",
        docs: "An optional without a value.",
        overloads: &[function(&[], Optional(&Var('T')))],
        examples: &[("optional.none().orValue(1)", "1")],
        cost: Cost::Fixed,
        call: none,
    },
    Builtin {
        name: "optional.of",
        docs: "An optional that holds this value.",
        overloads: &[function(&[Var('T')], Optional(&Var('T')))],
        examples: &[("optional.of(1).value()", "1")],
        cost: Cost::Fixed,
        call: of,
    },
    Builtin {
        name: "optional.ofNonZeroValue",
        docs: "An optional that holds this value, unless it is null, false, zero or empty.",
        overloads: &[function(&[Var('T')], Optional(&Var('T')))],
        examples: &[
            ("optional.ofNonZeroValue('').hasValue()", "false"),
            ("optional.ofNonZeroValue(2).value()", "2"),
        ],
        cost: Cost::Fixed,
        call: of_non_zero,
    },
    Builtin {
        name: "optional.unwrap",
        docs: "The values that the optionals of a list hold.",
        overloads: UNWRAPPING_FUNCTION,
        examples: &[("optional.unwrap([optional.of(1), optional.none()])", "[1]")],
        cost: Cost::Whole,
        call: unwrap,
    },
    Builtin {
        name: "unwrapOpt",
        docs: "The values that the optionals of the list hold.",
        overloads: UNWRAPPING_METHOD,
        examples: &[("[optional.of(1), optional.none()].unwrapOpt()", "[1]")],
        cost: Cost::Whole,
        call: unwrap,
    },
    Builtin {
        name: "or",
        docs: "The first optional, if it holds a value, else the second.",
        overloads: &[method(
            &[Optional(&Var('T')), Optional(&Var('T'))],
            Optional(&Var('T')),
        )],
        examples: &[("optional.none().or(optional.of(2)).value()", "2")],
        cost: Cost::Fixed,
        call: or,
    },
    Builtin {
        name: "orValue",
        docs: "The value that the optional holds, else the given one.",
        overloads: &[method(&[Optional(&Var('T')), Var('T')], Var('T'))],
        examples: &[("{'a': 1}.?b.orValue(0)", "0")],
        cost: Cost::Fixed,
        call: or_value,
    },
    Builtin {
        name: "value",
        docs: "The value that the optional holds; an error if it holds none.",
        overloads: &[method(&[Optional(&Var('T'))], Var('T'))],
        examples: &[("optional.of('x').value()", "'x'")],
        cost: Cost::Fixed,
        call: held,
    },
];

const UNWRAPPING_FUNCTION: &[Overload] =
    &[function(&[List(&Optional(&Var('T')))], List(&Var('T')))];
const UNWRAPPING_METHOD: &[Overload] = &[method(&[List(&Optional(&Var('T')))], List(&Var('T')))];

/// All that is held, in order.
fn unwrap(args: &[Value]) -> Outcome {
    let [Value::List(list)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let mut held = value::List::default();
    for item in list.iter() {
        let Value::Optional(item) = item else {
            return Err(EvalError::no_such_overload());
        };
        held.extend(item.as_deref().cloned());
    }
    Ok(held.into())
}

fn none(args: &[Value]) -> Outcome {
    if args.is_empty() {
        Ok(Value::Optional(None))
    } else {
        Err(EvalError::no_such_overload())
    }
}

fn of(args: &[Value]) -> Outcome {
    let [value] = args else {
        return Err(EvalError::no_such_overload());
    };
    ops::some(value.clone())
}

fn of_non_zero(args: &[Value]) -> Outcome {
    let [value] = args else {
        return Err(EvalError::no_such_overload());
    };
    if is_zero(value) {
        Ok(Value::Optional(None))
    } else {
        ops::some(value.clone())
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Optional(None) => true,
        Value::Bool(flag) => !flag,
        Value::Int(n) => *n == 0,
        Value::Uint(n) => *n == 0,
        Value::Double(x) => *x == 0.0,
        Value::String(text) => text.is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::Timestamp(time) => *time == Timestamp::EPOCH,
        Value::Duration(length) => length.nanos() == 0,
        Value::Net(_) | Value::Optional(Some(_)) | Value::Type(_) | Value::Error(_) => false,
    }
}

fn has_value(args: &[Value]) -> Outcome {
    let [Value::Optional(held)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(held.is_some().into())
}

fn held(args: &[Value]) -> Outcome {
    let [Value::Optional(held)] = args else {
        return Err(EvalError::no_such_overload());
    };
    held.as_deref()
        .cloned()
        .ok_or(EvalError::fixed("optional.none() dereference"))
}

fn or(args: &[Value]) -> Outcome {
    let [Value::Optional(held), other @ Value::Optional(_)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(held
        .clone()
        .map_or_else(|| other.clone(), |held| Value::Optional(Some(held))))
}

fn or_value(args: &[Value]) -> Outcome {
    let [Value::Optional(held), other] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(held.as_deref().unwrap_or(other).clone())
}
