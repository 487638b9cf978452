//! Strings: the functions of CEL's standard library.

use super::Pattern::{Bool, String};
use super::{Builtin, Cost, Outcome, function, method, pattern};
use crate::value::{EvalError, Value};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "contains",
        docs: "Does the string contain this part?",
        overloads: &[method(&[String, String], Bool)],
        examples: &[("'team'.contains('ea')", "true")],
        cost: Cost::Whole,
        call: |args| test(args, |text, part| text.contains(part)),
    },
    Builtin {
        name: "endsWith",
        docs: "Does the string end with this part?",
        overloads: &[method(&[String, String], Bool)],
        examples: &[("'tacocat'.endsWith('cat')", "true")],
        cost: Cost::Whole,
        call: |args| test(args, |text, part| text.ends_with(part)),
    },
    Builtin {
        name: pattern::MATCHES,
        docs: "Does the regular expression (RE2 syntax) match some part of the string? Anchor it with `^` and `$` to match all of it.",
        overloads: &[
            method(&[String, String], Bool),
            function(&[String, String], Bool),
        ],
        examples: &[
            ("'foobar'.matches('foo.*')", "true"),
            ("matches('a1', '^[a-z]+$')", "false"),
        ],
        cost: Cost::Pattern,
        call: |args| matches(args, pattern::is_foreign_match),
    },
    Builtin {
        name: pattern::KNOWN,
        docs: "`matches`, with a pattern that was compiled before anything ran.",
        overloads: &[function(&[String, String], Bool)],
        examples: &[],
        cost: Cost::Whole,
        call: |args| matches(args, pattern::is_match),
    },
    Builtin {
        name: "startsWith",
        docs: "Does the string start with this part?",
        overloads: &[method(&[String, String], Bool)],
        examples: &[("'tacocat'.startsWith('taco')", "true")],
        cost: Cost::Whole,
        call: |args| test(args, |text, part| text.starts_with(part)),
    },
];

fn test(args: &[Value], holds: fn(&str, &str) -> bool) -> Outcome {
    let [Value::String(text), Value::String(part)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(holds(text, part).into())
}

fn matches(args: &[Value], is_match: fn(&str, &str) -> Result<bool, EvalError>) -> Outcome {
    let [Value::String(text), Value::String(regex)] = args else {
        return Err(EvalError::no_such_overload());
    };
    is_match(regex, text).map(Value::Bool)
}
