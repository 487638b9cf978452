//! What strings, bytes, lists and maps have in common.

use super::Pattern::{Bytes, Int, List, Map, String, Var};
use super::{Builtin, Cost, Outcome, function, method};
use crate::value::{EvalError, Value};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "size",
        docs: "The number of characters of a string, bytes of bytes, items of a list, or entries of a map.",
        overloads: &[
            function(&[String], Int),
            function(&[Bytes], Int),
            function(&[List(&Var('T'))], Int),
            function(&[Map(&Var('K'), &Var('V'))], Int),
            method(&[String], Int),
            method(&[Bytes], Int),
            method(&[List(&Var('T'))], Int),
            method(&[Map(&Var('K'), &Var('V'))], Int),
        ],
        examples: &[
            ("size('naïve')", "5"),
            ("[1, 2, 3].size()", "3"),
            ("size({'a': 1})", "1"),
        ],
        cost: Cost::Texts,
        call: size,
    },
    Builtin {
        name: "reverse",
        docs: "A string with its characters, or a list with its items, in the opposite order.",
        overloads: &[
            method(&[String], String),
            method(&[List(&Var('T'))], List(&Var('T'))),
        ],
        examples: &[
            ("'gums'.reverse()", "'smug'"),
            ("[1, 2].reverse()", "[2, 1]"),
        ],
        cost: Cost::Whole,
        call: reverse,
    },
];

fn size(args: &[Value]) -> Outcome {
    let size = match args {
        [Value::String(text)] => text.chars().count(),
        [Value::Bytes(bytes)] => bytes.len(),
        [Value::List(list)] => list.len(),
        [Value::Map(map)] => map.len(),
        _ => return Err(EvalError::no_such_overload()),
    };
    Ok(Value::Int(i64::try_from(size).unwrap_or(i64::MAX)))
}

fn reverse(args: &[Value]) -> Outcome {
    match args {
        [Value::String(text)] => Ok(text.chars().rev().collect::<std::string::String>().into()),
        [Value::List(list)] => Ok(list
            .iter()
            .rev()
            .cloned()
            .collect::<crate::value::List>()
            .into()),
        _ => Err(EvalError::no_such_overload()),
    }
}
