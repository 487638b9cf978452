//! The tables follow: what the journal has is written to them in the order of its keys, many batches at once, so that a row
//! that was written again and again is written once, and pages are, too.

use super::entries::{self, Entry};
use super::journal;
use super::layer::{At, Content, Held, Layer};
use crate::limits::{CUT_ROWS, FREE_PAGES, SHRUNK_PAGES};
use journey_machine::state::Key;
use journey_machine::value::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, params};
use std::collections::VecDeque;

/// What is being written to the tables.
#[derive(Debug, Default)]
pub(super) struct Round {
    /// Rows of this round that are left, in order.
    left: VecDeque<At>,
    /// The last row of the journal whose rows are all of this round, or of one before.
    covers: i64,
    /// The journal up to here is in the tables, and can be deleted.
    done: i64,
}

/// Rows as they were written to the tables, and a step of a round; both count once the transaction is committed.
#[derive(Debug, Default)]
pub(super) struct Settled {
    rows: Vec<(At, Content)>,
    /// None of the journal is left that can be deleted.
    cut: bool,
}

impl Round {
    /// Is there nothing to do, unless another round begins?
    pub(super) fn is_over(&self) -> bool {
        self.left.is_empty() && self.done == 0
    }

    /// Begins a round with all that is unsettled, which the journal has up to its row `last`, if the last one is over.
    pub(super) fn begin(&mut self, last: i64, shared: &Layer) {
        if self.is_over() {
            self.covers = last;
            let rows = shared.unsettled();
            self.left = rows.map(|(space, key, _)| (space, key.clone())).collect();
        }
    }

    /// Writes the next rows to the tables.
    pub(super) fn advance(
        &self,
        connection: &Connection,
        shared: &Layer,
        rows: usize,
    ) -> Result<Settled> {
        let mut settled = Settled::default();
        for (space, key) in self.left.iter().take(rows) {
            if let Some((content, vacant)) = shared.awaits(*space, key) {
                let old = match vacant {
                    true => None,
                    false => Old::find(connection, *space, key)?,
                };
                write(connection, (*space, key), old, content.as_deref())?;
                settled.rows.push(((*space, key.clone()), content.clone()));
            }
        }
        settled.cut = self.done > 0 && !journal::cut(connection, self.done, CUT_ROWS)?;
        Ok(settled)
    }

    /// What was written is on the disk.
    pub(super) fn note(&mut self, settled: Settled, rows: usize, shared: &mut Layer) {
        self.left.drain(..rows.min(self.left.len()));
        for (at, content) in settled.rows {
            shared.settle(at, &content);
        }
        if settled.cut {
            self.done = 0;
        }
        if self.left.is_empty() {
            self.done = std::mem::take(&mut self.covers).max(self.done);
        }
    }
}

/// Deletes rows that have expired, at most `max`: those that the tables know the last word about. Which they were.
pub(super) fn sweep(
    connection: &Connection,
    layers: [&Layer; 2],
    now: Timestamp,
    max: usize,
) -> Result<Vec<At>> {
    let expired = expired(connection, layers, now, max)?;
    for (space, key) in &expired {
        let old = Old::find(connection, *space, key)?;
        write(connection, (*space, key), old, None)?;
    }
    Ok(expired)
}

fn expired(
    connection: &Connection,
    layers: [&Layer; 2],
    now: Timestamp,
    max: usize,
) -> Result<Vec<At>> {
    let sql = "SELECT space, key FROM row WHERE expires <= ?1 ORDER BY expires";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([now.millis()])?;
    let mut expired: Vec<At> = Vec::new();
    while expired.len() < max
        && let Some(row) = rows.next()?
    {
        let (space, key): At = (row.get(0)?, row.get(1)?);
        if !layers.iter().any(|layer| layer.covers(space, &key)) {
            expired.push((space, key));
        }
    }
    Ok(expired)
}

/// Gives some free pages back, if they are many. How many.
pub(super) fn shrink(connection: &Connection) -> Result<usize> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get(0));
    let (free, pages): (i64, i64) = (pragma("freelist_count")?, pragma("page_count")?);
    if free < FREE_PAGES || free < pages / 4 {
        return Ok(0);
    }
    connection.execute_batch(&format!("PRAGMA incremental_vacuum({SHRUNK_PAGES})"))?;
    let left: i64 = pragma("freelist_count")?;
    Ok(usize::try_from(free.saturating_sub(left)).unwrap_or_default())
}

/// What the tables have at a place: the number of the row, and its index entries.
struct Old {
    id: i64,
    entries: Vec<Entry>,
}

impl Old {
    fn find(connection: &Connection, space: i64, key: &Key) -> Result<Option<Self>> {
        let sql = "SELECT id, entries FROM row WHERE space = ?1 AND key = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let old = statement.query_row(params![space, key], |row| {
            Ok(Self {
                id: row.get(0)?,
                entries: entries::decode(row.get_ref(1)?.as_blob()?),
            })
        });
        old.optional()
    }
}

/// The tables have this in place of what they had.
fn write(
    connection: &Connection,
    (space, key): (i64, &Key),
    old: Option<Old>,
    new: Option<&Held>,
) -> Result<()> {
    let had = old.as_ref().map_or(&[][..], |old| &old.entries);
    let has = new.map_or(&[][..], |new| &new.entries);
    for (index, value) in had.iter().filter(|entry| !has.contains(entry)) {
        let sql = "DELETE FROM entry WHERE idx = ?1 AND value = ?2 AND key = ?3";
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute(params![index, value, key])?;
    }
    for (index, value) in has.iter().filter(|entry| !had.contains(entry)) {
        let sql = "INSERT INTO entry (idx, value, key) VALUES (?1, ?2, ?3)";
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute(params![index, value, key])?;
    }
    match (old, new) {
        (Some(old), Some(new)) => update(connection, old.id, new),
        (None, Some(new)) => insert(connection, space, key, new),
        (Some(old), None) => {
            let sql = "DELETE FROM row WHERE id = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            statement.execute([old.id]).map(drop)
        }
        (None, None) => Ok(()),
    }
}

fn insert(connection: &Connection, space: i64, key: &Key, new: &Held) -> Result<()> {
    let sql = "INSERT INTO row (space, key, version, stamp, expires, entries, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let (version, stamp) = (new.version.cast_signed(), new.stamp.cast_signed());
    let entries = entries::encode(&new.entries);
    let row = params![space, key, version, stamp, new.expires, entries, new.data];
    connection.prepare_cached(sql)?.execute(row).map(drop)
}

fn update(connection: &Connection, id: i64, new: &Held) -> Result<()> {
    let sql = "UPDATE row SET version = ?2, stamp = ?3, expires = ?4, entries = ?5, data = ?6 WHERE id = ?1";
    let (version, stamp) = (new.version.cast_signed(), new.stamp.cast_signed());
    let entries = entries::encode(&new.entries);
    let row = params![id, version, stamp, new.expires, entries, new.data];
    connection.prepare_cached(sql)?.execute(row).map(drop)
}
