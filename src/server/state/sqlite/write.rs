//! A commit in a transaction: first everything it rests on is looked at, then it is written, so nothing has to be undone.

use super::entries::{self, Entry};
use super::names::Names;
use super::{expires, read};
use crate::limits::{FREE_PAGES, SHRUNK_PAGES};
use journey_machine::state::{Change, Commit, Key, Place, Row, Seen, Stamp, Version};
use journey_machine::value::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::{BTreeMap, BTreeSet};

/// Where commits are written.
pub(super) struct Target<'a> {
    pub(super) connection: &'a Connection,
    pub(super) names: &'a Names,
}

/// Where a row lies in the table: number of the space, key.
type At<'a> = (i64, &'a Key);

/// What happens to one row.
struct Step<'a> {
    old: Option<Old>,
    new: Option<New<'a>>,
    /// Does the version stay?
    keeps: bool,
}

/// The row that lies there now.
struct Old {
    version: Version,
    stamp: Stamp,
    expires: Option<i64>,
    entries: Vec<Entry>,
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
    pub(super) fn apply(&self, commit: &Commit, stamp: i64) -> Result<bool> {
        let steps = self.steps(commit)?;
        for seen in &commit.seen {
            if !self.holds(&steps, seen, commit.now)? {
                return Ok(false);
            }
        }
        let Some(expired) = self.in_the_way(&steps, commit.now)? else {
            return Ok(false);
        };
        for (space, key) in &expired {
            self.delete((*space, key))?;
        }
        for (at, step) in &steps {
            self.step(*at, step, stamp, commit.now)?;
        }
        Ok(true)
    }

    /// Gives some free pages back, if they are many. How many.
    pub(super) fn shrink(&self) -> Result<usize> {
        let pragma = |name| {
            self.connection
                .pragma_query_value(None, name, |row| row.get(0))
        };
        let (free, pages): (i64, i64) = (pragma("freelist_count")?, pragma("page_count")?);
        if free < FREE_PAGES || free < pages / 4 {
            return Ok(0);
        }
        let sql = format!("PRAGMA incremental_vacuum({SHRUNK_PAGES})");
        self.connection.execute_batch(&sql)?;
        let left: i64 = pragma("freelist_count")?;
        Ok(usize::try_from(free.saturating_sub(left)).unwrap_or_default())
    }

    /// Deletes rows that have expired, at most `max`. How many there were.
    pub(super) fn sweep(&self, now: Timestamp, max: u32) -> Result<usize> {
        let sql = "SELECT space, key FROM row WHERE expires <= ?1 ORDER BY expires LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![now.millis(), max], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        let expired: Vec<(i64, Key)> = rows.collect::<Result<_>>()?;
        for (space, key) in &expired {
            self.delete((*space, key))?;
        }
        Ok(expired.len())
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
        read::holds(self.connection, self.names, seen, now)
    }

    fn steps<'a>(&self, commit: &'a Commit) -> Result<BTreeMap<At<'a>, Step<'a>>> {
        let mut steps = BTreeMap::new();
        for change in &commit.changes {
            let (Change::Put(place, _) | Change::Rewrite(place, _) | Change::Delete(place)) =
                change;
            let Some(space) = self.names.space(&place.space) else {
                continue;
            };
            let old = self.old((space, &place.key))?;
            let new = match change {
                Change::Put(_, row) | Change::Rewrite(_, row) => Some(self.becomes(place, row)),
                Change::Delete(_) => None,
            };
            let keeps = matches!(change, Change::Rewrite(..));
            steps.insert((space, &place.key), Step { old, new, keeps });
        }
        Ok(steps)
    }

    fn old(&self, (space, key): At<'_>) -> Result<Option<Old>> {
        let sql = "SELECT version, stamp, expires, entries FROM row WHERE space = ?1 AND key = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        let old = statement.query_row(params![space, key], |row| {
            Ok(Old {
                version: read::number(row, 0)?,
                stamp: read::number(row, 1)?,
                expires: row.get(2)?,
                entries: entries::decode(row.get_ref(3)?.as_blob()?),
            })
        });
        old.optional()
    }

    /// What a row is to the tables.
    fn becomes<'a>(&self, place: &Place, row: &'a Row) -> New<'a> {
        let numbered = |unique: bool| {
            let some = row.entries.iter().filter(move |e| e.unique || !unique);
            let some = some.filter_map(|entry| {
                let index = self.names.index(&place.space, &entry.index)?;
                Some((index, entry.value.clone()))
            });
            some.collect::<BTreeSet<Entry>>().into_iter().collect()
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
                for (holder, expires) in self.holders(*space, entry)? {
                    if steps.contains_key(&(*space, &holder)) {
                        continue;
                    }
                    if lives(expires, now) {
                        return Ok(None);
                    }
                    expired.insert((*space, holder));
                }
            }
        }
        Ok(Some(expired))
    }

    /// The rows that have an index entry, with the times they expire.
    fn holders(&self, space: i64, (index, value): &Entry) -> Result<Vec<(Key, Option<i64>)>> {
        let sql = "SELECT r.key, r.expires FROM entry e CROSS JOIN row r ON r.space = ?1 AND r.key = e.key
            WHERE e.idx = ?2 AND e.value = ?3";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map(params![space, index, value], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        rows.collect()
    }

    fn delete(&self, at: At<'_>) -> Result<()> {
        let old = self.old(at)?;
        let step = Step {
            old,
            new: None,
            keeps: false,
        };
        self.step(at, &step, 0, Timestamp::MIN)
    }

    fn step(&self, at: At<'_>, step: &Step<'_>, stamp: i64, now: Timestamp) -> Result<()> {
        let old = step.old.iter().flat_map(|old| &old.entries);
        for entry in old.filter(|entry| !step.will_have(entry)) {
            let sql = "DELETE FROM entry WHERE idx = ?1 AND value = ?2 AND key = ?3";
            self.entry(sql, entry, at)?;
        }
        let new = step.new.iter().flat_map(|new| &new.entries);
        for entry in new.filter(|entry| !step.had(entry)) {
            let sql = "INSERT INTO entry (idx, value, key) VALUES (?1, ?2, ?3)";
            self.entry(sql, entry, at)?;
        }
        match &step.new {
            Some(new) => self.put(at, new, step.version(now), stamp),
            None => self.remove(at),
        }
    }

    fn entry(&self, sql: &str, (index, value): &Entry, (_, key): At<'_>) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![index, value, key]).map(drop)
    }

    fn put(&self, (space, key): At<'_>, new: &New<'_>, version: Version, stamp: i64) -> Result<()> {
        let sql = "REPLACE INTO row (space, key, version, stamp, expires, entries, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
        let mut statement = self.connection.prepare_cached(sql)?;
        let (expires, entries) = (expires(new.row.expires), entries::encode(&new.entries));
        let version = version.cast_signed();
        let row = params![space, key, version, stamp, expires, entries, new.row.data];
        statement.execute(row).map(drop)
    }

    fn remove(&self, (space, key): At<'_>) -> Result<()> {
        let sql = "DELETE FROM row WHERE space = ?1 AND key = ?2";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(params![space, key]).map(drop)
    }
}

impl Step<'_> {
    fn had(&self, entry: &Entry) -> bool {
        self.old
            .as_ref()
            .is_some_and(|old| old.entries.contains(entry))
    }

    fn will_have(&self, entry: &Entry) -> bool {
        self.new
            .as_ref()
            .is_some_and(|new| new.entries.contains(entry))
    }

    /// The row that is there for somebody at `now`.
    fn live(&self, now: Timestamp) -> Option<&Old> {
        self.old.as_ref().filter(|old| lives(old.expires, now))
    }

    /// In place of a row that has expired comes a new one.
    fn version(&self, now: Timestamp) -> Version {
        match self.live(now) {
            Some(old) if self.keeps => old.version,
            Some(old) => old.version.saturating_add(1),
            None => 1,
        }
    }
}

fn lives(expires: Option<i64>, now: Timestamp) -> bool {
    expires.is_none_or(|expires| expires > now.millis())
}
