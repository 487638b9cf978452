//! Spaces and indexes have names in programs and numbers in the tables.

use journey_machine::state::{Change, Commit};
use journey_machine::value::Str;
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// The numbers, as far as something was ever written under a name. A space has the empty index.
#[derive(Debug, Default)]
pub(super) struct Names(RwLock<Numbers>);

/// By space and index.
type Numbers = BTreeMap<Str, BTreeMap<Str, i64>>;

impl Names {
    /// All that are stored.
    pub(super) fn load(connection: &Connection) -> Result<Self> {
        let mut statement = connection.prepare("SELECT space, idx, id FROM name")?;
        let mut rows = statement.query([])?;
        let mut numbers = Numbers::new();
        while let Some(row) = rows.next()? {
            let (space, index): (String, String) = (row.get(0)?, row.get(1)?);
            let indexes = numbers.entry(Str::from(space)).or_default();
            indexes.insert(Str::from(index), row.get(2)?);
        }
        Ok(Self(RwLock::new(numbers)))
    }

    /// The number of a space.
    pub(super) fn space(&self, space: &Str) -> Option<i64> {
        self.index(space, &Str::default())
    }

    /// The number of an index of a space.
    pub(super) fn index(&self, space: &Str, index: &Str) -> Option<i64> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(space)?.get(index).copied()
    }

    /// Gives numbers to the names a commit is the first to use. It is durable before the commit is, and independent of it:
    /// a number once known stays right whatever becomes of the commit.
    pub(super) fn intern(&self, connection: &Connection, commit: &Commit) -> Result<()> {
        for change in &commit.changes {
            let (Change::Put(place, row) | Change::Rewrite(place, row)) = change else {
                continue;
            };
            self.add(connection, &place.space, &Str::default())?;
            for entry in &row.entries {
                self.add(connection, &place.space, &entry.index)?;
            }
        }
        Ok(())
    }

    fn add(&self, connection: &Connection, space: &Str, index: &Str) -> Result<()> {
        if self.index(space, index).is_some() {
            return Ok(());
        }
        // It may be there although writing it seemed to fail. What a single statement writes and reads it would say before
        // that is committed, and not say any more that it was not.
        let sql =
            "INSERT INTO name (space, idx) VALUES (?1, ?2) ON CONFLICT (space, idx) DO NOTHING";
        let name = [space.as_str(), index.as_str()];
        connection.prepare_cached(sql)?.execute(name)?;
        let sql = "SELECT id FROM name WHERE space = ?1 AND idx = ?2";
        let mut statement = connection.prepare_cached(sql)?;
        let id = statement.query_row(name, |row| row.get(0))?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let indexes = known.entry(space.clone()).or_default();
        indexes.insert(index.clone(), id);
        Ok(())
    }
}
