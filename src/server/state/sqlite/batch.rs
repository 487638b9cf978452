//! Many turns in one transaction: one wait for the disk for all of them.

use super::journal::{self, Pen};
use super::layer::Layer;
use super::names::Names;
use super::refused;
use super::settle::{self, Round};
use super::write::Target;
use crate::limits::{CACHED_BYTES, SWEPT_ROWS, UNSETTLED_BYTES};
use crate::state::Refused;
use journey_machine::state::{Commit, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::{Connection, Result, TransactionBehavior};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// Something to write.
#[derive(Debug)]
pub(super) enum Job {
    /// A turn.
    Commit(Commit),
    /// What has expired by then is deleted, some of it; then space is given back.
    Sweep(Timestamp),
    /// Nothing: can it be written?
    Probe,
}

/// What became of a job: how many rows were swept, or pages given back.
pub(super) type Verdict = std::result::Result<usize, Refused>;

/// What was committed, for all who read.
#[derive(Debug, Default)]
pub(super) struct Shared(RwLock<Layer>);

impl Shared {
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Layer> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Layer> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// To change it if nobody else is at it.
    pub(super) fn try_write(&self) -> Option<RwLockWriteGuard<'_, Layer>> {
        self.0.try_write().ok()
    }
}

/// How much is kept in memory, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// From then on what is written goes to the tables.
    pub(super) unsettled: usize,
    /// Of what the tables have.
    pub(super) settled: usize,
}

impl Default for Room {
    fn default() -> Self {
        Self {
            unsettled: UNSETTLED_BYTES,
            settled: CACHED_BYTES,
        }
    }
}

/// Writes. There is one for a file.
#[derive(Debug)]
pub(super) struct Desk {
    connection: Connection,
    names: Arc<Names>,
    shared: Arc<Shared>,
    pen: Pen,
    round: Round,
    room: Room,
}

impl Desk {
    /// On the connection that writes; what the journal has is there again.
    pub(super) fn open(connection: Connection, room: Room) -> Result<Self> {
        let shared = Shared(RwLock::new(journal::load(&connection)?));
        Ok(Self {
            names: Arc::new(Names::load(&connection)?),
            shared: Arc::new(shared),
            pen: Pen::open(&connection)?,
            connection,
            round: Round::default(),
            room,
        })
    }

    /// As it is after a crash.
    #[cfg(test)]
    pub(super) fn crash(self) -> Result<Self> {
        self.roll_back()?;
        Self::open(self.connection, self.room)
    }

    pub(super) fn names(&self) -> Arc<Names> {
        Arc::clone(&self.names)
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// To have it fail.
    #[cfg(test)]
    pub(super) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// Does all jobs, in order, each looking at what those before it have written. A conflict is the matter of its commit
    /// alone; when the disk fails, nothing of the batch is written.
    pub(super) fn run(&mut self, jobs: &[Job]) -> Vec<Verdict> {
        let changes = |job: &Job| match job {
            Job::Commit(commit) => commit.changes.len(),
            Job::Sweep(_) => SWEPT_ROWS,
            Job::Probe => 0,
        };
        let changes: usize = jobs.iter().map(changes).sum();
        // A round goes faster than what is written meanwhile.
        let rows = changes + changes.div_ceil(4);
        self.attempt(jobs, rows).unwrap_or_else(|error| {
            let refused = refused(&error);
            tracing::error!(%error, turns = jobs.len(), "state cannot be written");
            jobs.iter().map(|_| Err(refused)).collect()
        })
    }

    /// Is something to be written to the tables, when there is nothing else to do?
    pub(super) fn is_behind(&self) -> bool {
        !self.round.is_over() || self.shared.read().unsettled_bytes() > 0
    }

    /// Writes so many rows of it. `false`: it did not work.
    pub(super) fn settle(&mut self, rows: usize) -> bool {
        self.round.begin(self.pen.last(), &self.shared.read());
        let settled = self.attempt(&[], rows);
        settled
            .inspect_err(|error| tracing::error!(%error, "the journal of state cannot be settled"))
            .is_ok()
    }

    /// What failed before may have failed to be undone, too.
    fn roll_back(&self) -> Result<()> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.connection.execute_batch("ROLLBACK")
    }

    fn attempt(&mut self, jobs: &[Job], rows: usize) -> Result<Vec<Verdict>> {
        self.roll_back()?;
        for job in jobs {
            if let Job::Commit(commit) = job {
                self.names.intern(&self.connection, commit)?;
            }
        }
        let shared = self.shared.read();
        if shared.unsettled_bytes() > self.room.unsettled || shared.is_hurried() {
            self.round.begin(self.pen.last(), &shared);
        }
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut target = Target {
            connection: &transaction,
            names: &self.names,
            shared: &shared,
            fresh: Layer::default(),
        };
        let verdicts = target.run(jobs)?;
        let fresh = target.fresh;
        self.pen.append(&transaction, &fresh)?;
        let settled = self.round.advance(&transaction, &shared, rows)?;
        drop(shared);
        transaction.commit()?;

        let mut shared = self.shared.write();
        self.round.note(settled, rows, &mut shared);
        shared.absorb(fresh);
        shared.shrink(self.room.settled);
        Ok(verdicts)
    }
}

impl Target<'_> {
    fn run(&mut self, jobs: &[Job]) -> Result<Vec<Verdict>> {
        let first = self.stamp()?;
        let (mut last, mut verdicts) = (first, Vec::with_capacity(jobs.len()));
        for job in jobs {
            let verdict = match job {
                Job::Commit(commit) => self.commit(commit, &mut last)?,
                Job::Sweep(now) => Ok(self.sweep(*now)?),
                Job::Probe => {
                    last = last.saturating_add(1);
                    Ok(0)
                }
            };
            verdicts.push(verdict);
        }
        if last != first {
            let sql = "UPDATE meta SET value = ?1 WHERE name = 'stamp'";
            let mut statement = self.connection.prepare_cached(sql)?;
            statement.execute([last.cast_signed()])?;
        }
        Ok(verdicts)
    }

    /// That of the last write.
    fn stamp(&self) -> Result<Stamp> {
        let sql = "SELECT value FROM meta WHERE name = 'stamp'";
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.query_row([], |row| row.get(0).map(i64::cast_unsigned))
    }

    fn commit(&mut self, commit: &Commit, stamp: &mut Stamp) -> Result<Verdict> {
        let next = stamp.saturating_add(1);
        if !self.apply(commit, next)? {
            return Ok(Err(Refused::Conflict));
        }
        if !commit.changes.is_empty() {
            *stamp = next;
        }
        Ok(Ok(0))
    }

    /// What is swept is written down, too: the journal may say that it was there, and would after a crash.
    fn sweep(&mut self, now: Timestamp) -> Result<usize> {
        let layers = [self.shared, &self.fresh];
        let swept = settle::sweep(self.connection, layers, now, SWEPT_ROWS)?;
        if swept.is_empty() {
            return settle::shrink(self.connection);
        }
        let count = swept.len();
        for at in swept {
            self.fresh.write(at, None, true);
        }
        Ok(count)
    }
}
