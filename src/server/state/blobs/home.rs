//! Where the bytes of uploads lie: a file for each, under a name that is ours alone, or the memory of the process.

use journey_machine::value::Str;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::io::AsyncWriteExt;
use tokio::task::spawn_blocking;

const FILE_MODE: u32 = 0o600;
/// Hexadecimal digits of a name.
const NAME: usize = 32;

#[derive(Debug)]
pub(super) enum Home {
    Folder(PathBuf),
    Memory(Mutex<BTreeMap<Str, Vec<u8>>>),
}

/// A new upload while it is written.
#[derive(Debug)]
pub(super) enum Sink {
    File(tokio::fs::File),
    Memory(Vec<u8>),
}

impl Sink {
    pub(super) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.write_all(bytes).await,
            Self::Memory(all) => {
                all.extend_from_slice(bytes);
                Ok(())
            }
        }
    }
}

impl Home {
    pub(super) async fn create(&self, id: &str) -> io::Result<Sink> {
        let Self::Folder(folder) = self else {
            return Ok(Sink::Memory(Vec::new()));
        };
        let mut options = tokio::fs::OpenOptions::new();
        options.write(true).create_new(true).mode(FILE_MODE);
        Ok(Sink::File(options.open(folder.join(id)).await?))
    }

    /// All of it has been written.
    pub(super) async fn close(&self, id: &Str, sink: Sink) -> io::Result<()> {
        match (self, sink) {
            (Self::Memory(all), Sink::Memory(bytes)) => {
                lock(all).insert(id.clone(), bytes);
            }
            // A write may fail after it was taken.
            (_, Sink::File(mut file)) => file.flush().await?,
            (Self::Folder(_), Sink::Memory(_)) => {}
        }
        Ok(())
    }

    pub(super) async fn read(&self, id: &Str) -> io::Result<Vec<u8>> {
        match self {
            Self::Folder(folder) => {
                let path = file(folder, id)?;
                blocking(move || fs::read(path)).await
            }
            Self::Memory(all) => lock(all).get(id).cloned().ok_or_else(missing),
        }
    }

    pub(super) fn is_there(&self, id: &Str) -> io::Result<bool> {
        match self {
            Self::Folder(folder) => file(folder, id)?.try_exists(),
            Self::Memory(all) => Ok(lock(all).contains_key(id)),
        }
    }

    /// Brings files and their names to the disk. What is not there is passed: reading it says so.
    pub(super) async fn sync(&self, ids: Vec<Str>) -> io::Result<()> {
        let Self::Folder(folder) = self else {
            return Ok(());
        };
        let folder = folder.clone();
        blocking(move || {
            for id in &ids {
                match File::open(file(&folder, id)?) {
                    Ok(file) => file.sync_all()?,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error),
                }
            }
            File::open(folder)?.sync_all()
        })
        .await
    }

    pub(super) fn delete(&self, id: &Str) -> io::Result<()> {
        match self {
            Self::Folder(folder) => match fs::remove_file(file(folder, id)?) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
            Self::Memory(all) => {
                lock(all).remove(id);
                Ok(())
            }
        }
    }

    /// The names of all uploads. Other files are none of ours and stay.
    pub(super) async fn all(&self) -> io::Result<Vec<Str>> {
        let folder = match self {
            Self::Folder(folder) => folder.clone(),
            Self::Memory(all) => return Ok(lock(all).keys().cloned().collect()),
        };
        blocking(move || {
            let mut all = Vec::new();
            for entry in fs::read_dir(folder)? {
                let name = entry?.file_name();
                all.extend(name.to_str().filter(|name| is_name(name)).map(Str::from));
            }
            Ok(all)
        })
        .await
    }

    /// After a crash there is the old content or the new one.
    pub(super) async fn replace(&self, id: &Str, bytes: Vec<u8>) -> io::Result<()> {
        let folder = match self {
            Self::Folder(folder) => folder.clone(),
            Self::Memory(all) => {
                lock(all).insert(id.clone(), bytes);
                return Ok(());
            }
        };
        let path = file(&folder, id)?;
        blocking(move || {
            let temporary = path.with_extension("new");
            let mut options = OpenOptions::new();
            options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(FILE_MODE);
            let mut file = options.open(&temporary)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(temporary, path)?;
            File::open(folder)?.sync_all()
        })
        .await
    }
}

/// Whoever made the id, it names a file of this folder and no other.
fn file(folder: &Path, id: &str) -> io::Result<PathBuf> {
    if is_name(id) {
        Ok(folder.join(id))
    } else {
        Err(missing())
    }
}

fn is_name(id: &str) -> bool {
    id.len() == NAME
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn missing() -> io::Error {
    io::ErrorKind::NotFound.into()
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = spawn_blocking(work).await;
    done.unwrap_or_else(|_| Err(io::Error::other("the work was cut off")))
}

fn lock(all: &Mutex<BTreeMap<Str, Vec<u8>>>) -> MutexGuard<'_, BTreeMap<Str, Vec<u8>>> {
    all.lock().unwrap_or_else(PoisonError::into_inner)
}
