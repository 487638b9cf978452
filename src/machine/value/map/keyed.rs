//! The layout of a map that brings its own keys: entries in insertion order, and an index once there are many.

use super::Key;
use crate::value::Value;
use std::collections::BTreeMap;

/// Up to this many entries a search through all of them is quicker than any index.
const SMALL: usize = 12;

/// Entries in insertion order. The index is a tree, not a hash table: the same entries cost the same on every run,
/// and no choice of keys makes it slow.
#[derive(Clone, Debug, Default)]
pub(super) struct Keyed {
    entries: Vec<(Key, Value)>,
    index: BTreeMap<Key, usize>,
}

impl Keyed {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            entries: Vec::with_capacity(capacity),
            index: BTreeMap::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn entries(&self) -> &[(Key, Value)] {
        &self.entries
    }

    pub(super) fn size(&self) -> usize {
        self.entries.capacity() * size_of::<(Key, Value)>()
            + self.index.len() * size_of::<(Key, usize)>()
    }

    pub(super) fn get(&self, key: &Key) -> Option<&Value> {
        self.entries
            .get(self.position(key)?)
            .map(|(_, value)| value)
    }

    pub(super) fn get_str(&self, name: &str) -> Option<&Value> {
        if self.index.is_empty() {
            return self
                .entries
                .iter()
                .find(|(key, _)| key.as_str() == Some(name))
                .map(|(_, value)| value);
        }
        self.get(&Key::from(name))
    }

    /// Puts `value` where `key` stands, or gives it back if there is no such key. What stood there before.
    pub(super) fn replace(&mut self, key: &Key, value: Value) -> Result<Value, Value> {
        match self.position(key).and_then(|at| self.entries.get_mut(at)) {
            Some((_, old)) => Ok(std::mem::replace(old, value)),
            None => Err(value),
        }
    }

    /// Adds a key that is not there yet.
    pub(super) fn push(&mut self, key: Key, value: Value) {
        if !self.index.is_empty() {
            self.index.insert(key.clone(), self.entries.len());
        }
        self.entries.push((key, value));
        if self.index.is_empty() && self.entries.len() > SMALL {
            self.index = self
                .entries
                .iter()
                .enumerate()
                .map(|(at, (key, _))| (key.clone(), at))
                .collect();
        }
    }

    fn position(&self, key: &Key) -> Option<usize> {
        if self.index.is_empty() {
            return self.entries.iter().position(|(found, _)| found == key);
        }
        self.index.get(key).copied()
    }
}
