//! Durable state: the interface of an engine that keeps rows, and the engine that is built in.
//!
//! An engine knows rows, stretches of index entries and commits ([`journey_machine::state`]), nothing of journeys. What it
//! does is cut at the turn, so that one interface holds for an engine in this process and for one that is shared by many.

mod sqlite;
mod vault;
mod blobs;
mod record;
mod keyring;
mod stores;
mod operator;
#[cfg(test)]
pub(crate) mod stand_in;

pub use blobs::{Blobs, Hold, Received, Upload};
pub use operator::Described;
pub use sqlite::{Disk, Memory};
pub use vault::{DataKeys, KeyId};

use crate::clock;
use crate::config::StartError;
use crate::data::Folder;
use crate::limits::SWEEP_PAUSE;
use crate::settings::Sources;
use futures_util::future::BoxFuture;
use journey_machine::program::Program;
use journey_machine::state::{Codec, Commit, Found, Key, Place, Range, Stamp, Turn};
use journey_machine::value::{Str, Timestamp, Value};
use std::fmt::Debug;
use std::sync::Arc;
use stores::Rebuild;
use tokio::sync::{Mutex, Notify, OwnedMutexGuard};
use tokio::time::timeout;

/// All that a server keeps: the engine, and the keys of what is sealed in it.
#[derive(Debug)]
pub struct State {
    /// Keeps the rows.
    pub engine: Box<dyn Engine>,
    /// Seal and open what is labelled.
    pub keys: Arc<DataKeys>,
    /// Uploads.
    pub blobs: Arc<Blobs>,
    /// Where turns stand in line that have lost to others again and again.
    line: Arc<Mutex<()>>,
    /// Told when the run of a task has become due, or has another time to wait for.
    due: Notify,
}

impl State {
    /// State on this engine, with uploads that end with the process.
    pub(crate) fn new(engine: impl Engine + 'static, keys: DataKeys) -> Self {
        let keys = Arc::new(keys);
        Self {
            engine: Box::new(engine),
            blobs: Blobs::temporary(Arc::clone(&keys)),
            keys,
            line: Arc::default(),
            due: Notify::new(),
        }
    }

    /// The place at the head of the line, as soon as it is this caller's turn; dropping it lets the next one go.
    pub(crate) async fn head_of_line(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.line).lock_owned().await
    }

    /// Writes a turn; whoever works on runs looks at those that it makes due. Uploads that it keeps are on the disk before
    /// it, those that nobody keeps after it are gone.
    pub(crate) async fn commit(&self, turn: &Turn) -> Result<(), Refused> {
        let commit = match turn.commit(self) {
            Ok(Some(commit)) => commit,
            Ok(None) => return Ok(()),
            Err(error) => {
                tracing::error!(%error, "a record cannot be written");
                return Err(Refused::Failed);
            }
        };
        let (due, (kept, freed)) = (turn.makes_due(), turn.moved_uploads());
        let _held = match kept.is_empty() {
            true => None,
            false => Some(self.blobs.keep(kept).await?),
        };
        self.engine.commit(commit).await?;
        if due {
            self.due.notify_one();
        }
        if !freed.is_empty() {
            self.blobs.loosen(freed);
            self.blobs.settle(&*self.engine).await;
        }
        Ok(())
    }

    /// Waits until this process has made a run due since this was last asked.
    pub(crate) async fn news(&self) {
        self.due.notified().await;
    }

    /// The state of a data folder, made at the first start.
    ///
    /// # Errors
    /// It cannot be opened, or a data key is missing.
    pub async fn load(folder: &Arc<Folder>, sources: &Sources) -> Result<Self, StartError> {
        let keys = Arc::new(DataKeys::load(folder, sources)?);
        let state = Self {
            engine: Box::new(Disk::open(Arc::clone(folder))?),
            blobs: Blobs::open(folder, Arc::clone(&keys))?,
            keys,
            line: Arc::default(),
            due: Notify::new(),
        };
        keyring::check(&state).await?;
        Ok(state)
    }

    /// Takes over for a program that is about to be served alone: its new indexes are built.
    ///
    /// # Errors
    /// What is stored does not fit it.
    pub async fn begin(&self, program: &Program) -> Result<(), StartError> {
        stores::check(self, program, Rebuild::Yes).await
    }

    /// Takes over for a program while runs of another one are under way.
    ///
    /// # Errors
    /// What is stored does not fit it, or would have to be written anew.
    pub async fn swap(&self, program: &Program) -> Result<(), StartError> {
        stores::check(self, program, Rebuild::No).await
    }

    /// State that ends with the process.
    ///
    /// # Errors
    /// The system gives no memory, or no random numbers.
    pub fn temporary() -> Result<Self, Unavailable> {
        let keys = DataKeys::temporary().ok_or(Unavailable)?;
        Ok(Self::new(Memory::new()?, keys))
    }

    /// The record with null for what is sealed.
    #[must_use]
    pub fn visible(data: &[u8]) -> Option<Value> {
        record::open_part(data)
    }

    /// Deletes what has expired, again and again.
    pub(crate) async fn sweep(self: Arc<Self>) {
        loop {
            tokio::time::sleep(SWEEP_PAUSE).await;
            // Whatever goes wrong stands in the log already, and the next round tries again.
            while let Ok(1..) = self.engine.sweep(clock::timestamp()).await {}
        }
    }
}

impl State {
    /// Deletes uploads that nobody keeps, as soon as they are known, and those that are left from before a crash.
    pub(crate) async fn sweep_uploads(self: Arc<Self>) {
        if let Err(error) = self.blobs.gather().await {
            tracing::error!(%error, "uploads that nobody keeps cannot be looked for");
        }
        loop {
            self.blobs.expire(&*self.engine, &*self).await;
            self.blobs.settle(&*self.engine).await;
            let waited = timeout(SWEEP_PAUSE, self.blobs.loosened());
            waited.await.ok();
        }
    }
}

impl Codec for State {
    fn open(&self, place: &Place, data: &[u8]) -> Option<Value> {
        record::open(&self.keys, place, data)
    }

    fn seal(&self, place: &Place, labelled: &[Str], record: &Value) -> Option<Vec<u8>> {
        record::seal(&self.keys, place, labelled, record)
    }
}

/// Keeps rows. Whatever it has answered about is on the disk.
///
/// Reads see every commit that was answered before they began. Two reads may see different states: what a turn rests on
/// is looked at again when it is committed.
pub trait Engine: Debug + Send + Sync {
    /// A row, if it is there at `now`.
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>>;

    /// A row as [`Engine::row`] says it, if that is known without a look at the disk.
    fn known(&self, _place: &Place, _now: Timestamp) -> Option<Option<Found>> {
        None
    }

    /// The rows of a stretch that are there at `now`, in its order.
    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>>;

    /// The same without what the rows say: their keys and last writes.
    fn keys<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<(Key, Stamp)>>;

    /// Writes a turn whole, or not at all. Once this is answered with `Ok`, it is durable. A commit without changes only
    /// looks whether all that was seen still holds together.
    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), Refused>>;

    /// Deletes some of the rows that have expired by `now`, or gives some of their space back, and says how much: nothing
    /// when all is done.
    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<usize, Refused>>;

    /// Can it write? As the last commit found it; an engine that could not tries again by itself.
    fn health(&self) -> Health;
}

/// The answer to a read.
pub type Read<'a, T> = BoxFuture<'a, Result<T, Unavailable>>;

/// The engine cannot read. Why stands in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("state cannot be read")]
pub struct Unavailable;

/// Why nothing of a commit was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Something seen does not hold any more, or a unique value is taken.
    #[error("another turn was faster")]
    Conflict,
    /// So many commits are waiting that this one would wait too long.
    #[error("too many turns wait to be written")]
    Busy,
    /// There is no space.
    #[error("the disk is full")]
    Full,
    /// The disk or the engine fails. Why stands in the log.
    #[error("state cannot be written")]
    Failed,
}

/// Whether an engine can write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It can.
    #[default]
    Ready,
    /// There is no space.
    Full,
    /// It fails.
    Failed,
}
