//! The walk over a document: one seed for each place, which knows the type that should stand there.

use super::decoder::{Decoder, Mode, Target};
use super::scalar::{self, Verdict, size};
use super::{Faults, Members, Path, Schema, TypeId};
use crate::json::{Budget, ValueSeed};
use crate::value::{Key, List, Map, Str, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// What all places of a walk share.
pub(super) struct Walk<'f> {
    pub(super) budget: Budget,
    mode: Mode,
    faults: &'f mut Faults,
}

impl<'f> Walk<'f> {
    pub(super) fn new(mode: Mode, faults: &'f mut Faults) -> Self {
        Self {
            budget: Budget::new(),
            mode,
            faults,
        }
    }

    pub(super) fn fault(&mut self, path: &Path<'_>, message: impl Into<String>) {
        self.faults.push(path, message);
    }
}

/// One place and the type that should stand there.
pub(super) struct Seed<'w, 'f, 'a> {
    decoder: &'a Decoder,
    target: &'a Target,
    walk: &'w mut Walk<'f>,
    path: &'a Path<'a>,
    /// Does null stand for an absent member here?
    optional: bool,
}

impl Decoder {
    pub(super) fn seed<'w, 'f, 'a>(
        &'a self,
        schema: TypeId,
        walk: &'w mut Walk<'f>,
        path: &'a Path<'a>,
    ) -> Seed<'w, 'f, 'a> {
        Seed {
            decoder: self,
            target: self.target(schema),
            walk,
            path,
            optional: false,
        }
    }
}

impl Seed<'_, '_, '_> {
    fn judge<E>(self, verdict: Verdict) -> Result<Value, E> {
        Ok(verdict.unwrap_or_else(|message| {
            self.walk.fault(self.path, message);
            Value::Null
        }))
    }

    fn mismatch<E>(self) -> Result<Value, E> {
        let verdict = Err(scalar::mismatch(&self.target.schema));
        self.judge(verdict)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        if matches!(self.target.schema, Schema::Any) {
            return ValueSeed::at(&self.walk.budget, self.path.depth()).deserialize(source);
        }
        self.walk.budget.node().map_err(D::Error::custom)?;
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        let verdict = scalar::boolean(&self.target.schema, value);
        self.judge(verdict)
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        let verdict = scalar::whole(&self.target.schema, value.into());
        self.judge(verdict)
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        let verdict = scalar::whole(&self.target.schema, value.into());
        self.judge(verdict)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        let verdict = scalar::double(&self.target.schema, value);
        self.judge(verdict)
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        let verdict = scalar::text(&self.target.schema, self.target.pattern.as_ref(), value);
        self.judge(verdict)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        if self.target.nullable || self.optional {
            return Ok(Value::Null);
        }
        let verdict = scalar::null(&self.target.schema);
        self.judge(verdict)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        self.walk
            .budget
            .enter(self.path.depth())
            .map_err(A::Error::custom)?;
        if let Schema::List { item, min, max } = self.target.schema {
            return self.list(item, size(min), size(max), items);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.mismatch()
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        self.walk
            .budget
            .enter(self.path.depth())
            .map_err(A::Error::custom)?;
        if let Some((shape, members)) = &self.target.object {
            let mut slots = vec![None; members.list().len()];
            let Self {
                decoder,
                walk,
                path,
                ..
            } = self;
            Filled {
                decoder,
                members,
                slots: &mut slots,
                walk,
                path,
            }
            .visit_map(entries)?;
            return Ok(Value::object(shape, slots));
        }
        if let Schema::Map { value, max } = self.target.schema {
            return self.map(value, size(max), entries);
        }
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.mismatch()
    }
}

impl Seed<'_, '_, '_> {
    fn list<'de, A: SeqAccess<'de>>(
        self,
        item: TypeId,
        min: usize,
        max: usize,
        mut from: A,
    ) -> Result<Value, A::Error> {
        let mut items = List::default();
        loop {
            let path = self.path.index(items.len());
            if items.len() == max {
                break;
            }
            match from.next_element_seed(self.decoder.seed(item, self.walk, &path))? {
                Some(value) => items.push(value),
                None => break,
            }
        }
        let mut more = false;
        while from.next_element::<IgnoredAny>()?.is_some() {
            more = true;
        }
        if more {
            self.walk
                .fault(self.path, format!("must have at most {max} items"));
        } else if items.len() < min {
            self.walk
                .fault(self.path, format!("must have at least {min} items"));
        }
        Ok(items.into())
    }

    fn map<'de, A: MapAccess<'de>>(
        self,
        schema: TypeId,
        max: usize,
        mut from: A,
    ) -> Result<Value, A::Error> {
        let mut map = Map::default();
        while let Some(name) = from.next_key_seed(Name)? {
            let path = self.path.name(&name);
            let value = from.next_value_seed(self.decoder.seed(schema, self.walk, &path))?;
            if map.len() == max {
                self.walk
                    .fault(self.path, format!("must have at most {max} members"));
                while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                break;
            }
            if !map.insert_new(Key::String(name.clone()), value) {
                self.walk.fault(&path, "is given twice");
            }
        }
        Ok(map.into())
    }
}

/// The members of an object, each decoded into its slot.
pub(super) struct Filled<'w, 'f, 'a> {
    pub(super) decoder: &'a Decoder,
    pub(super) members: &'a Members,
    pub(super) slots: &'w mut [Option<Value>],
    pub(super) walk: &'w mut Walk<'f>,
    pub(super) path: &'a Path<'a>,
}

impl<'de> DeserializeSeed<'de> for Filled<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Filled<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut entries: A) -> Result<(), A::Error> {
        let mut guess = 0;
        while let Some(found) = entries.next_key_seed(Find {
            members: self.members,
            guess,
        })? {
            match found {
                Found::Member(place) => {
                    guess = place + 1;
                    self.member(place, &mut entries)?;
                }
                Found::Unknown(name) => {
                    entries.next_value::<IgnoredAny>()?;
                    if self.walk.mode == Mode::Request && !self.members.open {
                        self.walk
                            .fault(&self.path.name(&name), "is not a known member");
                    }
                }
            }
        }
        self.complete();
        Ok(())
    }
}

impl Filled<'_, '_, '_> {
    fn member<'de, A: MapAccess<'de>>(
        &mut self,
        place: usize,
        entries: &mut A,
    ) -> Result<(), A::Error> {
        let (Some(member), decoder) = (self.members.list().get(place), self.decoder) else {
            return Ok(());
        };
        let path = self.path.name(&member.name);
        let optional = member.optional && self.walk.mode == Mode::Response;
        let seed = Seed {
            decoder,
            target: decoder.target(member.schema),
            walk: self.walk,
            path: &path,
            optional,
        };
        let value = entries.next_value_seed(seed)?;
        let Some(slot) = self.slots.get_mut(member.slot) else {
            return Ok(());
        };
        if slot.is_some() {
            self.walk.fault(&path, "is given twice");
        }
        let absent = optional && matches!(value, Value::Null) && !decoder.takes_null(member.schema);
        *slot = (!absent).then_some(value);
        Ok(())
    }

    /// Fills in defaults and reports what is missing.
    fn complete(&mut self) {
        for member in self.members.list() {
            let Some(slot @ None) = self.slots.get_mut(member.slot) else {
                continue;
            };
            slot.clone_from(&member.default);
            if slot.is_none() && !member.optional {
                self.walk
                    .fault(&self.path.name(&member.name), "is required");
            }
        }
    }
}

impl Decoder {
    fn takes_null(&self, id: TypeId) -> bool {
        let target = self.target(id);
        target.nullable || scalar::null(&target.schema).is_ok()
    }
}

/// Finds a member by its name.
struct Find<'a> {
    members: &'a Members,
    guess: usize,
}

enum Found {
    Member(usize),
    Unknown(Str),
}

impl<'de> DeserializeSeed<'de> for Find<'_> {
    type Value = Found;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Found, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Find<'_> {
    type Value = Found;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Found, E> {
        Ok(self
            .members
            .find(self.guess, name)
            .map_or_else(|| Found::Unknown(Str::new(name)), Found::Member))
    }
}

/// Any name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Str;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Str, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Str;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Str, E> {
        Ok(Str::new(name))
    }
}
