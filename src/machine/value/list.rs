//! Lists: a vector that knows how deeply it is nested, so that no program can build a value
//! whose comparison, output or drop would overflow the stack.

use super::Value;
use std::ops::Deref;

/// The items of a list. Reads like a slice.
#[derive(Clone, Debug, Default)]
pub struct List {
    items: Vec<Value>,
    depth: u16,
}

impl List {
    /// An empty list with room for `capacity` items.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            items: Vec::with_capacity(capacity),
            depth: 1,
        }
    }

    /// Appends `item`.
    pub fn push(&mut self, item: Value) {
        self.depth = self.depth().max(item.depth().saturating_add(1));
        self.items.push(item);
    }

    /// Levels of nesting, itself included; never less than the truth.
    #[must_use]
    pub fn depth(&self) -> u16 {
        self.depth.max(1)
    }

    /// Its items.
    #[must_use]
    pub fn into_items(self) -> Vec<Value> {
        self.items
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        let depth = items
            .iter()
            .map(Value::depth)
            .max()
            .unwrap_or(0)
            .saturating_add(1);
        Self { items, depth }
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        items.into_iter().collect::<Vec<_>>().into()
    }
}

impl Extend<Value> for List {
    fn extend<I: IntoIterator<Item = Value>>(&mut self, items: I) {
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl<'a> IntoIterator for &'a List {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.items.iter()
    }
}
