//! What a run has several of, by ids that are given out in sequence: mostly none, so that nothing is allocated or walked
//! over for that.

/// Entries in the order of their ids.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ids<K, V>(Vec<(K, V)>);

impl<K, V> Default for Ids<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Copy + Ord, V> Ids<K, V> {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, id: K) -> Option<&V> {
        let place = self.place(id).ok()?;
        self.0.get(place).map(|(_, value)| value)
    }

    pub(super) fn get_mut(&mut self, id: K) -> Option<&mut V> {
        let place = self.place(id).ok()?;
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Adds it, or puts it in the place of what has the id.
    pub(super) fn insert(&mut self, id: K, value: V) {
        match self.place(id) {
            Ok(place) => {
                if let Some((_, old)) = self.0.get_mut(place) {
                    *old = value;
                }
            }
            Err(place) => self.0.insert(place, (id, value)),
        }
    }

    pub(super) fn remove(&mut self, id: K) -> Option<V> {
        let place = self.place(id).ok()?;
        Some(self.0.remove(place).1)
    }

    /// In the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &V)> {
        self.0.iter().map(|(id, value)| (*id, value))
    }

    /// Takes all ids, in their order; nothing stays.
    pub(super) fn take_ids(&mut self) -> impl Iterator<Item = K> {
        std::mem::take(&mut self.0).into_iter().map(|(id, _)| id)
    }

    /// Where it stands, or would stand.
    fn place(&self, id: K) -> Result<usize, usize> {
        self.0.binary_search_by_key(&id, |(known, _)| *known)
    }
}

impl<K: Copy + Ord, V> FromIterator<(K, V)> for Ids<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut all = Self::default();
        let entries = entries.into_iter();
        entries.for_each(|(id, value)| all.insert(id, value));
        all
    }
}
