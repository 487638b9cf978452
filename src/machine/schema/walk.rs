//! The walk over a document: at each place the type that should stand there. Values are written where they stay, as
//! passing them up costs more than reading them.

use super::decoder::{Decoder, Mode, Target};
use super::members::Member;
use super::scalar::{self, size};
use super::{Faults, Members, Path, Schema, TypeId};
use crate::json::{Document, Token, Wrong, untyped};
use crate::value::{Key, List, Map, Str, Value};

/// What all places of a walk share.
pub(super) struct Walk<'w, D> {
    pub(super) decoder: &'w Decoder,
    pub(super) document: D,
    pub(super) mode: Mode,
    pub(super) faults: &'w mut Faults,
}

type Done = Result<(), Wrong>;

/// What stands next in an object.
enum Name<'w> {
    /// The name of the first of these members, behind which the others are expected.
    Known(&'w [Member]),
    Unknown,
    End,
}

/// Puts a value where it stays, at once: what is moved in parts before has to be waited for.
#[inline(always)]
fn fill(into: &mut Option<Value>, value: Value) -> Done {
    *into = Some(value);
    Ok(())
}

impl<'w, D: Document> Walk<'w, D> {
    /// The next value. With a fault it is null: the place is filled all the same, it is not missing.
    pub(super) fn value(
        &mut self,
        schema: TypeId,
        path: &Path<'_>,
        into: &mut Option<Value>,
    ) -> Done {
        self.place(self.decoder.target(schema), path, (false, true), into)
    }

    /// `optional`: null stands for an absent member here. Most values are texts without escapes: of one that is not
    /// `seen` by anybody nothing is kept but that it was there.
    #[inline]
    fn place(
        &mut self,
        target: &'w Target,
        path: &Path<'_>,
        (optional, seen): (bool, bool),
        into: &mut Option<Value>,
    ) -> Done {
        if target.is_text
            && let Some(text) = self.document.plain_text()
        {
            let pattern = target.pattern.as_ref();
            if !seen && scalar::is_such_text(&target.schema, pattern, text) {
                return fill(into, Value::Null);
            }
            if let Some(value) = scalar::text(&target.schema, pattern, text) {
                return fill(into, value);
            }
            *into = self.mismatch(&target.schema, path);
            return Ok(());
        }
        self.other(target, path, optional, into)
    }

    /// What is no such text, or not the text that should stand there.
    #[inline(never)]
    fn other(
        &mut self,
        target: &'w Target,
        path: &Path<'_>,
        optional: bool,
        into: &mut Option<Value>,
    ) -> Done {
        let schema = &target.schema;
        if matches!(schema, Schema::Any) {
            *into = Some(untyped(&mut self.document)?);
            return Ok(());
        }
        if matches!(schema, Schema::Blob { .. })
            && let Some(blob) = self.document.blob()
        {
            *into = scalar::upload(schema, &blob).or_else(|| self.mismatch(schema, path));
            return Ok(());
        }
        let value = match self.document.value()? {
            Token::Text(text) => match scalar::text(schema, target.pattern.as_ref(), text) {
                Some(value) => return fill(into, value),
                None => None,
            },
            Token::Int(number) => match scalar::int(schema, number) {
                Some(value) => return fill(into, value),
                None => None,
            },
            Token::Uint(number) => scalar::whole(schema, number.into()),
            Token::Double(number) | Token::Huge(number) => scalar::double(schema, number),
            Token::Bool(flag) => scalar::boolean(schema, flag),
            Token::Null if target.nullable || optional => Some(Value::Null),
            Token::Null => scalar::null(schema),
            Token::List => self.list(schema, path)?,
            Token::Object => self.object(target, path)?,
        };
        *into = value.or_else(|| self.mismatch(schema, path));
        Ok(())
    }

    /// The place is filled all the same: it is not missing.
    #[cold]
    fn mismatch(&mut self, schema: &Schema, path: &Path<'_>) -> Option<Value> {
        self.faults.push(path, scalar::mismatch(schema));
        Some(Value::Null)
    }

    fn list(&mut self, schema: &Schema, path: &Path<'_>) -> Result<Option<Value>, Wrong> {
        let Schema::List { item, min, max } = schema else {
            return self.document.skip_items().map(|()| None);
        };
        let (mut items, mut count, mut value) = (List::default(), 0, None);
        while self.document.item(count == 0)? {
            if count < size(*max) {
                self.value(*item, &path.index(count), &mut value)?;
                items.push(value.take().unwrap_or_default());
            } else {
                self.document.skip()?;
            }
            count += 1;
        }
        if let Some(message) = scalar::miscounted(count, size(*min), size(*max)) {
            self.faults.push(path, message);
        }
        Ok(Some(items.into()))
    }

    fn object(&mut self, target: &'w Target, path: &Path<'_>) -> Result<Option<Value>, Wrong> {
        if let Some((shape, members)) = &target.object {
            let mut slots = members.slots();
            self.members(members, path, &mut slots)?;
            return Ok(Some(Value::object(shape, slots)));
        }
        if let Schema::Map { value, max } = &target.schema {
            return self.map(*value, size(*max), path).map(Some);
        }
        self.document.skip_members().map(|()| None)
    }

    fn map(&mut self, schema: TypeId, max: usize, path: &Path<'_>) -> Result<Value, Wrong> {
        let (mut map, mut count, mut value) = (Map::default(), 0, None);
        while let Some(name) = self.document.member(count == 0)? {
            count += 1;
            if count > max {
                self.document.skip()?;
                continue;
            }
            let name = Str::new(name);
            let path = path.name(&name);
            self.value(schema, &path, &mut value)?;
            if !map.insert_new(Key::String(name.clone()), value.take().unwrap_or_default()) {
                self.faults.push(&path, "is given twice");
            }
        }
        if count > max {
            self.faults
                .push(path, format!("must have at most {max} members"));
        }
        Ok(map.into())
    }

    /// The members of an object that has begun, each into its slot. Documents mostly keep the order of the type, so
    /// the member after the last one is asked for first.
    pub(super) fn members(
        &mut self,
        members: &'w Members,
        path: &Path<'_>,
        slots: &mut [Option<Value>],
    ) -> Done {
        let (mut expected, mut first, mut filled) = (members.list(), true, 0);
        loop {
            if !expected
                .first()
                .is_some_and(|next| self.document.is_member(first, next.key()))
            {
                match self.name(members, path, first)? {
                    Name::Known(from) => expected = from,
                    Name::Unknown => expected = &[],
                    Name::End => break,
                }
            }
            first = false;
            if let [member, behind @ ..] = expected {
                filled += usize::from(self.member(member, path, slots)?);
                expected = behind;
            } else {
                self.document.skip()?;
                expected = members.list();
            }
        }
        if filled < members.list().len() {
            self.complete(members, path, slots);
        }
        Ok(())
    }

    /// The next name, whatever it is.
    fn name(
        &mut self,
        members: &'w Members,
        path: &Path<'_>,
        first: bool,
    ) -> Result<Name<'w>, Wrong> {
        let Some(name) = self.document.member(first)? else {
            return Ok(Name::End);
        };
        if let Some(from) = members.from(name) {
            return Ok(Name::Known(from));
        }
        if self.mode == Mode::Request && !members.open {
            self.faults.push(&path.name(name), "is not a known member");
        }
        Ok(Name::Unknown)
    }

    /// `true`: its slot was empty, and is not any more.
    #[inline]
    fn member(
        &mut self,
        member: &'w Member,
        path: &Path<'_>,
        slots: &mut [Option<Value>],
    ) -> Result<bool, Wrong> {
        let Some(into) = slots.get_mut(member.slot) else {
            return self.document.skip().map(|()| false);
        };
        let (path, empty) = (path.member(&member.name), into.is_none());
        if !empty {
            self.faults.push(&path, "is given twice");
        }
        let target = self.decoder.target(member.schema);
        let optional = member.optional && self.mode == Mode::Response;
        self.place(target, &path, (optional, member.seen), into)?;
        if optional && matches!(into, Some(Value::Null)) && !target.takes_null() {
            *into = None;
            return Ok(false);
        }
        Ok(empty)
    }

    /// Fills in defaults and reports what is missing.
    fn complete(&mut self, members: &Members, path: &Path<'_>, slots: &mut [Option<Value>]) {
        for member in members.list() {
            let Some(slot @ None) = slots.get_mut(member.slot) else {
                continue;
            };
            slot.clone_from(&member.default);
            if slot.is_none() && !member.optional {
                self.faults.push(&path.name(&member.name), "is required");
            }
        }
    }
}
