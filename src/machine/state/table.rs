//! Where the records of one kind lie: a store of a program, or one of the runtime's own.

use super::key::encode;
use super::{Entry, Key, Place};
use crate::manifest::{Millis, StoreId, StoreIndex};
use crate::program::Parts;
use crate::schema::{Field, Schema, Types};
use crate::value::{self, Duration, EvalError, Map, Shape, Str, Timestamp, Value};

/// The field that counts the writes of a record.
pub const VERSION: &str = "version";

/// Records of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// The space of their rows.
    pub space: &'a Str,
    /// Fields of the key.
    pub key: &'a [Str],
    /// Indexes.
    pub indexes: &'a [StoreIndex],
    /// Fields that are sealed where they are stored.
    pub labelled: &'a [Str],
    /// How long a record stays after its last write.
    pub retain: Option<Millis>,
    /// The type of the records, if it is known: null takes the place of an optional field, else of any field.
    pub fields: Option<(&'a Shape, &'a [Field])>,
    /// Fields that hold uploads.
    pub blobs: &'a [Str],
    /// What the types of the fields are made of.
    pub types: Option<&'a Types>,
}

impl<'a> Table<'a> {
    /// A store of a program; `None`: there is no such one.
    #[must_use]
    pub fn of(parts: &'a Parts, store: StoreId) -> Option<Self> {
        let store = parts.manifest.stores.get(usize::from(store.0))?;
        let Some(Schema::Object { shape, fields, .. }) =
            parts.types.0.get(usize::from(store.record.0))
        else {
            return None;
        };
        Some(Self {
            space: &store.name,
            key: &store.key,
            indexes: &store.indexes,
            labelled: &store.labelled,
            retain: store.retain,
            fields: Some((shape, fields)),
            blobs: &store.blobs,
            types: Some(&parts.types),
        })
    }

    /// Where the record with this key lies.
    ///
    /// # Errors
    /// A value that cannot stand in a key.
    pub fn place<'v>(&self, key: impl IntoIterator<Item = &'v Value>) -> Result<Place, EvalError> {
        let absent = |value: &&Value| value.is_null();
        let fields: Vec<&Value> = key.into_iter().collect();
        if fields.iter().any(absent) {
            return Err(EvalError::fixed("a field of the key is absent"));
        }
        Ok(Place {
            space: self.space.clone(),
            key: encode(fields)?,
        })
    }

    /// Where this record lies.
    ///
    /// # Errors
    /// As [`Table::place`].
    pub fn place_of(&self, record: &Value) -> Result<Place, EvalError> {
        self.place(self.key.iter().map(|name| field(record, name)))
    }

    /// What its indexes say of a record.
    ///
    /// # Errors
    /// A value that cannot stand in a key.
    pub fn entries(&self, record: &Value) -> Result<Vec<Entry>, EvalError> {
        let entry = |index: &StoreIndex| {
            let whole = index
                .fields
                .iter()
                .all(|name| !field(record, name).is_null());
            Ok(Entry {
                index: index.name.clone(),
                value: indexed(&index.fields, record)?,
                // Many records may lack a field of a unique index.
                unique: index.unique && whole,
            })
        };
        self.indexes.iter().map(entry).collect()
    }

    /// Where a record stands in an index, or among the keys.
    ///
    /// # Errors
    /// A value that cannot stand in a key.
    pub fn value(&self, index: Option<&Str>, record: &Value) -> Result<Key, EvalError> {
        let found = self.indexes.iter().find(|found| Some(&found.name) == index);
        indexed(found.map_or(self.key, |found| &found.fields), record)
    }

    /// When a record written now is there no more.
    #[must_use]
    pub fn expires(&self, now: Timestamp) -> Option<Timestamp> {
        let length = Duration::from_millis(i64::try_from(self.retain?).ok()?)?;
        now.checked_add(length)
    }

    /// The record with the defaults of fields that it lacks, without what has no place in it: the version, and null for
    /// absent fields.
    #[must_use]
    pub fn settled(&self, record: &Value) -> Value {
        if self.is_settled(record) {
            return record.clone();
        }
        let lacks = |(name, _): (&str, _)| record.get(name).is_none();
        let mut entries = record.as_map().into_iter().flatten();
        if entries.all(|entry| self.keeps(entry)) && !self.defaults().any(lacks) {
            return record.clone();
        }
        let entries = record.as_map().into_iter().flatten();
        let kept = entries.filter(|entry| self.keeps(*entry));
        let kept = kept.map(|(key, value)| (key.clone(), value.clone()));
        let mut kept: Map = kept.collect();
        for (name, default) in self.defaults() {
            if kept.get_str(name).is_none() {
                kept.insert(value::Key::String(name.into()), default.clone());
            }
        }
        kept.into()
    }

    /// Does an object of the type of the records say all of it, and nothing else? `false` where that is not known.
    fn is_settled(&self, record: &Value) -> bool {
        let shaped = record.as_map().and_then(Map::as_shaped);
        let (Some((own, slots)), Some((shape, fields))) = (shaped, self.fields) else {
            return false;
        };
        let keeps = |(slot, field): (&Option<Value>, &Field)| match slot {
            Some(value) => !(value.is_null() && field.optional),
            None => field.default.is_none(),
        };
        std::ptr::eq(&raw const **own, shape)
            && shape.with(&Str::new_static(VERSION)).is_some()
            && slots.iter().zip(fields).all(keeps)
    }

    /// Has it a place in the record?
    fn keeps(&self, (key, value): (&value::Key, &Value)) -> bool {
        let name = key.as_str().unwrap_or_default();
        name != VERSION && !(value.is_null() && self.optional(name))
    }

    fn defaults(&self) -> impl Iterator<Item = (&str, &Value)> {
        let fields = self.fields.iter();
        let fields = fields.flat_map(|(shape, fields)| shape.names().zip(*fields));
        fields.filter_map(|(name, field)| Some((name, field.default.as_ref()?)))
    }

    fn optional(&self, name: &str) -> bool {
        let Some((shape, fields)) = self.fields else {
            return true;
        };
        let field = shape.slot(name).and_then(|slot| fields.get(slot));
        field.is_none_or(|field| field.optional)
    }
}

fn indexed(fields: &[Str], record: &Value) -> Result<Key, EvalError> {
    encode(fields.iter().map(|name| field(record, name)))
}

/// A field of a record; null: it is absent.
pub(super) fn field<'v>(record: &'v Value, name: &str) -> &'v Value {
    record.get(name).unwrap_or(&Value::Null)
}

/// The record as a run sees it.
pub(super) fn with_version(record: &Value, version: u64) -> Value {
    let version = Value::Int(i64::try_from(version).unwrap_or(i64::MAX));
    let longer = record
        .as_map()
        .and_then(|map| map.longer(&Str::new_static(VERSION), &version));
    if let Some(longer) = longer {
        return longer.into();
    }
    let mut map = record.as_map().cloned().unwrap_or_default();
    map.insert(value::Key::String(Str::new_static(VERSION)), version);
    map.into()
}
