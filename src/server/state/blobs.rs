//! Uploads: encrypted files of the data folder, each as long as a record keeps it or a request is about it.
//!
//! Which record keeps which upload stands in rows of their own, written with the record
//! ([`journey_machine::state::upload`]). A file that no row names and nobody holds is deleted: once the request that
//! brought it has ended, after the turn that freed it, and, whatever crashed, after the next start.

mod home;
mod receive;

pub use receive::{Received, Upload};

use super::vault::DataKeys;
use super::{Engine, Refused};
use crate::clock;
use crate::config::StartError;
use crate::data::Folder;
use crate::limits::{MAX_UPLOADING, PAGE_ROWS, UPLOAD_UNIT};
use crate::random;
use home::Home;
use journey_machine::blob::Blob;
use journey_machine::effect::Outcome;
use journey_machine::state::{Change, Codec, Commit, Place, Seen, upload};
use journey_machine::value::{ErrorKind, EvalError, Str, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// All uploads of a server.
#[derive(Debug)]
pub struct Blobs {
    home: Home,
    keys: Arc<DataKeys>,
    desk: Mutex<Desk>,
    /// Somebody should look at what is loose.
    loosened: Notify,
    /// For uploads that are being received.
    room: Arc<Semaphore>,
}

/// What is known of uploads beside their rows.
#[derive(Debug, Default)]
struct Desk {
    /// Requests and turns that hold an upload: it stays.
    held: BTreeMap<Str, usize>,
    /// Uploads that perhaps nobody keeps.
    loose: BTreeSet<Str>,
    /// Uploads that are about to be deleted; whoever holds one takes it out.
    leaving: BTreeSet<Str>,
}

/// As long as it lives, these uploads stay.
#[derive(Debug)]
pub struct Hold {
    blobs: Arc<Blobs>,
    ids: Vec<Str>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut desk = self.blobs.desk();
        for id in &self.ids {
            if let Some(count) = desk.held.get_mut(id) {
                *count -= 1;
                if *count == 0 {
                    desk.held.remove(id);
                    desk.loose.insert(id.clone());
                }
            }
        }
        drop(desk);
        self.blobs.loosened.notify_one();
    }
}

impl Blobs {
    /// The uploads of a data folder.
    ///
    /// # Errors
    /// Their folder cannot be made.
    pub(super) fn open(folder: &Folder, keys: Arc<DataKeys>) -> Result<Arc<Self>, StartError> {
        Ok(Self::at(Home::Folder(folder.folder("blobs")?), keys))
    }

    /// Uploads that end with the process.
    pub(super) fn temporary(keys: Arc<DataKeys>) -> Arc<Self> {
        Self::at(Home::Memory(Mutex::default()), keys)
    }

    fn at(home: Home, keys: Arc<DataKeys>) -> Arc<Self> {
        Arc::new(Self {
            home,
            keys,
            desk: Mutex::default(),
            loosened: Notify::new(),
            room: Arc::new(Semaphore::new(MAX_UPLOADING / UPLOAD_UNIT)),
        })
    }

    /// Room for so many bytes, as long as the answer lives; `None`: too many are being received just now.
    #[must_use]
    pub fn room(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let units = bytes.div_ceil(UPLOAD_UNIT).min(MAX_UPLOADING / UPLOAD_UNIT);
        let units = u32::try_from(units).unwrap_or(u32::MAX);
        Arc::clone(&self.room).try_acquire_many_owned(units).ok()
    }

    /// Begins an upload.
    ///
    /// # Errors
    /// There is no space for it, or no randomness.
    pub async fn receive(self: &Arc<Self>) -> Result<Upload, Refused> {
        let number = random::seed().ok_or(Refused::Failed)?;
        self.receive_as(Str::from(format!("{number:032x}"))).await
    }

    /// Begins an upload of this name, which nobody else has.
    pub(crate) async fn receive_as(self: &Arc<Self>, id: Str) -> Result<Upload, Refused> {
        Upload::begin(self.hold([id.clone()]), id).await
    }

    /// All of an upload at once.
    ///
    /// # Errors
    /// As [`Blobs::receive`].
    pub async fn store(self: &Arc<Self>, bytes: &[u8]) -> Result<Received, Refused> {
        let mut upload = self.receive().await?;
        upload.write(bytes).await?;
        upload.end(None).await
    }

    /// The bytes of an upload: the end of `read blob`.
    ///
    /// # Errors
    /// As [`Blobs::read`].
    pub async fn read_value(&self, blob: &Value) -> Outcome {
        let blob = Blob::of(blob).ok_or_else(|| EvalError::fixed("it is no upload"))?;
        self.read(&blob).await.map(Value::from)
    }

    /// The bytes of an upload.
    ///
    /// # Errors
    /// It is not there (any more), or cannot be read.
    pub async fn read(&self, blob: &Blob) -> Result<Vec<u8>, EvalError> {
        let sealed = self
            .home
            .read(&blob.id)
            .await
            .map_err(|error| lost(&error))?;
        let bytes = self.keys.unseal_upload(&blob.id, &sealed);
        let damaged = || {
            lost(&io::Error::other(
                "it is damaged, or its data key is missing",
            ))
        };
        bytes.ok_or_else(damaged)
    }

    /// Uploads stay as long as the answer lives.
    fn hold(self: &Arc<Self>, ids: impl IntoIterator<Item = Str>) -> Hold {
        let ids: Vec<Str> = ids.into_iter().collect();
        let mut desk = self.desk();
        for id in &ids {
            *desk.held.entry(id.clone()).or_default() += 1;
            desk.leaving.remove(id);
        }
        drop(desk);
        Hold {
            blobs: Arc::clone(self),
            ids,
        }
    }

    /// Brings uploads to the disk, before a turn is written that keeps them.
    ///
    /// # Errors
    /// The disk fails.
    pub(super) async fn keep(self: &Arc<Self>, ids: BTreeSet<Str>) -> Result<Hold, Refused> {
        let hold = self.hold(ids);
        if !hold.ids.is_empty() {
            let synced = self.home.sync(hold.ids.clone()).await;
            synced.map_err(|error| refused(&error))?;
        }
        Ok(hold)
    }

    /// Perhaps nobody keeps these any more.
    pub(super) fn loosen(&self, ids: impl IntoIterator<Item = Str>) {
        self.desk().loose.extend(ids);
    }

    /// Everything there is may be left over from before a crash.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub(super) async fn gather(&self) -> io::Result<()> {
        let all = self.home.all().await?;
        self.loosen(all);
        Ok(())
    }

    /// When there is something to settle.
    pub(super) async fn loosened(&self) {
        self.loosened.notified().await;
    }

    /// Deletes what is loose and nobody keeps.
    pub(super) async fn settle(&self, engine: &dyn Engine) {
        let loose = std::mem::take(&mut self.desk().loose);
        for id in loose {
            if !self.let_go(&id) {
                continue;
            }
            match is_kept(engine, &id).await {
                Ok(true) => drop(self.desk().leaving.remove(&id)),
                Ok(false) => self.delete(&id),
                // The next round asks again.
                Err(_) => self.loosen([id]),
            }
        }
    }

    /// `false`: somebody holds it, and it will be loose again.
    fn let_go(&self, id: &Str) -> bool {
        let mut desk = self.desk();
        let free = !desk.held.contains_key(id);
        if free {
            desk.leaving.insert(id.clone());
        }
        free
    }

    /// Unless somebody has come to hold it.
    fn delete(&self, id: &Str) {
        let mut desk = self.desk();
        if desk.leaving.remove(id)
            && let Err(error) = self.home.delete(id)
        {
            tracing::error!(%error, blob = %id, "an upload cannot be deleted");
            desk.loose.insert(id.clone());
        }
    }

    /// Takes the rows away whose records have expired, and loosens their uploads.
    pub(super) async fn expire(&self, engine: &dyn Engine, codec: &impl Codec) -> Option<()> {
        loop {
            let now = clock::timestamp();
            let range = upload::ended(now, PAGE_ROWS).ok()?;
            let found = engine.range(&range, now).await.ok()?;
            if found.is_empty() {
                return Some(());
            }
            let (mut seen, mut changes, mut ids) = (Vec::new(), Vec::new(), Vec::new());
            for row in found {
                let space = upload::UPLOADS;
                let place = Place {
                    space,
                    key: row.key,
                };
                let record = codec.open(&place, &row.data)?;
                ids.push(Str::from(record.get("id")?.as_str()?));
                seen.push(Seen::Row(place.clone(), row.stamp));
                changes.push(Change::Delete(place));
            }
            engine.commit(Commit { now, seen, changes }).await.ok()?;
            self.loosen(ids);
        }
    }

    /// Seals all of them by the first data key.
    ///
    /// # Errors
    /// One cannot be read or written.
    pub(super) async fn rekey(&self) -> io::Result<()> {
        for id in self.home.all().await? {
            let sealed = self.home.read(&id).await?;
            let plain = self.keys.unseal_upload(&id, &sealed);
            let plain = plain.ok_or_else(|| io::Error::other(format!("upload {id} is damaged")))?;
            let anew = receive::seal(&self.keys, &id, &plain);
            let anew = anew.ok_or_else(|| io::Error::other("no randomness"))?;
            self.home.replace(&id, anew).await?;
        }
        Ok(())
    }

    /// Is it there?
    ///
    /// # Errors
    /// The disk fails.
    pub(super) fn is_there(&self, id: &Str) -> io::Result<bool> {
        self.home.is_there(id)
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn is_kept(engine: &dyn Engine, id: &Str) -> Result<bool, super::Unavailable> {
    let range = upload::owners(id).map_err(|_| super::Unavailable)?;
    let found = engine.range(&range, clock::timestamp()).await?;
    Ok(!found.is_empty())
}

/// What a run is told of an upload that it cannot have.
fn lost(error: &io::Error) -> EvalError {
    if error.kind() == io::ErrorKind::NotFound {
        return EvalError::new(ErrorKind::Missing, "there is no such upload");
    }
    tracing::error!(%error, "an upload cannot be read");
    EvalError::new(ErrorKind::Unavailable, "an upload cannot be read")
}

fn refused(error: &io::Error) -> Refused {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    tracing::error!(%error, "an upload cannot be written");
    if matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge) {
        Refused::Full
    } else {
        Refused::Failed
    }
}
