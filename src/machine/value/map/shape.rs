//! Shapes: the field names that all objects of one type share.

use super::field::Tag;
use super::{FieldRef, Key};
use crate::value::{Str, escape};
use std::sync::{Arc, OnceLock};

/// Up to this many names a search through all of them is quicker than any index.
pub(super) const SMALL: usize = 8;

/// The field names of an object, shared by all objects of one type.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    keys: Box<[Key]>,
    /// Of each name.
    tags: Box<[Tag]>,
    /// `,"name":` of each, as JSON.
    json: Box<[Box<[u8]>]>,
    /// Bytes of all of them.
    json_len: usize,
    /// Positions in the order of their names; empty for small shapes.
    sorted: Box<[u16]>,
    /// See [`Shape::with`].
    longer: OnceLock<Option<Arc<Shape>>>,
}

impl Shape {
    /// A shape of these names, which must differ (see [`Shape::repeated`]). At most 65,536 of them count.
    pub fn new(names: impl IntoIterator<Item = Str>) -> Self {
        let keys: Box<[Key]> = names.into_iter().take(1 << 16).map(Key::String).collect();
        let json: Box<[_]> = keys
            .iter()
            .filter_map(Key::as_str)
            .map(escape::next_member)
            .collect();
        let json_len = json.iter().map(|key| key.len()).sum();
        let tags = keys.iter().filter_map(Key::as_str).map(Tag::of).collect();
        let sorted = if keys.len() > SMALL {
            sorted(&keys)
        } else {
            Box::default()
        };
        Self {
            keys,
            tags,
            json,
            json_len,
            sorted,
            longer: OnceLock::new(),
        }
    }

    /// The same with a name more, behind the others; `None`: it has the name. It is made once: whoever extends a shape
    /// gives it the same name.
    pub(crate) fn with(&self, name: &Str) -> Option<&Arc<Self>> {
        let longer = || Self::new(self.names().chain([name.as_str()]).map(Str::from));
        let made = || self.slot(name).is_none().then(|| Arc::new(longer()));
        self.longer.get_or_init(made).as_ref()
    }

    /// How many names it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Has it no name?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The names in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(Key::as_str)
    }

    /// The name of a slot.
    #[inline]
    #[must_use]
    pub fn name(&self, slot: usize) -> Option<&str> {
        self.keys.get(slot)?.as_str()
    }

    /// Does the field stand in its likely slot?
    #[inline(always)]
    pub(crate) fn has_at(&self, field: &FieldRef) -> bool {
        let (slot, tag) = (usize::from(field.slot()), field.tag());
        self.tags.get(slot) == Some(&tag) && (tag.is_whole() || self.is_named(slot, field.name()))
    }

    #[inline(never)]
    fn is_named(&self, slot: usize, name: &str) -> bool {
        self.name(slot) == Some(name)
    }

    /// The slot of a name.
    #[must_use]
    pub fn slot(&self, name: &str) -> Option<usize> {
        if self.sorted.is_empty() {
            return self.names().position(|found| found == name);
        }
        let at = self
            .sorted
            .binary_search_by(|&slot| self.name(slot.into()).cmp(&Some(name)))
            .ok()?;
        self.sorted.get(at).copied().map(usize::from)
    }

    /// A name that stands in it twice; a verified program has no such shape.
    #[must_use]
    pub fn repeated(&self) -> Option<&str> {
        self.names()
            .enumerate()
            .find(|(slot, name)| self.slot(name) != Some(*slot))
            .map(|(_, name)| name)
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// `,"name":` of a slot, as JSON: how a member behind another one begins.
    pub(crate) fn json_key(&self, slot: usize) -> &[u8] {
        self.json.get(slot).map_or(&[], |bytes| bytes)
    }

    /// Bytes of all keys as JSON.
    pub(crate) fn json_len(&self) -> usize {
        self.json_len
    }
}

fn sorted(keys: &[Key]) -> Box<[u16]> {
    let mut slots: Vec<u16> = (0..=u16::MAX).take(keys.len()).collect();
    slots.sort_by(|&a, &b| keys.get(usize::from(a)).cmp(&keys.get(usize::from(b))));
    slots.into()
}

impl PartialEq for Shape {
    fn eq(&self, other: &Self) -> bool {
        self.keys == other.keys
    }
}

impl Eq for Shape {}

impl<S: Into<Str>> FromIterator<S> for Shape {
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self::new(names.into_iter().map(Into::into))
    }
}
