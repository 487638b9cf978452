//! Conversions: exact or an error, except that a double loses its fraction on the way to an integer.

use super::Pattern::{Bool, Bytes, Double, Duration, Dyn, Int, String, Timestamp, Type, Uint, Var};
use super::{Builtin, Cost, Outcome, fitting, function, net};
use crate::value::{self, EvalError, Value, number};
use std::sync::Arc;

const OUT_OF_RANGE: EvalError = EvalError::fixed("range error");
const NOT_CONVERTIBLE: EvalError = EvalError::fixed("type conversion error");

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "bool",
        docs: "A boolean of text: `true`, `True`, `TRUE`, `t`, `1`, or the same for false.",
        overloads: &[function(&[Bool], Bool), function(&[String], Bool)],
        examples: &[("bool('true')", "true"), ("bool('0')", "false")],
        cost: Cost::Whole,
        call: bool,
    },
    Builtin {
        name: "bytes",
        docs: "The bytes of a string in UTF-8.",
        overloads: &[function(&[Bytes], Bytes), function(&[String], Bytes)],
        examples: &[("bytes('é')", "b'\\xc3\\xa9'")],
        cost: Cost::Whole,
        call: bytes,
    },
    Builtin {
        name: "double",
        docs: "A double of another number or of text; `NaN` and `Infinity` are understood.",
        overloads: &[
            function(&[Double], Double),
            function(&[Int], Double),
            function(&[Uint], Double),
            function(&[String], Double),
        ],
        examples: &[("double(2)", "2.0"), ("double('1.5')", "1.5")],
        cost: Cost::Whole,
        call: double,
    },
    Builtin {
        name: "duration",
        docs: "A duration of text: numbers with the units `h`, `m`, `s`, `ms`, `us`, `ns`.",
        overloads: &[
            function(&[Duration], Duration),
            function(&[String], Duration),
        ],
        examples: &[("duration('1h30m') == duration('5400s')", "true")],
        cost: Cost::Whole,
        call: duration,
    },
    Builtin {
        name: "dyn",
        docs: "The same value, its type left to run time.",
        overloads: &[function(&[Var('T')], Dyn)],
        examples: &[("dyn(1) == 1.0", "true")],
        cost: Cost::Fixed,
        call: dynamic,
    },
    Builtin {
        name: "int",
        docs: "An integer of another number (doubles are cut towards zero), of decimal text, or of a timestamp (seconds since 1970).",
        overloads: &[
            function(&[Int], Int),
            function(&[Uint], Int),
            function(&[Double], Int),
            function(&[String], Int),
            function(&[Timestamp], Int),
        ],
        examples: &[
            ("int(-1.9)", "-1"),
            ("int('42')", "42"),
            ("int(timestamp('1970-01-01T00:01:00Z'))", "60"),
        ],
        cost: Cost::Whole,
        call: int,
    },
    Builtin {
        name: "string",
        docs: "The text of a scalar: decimal numbers, RFC 3339 timestamps, durations in seconds, bytes as UTF-8, network addresses.",
        overloads: &[
            function(&[String], String),
            function(&[Bool], String),
            function(&[Int], String),
            function(&[Uint], String),
            function(&[Double], String),
            function(&[Bytes], String),
            function(&[Timestamp], String),
            function(&[Duration], String),
            function(&[net::IP], String),
            function(&[net::CIDR], String),
        ],
        examples: &[
            ("string(1.5)", "'1.5'"),
            ("string(duration('1h'))", "'3600s'"),
        ],
        cost: Cost::Whole,
        call: string,
    },
    Builtin {
        name: "timestamp",
        docs: "A timestamp of RFC 3339 text, or of seconds since 1970.",
        overloads: &[
            function(&[Timestamp], Timestamp),
            function(&[String], Timestamp),
            function(&[Int], Timestamp),
        ],
        examples: &[("timestamp('1970-01-01T00:01:00Z') == timestamp(60)", "true")],
        cost: Cost::Whole,
        call: timestamp,
    },
    Builtin {
        name: "type",
        docs: "The type of a value, to be compared with a type's name.",
        overloads: &[function(&[Var('T')], Type)],
        examples: &[("type(1) == int", "true"), ("type([]) == map", "false")],
        cost: Cost::Fixed,
        call: type_of,
    },
    Builtin {
        name: "uint",
        docs: "An unsigned integer of another number (doubles are cut towards zero) or of decimal text.",
        overloads: &[
            function(&[Uint], Uint),
            function(&[Int], Uint),
            function(&[Double], Uint),
            function(&[String], Uint),
        ],
        examples: &[("uint(3.9)", "3u"), ("uint('7')", "7u")],
        cost: Cost::Whole,
        call: uint,
    },
];

fn bool(args: &[Value]) -> Outcome {
    match args {
        [Value::Bool(flag)] => Ok((*flag).into()),
        [Value::String(text)] => match text.as_str() {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(true.into()),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(false.into()),
            _ => Err(NOT_CONVERTIBLE),
        },
        _ => Err(EvalError::no_such_overload()),
    }
}

fn bytes(args: &[Value]) -> Outcome {
    match args {
        [Value::Bytes(bytes)] => Ok(Value::Bytes(Arc::clone(bytes))),
        [Value::String(text)] => Ok(Value::Bytes(text.as_bytes().into())),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn double(args: &[Value]) -> Outcome {
    match args {
        [Value::Double(x)] => Ok((*x).into()),
        [Value::Int(n)] => Ok(Value::Double(*n as f64)),
        [Value::Uint(n)] => Ok(Value::Double(*n as f64)),
        [Value::String(text)] => text.parse().map(Value::Double).map_err(|_| NOT_CONVERTIBLE),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn duration(args: &[Value]) -> Outcome {
    match args {
        [Value::Duration(length)] => Ok((*length).into()),
        [Value::String(text)] => value::Duration::parse(text)
            .map(Value::from)
            .ok_or(NOT_CONVERTIBLE),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn dynamic(args: &[Value]) -> Outcome {
    let [value] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(value.clone())
}

fn int(args: &[Value]) -> Outcome {
    match args {
        [Value::Int(n)] => Ok((*n).into()),
        [Value::Uint(n)] => i64::try_from(*n).map(Value::Int).map_err(|_| OUT_OF_RANGE),
        [Value::Double(x)] => number::double_to_int(*x)
            .map(Value::Int)
            .ok_or(OUT_OF_RANGE),
        [Value::String(text)] => text.parse().map(Value::Int).map_err(|_| NOT_CONVERTIBLE),
        [Value::Timestamp(time)] => Ok(time.seconds().into()),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn string(args: &[Value]) -> Outcome {
    match args {
        [Value::Bytes(bytes)] => match str::from_utf8(bytes) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(EvalError::fixed("invalid UTF-8")),
        },
        [value] => fitting(value.to_text()),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn timestamp(args: &[Value]) -> Outcome {
    match args {
        [Value::Timestamp(time)] => Ok((*time).into()),
        [Value::String(text)] => value::Timestamp::parse(text)
            .map(Value::from)
            .ok_or(NOT_CONVERTIBLE),
        [Value::Int(seconds)] => value::Timestamp::new(*seconds, 0)
            .map(Value::from)
            .ok_or(OUT_OF_RANGE),
        _ => Err(EvalError::no_such_overload()),
    }
}

fn type_of(args: &[Value]) -> Outcome {
    let [value] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(Value::Type(value.type_name().into()))
}

fn uint(args: &[Value]) -> Outcome {
    match args {
        [Value::Uint(n)] => Ok((*n).into()),
        [Value::Int(n)] => u64::try_from(*n).map(Value::Uint).map_err(|_| OUT_OF_RANGE),
        [Value::Double(x)] => number::double_to_uint(*x)
            .map(Value::Uint)
            .ok_or(OUT_OF_RANGE),
        [Value::String(text)] => text.parse().map(Value::Uint).map_err(|_| NOT_CONVERTIBLE),
        _ => Err(EvalError::no_such_overload()),
    }
}
