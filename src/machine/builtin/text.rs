//! Strings: CEL's extension library. Positions count characters, not bytes.

use super::Pattern::{Int, List, String};
use super::{Builtin, Cost, Outcome, function, method};
use crate::value::extent::check_bytes;
use crate::value::text::built;
use crate::value::{self, EvalError, Value};

const OUT_OF_RANGE: EvalError = EvalError::fixed("index out of range");

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "charAt",
        docs: "The character at a position; the empty string at the end.",
        overloads: &[method(&[String, Int], String)],
        examples: &[("'naïve'.charAt(2)", "'ï'"), ("'a'.charAt(1)", "''")],
        cost: Cost::Whole,
        call: char_at,
    },
    Builtin {
        name: "indexOf",
        docs: "Where a part occurs first, at or after a position if one is given; -1 if nowhere.",
        overloads: &[
            method(&[String, String], Int),
            method(&[String, String, Int], Int),
        ],
        examples: &[
            ("'banana'.indexOf('an')", "1"),
            ("'banana'.indexOf('an', 2)", "3"),
        ],
        cost: Cost::Whole,
        call: index_of,
    },
    Builtin {
        name: "join",
        docs: "The strings of a list in one, with a separator between them if one is given.",
        overloads: &[
            method(&[List(&String)], String),
            method(&[List(&String), String], String),
        ],
        examples: &[
            ("['a', 'b'].join(', ')", "'a, b'"),
            ("['a', 'b'].join()", "'ab'"),
        ],
        cost: Cost::Whole,
        call: join,
    },
    Builtin {
        name: "lastIndexOf",
        docs: "Where a part occurs last, at or before a position if one is given; -1 if nowhere.",
        overloads: &[
            method(&[String, String], Int),
            method(&[String, String, Int], Int),
        ],
        examples: &[
            ("'banana'.lastIndexOf('an')", "3"),
            ("'banana'.lastIndexOf('an', 2)", "1"),
        ],
        cost: Cost::Whole,
        call: last_index_of,
    },
    Builtin {
        name: "lowerAscii",
        docs: "The string with the letters A to Z in lower case.",
        overloads: &[method(&[String], String)],
        examples: &[("'TacoCÆt'.lowerAscii()", "'tacocÆt'")],
        cost: Cost::Whole,
        call: |args| map(args, |text| text.to_ascii_lowercase()),
    },
    Builtin {
        name: "replace",
        docs: "The string with each occurrence of a part replaced, or with the first few.",
        overloads: &[
            method(&[String, String, String], String),
            method(&[String, String, String, Int], String),
        ],
        examples: &[
            ("'hello'.replace('l', 'L')", "'heLLo'"),
            ("'hello'.replace('l', 'L', 1)", "'heLlo'"),
        ],
        cost: Cost::Whole,
        call: replace,
    },
    Builtin {
        name: "split",
        docs: "The parts of the string between separators, at most so many if a limit is given.",
        overloads: &[
            method(&[String, String], List(&String)),
            method(&[String, String, Int], List(&String)),
        ],
        examples: &[
            ("'a,b,c'.split(',')", "['a', 'b', 'c']"),
            ("'a,b,c'.split(',', 2)", "['a', 'b,c']"),
        ],
        cost: Cost::Whole,
        call: split,
    },
    Builtin {
        name: "strings.quote",
        docs: "The string in double quotes, with quotes, backslashes and control characters escaped.",
        overloads: &[function(&[String], String)],
        examples: &[(r#"strings.quote('say "hi"')"#, r#"'"say \\"hi\\""'"#)],
        cost: Cost::Whole,
        call: |args| map(args, quote),
    },
    Builtin {
        name: "substring",
        docs: "The characters from a position on, up to a second one if it is given.",
        overloads: &[
            method(&[String, Int], String),
            method(&[String, Int, Int], String),
        ],
        examples: &[
            ("'tacocat'.substring(4)", "'cat'"),
            ("'tacocat'.substring(0, 4)", "'taco'"),
        ],
        cost: Cost::Whole,
        call: substring,
    },
    Builtin {
        name: "trim",
        docs: "The string without white space (as Unicode defines it) at both ends.",
        overloads: &[method(&[String], String)],
        examples: &[(r"'  text\n'.trim()", "'text'")],
        cost: Cost::Whole,
        call: |args| map(args, |text| text.trim().to_owned()),
    },
    Builtin {
        name: "upperAscii",
        docs: "The string with the letters a to z in upper case.",
        overloads: &[method(&[String], String)],
        examples: &[("'tacocæt'.upperAscii()", "'TACOCæT'")],
        cost: Cost::Whole,
        call: |args| map(args, |text| text.to_ascii_uppercase()),
    },
];

fn map(args: &[Value], change: fn(&str) -> std::string::String) -> Outcome {
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(change(text).into())
}

fn char_at(args: &[Value]) -> Outcome {
    let [Value::String(text), Value::Int(at)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let rest = text.get(byte_of(text, *at)?..).unwrap_or_default();
    let mut buffer = [0; 4];
    Ok(rest.chars().next().map_or(Value::string(""), |found| {
        Value::string(&*found.encode_utf8(&mut buffer))
    }))
}

fn substring(args: &[Value]) -> Outcome {
    let (text, start, end) = match args {
        [Value::String(text), Value::Int(start)] => (text, byte_of(text, *start)?, text.len()),
        [Value::String(text), Value::Int(start), Value::Int(end)] => {
            (text, byte_of(text, *start)?, byte_of(text, *end)?)
        }
        _ => return Err(EvalError::no_such_overload()),
    };
    text.get(start..end).map(Value::from).ok_or(OUT_OF_RANGE)
}

fn index_of(args: &[Value]) -> Outcome {
    let (text, part, from) = match args {
        [Value::String(text), Value::String(part)] => (text, part, 0),
        [Value::String(text), Value::String(part), Value::Int(from)] => {
            (text, part, byte_of(text, *from)?)
        }
        _ => return Err(EvalError::no_such_overload()),
    };
    let found = text.get(from..).and_then(|rest| rest.find(part.as_str()));
    Ok(position(text, found.map(|at| from + at)))
}

fn last_index_of(args: &[Value]) -> Outcome {
    let (text, part, end) = match args {
        [Value::String(text), Value::String(part)] => (text, part, text.len()),
        [Value::String(text), Value::String(part), Value::Int(last)] => {
            (text, part, byte_of(text, *last)? + part.len())
        }
        _ => return Err(EvalError::no_such_overload()),
    };
    // What begins at `last` or before it ends at `end` or before it, on a boundary.
    let searched = text
        .get(..text.floor_char_boundary(end))
        .unwrap_or_default();
    Ok(position(text, searched.rfind(part.as_str())))
}

/// A byte position as the number of characters before it; -1 for none.
fn position(text: &str, byte: Option<usize>) -> Value {
    let before = byte.and_then(|at| text.get(..at));
    Value::Int(
        before
            .and_then(|before| i64::try_from(before.chars().count()).ok())
            .unwrap_or(-1),
    )
}

/// The byte at which the character `at` begins, or the text ends.
fn byte_of(text: &str, at: i64) -> Result<usize, EvalError> {
    let at = usize::try_from(at).map_err(|_| OUT_OF_RANGE)?;
    if text.is_ascii() && at <= text.len() {
        return Ok(at);
    }
    text.char_indices()
        .map(|(byte, _)| byte)
        .chain([text.len()])
        .nth(at)
        .ok_or(OUT_OF_RANGE)
}

fn join(args: &[Value]) -> Outcome {
    let (items, separator) = match args {
        [Value::List(items)] => (items, ""),
        [Value::List(items), Value::String(separator)] => (items, separator.as_str()),
        _ => return Err(EvalError::no_such_overload()),
    };
    let text = built(|out| {
        items.iter().enumerate().try_for_each(|(at, item)| {
            let part = item.as_str().ok_or_else(EvalError::no_such_overload)?;
            let separator = if at == 0 { "" } else { separator };
            check_bytes(out.len() + separator.len() + part.len())?;
            out.extend_from_slice(separator.as_bytes());
            out.extend_from_slice(part.as_bytes());
            Ok(())
        })
    });
    text.map(Value::String)
}

fn replace(args: &[Value]) -> Outcome {
    let (text, old, new, limit) = match args {
        [Value::String(text), Value::String(old), Value::String(new)] => (text, old, new, -1),
        [
            Value::String(text),
            Value::String(old),
            Value::String(new),
            Value::Int(limit),
        ] => (text, old, new, *limit),
        _ => return Err(EvalError::no_such_overload()),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let count = text.matches(old.as_str()).take(limit).count();
    check_bytes(text.len() + count.saturating_mul(new.len()))?;
    Ok(text.replacen(old.as_str(), new, count).into())
}

fn split(args: &[Value]) -> Outcome {
    let (text, separator, limit) = match args {
        [Value::String(text), Value::String(separator)] => (text, separator, -1),
        [
            Value::String(text),
            Value::String(separator),
            Value::Int(limit),
        ] => (text, separator, *limit),
        _ => return Err(EvalError::no_such_overload()),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let parts = match separator.as_bytes() {
        [] => text.chars().count(),
        [byte] => text.bytes().filter(|found| found == byte).count() + 1,
        _ => text.matches(separator.as_str()).count() + 1,
    };
    check_bytes(parts.min(limit) * size_of::<Value>())?;
    let parts: value::List = match separator.as_bytes() {
        [] => characters(text, limit),
        // Looking for one byte needs no preparation.
        [byte] => text
            .splitn(limit, char::from(*byte))
            .map(Value::from)
            .collect(),
        _ => text
            .splitn(limit, separator.as_str())
            .map(Value::from)
            .collect(),
    };
    Ok(parts.into())
}

/// The characters of the text; what is left beyond the limit is the last item.
fn characters(text: &str, limit: usize) -> value::List {
    let mut list = value::List::default();
    let mut rest = text;
    while let Some(first) = rest.chars().next().filter(|_| list.len() < limit) {
        let width = if list.len() + 1 == limit {
            rest.len()
        } else {
            first.len_utf8()
        };
        let (item, tail) = rest.split_at_checked(width).unwrap_or((rest, ""));
        list.push(item.into());
        rest = tail;
    }
    list
}

fn quote(text: &str) -> std::string::String {
    let mut quoted = std::string::String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match escape_of(c) {
            Some(letter) => quoted.extend(['\\', letter]),
            None => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn escape_of(c: char) -> Option<char> {
    Some(match c {
        '"' | '\\' => c,
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        '\u{b}' => 'v',
        _ => return None,
    })
}
