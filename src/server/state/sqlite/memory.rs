//! State that ends with the process, for trying a journey and for specs.

use super::batch::{self, Job, Verdict};
use super::names::Names;
use super::{answer, open, read};
use crate::state::{Engine, Health, Read, Refused, Unavailable};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use journey_machine::state::{Commit, Found, Key, Place, Range, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::Connection;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An engine in memory. It answers at once, so it needs no runtime.
#[derive(Debug)]
pub struct Memory {
    connection: Mutex<Connection>,
    names: Names,
}

impl Memory {
    /// An empty one.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new() -> Result<Self, Unavailable> {
        Ok(Self {
            connection: open::memory().map_err(|_| Unavailable)?.into(),
            names: Names::default(),
        })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, job: Job) -> Verdict {
        let verdicts = batch::run(&mut self.connection(), &self.names, &[job]);
        verdicts.into_iter().next().unwrap_or(Err(Refused::Failed))
    }
}

impl Engine for Memory {
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>> {
        answer(read::row(&self.connection(), &self.names, place, now))
    }

    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>> {
        answer(read::range(&self.connection(), &self.names, range, now))
    }

    fn keys<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<(Key, Stamp)>> {
        answer(read::keys(&self.connection(), &self.names, range, now))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), Refused>> {
        ready(self.run(Job::Commit(commit)).map(drop)).boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<usize, Refused>> {
        ready(self.run(Job::Sweep(now))).boxed()
    }

    fn health(&self) -> Health {
        Health::Ready
    }
}
