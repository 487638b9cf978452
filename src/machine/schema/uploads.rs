//! Uploads inside of typed values: which are expected where, and which a value holds.

use super::text::settle;
use super::{Decoder, Faults, Path, Schema, TypeId, Types, scalar};
use crate::blob::Blob;
use crate::value::{List, Map, Str, Value};

/// An upload that a request may bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected<'d> {
    /// Most bytes.
    pub max: u32,
    /// Media types, none: any.
    pub media: &'d [Str],
    /// How many of one name there may be.
    pub count: u32,
}

impl Decoder {
    /// The upload that a value of the type is, or each item of it.
    #[must_use]
    pub fn upload(&self, schema: TypeId) -> Option<Expected<'_>> {
        let (mut schema, mut count) = (&self.target(schema).schema, 1);
        if let Schema::List { item, max, .. } = schema {
            (schema, count) = (&self.target(*item).schema, *max);
        }
        if let Schema::Blob { max, media } = schema {
            let max = *max;
            Some(Expected { max, media, count })
        } else {
            None
        }
    }

    /// An upload that has been received as a value of the type.
    pub(crate) fn received(
        &self,
        schema: TypeId,
        blob: &Blob,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Value {
        let schema = &self.target(schema).schema;
        settle(scalar::upload(schema, blob), schema, path, faults)
    }

    /// The value with the bytes of uploads replaced by what `replace` makes of them; what it makes nothing of stays.
    pub fn replace_uploads(
        &self,
        schema: TypeId,
        value: &Value,
        replace: &mut dyn FnMut(&[u8]) -> Option<Value>,
    ) -> Value {
        let replaced = match (&self.target(schema).schema, value) {
            (Schema::Blob { .. }, Value::Bytes(bytes)) => replace(bytes),
            (Schema::List { item, .. }, Value::List(items)) => {
                let items = items.iter();
                let items = items.map(|it| self.replace_uploads(*item, it, replace));
                Some(items.collect::<List>().into())
            }
            (Schema::Map { value: inner, .. }, Value::Map(map)) => {
                let entries = map.iter();
                let entries =
                    entries.map(|(k, v)| (k.clone(), self.replace_uploads(*inner, v, replace)));
                Some(entries.collect::<Map>().into())
            }
            (Schema::Object { .. }, Value::Map(map)) => {
                Some(self.replace_in_object(schema, map, replace))
            }
            _ => None,
        };
        replaced.unwrap_or_else(|| value.clone())
    }

    fn replace_in_object(
        &self,
        schema: TypeId,
        map: &Map,
        replace: &mut dyn FnMut(&[u8]) -> Option<Value>,
    ) -> Value {
        let Some((shape, members)) = &self.target(schema).object else {
            return map.clone().into();
        };
        let slots = members.list().iter().map(|member| {
            let value = map.get_str(&member.name)?;
            Some(self.replace_uploads(member.schema, value, replace))
        });
        Value::object(shape, slots.collect())
    }
}

impl Types {
    /// Calls `each` with every upload that a value of the type holds.
    pub fn each_upload(&self, schema: TypeId, value: &Value, each: &mut dyn FnMut(Blob)) {
        match (self.get(schema), value) {
            (Some(Schema::Blob { .. }), value) => Blob::of(value).into_iter().for_each(each),
            (Some(Schema::Nullable(inner)), value) => self.each_upload(*inner, value, each),
            (Some(Schema::List { item, .. }), Value::List(items)) => {
                items
                    .iter()
                    .for_each(|it| self.each_upload(*item, it, each));
            }
            (Some(Schema::Map { value: inner, .. }), Value::Map(map)) => {
                map.values()
                    .for_each(|it| self.each_upload(*inner, it, each));
            }
            (Some(Schema::Object { shape, fields, .. }), Value::Map(map)) => {
                for (name, field) in shape.names().zip(fields) {
                    if let Some(value) = map.get_str(name) {
                        self.each_upload(field.schema, value, each);
                    }
                }
            }
            _ => {}
        }
    }
}
