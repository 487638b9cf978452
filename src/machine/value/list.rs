//! Lists: a vector that knows its extent.

use super::extent::Extent;
use super::{EvalError, Value};
use std::ops::Deref;

/// The items of a list. Reads like a slice.
#[derive(Clone, Debug)]
pub struct List {
    items: Vec<Value>,
    extent: Extent,
}

impl List {
    /// An empty list with room for `capacity` items.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            items: Vec::with_capacity(capacity),
            extent: Extent::EMPTY,
        }
    }

    /// Appends `item`.
    pub fn push(&mut self, item: Value) {
        self.extent = self.extent.around(item.extent());
        self.items.push(item);
    }

    /// Appends `item`, unless the list would be deeper or larger than a value may be.
    #[inline]
    pub(crate) fn grow(&mut self, item: Value) -> Result<(), EvalError> {
        let extent = self.extent.around(item.extent());
        extent.check()?;
        self.extent = extent;
        self.items.push(item);
        Ok(())
    }

    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl Default for List {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

impl From<Vec<Value>> for List {
    fn from(items: Vec<Value>) -> Self {
        let extent = Extent::of(0, items.iter());
        Self { items, extent }
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
