//! The walk over a document: one seed for each place, which knows the type that should stand there.

use super::decoder::{Decoder, Mode, Target};
use super::scalar::{self, size};
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

/// One place: the type that should stand there, and where its value goes. Values are written where they stay, as
/// passing them up through the layers of a deserialiser costs more than reading them.
pub(super) struct Place<'w, 'f, 'a> {
    decoder: &'a Decoder,
    target: &'a Target,
    walk: &'w mut Walk<'f>,
    path: &'a Path<'a>,
    into: &'w mut Option<Value>,
    /// Does null stand for an absent member here?
    optional: bool,
}

impl Decoder {
    pub(super) fn place<'w, 'f, 'a>(
        &'a self,
        schema: TypeId,
        walk: &'w mut Walk<'f>,
        path: &'a Path<'a>,
        into: &'w mut Option<Value>,
    ) -> Place<'w, 'f, 'a> {
        Place {
            decoder: self,
            target: self.target(schema),
            walk,
            path,
            into,
            optional: false,
        }
    }

    fn takes_null(&self, id: TypeId) -> bool {
        let target = self.target(id);
        target.nullable || scalar::null(&target.schema).is_some()
    }
}

impl Place<'_, '_, '_> {
    fn settle<E>(&mut self, value: Option<Value>) -> Result<(), E> {
        *self.into = value;
        if self.into.is_none() {
            self.mismatch();
        }
        Ok(())
    }

    /// What stands here has another type. The place is filled all the same: it is not missing.
    #[cold]
    fn mismatch(&mut self) {
        self.walk
            .fault(self.path, scalar::mismatch(&self.target.schema));
        *self.into = Some(Value::Null);
    }

    fn enter<E: Error>(&self) -> Result<(), E> {
        self.walk.budget.enter(self.path.depth()).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for &mut Place<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        if matches!(self.target.schema, Schema::Any) {
            let any = ValueSeed::at(&self.walk.budget, self.path.depth());
            *self.into = Some(any.deserialize(source)?);
            return Ok(());
        }
        self.walk.budget.node().map_err(D::Error::custom)?;
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Place<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.settle(scalar::boolean(&self.target.schema, value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.settle(scalar::whole(&self.target.schema, value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.settle(scalar::whole(&self.target.schema, value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.settle(scalar::double(&self.target.schema, value))
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.settle(scalar::text(
            &self.target.schema,
            self.target.pattern.as_ref(),
            value,
        ))
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        let null = (self.target.nullable || self.optional).then_some(Value::Null);
        self.settle(null.or_else(|| scalar::null(&self.target.schema)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.enter()?;
        if let Schema::List { item, min, max } = self.target.schema {
            return self.list(item, size(min), size(max), items);
        }
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.mismatch();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        self.enter()?;
        if let Some((shape, members)) = &self.target.object {
            let mut slots: Vec<_> = members.list().iter().map(|_| None).collect();
            let (decoder, path) = (self.decoder, self.path);
            Filled {
                decoder,
                members,
                slots: &mut slots,
                walk: self.walk,
                path,
            }
            .visit_map(entries)?;
            *self.into = Some(Value::object(shape, slots));
            return Ok(());
        }
        if let Schema::Map { value, max } = self.target.schema {
            return self.map(value, size(max), entries);
        }
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        self.mismatch();
        Ok(())
    }
}

impl Place<'_, '_, '_> {
    fn list<'de, A: SeqAccess<'de>>(
        &mut self,
        item: TypeId,
        min: usize,
        max: usize,
        mut from: A,
    ) -> Result<(), A::Error> {
        let (mut items, mut value) = (List::default(), None);
        while items.len() < max {
            let path = self.path.index(items.len());
            let mut place = self.decoder.place(item, self.walk, &path, &mut value);
            if from.next_element_seed(&mut place)?.is_none() {
                break;
            }
            items.push(value.take().unwrap_or_default());
        }
        let mut count = items.len();
        while from.next_element::<IgnoredAny>()?.is_some() {
            count += 1;
        }
        if let Some(message) = scalar::miscounted(count, min, max) {
            self.walk.fault(self.path, message);
        }
        *self.into = Some(items.into());
        Ok(())
    }

    fn map<'de, A: MapAccess<'de>>(
        &mut self,
        schema: TypeId,
        max: usize,
        mut from: A,
    ) -> Result<(), A::Error> {
        let (mut map, mut value) = (Map::default(), None);
        while let Some(name) = from.next_key_seed(Name)? {
            let path = self.path.name(&name);
            from.next_value_seed(&mut self.decoder.place(schema, self.walk, &path, &mut value))?;
            if map.len() == max {
                self.walk
                    .fault(self.path, format!("must have at most {max} members"));
                while from.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                break;
            }
            if !map.insert_new(Key::String(name.clone()), value.take().unwrap_or_default()) {
                self.walk.fault(&path, "is given twice");
            }
        }
        *self.into = Some(map.into());
        Ok(())
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
        let (mut guess, mut unknown) = (0, Str::default());
        loop {
            let find = Find {
                members: self.members,
                guess,
                unknown: &mut unknown,
            };
            match entries.next_key_seed(find)? {
                Some(Some(place)) => {
                    guess = place + 1;
                    self.member(place, &mut entries)?;
                }
                Some(None) => {
                    entries.next_value::<IgnoredAny>()?;
                    if self.walk.mode == Mode::Request && !self.members.open {
                        self.walk
                            .fault(&self.path.name(&unknown), "is not a known member");
                    }
                }
                None => break,
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
        let Some(member) = self.members.list().get(place) else {
            return Ok(());
        };
        let Some(into) = self.slots.get_mut(member.slot) else {
            return Ok(());
        };
        let (decoder, path) = (self.decoder, self.path.name(&member.name));
        if into.is_some() {
            self.walk.fault(&path, "is given twice");
        }
        let optional = member.optional && self.walk.mode == Mode::Response;
        let target = decoder.target(member.schema);
        entries.next_value_seed(&mut Place {
            decoder,
            target,
            walk: self.walk,
            path: &path,
            into,
            optional,
        })?;
        if optional && matches!(into, Some(Value::Null)) && !decoder.takes_null(member.schema) {
            *into = None;
        }
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

/// Finds a member by its name, or keeps the name.
struct Find<'a> {
    members: &'a Members,
    guess: usize,
    unknown: &'a mut Str,
}

impl<'de> DeserializeSeed<'de> for Find<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Option<usize>, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for Find<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        let found = self.members.find(self.guess, name);
        if found.is_none() {
            *self.unknown = Str::new(name);
        }
        Ok(found)
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
