//! Reading: what was written lately, over what the tables say.

use super::entries;
use super::layer::{Content, Held, Layer, Stretch};
use super::names::Names;
use crate::limits::SKIPPED_ROWS;
use journey_machine::state::{Found, Key, Place, Range, Seen, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, Statement, ToSql, params};
use std::sync::Arc;

const HELD: &str = "r.version, r.stamp, r.expires, r.entries, r.data";
const STAMPED: &str = "0, r.stamp, r.expires, x'', x''";

/// What there is to see.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) connection: &'a Connection,
    pub(super) names: &'a Names,
    /// What was committed.
    pub(super) shared: &'a Layer,
    /// What the batch that is being put together has written; it counts before the rest.
    pub(super) fresh: Option<&'a Layer>,
}

/// A row of a stretch: its value there and its key, by which it is ordered, and what it says.
type Ordered = ((Vec<u8>, Key), Arc<Held>);

impl<'a> View<'a> {
    /// What lies at a place, expired or not.
    pub(super) fn content(&self, space: i64, key: &[u8]) -> Result<Content> {
        match self.layers().find_map(|layer| layer.get(space, key)) {
            Some(content) => Ok(content.clone()),
            None => stored(self.connection, space, key),
        }
    }

    /// Does no layer say anything about a place?
    pub(super) fn is_below(&self, space: i64, key: &[u8]) -> bool {
        self.layers().all(|layer| layer.get(space, key).is_none())
    }

    /// A row, if it is there at `now`.
    pub(super) fn row(&self, place: &Place, now: Timestamp) -> Result<Option<Found>> {
        let found = self.live(place, now)?;
        Ok(found.map(|held| held.found(place.key.clone())))
    }

    fn live(&self, place: &Place, now: Timestamp) -> Result<Content> {
        match self.names.space(&place.space) {
            Some(space) => Ok(self
                .content(space, &place.key)?
                .filter(|held| held.lives(now))),
            None => Ok(None),
        }
    }

    /// The rows of a stretch that are there at `now`.
    pub(super) fn range(&self, range: &Range, now: Timestamp) -> Result<Vec<Found>> {
        let rows = self.stretch(range, now, HELD)?.into_iter();
        Ok(rows.map(|((_, key), held)| held.found(key)).collect())
    }

    /// The same without what they say.
    pub(super) fn keys(&self, range: &Range, now: Timestamp) -> Result<Vec<(Key, Stamp)>> {
        let rows = self.stretch(range, now, STAMPED)?.into_iter();
        Ok(rows.map(|((_, key), held)| (key, held.stamp)).collect())
    }

    /// Does it still hold at `now`?
    pub(super) fn holds(&self, seen: &Seen, now: Timestamp) -> Result<bool> {
        match seen {
            Seen::Row(place, stamp) => {
                let live = self.live(place, now)?;
                Ok(live.map_or(0, |held| held.stamp) == *stamp)
            }
            Seen::Range(range, rows) => Ok(self.keys(range, now)? == *rows),
        }
    }

    /// The rows that have an index entry, expired or not.
    pub(super) fn holders(
        &self,
        space: i64,
        index: i64,
        value: &[u8],
    ) -> Result<Vec<(Key, Arc<Held>)>> {
        let behind = [value, &[0]].concat();
        let stretch = Stretch {
            space,
            index: Some(index),
            from: value,
            to: Some(&behind),
            descending: false,
        };
        let sql = select(HELD, Some(index), true, false);
        let holders = self.merged(&stretch, &sql, usize::MAX, |_| true)?;
        Ok(holders
            .into_iter()
            .map(|((_, key), held)| (key, held))
            .collect())
    }

    fn layers(&self) -> impl Iterator<Item = &'a Layer> + use<'a> {
        self.fresh.into_iter().chain([self.shared])
    }

    fn stretch(&self, range: &Range, now: Timestamp, columns: &str) -> Result<Vec<Ordered>> {
        let Some(space) = self.names.space(&range.space) else {
            return Ok(Vec::new());
        };
        let index = range.index.as_ref();
        let index = match index.map(|index| self.names.index(&range.space, index)) {
            Some(None) => return Ok(Vec::new()),
            Some(known) => known,
            None => None,
        };
        let stretch = Stretch {
            space,
            index,
            from: &range.from,
            to: range.to.as_deref(),
            descending: range.descending,
        };
        let sql = select(columns, index, range.to.is_some(), range.descending);
        let max = usize::try_from(range.max).unwrap_or(usize::MAX);
        let mut rows = self.merged(&stretch, &sql, max, |held| held.lives(now))?;
        rows.sort_unstable_by(|(a, _), (b, _)| match range.descending {
            true => b.cmp(a),
            false => a.cmp(b),
        });
        rows.truncate(max);
        Ok(rows)
    }

    /// The first rows of a stretch of each layer and of the tables; of each row what counts.
    fn merged(
        &self,
        stretch: &Stretch<'_>,
        sql: &str,
        max: usize,
        shown: impl Fn(&Held) -> bool,
    ) -> Result<Vec<Ordered>> {
        let mut rows = Vec::new();
        for (above, layer) in self.layers().enumerate() {
            let found = layer.stretch(stretch).filter(|(_, key, held)| {
                let mut above = self.layers().take(above);
                shown(held) && !above.any(|above| above.covers(stretch.space, key))
            });
            let owned = |(value, key, held): (&[u8], &[u8], &Arc<Held>)| {
                ((value.to_owned(), key.to_owned()), Arc::clone(held))
            };
            rows.extend(found.take(max).map(owned));
        }
        let mut statement = self.connection.prepare_cached(sql)?;
        rows.extend(self.below(stretch, &mut statement, max, shown)?);
        Ok(rows)
    }

    /// The first rows of a stretch of the tables that no layer covers.
    fn below(
        &self,
        stretch: &Stretch<'_>,
        statement: &mut Statement<'_>,
        max: usize,
        shown: impl Fn(&Held) -> bool,
    ) -> Result<Vec<Ordered>> {
        let (mut found, mut skipped) = (Vec::new(), 0_usize);
        let bounds: [&dyn ToSql; 4] = [&stretch.space, &stretch.from, &stretch.to, &stretch.index];
        let used = statement.parameter_count().min(bounds.len());
        let mut rows = statement.query(bounds.get(..used).unwrap_or_default())?;
        while found.len() < max
            && let Some(row) = rows.next()?
        {
            let key: Key = row.get(1)?;
            if self.layers().any(|layer| layer.covers(stretch.space, &key)) {
                skipped += 1;
                continue;
            }
            let held = held(row, 2)?;
            if shown(&held) {
                found.push(((row.get(0)?, key), Arc::new(held)));
            }
        }
        if skipped > SKIPPED_ROWS {
            self.shared.hurry();
        }
        Ok(found)
    }
}

/// What the tables have at a place.
pub(super) fn stored(connection: &Connection, space: i64, key: &[u8]) -> Result<Content> {
    let sql =
        "SELECT version, stamp, expires, entries, data FROM row WHERE space = ?1 AND key = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row(params![space, key], |row| held(row, 0));
    Ok(row.optional()?.map(Arc::new))
}

/// All rows from a value on, in order: `?1` the space, `?2` the value, `?3` the end, `?4` the index. A bound that is missing
/// is no condition, so that the database sees where to begin.
fn select(columns: &str, index: Option<i64>, ends: bool, descending: bool) -> String {
    let order = if descending { "DESC" } else { "ASC" };
    let (value, tables, of, tie) = match index {
        Some(_) => (
            "e.value",
            "entry e CROSS JOIN row r ON r.space = ?1 AND r.key = e.key",
            "e.idx = ?4",
            format!(", e.key {order}"),
        ),
        None => ("r.key", "row r", "r.space = ?1", String::new()),
    };
    let below = if ends {
        format!(" AND {value} < ?3")
    } else {
        String::new()
    };
    format!(
        "SELECT {value}, r.key, {columns} FROM {tables} WHERE {of} AND {value} >= ?2{below} ORDER BY {value} {order}{tie}"
    )
}

fn held(row: &Row<'_>, first: usize) -> Result<Held> {
    Ok(Held {
        version: number(row, first)?,
        stamp: number(row, first + 1)?,
        expires: row.get(first + 2)?,
        entries: entries::decode(row.get_ref(first + 3)?.as_blob()?),
        data: row.get(first + 4)?,
        record: None,
    })
}

/// A count: SQL knows signed numbers only.
fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}
