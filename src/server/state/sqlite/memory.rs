//! State that ends with the process, for trying a journey and for specs.

use super::batch::{Desk, Job, Room, Verdict};
use super::view::View;
use super::{answer, open};
use crate::state::{Engine, Health, Read, Refused, Unavailable};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use journey_machine::state::{Commit, Found, Key, Place, Range, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::Result;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An engine in memory. It answers at once, so it needs no runtime.
#[derive(Debug)]
pub struct Memory(Mutex<Desk>);

impl Memory {
    /// An empty one.
    ///
    /// # Errors
    /// There is no memory.
    pub fn new() -> std::result::Result<Self, Unavailable> {
        Self::with(Room::default()).map_err(|_| Unavailable)
    }

    /// One that keeps so much beside its tables.
    pub(super) fn with(room: Room) -> Result<Self> {
        Ok(Self(Desk::open(open::memory()?, room)?.into()))
    }

    /// As it would be after a crash, were it on a disk.
    #[cfg(test)]
    pub(super) fn crash(self) -> Self {
        let desk = self.0.into_inner().unwrap();
        Self(desk.crash().unwrap().into())
    }

    pub(super) fn desk(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn see<'a, T: Send + 'a>(&self, read: impl FnOnce(&View<'_>) -> Result<T>) -> Read<'a, T> {
        let desk = self.desk();
        let (names, shared) = (desk.names(), desk.shared());
        let shared = shared.read();
        answer(read(&View {
            connection: desk.connection(),
            names: &names,
            shared: &shared,
            fresh: None,
        }))
    }

    fn run(&self, job: Job) -> Verdict {
        let verdicts = self.desk().run(&[job]);
        verdicts.into_iter().next().unwrap_or(Err(Refused::Failed))
    }
}

impl Engine for Memory {
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>> {
        self.see(|view| view.row(place, now))
    }

    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>> {
        self.see(|view| view.range(range, now))
    }

    fn keys<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<(Key, Stamp)>> {
        self.see(|view| view.keys(range, now))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, std::result::Result<(), Refused>> {
        ready(self.run(Job::Commit(commit)).map(drop)).boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, std::result::Result<usize, Refused>> {
        ready(self.run(Job::Sweep(now))).boxed()
    }

    fn health(&self) -> Health {
        Health::Ready
    }
}
