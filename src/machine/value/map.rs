//! Maps: one type with two layouts. Objects of a known type share a [`Shape`] and hold only their slots;
//! all others hold their keys. Which layout a map has can be seen by its speed only.

mod field;
mod key;
mod keyed;
mod shape;

pub use field::FieldRef;
pub use key::Key;
use shape::SMALL;
pub use shape::Shape;

use super::extent::Extent;
use super::{Str, Value};
use keyed::Keyed;
use std::sync::Arc;

/// A map in insertion order (shaped ones: in the order of their shape).
#[derive(Clone, Debug)]
pub struct Map {
    layout: Layout,
    extent: Extent,
}

impl Default for Map {
    fn default() -> Self {
        Self::with_capacity(0)
    }
}

#[derive(Clone, Debug)]
enum Layout {
    /// One slot for each name of the shape; `None`: the field is absent.
    Shaped {
        shape: Arc<Shape>,
        slots: Box<[Option<Value>]>,
    },
    /// Keys and values in insertion order.
    Keyed(Keyed),
}

impl Default for Layout {
    fn default() -> Self {
        Self::Keyed(Keyed::default())
    }
}

impl Layout {
    /// Puts `value` where `key` stands, or gives it back if `key` has no place. What stood there before.
    fn replace(&mut self, key: &Key, value: Value) -> Result<Option<Value>, Value> {
        match self {
            Self::Keyed(keyed) => keyed.replace(key, value).map(Some),
            Self::Shaped { shape, slots } => {
                let slot = key.as_str().and_then(|name| shape.slot(name));
                match slot.and_then(|slot| slots.get_mut(slot)) {
                    Some(slot) => Ok(slot.replace(value)),
                    None => Err(value),
                }
            }
        }
    }

    /// A shaped map changes its layout when it gets a key that its shape lacks.
    fn into_keyed(self) -> Keyed {
        let (shape, slots) = match self {
            Self::Keyed(keyed) => return keyed,
            Self::Shaped { shape, slots } => (shape, slots),
        };
        let mut keyed = Keyed::with_capacity(slots.len() + 1);
        for (key, slot) in shape.keys().iter().zip(slots) {
            slot.into_iter()
                .for_each(|value| keyed.push(key.clone(), value));
        }
        keyed
    }
}

impl Map {
    /// An empty map that brings its own keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map with room for `capacity` entries.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            layout: Layout::Keyed(Keyed::with_capacity(capacity)),
            extent: Extent::EMPTY,
        }
    }

    /// An object of `shape`. Slots that are missing are absent fields, slots beyond the shape are dropped.
    #[must_use]
    pub fn shaped(shape: Arc<Shape>, mut slots: Vec<Option<Value>>) -> Self {
        if slots.len() != shape.len() {
            slots.resize(shape.len(), None);
        }
        Self {
            extent: shaped_extent(&shape, &slots),
            layout: Layout::Shaped {
                shape,
                slots: slots.into(),
            },
        }
    }

    /// An object with a field more, behind the others; `None`: it is no object, or has the field.
    pub(crate) fn longer(&self, name: &Str, value: &Value) -> Option<Self> {
        let (shape, slots) = self.as_shaped()?;
        let longer = shape.with(name)?;
        let slots: Box<[_]> = slots.iter().cloned().chain([Some(value.clone())]).collect();
        Some(Self {
            extent: self
                .extent
                .plus(longer.json_len() - shape.json_len() + size_of::<Option<Value>>())
                .around(value.extent()),
            layout: Layout::Shaped {
                shape: Arc::clone(longer),
                slots,
            },
        })
    }

    /// An object of the same keys with what `of` makes of each value, if it is small and all its keys are names: its
    /// fields are found by their slots then.
    pub(crate) fn as_object(&self, of: impl Fn(&Value) -> Value) -> Option<Self> {
        let Layout::Keyed(keyed) = &self.layout else {
            return None;
        };
        let entries = Some(keyed.entries()).filter(|entries| entries.len() <= SMALL)?;
        let names = entries.iter().map(|(key, _)| key.as_str());
        let shape = names.collect::<Option<Shape>>()?;
        let slots = entries.iter().map(|(_, value)| Some(of(value)));
        Some(Self::shaped(Arc::new(shape), slots.collect()))
    }

    /// Changes the slots of a shaped map.
    pub(crate) fn fill<E>(
        &mut self,
        fill: impl FnOnce(&mut [Option<Value>]) -> Result<(), E>,
    ) -> Result<(), E> {
        let Layout::Shaped { shape, slots } = &mut self.layout else {
            return Ok(());
        };
        let filled = fill(slots);
        self.extent = shaped_extent(shape, slots);
        filled
    }

    /// The shape and its slots, if it has that layout.
    #[inline]
    #[must_use]
    pub fn as_shaped(&self) -> Option<(&Arc<Shape>, &[Option<Value>])> {
        match &self.layout {
            Layout::Shaped { shape, slots } => Some((shape, slots)),
            Layout::Keyed(_) => None,
        }
    }

    pub(crate) fn extent(&self) -> Extent {
        self.extent
    }

    /// How many entries it has; an absent field is none.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.layout {
            Layout::Shaped { slots, .. } => slots.iter().flatten().count(),
            Layout::Keyed(keyed) => keyed.len(),
        }
    }

    /// Has it no entry?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<&Value> {
        match &self.layout {
            Layout::Keyed(keyed) => keyed.get(key),
            Layout::Shaped { .. } => self.get_str(key.as_str()?),
        }
    }

    /// The value of a string key.
    #[must_use]
    pub fn get_str(&self, name: &str) -> Option<&Value> {
        match &self.layout {
            Layout::Shaped { shape, slots } => slots.get(shape.slot(name)?)?.as_ref(),
            Layout::Keyed(keyed) => keyed.get_str(name),
        }
    }

    /// The value of a field; without a search if the map has the expected shape.
    #[inline(always)]
    #[must_use]
    pub fn field(&self, field: &FieldRef) -> Option<&Value> {
        if let Layout::Shaped { shape, slots } = &self.layout
            && shape.has_at(field)
        {
            return slots.get(usize::from(field.slot()))?.as_ref();
        }
        self.named(field.name())
    }

    /// As [`Self::get_str`], for what is seldom asked.
    #[inline(never)]
    fn named(&self, name: &str) -> Option<&Value> {
        self.get_str(name)
    }

    /// Does it have `key`?
    #[must_use]
    pub fn contains_key(&self, key: &Key) -> bool {
        self.get(key).is_some()
    }

    /// Sets `key`; a key that is there already keeps its place.
    pub fn insert(&mut self, key: Key, value: Value) {
        let added = value.extent();
        match self.layout.replace(&key, value) {
            Ok(old) => {
                let removed = old.map_or(Extent::default(), |old| old.extent());
                self.extent = self.extent.around(added).without(removed);
            }
            Err(value) => self.push(key, value),
        }
    }

    /// Adds a key that is known to be new.
    pub(crate) fn push(&mut self, key: Key, value: Value) {
        self.extent = self.extent.around(value.extent()).plus(key.size());
        let mut keyed = std::mem::take(&mut self.layout).into_keyed();
        keyed.push(key, value);
        self.layout = Layout::Keyed(keyed);
    }

    /// Adds `key`; `false`, and nothing changes, if it is there already.
    #[must_use = "false means that the key is a duplicate"]
    pub fn insert_new(&mut self, key: Key, value: Value) -> bool {
        if self.contains_key(&key) {
            return false;
        }
        match self.layout {
            Layout::Keyed(_) => self.push(key, value),
            Layout::Shaped { .. } => self.insert(key, value),
        }
        true
    }

    /// Its entries in order.
    #[must_use]
    pub fn iter(&self) -> Iter<'_> {
        Iter(match &self.layout {
            Layout::Shaped { shape, slots } => {
                Entries::Shaped(shape.keys().iter().zip(slots.iter()))
            }
            Layout::Keyed(keyed) => Entries::Keyed(keyed.entries().iter()),
        })
    }

    /// Its keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.iter().map(|(key, _)| key)
    }

    /// Its values in order.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    /// About how many bytes it takes, without what its keys and values hold elsewhere.
    pub(crate) fn size(&self) -> usize {
        size_of::<Self>()
            + match &self.layout {
                Layout::Shaped { slots, .. } => size_of_val(&**slots),
                Layout::Keyed(keyed) => keyed.size(),
            }
    }
}

fn shaped_extent(shape: &Shape, slots: &[Option<Value>]) -> Extent {
    let own = shape.json_len() + size_of_val(slots);
    Extent::of(own, slots.iter().flatten())
}

/// The entries of a map in order.
#[derive(Clone, Debug)]
pub struct Iter<'a>(Entries<'a>);

#[derive(Clone, Debug)]
enum Entries<'a> {
    Shaped(std::iter::Zip<std::slice::Iter<'a, Key>, std::slice::Iter<'a, Option<Value>>>),
    Keyed(std::slice::Iter<'a, (Key, Value)>),
}

impl<'a> Iterator for Iter<'a> {
    type Item = (&'a Key, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Entries::Shaped(pairs) => pairs.find_map(|(key, slot)| Some((key, slot.as_ref()?))),
            Entries::Keyed(entries) => entries.next().map(|(key, value)| (key, value)),
        }
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = (&'a Key, &'a Value);
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

impl FromIterator<(Key, Value)> for Map {
    /// The last one of equal keys wins.
    fn from_iter<I: IntoIterator<Item = (Key, Value)>>(entries: I) -> Self {
        let mut map = Self::new();
        entries
            .into_iter()
            .for_each(|(key, value)| map.insert(key, value));
        map
    }
}

impl<'a> FromIterator<(&'a str, Value)> for Map {
    /// The last one of equal keys wins.
    fn from_iter<I: IntoIterator<Item = (&'a str, Value)>>(entries: I) -> Self {
        entries
            .into_iter()
            .map(|(name, value)| (Key::String(Str::from(name)), value))
            .collect()
    }
}

impl PartialEq for Map {
    fn eq(&self, other: &Self) -> bool {
        let same = |((key, value), (place, other_value)): ((&Key, &Value), (&Key, &Value))| {
            if key == place {
                value == other_value
            } else {
                other.get(key) == Some(value)
            }
        };
        // Equal maps mostly have their keys in the same order.
        self.len() == other.len() && self.iter().zip(other.iter()).all(same)
    }
}
