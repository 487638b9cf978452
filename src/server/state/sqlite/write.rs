//! A commit: first everything it rests on is looked at, then it is written, so nothing has to be undone.

use super::entries::Entry;
use super::expires;
use super::layer::{Content, Held, Layer};
use super::names::Names;
use super::view::View;
use journey_machine::state::{Change, Commit, Key, Place, Row, Seen, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::{Connection, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Where commits are written.
pub(super) struct Target<'a> {
    pub(super) connection: &'a Connection,
    pub(super) names: &'a Names,
    /// What was committed before.
    pub(super) shared: &'a Layer,
    /// What these commits have written so far.
    pub(super) fresh: Layer,
}

/// Number of the space, key.
type At<'a> = (i64, &'a Key);

/// What happens to one row.
struct Step<'a> {
    old: Content,
    /// Do the tables have nothing there?
    vacant: bool,
    new: Option<New<'a>>,
    /// Does the version stay?
    keeps: bool,
}

/// The row that will lie there.
struct New<'a> {
    row: &'a Row,
    /// Sorted.
    entries: Vec<Entry>,
    /// Those of them that no other row may have.
    unique: Vec<Entry>,
}

impl Target<'_> {
    /// Writes a commit; `false`, and nothing is written, if it conflicts with what is there.
    pub(super) fn apply(&mut self, commit: &Commit, stamp: Stamp) -> Result<bool> {
        let steps = self.steps(commit)?;
        for seen in &commit.seen {
            if !self.holds(&steps, seen, commit.now)? {
                return Ok(false);
            }
        }
        let Some(expired) = self.in_the_way(&steps, commit.now)? else {
            return Ok(false);
        };
        for at in expired {
            self.fresh.write(at, None, false);
        }
        for ((space, key), step) in steps {
            let vacant = step.vacant;
            let content = step.content(stamp, commit.now);
            self.fresh.write((space, key.clone()), content, vacant);
        }
        Ok(true)
    }

    fn view(&self) -> View<'_> {
        View {
            connection: self.connection,
            names: self.names,
            shared: self.shared,
            fresh: Some(&self.fresh),
        }
    }

    /// Does what was seen still hold? A row that is changed has been looked up already.
    fn holds(
        &self,
        steps: &BTreeMap<At<'_>, Step<'_>>,
        seen: &Seen,
        now: Timestamp,
    ) -> Result<bool> {
        if let Seen::Row(place, stamp) = seen
            && let Some(space) = self.names.space(&place.space)
            && let Some(step) = steps.get(&(space, &place.key))
        {
            return Ok(step.live(now).map_or(0, |old| old.stamp) == *stamp);
        }
        self.view().holds(seen, now)
    }

    fn steps<'a>(&self, commit: &'a Commit) -> Result<BTreeMap<At<'a>, Step<'a>>> {
        let mut steps = BTreeMap::new();
        for change in &commit.changes {
            let (Change::Put(place, _) | Change::Rewrite(place, _) | Change::Delete(place)) =
                change;
            let Some(space) = self.names.space(&place.space) else {
                continue;
            };
            let old = self.view().content(space, &place.key)?;
            let new = match change {
                Change::Put(_, row) | Change::Rewrite(_, row) => Some(self.becomes(place, row)),
                Change::Delete(_) => None,
            };
            let keeps = matches!(change, Change::Rewrite(..));
            let step = Step {
                vacant: old.is_none() && self.view().is_below(space, &place.key),
                old,
                new,
                keeps,
            };
            steps.insert((space, &place.key), step);
        }
        Ok(steps)
    }

    /// What a row is to the tables.
    fn becomes<'a>(&self, place: &Place, row: &'a Row) -> New<'a> {
        let numbered = |unique: bool| {
            let some = row.entries.iter().filter(move |e| e.unique || !unique);
            let some = some.filter_map(|entry| {
                let index = self.names.index(&place.space, &entry.index)?;
                Some((index, entry.value.clone()))
            });
            let mut some: Vec<Entry> = some.collect();
            some.sort_unstable();
            some.dedup();
            some
        };
        New {
            row,
            entries: numbered(false),
            unique: numbered(true),
        }
    }

    /// The expired rows that still hold a unique value this commit needs; `None` if a row that lives holds one. What
    /// becomes of a row that this commit changes is its own matter: no two of them may need the same value.
    fn in_the_way(
        &self,
        steps: &BTreeMap<At<'_>, Step<'_>>,
        now: Timestamp,
    ) -> Result<Option<BTreeSet<(i64, Key)>>> {
        let (mut expired, mut taken) = (BTreeSet::new(), BTreeSet::new());
        for ((space, _), step) in steps {
            for entry in step.new.iter().flat_map(|new| &new.unique) {
                if !taken.insert(entry) {
                    return Ok(None);
                }
                if step.had(entry) {
                    continue;
                }
                for (holder, held) in self.view().holders(*space, entry.0, &entry.1)? {
                    if steps.contains_key(&(*space, &holder)) {
                        continue;
                    }
                    if held.lives(now) {
                        return Ok(None);
                    }
                    expired.insert((*space, holder));
                }
            }
        }
        Ok(Some(expired))
    }
}

impl Step<'_> {
    fn had(&self, entry: &Entry) -> bool {
        self.old
            .as_ref()
            .is_some_and(|old| old.entries.contains(entry))
    }

    /// The row that is there for somebody at `now`.
    fn live(&self, now: Timestamp) -> Option<&Held> {
        self.old.as_deref().filter(|old| old.lives(now))
    }

    /// What lies there then. In place of a row that has expired comes a new one.
    fn content(self, stamp: Stamp, now: Timestamp) -> Content {
        let version = match self.live(now) {
            Some(old) if self.keeps => old.version,
            Some(old) => old.version.saturating_add(1),
            None => 1,
        };
        self.new.map(|new| {
            Arc::new(Held {
                version,
                stamp,
                expires: expires(new.row.expires),
                entries: new.entries,
                data: new.row.data.clone(),
                record: new.row.record.clone(),
            })
        })
    }
}
