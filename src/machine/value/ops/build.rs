//! Making values of values. Here values grow while a program runs, so here their extent is checked.

use super::bounded;
use crate::value::extent::check_bytes;
use crate::value::text::built;
use crate::value::{EvalError, Key, List, Map, Shape, Value};
use std::sync::Arc;

const BAD_KEY: EvalError = EvalError::fixed("unsupported key type");
const REPEATED_KEY: EvalError = EvalError::fixed("repeated key");

/// A list of these items.
pub fn list(items: Vec<Value>) -> Result<Value, EvalError> {
    bounded(items.into())
}

/// A map of keys and values in turn, as a CEL map literal makes it: a repeated key is an error.
pub fn map(pairs: Vec<Value>) -> Result<Value, EvalError> {
    let mut map = Map::with_capacity(pairs.len() / 2);
    let mut pairs = pairs.into_iter();
    while let (Some(key), Some(value)) = (pairs.next(), pairs.next()) {
        if !map.insert_new(Key::of(&key).ok_or(BAD_KEY)?, value) {
            return Err(REPEATED_KEY);
        }
    }
    bounded(map.into())
}

/// An object of `shape`, one value for each of its names.
pub fn object(shape: &Arc<Shape>, slots: Vec<Option<Value>>) -> Result<Value, EvalError> {
    bounded(Value::object(shape, slots))
}

/// The texts of `parts` in one string.
pub fn concat(parts: &[Value]) -> Result<Value, EvalError> {
    let text = built(|out| {
        parts.iter().try_for_each(|part| {
            check_bytes(out.len() + part.weight())?;
            let written = part.write_text(out);
            written
                .then_some(())
                .ok_or_else(EvalError::no_such_overload)
        })
    });
    text.map(Value::String)
}

/// `optional.of(value)`
pub fn some(value: Value) -> Result<Value, EvalError> {
    bounded(Some(value).into())
}

/// Appends `item`; nothing is copied if nobody else holds the list.
#[inline]
pub fn append(list: &mut Value, item: Value) -> Result<(), EvalError> {
    list_mut(list)?.grow(item)
}

/// Appends what an optional holds, if anything.
pub fn append_opt(list: &mut Value, item: &Value) -> Result<(), EvalError> {
    held(item)?.map_or(Ok(()), |item| append(list, item.clone()))
}

/// Sets a key, the last one wins; nothing is copied if nobody else holds the map.
pub fn insert(map: &mut Value, key: &Value, item: Value) -> Result<(), EvalError> {
    let map = map_mut(map)?;
    let grown = map.extent().around(item.extent()).around(key.extent());
    grown.check()?;
    map.insert(Key::of(key).ok_or(BAD_KEY)?, item);
    Ok(())
}

/// Sets a key that is not there yet; one that is is an error.
pub fn insert_new(map: &mut Value, key: &Value, item: Value) -> Result<(), EvalError> {
    let map = map_mut(map)?;
    let grown = map.extent().around(item.extent()).around(key.extent());
    grown.check()?;
    if map.insert_new(Key::of(key).ok_or(BAD_KEY)?, item) {
        Ok(())
    } else {
        Err(REPEATED_KEY)
    }
}

/// Sets a key to what an optional holds, if anything.
pub fn insert_opt(map: &mut Value, key: &Value, item: &Value) -> Result<(), EvalError> {
    held(item)?.map_or(Ok(()), |item| insert(map, key, item.clone()))
}

/// Copies all entries of the map `source`, the last one wins; or appends all items of the list `source`.
pub fn spread(into: &mut Value, source: &Value) -> Result<(), EvalError> {
    into.extent().plus(source.weight()).check()?;
    if let Some(items) = source.as_list() {
        list_mut(into)?.extend(items.iter().cloned());
        return Ok(());
    }
    let entries = source.as_map().ok_or_else(EvalError::no_such_overload)?;
    let map = map_mut(into)?;
    for (key, value) in entries {
        map.insert(key.clone(), value.clone());
    }
    Ok(())
}

/// Copies all entries of the map `source`; a key that is there already is an error.
pub fn spread_new(into: &mut Value, source: &Value) -> Result<(), EvalError> {
    into.extent().plus(source.weight()).check()?;
    let entries = source.as_map().ok_or_else(EvalError::no_such_overload)?;
    let map = map_mut(into)?;
    for (key, value) in entries {
        if !map.insert_new(key.clone(), value.clone()) {
            return Err(REPEATED_KEY);
        }
    }
    Ok(())
}

#[inline]
fn list_mut(list: &mut Value) -> Result<&mut List, EvalError> {
    if let Value::List(list) = list {
        Ok(Arc::make_mut(list))
    } else {
        Err(EvalError::no_such_overload())
    }
}

fn map_mut(map: &mut Value) -> Result<&mut Map, EvalError> {
    if let Value::Map(map) = map {
        Ok(Arc::make_mut(map))
    } else {
        Err(EvalError::no_such_overload())
    }
}

fn held(value: &Value) -> Result<Option<&Value>, EvalError> {
    if let Value::Optional(held) = value {
        Ok(held.as_deref())
    } else {
        Err(EvalError::no_such_overload())
    }
}
