//! An engine for tests: in memory, with commits that go the way a test says, and readers that let others go on first.

use super::{Engine, Health, Memory, Read, Refused};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use journey_machine::state::{Commit, Found, Key, Place, Range, Stamp};
use journey_machine::value::Timestamp;
use std::sync::Arc;

/// What becomes of a commit.
pub(crate) type Written = BoxFuture<'static, Result<(), Refused>>;

type Commits = dyn Fn(&Arc<Memory>, Commit) -> Written + Send + Sync;

pub(crate) struct StandIn {
    memory: Arc<Memory>,
    commits: Box<Commits>,
    health: Health,
}

impl StandIn {
    pub(crate) fn new(
        memory: &Arc<Memory>,
        commits: impl Fn(&Arc<Memory>, Commit) -> Written + Send + Sync + 'static,
    ) -> Self {
        Self {
            memory: Arc::clone(memory),
            commits: Box::new(commits),
            health: Health::Ready,
        }
    }

    /// One that does nothing but feel like this.
    pub(crate) fn that_feels(health: Health) -> Self {
        let memory = Arc::new(Memory::new().unwrap());
        let engine = Self::new(&memory, |_, _| {
            std::future::ready(Err(Refused::Failed)).boxed()
        });
        Self { health, ..engine }
    }
}

/// Writes, as if nobody were in the way.
pub(crate) fn write(memory: &Arc<Memory>, commit: Commit) -> Written {
    let memory = Arc::clone(memory);
    async move { memory.commit(commit).await }.boxed()
}

impl std::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StandIn")
    }
}

impl Engine for StandIn {
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>> {
        meet(self.memory.row(place, now))
    }

    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>> {
        meet(self.memory.range(range, now))
    }

    fn keys<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<(Key, Stamp)>> {
        meet(self.memory.keys(range, now))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), Refused>> {
        (self.commits)(&self.memory, commit)
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<usize, Refused>> {
        self.memory.sweep(now)
    }

    fn health(&self) -> Health {
        self.health
    }
}

/// Others go on before the answer is looked at.
fn meet<'a, T: Send + 'a>(read: Read<'a, T>) -> Read<'a, T> {
    async move {
        let answer = read.await;
        tokio::task::yield_now().await;
        answer
    }
    .boxed()
}
