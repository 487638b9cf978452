//! Values that are of a type already: seen by a look, nothing is decoded again. What a look does not settle is decoded.

use super::decoder::{Decoder, Target};
use super::scalar::{self, size};
use super::{Members, Schema, TypeId};
use crate::limits::{MAX_JSON_DEPTH, MAX_JSON_NODES};
use crate::value::{Map, Shape, Value};
use std::sync::Arc;

impl Decoder {
    /// What [`Decoder::value`] would make of a value that is of the type already, found by a look; `None`: it may be of
    /// another type, or has to be converted.
    #[must_use]
    pub fn kept(&self, schema: TypeId, value: &Value) -> Option<Value> {
        let most = MAX_JSON_NODES * size_of::<Value>();
        let bounded = value.depth() <= MAX_JSON_DEPTH && value.weight() <= most;
        bounded.then(|| self.laid_out(self.target(schema), value))?
    }

    fn laid_out(&self, target: &Target, value: &Value) -> Option<Value> {
        if self.is(target, value) {
            return Some(value.clone());
        }
        match (&target.object, value) {
            (Some((shape, members)), Value::Map(map)) => self.object(shape, members, map),
            _ => None,
        }
    }

    /// The entries of a map as an object of a type, mostly in the order of its members.
    fn object(&self, shape: &Arc<Shape>, members: &Members, map: &Map) -> Option<Value> {
        let (mut slots, mut expected) = (members.slots(), members.list());
        for (key, value) in map {
            let name = key.as_str()?;
            let next = expected.iter().position(|member| member.name == name);
            let found = match next {
                Some(next) => expected.get(next..),
                None => members.from(name),
            };
            match found {
                Some([member, behind @ ..]) => {
                    let typed = self.laid_out(self.target(member.schema), value)?;
                    *slots.get_mut(member.slot)? = Some(typed);
                    expected = behind;
                }
                _ if members.open => {}
                _ => return None,
            }
        }
        for member in members.list() {
            let slot = slots.get_mut(member.slot)?;
            if slot.is_none() {
                slot.clone_from(&member.default);
            }
            if slot.is_none() && !member.optional {
                return None;
            }
        }
        Some(Value::object(shape, slots))
    }

    /// Is it of the type, in the layout of the type? `false` where that is not known.
    fn is(&self, target: &Target, value: &Value) -> bool {
        match (&target.schema, value) {
            (_, Value::Null) => target.takes_null(),
            (Schema::Any, Value::Bool(_) | Value::Int(_) | Value::String(_))
            | (Schema::Bool, Value::Bool(_))
            | (Schema::Timestamp, Value::Timestamp(_)) => true,
            (Schema::Int { min, max }, Value::Int(number)) => (min..=max).contains(&number),
            (Schema::Uint { min, max }, Value::Uint(number)) => (min..=max).contains(&number),
            (schema @ Schema::Double { .. }, Value::Double(number)) => {
                scalar::double(schema, *number).is_some()
            }
            (Schema::Bytes { max }, Value::Bytes(bytes)) => bytes.len() <= size(*max),
            (schema, Value::String(text)) => {
                scalar::is_such_text(schema, target.pattern.as_ref(), text)
            }
            (Schema::List { item, min, max }, Value::List(items)) => {
                let item = self.target(*item);
                (size(*min)..=size(*max)).contains(&items.len())
                    && items.iter().all(|value| self.is(item, value))
            }
            (Schema::Map { value: inner, max }, Value::Map(map)) => {
                let inner = self.target(*inner);
                map.len() <= size(*max)
                    && map
                        .iter()
                        .all(|(key, value)| key.as_str().is_some() && self.is(inner, value))
            }
            (Schema::Object { .. }, Value::Map(map)) => self.is_object(target, map),
            _ => false,
        }
    }

    fn is_object(&self, target: &Target, map: &Map) -> bool {
        let (Some((shape, members)), Some((own, slots))) = (&target.object, map.as_shaped()) else {
            return false;
        };
        let fits = |slot: Option<&Option<Value>>, schema| match slot {
            Some(Some(value)) => Some(self.is(self.target(schema), value)),
            _ => None,
        };
        let mut all = members.list().iter();
        (Arc::ptr_eq(own, shape) || own == shape)
            && all.all(|member| {
                let absent = member.optional && member.default.is_none();
                fits(slots.get(member.slot), member.schema).unwrap_or(absent)
            })
    }
}
