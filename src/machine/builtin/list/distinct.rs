//! `distinct`: equal items have equal fingerprints, so only items with one fingerprint are compared.

use crate::builtin::Outcome;
use crate::value::{self, ErrorKind, EvalError, Value};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Comparisons for each item, on average. Different items have different fingerprints, but for integers that are one
/// double: up to 2^60 at most 256 of them are, each of which is compared with half of the others.
const COMPARED: usize = 128;

pub(super) fn distinct(args: &[Value]) -> Outcome {
    let [Value::List(list)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let mut left = list.len().saturating_mul(COMPARED);
    let mut seen: BTreeMap<u64, Vec<&Value>> = BTreeMap::new();
    let mut kept = value::List::default();
    for item in list.iter() {
        let alike = seen.entry(fingerprint(item)).or_default();
        left = left.checked_sub(alike.len()).ok_or_else(too_many)?;
        if alike.contains(&item) {
            continue;
        }
        // NaN equals nothing: it need not be remembered.
        if !item.as_f64().is_some_and(f64::is_nan) {
            alike.push(item);
        }
        kept.push(item.clone());
    }
    Ok(kept.into())
}

fn too_many() -> EvalError {
    EvalError::new(ErrorKind::LimitExceeded, "too many items to compare")
}

/// The same for values that are equal, whatever their types and the order of their entries. As deep as the value, which
/// is bounded.
fn fingerprint(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Int(n) => number(*n as f64).hash(&mut hasher),
        Value::Uint(n) => number(*n as f64).hash(&mut hasher),
        Value::Double(x) => number(*x).hash(&mut hasher),
        Value::Bool(flag) => flag.hash(&mut hasher),
        Value::String(text) => text.as_bytes().hash(&mut hasher),
        Value::Bytes(bytes) => bytes.hash(&mut hasher),
        Value::List(items) => items
            .iter()
            .for_each(|item| fingerprint(item).hash(&mut hasher)),
        Value::Map(map) => {
            let entry = |(key, value): (&value::Key, &Value)| {
                fingerprint(&key.to_value()).rotate_left(1) ^ fingerprint(value)
            };
            map.iter()
                .map(entry)
                .fold(0, u64::wrapping_add)
                .hash(&mut hasher);
        }
        Value::Timestamp(time) => (time.seconds(), time.nanos()).hash(&mut hasher),
        Value::Duration(length) => length.nanos().hash(&mut hasher),
        Value::Type(name) => name.hash(&mut hasher),
        Value::Optional(Some(held)) => fingerprint(held).hash(&mut hasher),
        Value::Net(net) => net.to_string().hash(&mut hasher),
        Value::Null | Value::Optional(None) | Value::Error(_) => {
            value.type_name().hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// The bits of a number as a double, with one zero.
fn number(x: f64) -> u64 {
    if x == 0.0 { 0 } else { x.to_bits() }
}
