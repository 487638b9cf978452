//! Rows in memory, above the tables: those that were written and are not in the tables yet, and those used lately.
//!
//! What was written is *unsettled* until it is in the tables; until then only the journal has it on the disk, and it counts
//! before what the tables say. What is settled is kept while there is room, and says what the tables say.

use super::entries::Entry;
use journey_machine::state::{Found, Key, Stamp, Version};
use journey_machine::value::{Timestamp, Value};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Where a row lies: number of the space, key.
pub(super) type At = (i64, Key);

/// Where a row stands in an index: number of the index, value, key of the row.
type Spot = (i64, Vec<u8>, Key);

/// A row of a stretch: its value there (among the keys: its key), its key, and what it says.
pub(super) type Hit<'a> = (&'a [u8], &'a [u8], &'a Arc<Held>);

/// A stretch, by the numbers of its space and index.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stretch<'a> {
    pub(super) space: i64,
    /// `None`: the keys themselves.
    pub(super) index: Option<i64>,
    pub(super) from: &'a [u8],
    pub(super) to: Option<&'a [u8]>,
    pub(super) descending: bool,
}

/// Places in the queue that may be in vain, beside as many as there are rows.
const SPARE: usize = 1_000;
/// Bytes that a row takes beside its own.
const OVERHEAD: usize = 200;

/// A row as it was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    pub(super) version: Version,
    pub(super) stamp: Stamp,
    pub(super) expires: Option<i64>,
    /// Sorted.
    pub(super) entries: Vec<Entry>,
    pub(super) data: Vec<u8>,
    /// See [`journey_machine::state::Row::record`].
    pub(super) record: Option<Value>,
}

/// What lies at a place; `None`: nothing any more.
pub(super) type Content = Option<Arc<Held>>;

impl Held {
    /// Is it there for somebody at `now`?
    pub(super) fn lives(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| expires > now.millis())
    }

    pub(super) fn found(&self, key: Key) -> Found {
        Found {
            key,
            version: self.version,
            stamp: self.stamp,
            data: self.data.clone(),
            record: self.record.clone(),
            expires: self.expires.and_then(Timestamp::from_millis),
        }
    }
}

#[derive(Debug)]
struct Slot {
    content: Content,
    settled: bool,
    /// Is nothing in the tables at its place?
    vacant: bool,
    /// Was it asked for since it was last spared?
    used: AtomicBool,
    weight: usize,
}

impl Slot {
    fn new(key: &Key, content: Content, settled: bool) -> Self {
        Self {
            weight: weight(key, &content),
            content,
            settled,
            vacant: false,
            used: AtomicBool::new(false),
        }
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Layer {
    spaces: BTreeMap<i64, BTreeMap<Key, Slot>>,
    /// Of what is unsettled.
    spots: BTreeSet<Spot>,
    unsettled_bytes: usize,
    settled_bytes: usize,
    settled_rows: usize,
    /// What is settled, and what was at some time; the oldest first.
    queue: VecDeque<At>,
    /// How often something was dropped.
    dropped: u64,
    hurried: AtomicBool,
}

impl Layer {
    /// What it has at a place; `None`: the tables know.
    pub(super) fn get(&self, space: i64, key: &[u8]) -> Option<&Content> {
        let slot = self.spaces.get(&space)?.get(key)?;
        if slot.settled {
            slot.used.store(true, Ordering::Relaxed);
        }
        Some(&slot.content)
    }

    /// Does it say something about a place that the tables do not know?
    pub(super) fn covers(&self, space: i64, key: &[u8]) -> bool {
        let slot = self.spaces.get(&space).and_then(|rows| rows.get(key));
        slot.is_some_and(|slot| !slot.settled)
    }

    /// The row becomes this. `vacant`: the tables have nothing there, unless this layer knows better.
    pub(super) fn write(&mut self, (space, key): At, content: Content, vacant: bool) {
        let slot = Slot {
            vacant,
            ..Slot::new(&key, content, false)
        };
        self.put(space, &key, slot);
    }

    /// All that another one has is written.
    pub(super) fn absorb(&mut self, newer: Self) {
        for (space, rows) in newer.spaces {
            for (key, slot) in rows {
                self.put(space, &key, slot);
            }
        }
    }

    fn put(&mut self, space: i64, key: &Key, mut slot: Slot) {
        self.unsettled_bytes += slot.weight;
        let content = slot.content.clone();
        let rows = self.spaces.entry(space).or_default();
        match rows.get_mut(key) {
            Some(place) => {
                slot.vacant = !place.settled && place.vacant;
                let old = std::mem::replace(place, slot);
                self.leave(&old, key);
            }
            None => {
                rows.insert(key.clone(), slot);
            }
        }
        for (index, value) in content.iter().flat_map(|held| &held.entries) {
            self.spots.insert((*index, value.clone(), key.clone()));
        }
    }

    /// All that is unsettled, in order.
    pub(super) fn unsettled(&self) -> impl Iterator<Item = (i64, &Key, &Content)> {
        let rows = self.spaces.iter();
        let rows =
            rows.flat_map(|(space, rows)| rows.iter().map(|(key, slot)| (*space, key, slot)));
        let rows = rows.filter(|(_, _, slot)| !slot.settled);
        rows.map(|(space, key, slot)| (space, key, &slot.content))
    }

    /// What is to be written to the tables at a place, and whether they have nothing there yet.
    pub(super) fn awaits(&self, space: i64, key: &[u8]) -> Option<(&Content, bool)> {
        let slot = self.spaces.get(&space)?.get(key)?;
        (!slot.settled).then_some((&slot.content, slot.vacant))
    }

    pub(super) fn unsettled_bytes(&self) -> usize {
        self.unsettled_bytes
    }

    /// Reading is slow, as much of what the tables say does not count any more: they should follow soon.
    pub(super) fn hurry(&self) {
        self.hurried.store(true, Ordering::Relaxed);
    }

    /// Was it hurried since this was last asked?
    pub(super) fn is_hurried(&self) -> bool {
        self.hurried.swap(false, Ordering::Relaxed)
    }

    /// The tables have this now; what was written meanwhile they have not.
    pub(super) fn settle(&mut self, (space, key): At, content: &Content) {
        let slot = self
            .spaces
            .get_mut(&space)
            .and_then(|rows| rows.get_mut(&key));
        let Some(slot) = slot.filter(|slot| !slot.settled && is_same(&slot.content, content))
        else {
            return;
        };
        for (index, value) in slot.content.iter().flat_map(|held| &held.entries) {
            self.spots.remove(&(*index, value.clone(), key.clone()));
        }
        slot.settled = true;
        self.unsettled_bytes = self.unsettled_bytes.saturating_sub(slot.weight);
        self.settled_bytes += slot.weight;
        self.settled_rows += 1;
        if slot.content.is_none() {
            self.forget(space, &key);
        } else {
            self.queue.push_back((space, key));
        }
    }

    /// How often something was dropped: whoever reads in the tables what is to be kept asks before and after.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Keeps what was read in the tables. What has been written or dropped since then would be newer.
    pub(super) fn keep(&mut self, (space, key): At, held: Arc<Held>, dropped: u64) {
        let rows = self.spaces.entry(space).or_default();
        if self.dropped != dropped || rows.contains_key(&key) {
            return;
        }
        let slot = Slot::new(&key, Some(held), true);
        self.settled_bytes += slot.weight;
        self.settled_rows += 1;
        rows.insert(key.clone(), slot);
        self.queue.push_back((space, key));
    }

    /// Drops what is settled and was not used lately, down to so many bytes.
    pub(super) fn shrink(&mut self, bytes: usize) {
        while self.settled_bytes > bytes
            && let Some((space, key)) = self.queue.pop_front()
        {
            let slot = self.spaces.get(&space).and_then(|rows| rows.get(&key));
            match slot {
                // It stands in the queue once more when it is settled again.
                None | Some(Slot { settled: false, .. }) => {}
                Some(slot) if slot.used.swap(false, Ordering::Relaxed) => {
                    self.queue.push_back((space, key));
                }
                Some(_) => self.forget(space, &key),
            }
        }
        if self.queue.len() > 2 * self.settled_rows + SPARE {
            self.tidy();
        }
    }

    /// Takes out of the queue what stands there in vain: rows that are gone, and those that stand there twice.
    fn tidy(&mut self) {
        let rows = self.spaces.iter();
        let rows =
            rows.flat_map(|(space, rows)| rows.iter().map(|(key, slot)| (*space, key, slot)));
        let settled = rows.filter(|(_, _, slot)| slot.settled);
        self.queue = settled
            .map(|(space, key, _)| (space, key.clone()))
            .collect();
    }

    /// Nothing is said about a place any more.
    pub(super) fn forget(&mut self, space: i64, key: &[u8]) {
        self.dropped += 1;
        let rows = self.spaces.get_mut(&space);
        if let Some(slot) = rows.and_then(|rows| rows.remove(key)) {
            self.leave(&slot, key);
        }
    }

    /// What was said about a place does not count any more.
    fn leave(&mut self, slot: &Slot, key: &[u8]) {
        if slot.settled {
            self.settled_bytes = self.settled_bytes.saturating_sub(slot.weight);
            self.settled_rows = self.settled_rows.saturating_sub(1);
            return;
        }
        self.unsettled_bytes = self.unsettled_bytes.saturating_sub(slot.weight);
        for (index, value) in slot.content.iter().flat_map(|held| &held.entries) {
            self.spots.remove(&(*index, value.clone(), key.to_owned()));
        }
    }

    /// What is unsettled in a stretch of an index of a space, or of its keys, in order.
    pub(super) fn stretch<'a>(
        &'a self,
        stretch: &Stretch<'_>,
    ) -> Box<dyn Iterator<Item = Hit<'a>> + 'a> {
        let Some(rows) = self.spaces.get(&stretch.space) else {
            return Box::new(std::iter::empty());
        };
        match stretch.index {
            Some(index) => {
                let spot = |value: &[u8]| (index, value.to_owned(), Key::new());
                let behind = (index.saturating_add(1), Vec::new(), Key::new());
                let (from, to) = (spot(stretch.from), stretch.to.map_or(behind, spot));
                // Nothing lies between bounds that are crossed.
                let spots = self.spots.range(from.clone()..to.max(from));
                let hits = spots.filter_map(|(_, value, key)| hit(value, key, rows.get(key)?));
                directed(hits, stretch.descending)
            }
            None => {
                let from = stretch.from;
                let end = match stretch.to {
                    Some(to) => Bound::Excluded(to.max(from)),
                    None => Bound::Unbounded,
                };
                let slots = rows.range::<[u8], _>((Bound::Included(from), end));
                let hits = slots.filter_map(|(key, slot)| hit(key, key, slot));
                directed(hits, stretch.descending)
            }
        }
    }
}

fn hit<'a>(value: &'a [u8], key: &'a [u8], slot: &'a Slot) -> Option<Hit<'a>> {
    let held = slot.content.as_ref().filter(|_| !slot.settled)?;
    Some((value, key, held))
}

fn directed<'a, T: 'a>(
    found: impl DoubleEndedIterator<Item = T> + 'a,
    descending: bool,
) -> Box<dyn Iterator<Item = T> + 'a> {
    if descending {
        Box::new(found.rev())
    } else {
        Box::new(found)
    }
}

fn weight(key: &Key, content: &Content) -> usize {
    let held = content.as_ref().map_or(0, |held| {
        let entries = held.entries.iter();
        let entries = entries.map(|(_, value)| 2 * value.len() + key.len() + OVERHEAD);
        let record = held.record.as_ref().map_or(0, Value::weight);
        held.data.len() + record + entries.sum::<usize>()
    });
    2 * key.len() + held + OVERHEAD
}

/// The very same write.
fn is_same(a: &Content, b: &Content) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => Arc::ptr_eq(a, b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 1 << 20;

    fn write(layer: &mut Layer, key: u8) -> (At, Content) {
        let (at, content) = ((1, vec![key]), Some(Arc::new(Held::default())));
        layer.write(at.clone(), content.clone(), true);
        (at, content)
    }

    /// Whatever is written again and again, or comes and goes, the queue is no longer than what there is.
    #[test]
    fn what_stands_in_the_queue_in_vain_is_taken_out() {
        let mut layer = Layer::default();
        for round in 0..20_000_u32 {
            let (at, content) = write(&mut layer, (round % 7) as u8);
            layer.settle(at, &content);
            if round % 3 == 0 {
                layer.forget(1, &[(round % 7) as u8]);
            }
            layer.shrink(ROOM);
        }
        assert!(layer.queue.len() <= 2 * layer.settled_rows + SPARE);
        assert!(layer.settled_rows <= 7);
    }

    #[test]
    fn what_is_asked_for_outlives_what_is_not() {
        let mut layer = Layer::default();
        for key in 0..100 {
            let (at, content) = write(&mut layer, key);
            layer.settle(at, &content);
            layer.get(1, &[7]);
            layer.shrink(10 * OVERHEAD);
        }
        assert!(layer.get(1, &[7]).is_some() && layer.get(1, &[8]).is_none());
        assert!(layer.settled_bytes <= 10 * OVERHEAD && layer.settled_rows < 10);
    }
}
