//! Values to JSON, straight into the bytes of an answer.

use crate::value::{Key, Map, Shape, Value, escape, number};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Bytes for which there is room from the start.
const USUAL: usize = 4096;

/// Appends `value` as JSON. It always succeeds; what JSON cannot say becomes `null` (see the module).
pub fn write_json(value: &Value, out: &mut Vec<u8>) {
    reserve(value, out);
    write(value, out);
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => escape::write_string(text, out),
        Value::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
        Value::Int(n) => number::write_int(*n, out),
        Value::Uint(n) => number::write_uint(*n, out),
        Value::Double(x) if x.is_finite() => number::write_double(*x, out),
        Value::Map(map) => write_map(map, out),
        Value::List(items) => write_list(items, out),
        Value::Timestamp(time) => write_quoted(|out| time.write(out), out),
        Value::Duration(length) => write_quoted(|out| length.write(out), out),
        Value::Bytes(bytes) => write_quoted(|out| out.extend(STANDARD.encode(bytes).bytes()), out),
        Value::Net(net) => write_quoted(|out| out.extend(net.to_string().bytes()), out),
        Value::Optional(Some(value)) => write(value, out),
        Value::Type(name) => escape::write_string(name, out),
        Value::Null | Value::Double(_) | Value::Optional(None) | Value::Error(_) => {
            out.extend_from_slice(b"null")
        }
    }
}

fn write_list(items: &[Value], out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(b']');
}

fn write_map(map: &Map, out: &mut Vec<u8>) {
    let start = out.len();
    match map.as_shaped() {
        Some((shape, slots)) => write_slots(shape, slots, out),
        None => write_entries(map, out),
    }
    // Each member begins with a comma; that of the first one becomes the brace.
    match out.get_mut(start) {
        Some(comma) => *comma = b'{',
        None => out.push(b'{'),
    }
    out.push(b'}');
}

fn write_slots(shape: &Shape, slots: &[Option<Value>], out: &mut Vec<u8>) {
    for (at, slot) in slots.iter().enumerate() {
        if let Some(value) = slot.as_ref().filter(|value| is_present(value)) {
            out.extend_from_slice(shape.json_key(at));
            // Most are texts: they need not go the way of all values.
            if let Value::String(text) = value {
                escape::write_string(text, out);
            } else {
                write(value, out);
            }
        }
    }
}

fn write_entries(map: &Map, out: &mut Vec<u8>) {
    for (key, value) in map.iter().filter(|(_, value)| is_present(value)) {
        out.push(b',');
        match key {
            Key::String(name) => escape::write_string(name, out),
            Key::Bool(_) | Key::Int(_) | Key::Uint(_) => {
                out.push(b'"');
                write(&key.to_value(), out);
                out.push(b'"');
            }
        }
        out.push(b':');
        write(value, out);
    }
}

fn is_present(value: &Value) -> bool {
    !matches!(value, Value::Optional(None))
}

/// A string that needs no escapes.
fn write_quoted(write: impl FnOnce(&mut Vec<u8>), out: &mut Vec<u8>) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

/// Makes room for an answer of the usual kind, so that its buffer grows once. What values weigh is never less than their
/// text without escapes; a large one grows as it is written, since numbers weigh more than they are long.
fn reserve(value: &Value, out: &mut Vec<u8>) {
    out.reserve(value.weight().min(USUAL));
}
