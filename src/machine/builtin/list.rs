//! Lists: CEL's extension library.

mod distinct;

use super::Pattern::{Dyn, Int, List, Optional, Var};
use super::{Builtin, Cost, Outcome, function, method};
use crate::value::extent::check_bytes;
use crate::value::{self, EvalError, Value};
use std::cmp::Ordering;

/// What the macro `sortBy` is lowered to, once its keys are known.
pub const SORT_BY_KEYS: &str = "@sortByKeys";

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "distinct",
        docs: "The list without items that are equal to an earlier one.",
        overloads: &[method(&[List(&Var('T'))], List(&Var('T')))],
        examples: &[("[1, 2, 1, 3].distinct()", "[1, 2, 3]")],
        cost: Cost::Sorting,
        call: distinct::distinct,
    },
    Builtin {
        name: "first",
        docs: "An optional of the first item; none if the list is empty.",
        overloads: &[method(&[List(&Var('T'))], Optional(&Var('T')))],
        examples: &[
            ("[1, 2].first().value()", "1"),
            ("[].first().hasValue()", "false"),
        ],
        cost: Cost::Fixed,
        call: |args| end(args, <[Value]>::first),
    },
    Builtin {
        name: "last",
        docs: "An optional of the last item; none if the list is empty.",
        overloads: &[method(&[List(&Var('T'))], Optional(&Var('T')))],
        examples: &[("[1, 2].last().value()", "2")],
        cost: Cost::Fixed,
        call: |args| end(args, <[Value]>::last),
    },
    Builtin {
        name: "flatten",
        docs: "The list with lists inside it replaced by their items, one level of them or as many as given.",
        overloads: &[
            method(&[List(&List(&Var('T')))], List(&Var('T'))),
            method(&[List(&Dyn)], List(&Dyn)),
            method(&[List(&Dyn), Int], List(&Dyn)),
        ],
        examples: &[
            ("[[1], [2, 3]].flatten()", "[1, 2, 3]"),
            ("[1, [2, [3]]].flatten(2)", "[1, 2, 3]"),
        ],
        cost: Cost::Whole,
        call: flatten,
    },
    Builtin {
        name: "lists.range",
        docs: "The integers from 0 up to, and without, the given one.",
        overloads: &[function(&[Int], List(&Int))],
        examples: &[("lists.range(3)", "[0, 1, 2]")],
        cost: Cost::Whole,
        call: range,
    },
    Builtin {
        name: "slice",
        docs: "The items from the first position up to, and without, the second.",
        overloads: &[method(&[List(&Var('T')), Int, Int], List(&Var('T')))],
        examples: &[("[1, 2, 3, 4].slice(1, 3)", "[2, 3]")],
        cost: Cost::Whole,
        call: slice,
    },
    Builtin {
        name: "sort",
        docs: "The list in ascending order; its items are of one type that has an order.",
        overloads: &[method(&[List(&Var('T'))], List(&Var('T')))],
        examples: &[
            ("[3, 1, 2].sort()", "[1, 2, 3]"),
            ("['b', 'a'].sort()", "['a', 'b']"),
        ],
        cost: Cost::Sorting,
        call: sort,
    },
    Builtin {
        name: SORT_BY_KEYS,
        docs: "The list in the ascending order of the keys that stand at the same positions of the second one.",
        overloads: &[function(
            &[List(&Var('T')), List(&Var('K'))],
            List(&Var('T')),
        )],
        examples: &[],
        cost: Cost::Sorting,
        call: sort_by_keys,
    },
];

fn end(args: &[Value], item: fn(&[Value]) -> Option<&Value>) -> Outcome {
    let [Value::List(list)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(item(list).cloned().into())
}

fn flatten(args: &[Value]) -> Outcome {
    let (list, levels) = match args {
        [Value::List(list)] => (list, 1),
        [Value::List(list), Value::Int(levels)] => (list, *levels),
        _ => return Err(EvalError::no_such_overload()),
    };
    if levels < 0 {
        return Err(EvalError::fixed("level must be non-negative"));
    }
    let mut flat = value::List::default();
    flatten_into(list, levels, &mut flat);
    Ok(flat.into())
}

/// As deep as the value, which is bounded.
fn flatten_into(list: &[Value], levels: i64, flat: &mut value::List) {
    for item in list {
        match item.as_list().filter(|_| levels > 0) {
            Some(inner) => flatten_into(inner, levels - 1, flat),
            None => flat.push(item.clone()),
        }
    }
}

fn range(args: &[Value]) -> Outcome {
    let [Value::Int(end)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let count = usize::try_from(*end).unwrap_or(0);
    check_bytes(count.saturating_mul(size_of::<Value>()))?;
    Ok((0..*end).map(Value::Int).collect::<value::List>().into())
}

fn slice(args: &[Value]) -> Outcome {
    let [Value::List(list), Value::Int(start), Value::Int(end)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let range = usize::try_from(*start).ok().zip(usize::try_from(*end).ok());
    let items = range
        .and_then(|(start, end)| list.get(start..end))
        .ok_or(EvalError::fixed("index out of range"))?;
    Ok(items.to_vec().into())
}

fn sort(args: &[Value]) -> Outcome {
    let [Value::List(list)] = args else {
        return Err(EvalError::no_such_overload());
    };
    sorted(list, list)
}

fn sort_by_keys(args: &[Value]) -> Outcome {
    let [Value::List(list), Value::List(keys)] = args else {
        return Err(EvalError::no_such_overload());
    };
    if list.len() != keys.len() {
        return Err(EvalError::fixed("not one key for each item"));
    }
    sorted(list, keys)
}

/// The items in the order of their keys; equal ones keep theirs.
fn sorted(items: &[Value], keys: &[Value]) -> Outcome {
    let Some(first) = keys.first() else {
        return Ok(value::List::default().into());
    };
    let has_order = first.as_f64().is_some() || first.compare(first).is_some();
    if !has_order || keys.iter().any(|key| key.type_name() != first.type_name()) {
        return Err(EvalError::no_such_overload());
    }
    let mut pairs: Vec<(&Value, &Value)> = keys.iter().zip(items).collect();
    pairs.sort_by(|(a, _), (b, _)| total_order(a, b));
    Ok(pairs
        .into_iter()
        .map(|(_, item)| item.clone())
        .collect::<value::List>()
        .into())
}

/// CEL's order, with NaN at the ends.
fn total_order(a: &Value, b: &Value) -> Ordering {
    let doubles = || a.as_f64().zip(b.as_f64()).map(|(a, b)| a.total_cmp(&b));
    a.compare(b).or_else(doubles).unwrap_or(Ordering::Equal)
}
