//! What is inside a value: fields, items, keys.

use crate::value::{EvalError, FieldRef, Key, List, Value, number};

const NO_SUCH_KEY: EvalError = EvalError::fixed("no such key");
const OUT_OF_BOUNDS: EvalError = EvalError::fixed("index out of bounds");

/// `object.field`, found at once if the object has the expected shape. An absent field is an error,
/// except on an optional: there it is `object.?field`.
#[inline]
pub fn field(object: &Value, field: &FieldRef) -> Result<Value, EvalError> {
    if let Value::Map(map) = object {
        return map
            .field(field)
            .cloned()
            .ok_or_else(|| EvalError::no_such_key(field.name()));
    }
    if matches!(object, Value::Optional(_)) {
        opt_field(object, field)
    } else {
        Err(EvalError::no_such_overload())
    }
}

/// `has(object.field)`
pub fn has(object: &Value, field: &FieldRef) -> Result<Value, EvalError> {
    let Some(object) = present(object) else {
        return Ok(Value::Bool(false));
    };
    let map = object.as_map().ok_or_else(EvalError::no_such_overload)?;
    Ok(Value::Bool(map.field(field).is_some()))
}

/// `object.?field`: an optional, empty if the object or the field is absent.
pub fn opt_field(object: &Value, field: &FieldRef) -> Result<Value, EvalError> {
    let Some(object) = present(object) else {
        return Ok(Value::Optional(None));
    };
    let map = object.as_map().ok_or_else(EvalError::no_such_overload)?;
    Ok(map.field(field).cloned().into())
}

/// `object[key]`: an absent key or item is an error, except on an optional: there it is `object[?key]`.
pub fn index(object: &Value, key: &Value) -> Result<Value, EvalError> {
    if matches!(object, Value::Optional(_)) {
        return opt_index(object, key);
    }
    match find(object, key)? {
        Some(value) => Ok(value.clone()),
        None if object.as_list().is_some() => Err(OUT_OF_BOUNDS),
        None => Err(NO_SUCH_KEY),
    }
}

/// `object[?key]`: an optional, empty if the object, the key or the item is absent.
pub fn opt_index(object: &Value, key: &Value) -> Result<Value, EvalError> {
    let Some(object) = present(object) else {
        return Ok(Value::Optional(None));
    };
    Ok(find(object, key)?.cloned().into())
}

/// `item in container`: an item of a list, a key of a map.
pub fn is_in(item: &Value, container: &Value) -> Result<Value, EvalError> {
    if let Some(list) = container.as_list() {
        return Ok(Value::Bool(list.iter().any(|other| same(other, item))));
    }
    let map = container.as_map().ok_or_else(EvalError::no_such_overload)?;
    Ok(Value::Bool(
        Key::finding(item).is_some_and(|key| map.contains_key(&key)),
    ))
}

/// `==`, with what long lists hold most compared at once.
#[inline]
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::String(a), Value::String(b)) => a == b,
        _ => a == b,
    }
}

/// What a loop over `value` visits: a list's items, a map's keys.
pub fn iterable(value: &Value) -> Result<Value, EvalError> {
    if let Value::List(_) = value {
        return Ok(value.clone());
    }
    let map = value.as_map().ok_or_else(EvalError::no_such_overload)?;
    Ok(map.keys().map(Key::to_value).collect::<List>().into())
}

/// What an optional holds, if anything; any other value itself.
fn present(value: &Value) -> Option<&Value> {
    if let Value::Optional(inner) = value {
        inner.as_deref()
    } else {
        Some(value)
    }
}

/// The item or the value at `key`; an error if the types do not fit.
fn find<'a>(object: &'a Value, key: &Value) -> Result<Option<&'a Value>, EvalError> {
    if key.as_f64().is_some_and(|x| number::whole(x).is_none()) {
        return Ok(None);
    }
    let key = Key::finding(key).ok_or_else(EvalError::no_such_overload)?;
    if let Some(map) = object.as_map() {
        return Ok(map.get(&key));
    }
    let list = object.as_list().ok_or_else(EvalError::no_such_overload)?;
    let at = match key {
        Key::Int(n) => usize::try_from(n).ok(),
        Key::Uint(n) => usize::try_from(n).ok(),
        Key::Bool(_) | Key::String(_) => return Err(EvalError::no_such_overload()),
    };
    Ok(at.and_then(|at| list.get(at)))
}
