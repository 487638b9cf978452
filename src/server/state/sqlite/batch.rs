//! Many turns in one transaction: one wait for the disk for all of them.

use super::names::Names;
use super::refused;
use super::write::Target;
use crate::limits::SWEPT_ROWS;
use crate::state::Refused;
use journey_machine::state::Commit;
use journey_machine::value::Timestamp;
use rusqlite::{Connection, Result, TransactionBehavior};

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

/// Does all jobs, in order, each looking at what those before it have written. A conflict is the matter of its commit
/// alone; when the disk fails, nothing of the batch is written.
pub(super) fn run(connection: &mut Connection, names: &Names, jobs: &[Job]) -> Vec<Verdict> {
    attempt(connection, names, jobs).unwrap_or_else(|error| {
        let refused = refused(&error);
        tracing::error!(%error, turns = jobs.len(), "state cannot be written");
        jobs.iter().map(|_| Err(refused)).collect()
    })
}

fn attempt(connection: &mut Connection, names: &Names, jobs: &[Job]) -> Result<Vec<Verdict>> {
    for job in jobs {
        if let Job::Commit(commit) = job {
            names.intern(connection, commit)?;
        }
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let target = Target {
        connection: &transaction,
        names,
    };
    let first = stamp(&transaction)?;
    let mut last = first;
    let verdicts = jobs.iter().map(|job| target.run(job, &mut last));
    let verdicts = verdicts.collect::<Result<Vec<_>>>()?;
    if last != first {
        let mut statement =
            transaction.prepare_cached("UPDATE meta SET value = ?1 WHERE name = 'stamp'")?;
        statement.execute([last])?;
    }
    transaction.commit()?;
    Ok(verdicts)
}

fn stamp(connection: &Connection) -> Result<i64> {
    let sql = "SELECT value FROM meta WHERE name = 'stamp'";
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_row([], |row| row.get(0))
}

impl Target<'_> {
    /// Does one job; `stamp` is that of the last write.
    fn run(&self, job: &Job, stamp: &mut i64) -> Result<Verdict> {
        match job {
            Job::Commit(commit) => self.commit(commit, stamp),
            Job::Sweep(now) => match self.sweep(*now, SWEPT_ROWS)? {
                0 => self.shrink().map(Ok),
                swept => Ok(Ok(swept)),
            },
            Job::Probe => {
                *stamp = stamp.saturating_add(1);
                Ok(Ok(0))
            }
        }
    }

    fn commit(&self, commit: &Commit, stamp: &mut i64) -> Result<Verdict> {
        let next = stamp.saturating_add(1);
        if !self.apply(commit, next)? {
            return Ok(Err(Refused::Conflict));
        }
        if !commit.changes.is_empty() {
            *stamp = next;
        }
        Ok(Ok(0))
    }
}
