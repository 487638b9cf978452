//! The members of an object, prepared for decoding: found by name, kept by slot.

use super::TypeId;
use crate::json::Key;
use crate::value::{Str, Value};

/// Objects with more members than this are searched by halves.
const NARROW: usize = 16;

/// One member.
#[derive(Clone, Debug)]
pub struct Member {
    /// Its name in the document.
    pub name: Str,
    /// Its slot in the object.
    pub slot: usize,
    /// Its type.
    pub schema: TypeId,
    /// May it be absent?
    pub optional: bool,
    /// Its value when absent.
    pub default: Option<Value>,
    /// Does anybody look at it? If not, it is held to its type all the same, but its value need not be kept.
    pub seen: bool,
    key: Key,
}

impl Member {
    /// A member that must be there.
    #[must_use]
    pub fn new(name: Str, slot: usize, schema: TypeId) -> Self {
        Self {
            key: Key::new(&name),
            name,
            slot,
            schema,
            optional: false,
            default: None,
            seen: true,
        }
    }

    /// The same, where it may be absent, or something stands for it where it is.
    #[must_use]
    pub fn or(self, optional: bool, default: Option<Value>) -> Self {
        Self {
            optional,
            default,
            ..self
        }
    }

    /// The same, where only what is `seen` is looked at.
    #[must_use]
    pub fn seen(self, seen: bool) -> Self {
        Self { seen, ..self }
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }
}

/// The members of an object.
#[derive(Clone, Debug)]
pub struct Members {
    list: Vec<Member>,
    /// Places in `list`, sorted by name; empty where the object is narrow.
    sorted: Vec<usize>,
    /// Are further members ignored?
    pub open: bool,
}

impl Members {
    /// Members in the order in which documents are expected to bring them.
    #[must_use]
    pub fn new(list: Vec<Member>, open: bool) -> Self {
        let mut sorted: Vec<usize> = Vec::new();
        if list.len() > NARROW {
            let mut pairs: Vec<_> = list.iter().map(|member| &member.name).zip(0..).collect();
            pairs.sort_unstable();
            sorted = pairs.into_iter().map(|(_, place)| place).collect();
        }
        Self { list, sorted, open }
    }

    /// All of them.
    #[must_use]
    pub fn list(&self) -> &[Member] {
        &self.list
    }

    /// One empty slot for each.
    pub(super) fn slots(&self) -> Vec<Option<Value>> {
        self.list.iter().map(|_| None).collect()
    }

    /// Is there a member of this name?
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The member of a name, and those behind it.
    pub(super) fn from(&self, name: &str) -> Option<&[Member]> {
        self.find(name).and_then(|place| self.list.get(place..))
    }

    /// The place of a name.
    fn find(&self, name: &str) -> Option<usize> {
        if self.sorted.is_empty() {
            return self.list.iter().position(|member| member.name == name);
        }
        let name_at = |place: &usize| {
            self.list
                .get(*place)
                .map_or("", |member| member.name.as_str())
        };
        let found = self
            .sorted
            .binary_search_by(|place| name_at(place).cmp(name))
            .ok()?;
        self.sorted.get(found).copied()
    }
}
