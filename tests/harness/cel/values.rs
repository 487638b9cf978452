//! Values of cases: read as bindings, shown and compared as results.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use journey_machine::value::{Duration, Timestamp, Value, ops};
use serde_json::{Value as Json, json};

pub(crate) fn read(json: &Json) -> Result<Value, String> {
    let unknown = || format!("unknown value {json}");
    let (kind, held) = json
        .as_object()
        .and_then(|o| o.iter().next())
        .ok_or_else(unknown)?;
    let text = held.as_str().unwrap_or_default();
    let value = match kind.as_str() {
        "null" => Some(Value::Null),
        "bool" => held.as_bool().map(Value::Bool),
        "string" => Some(Value::string(text)),
        "int" => text.parse().ok().map(Value::Int),
        "uint" => text.parse().ok().map(Value::Uint),
        "double" => held
            .as_f64()
            .or_else(|| text.parse().ok())
            .map(Value::Double),
        "bytes" => STANDARD.decode(text).ok().map(Value::from),
        "timestamp" => Timestamp::parse(text).map(Value::from),
        "duration" => Duration::parse(text).map(Value::from),
        "type" => Some(Value::Type(text.into())),
        "optional" if held.is_null() => Some(None.into()),
        "optional" => Some(Some(read(held)?).into()),
        "list" => Some(items(held)?.into()),
        "map" => ops::map(items(&pairs(held))?).ok(),
        _ => None,
    };
    value.ok_or_else(unknown)
}

fn items(list: &Json) -> Result<Vec<Value>, String> {
    list.as_array().into_iter().flatten().map(read).collect()
}

/// Keys and values in turn.
fn pairs(entries: &Json) -> Json {
    entries
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|pair| pair.as_array().into_iter().flatten().cloned())
        .collect()
}

pub(crate) fn show(value: &Value) -> Json {
    match value {
        Value::Null => json!({ "null": null }),
        Value::Bool(flag) => json!({ "bool": flag }),
        Value::Int(n) => json!({ "int": n.to_string() }),
        Value::Uint(n) => json!({ "uint": n.to_string() }),
        Value::Double(x) if x.is_finite() => json!({ "double": x }),
        Value::Double(x) => json!({ "double": x.to_string().replace("inf", "Infinity") }),
        Value::String(text) => json!({ "string": text.as_str() }),
        Value::Bytes(bytes) => json!({ "bytes": STANDARD.encode(bytes) }),
        Value::List(list) => json!({ "list": list.iter().map(show).collect::<Vec<_>>() }),
        Value::Map(map) => {
            let pair = |(key, value): (&journey_machine::value::Key, &Value)| {
                json!([show(&key.to_value()), show(value)])
            };
            json!({ "map": map.iter().map(pair).collect::<Vec<_>>() })
        }
        Value::Timestamp(time) => json!({ "timestamp": time.to_string() }),
        Value::Duration(length) => json!({ "duration": length.to_string() }),
        Value::Type(name) => json!({ "type": &**name }),
        other => json!({ "other": format!("{other:?}") }),
    }
}

/// Of one kind and equal; NaN equals NaN.
pub(crate) fn equal(wanted: &Json, actual: &Value) -> bool {
    read(wanted).is_ok_and(|wanted| same(&wanted, actual))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Double(a), Value::Double(b)) => a == b || (a.is_nan() && b.is_nan()),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let found = |(key, value): (&journey_machine::value::Key, &Value)| {
                b.iter()
                    .any(|(k, v)| k.to_value().is_identical(&key.to_value()) && same(value, v))
            };
            a.len() == b.len() && a.iter().all(found)
        }
        _ => a.is_identical(b),
    }
}
