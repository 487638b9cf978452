//! The data folder: a few small files only this process may read and write, each written whole or not at all.

use crate::config::StartError;
use crate::limits::MAX_DATA_FILE;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs::{DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

const FOLDER_MODE: u32 = 0o700;
const FILE_MODE: u32 = 0o600;
const LOCK: &str = "lock";

/// An open data folder. It is locked against other processes as long as this value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Opens the folder, makes it if it is missing, closes it to others if they could enter.
    ///
    /// # Errors
    /// It cannot be made, entered or locked.
    pub fn open(path: &Path) -> Result<Self, StartError> {
        prepare(path).map_err(|source| fault(path, source))?;
        let lock = path.join(LOCK);
        let file = private(
            &lock,
            OpenOptions::new().create(true).write(true).truncate(false),
        )
        .map_err(|source| fault(&lock, source))?;
        file.try_lock()
            .map_err(|error| fault(path, lock_error(error)))?;
        Ok(Self {
            path: path.to_owned(),
            lock: file,
        })
    }

    /// A file's content; `None` if there is no such file.
    ///
    /// # Errors
    /// It cannot be read, others can read it, or it is not what [`Folder::write`] wrote.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StartError> {
        let path = self.path.join(name);
        match read_private(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map(Some)
                .map_err(|e| fault(&path, damaged(&e))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault(&path, error)),
        }
    }

    /// Replaces a file: after a crash it holds the old content or the new one.
    ///
    /// # Errors
    /// The folder is gone, full or cannot be written.
    pub fn write<T: Serialize>(&self, name: &str, content: &T) -> Result<(), StartError> {
        let path = self.path.join(name);
        let mut bytes = serde_json::to_vec_pretty(content).map_err(|e| fault(&path, e.into()))?;
        bytes.push(b'\n');
        self.replace(name, &path, &bytes)
            .map_err(|source| fault(&path, source))
    }

    /// Where a file lies that something else reads and writes; it is made, empty, if it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn file(&self, name: &str) -> Result<PathBuf, StartError> {
        let path = self.path.join(name);
        let made = private(&path, OpenOptions::new().create(true).append(true));
        made.map_err(|source| fault(&path, source))?;
        Ok(path)
    }

    /// A folder inside, made if it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self, name: &str) -> Result<PathBuf, StartError> {
        let path = self.path.join(name);
        let made = DirBuilder::new()
            .recursive(true)
            .mode(FOLDER_MODE)
            .create(&path);
        made.map_err(|source| fault(&path, source))?;
        Ok(path)
    }

    /// What is wrong with a file, beyond its syntax.
    #[must_use]
    pub fn fault(&self, name: &str, what: impl Into<String>) -> StartError {
        fault(&self.path.join(name), io::Error::other(what.into()))
    }

    fn replace(&self, name: &str, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let temporary = self.path.join(format!("{name}.new"));
        match std::fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = private(&temporary, OpenOptions::new().create_new(true).write(true))?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)?;
        File::open(&self.path)?.sync_all()
    }
}

impl Drop for Folder {
    /// Closing the file would do, if nobody else had it open: a process that is being started has all files of this one for
    /// a moment, and would keep the folder locked.
    fn drop(&mut self) {
        // If it fails the lock ends with the file.
        self.lock.unlock().ok();
    }
}

fn prepare(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_dir() => Err(io::Error::new(
            io::ErrorKind::NotADirectory,
            "it is not a folder",
        )),
        Ok(found) if found.permissions().mode() & 0o077 == 0 => Ok(()),
        Ok(_) => tighten(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(error) => Err(error),
    }
}

/// A folder that others may enter gives away nothing by itself, its files are closed: so it is mended, not refused.
fn tighten(path: &Path) -> io::Result<()> {
    std::fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE))?;
    tracing::warn!(folder = %path.display(), "others could enter the data folder; it is now closed to them (mode 0700)");
    Ok(())
}

/// Keys do not belong into version control: the new folder tells git so.
fn create(path: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(FOLDER_MODE)
        .create(path)?;
    private(
        &path.join(".gitignore"),
        OpenOptions::new().create(true).write(true).truncate(true),
    )?
    .write_all(b"*\n")
}

fn private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.mode(FILE_MODE).open(path)
}

/// A secret that others could read is not secret any more, so such a file is refused instead of mended.
fn read_private(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(io::Error::other(format!(
            "others can read it (mode {mode:04o}); close it with `chmod 600`, or move it away to have a new one made"
        )));
    }
    let mut bytes = Vec::new();
    file.take(MAX_DATA_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_DATA_FILE {
        return Err(io::Error::other(format!(
            "it is larger than {MAX_DATA_FILE} bytes"
        )));
    }
    Ok(bytes)
}

fn damaged(error: &serde_json::Error) -> io::Error {
    io::Error::other(format!(
        "its content is damaged ({error}); restore it from a backup, or move it away to have a new one made"
    ))
}

fn lock_error(error: TryLockError) -> io::Error {
    match error {
        TryLockError::WouldBlock => io::Error::other(
            "another process is using it; stop it, or choose another folder with --data",
        ),
        TryLockError::Error(error) => error,
    }
}

fn fault(path: &Path, source: io::Error) -> StartError {
    StartError::Data {
        path: path.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_left_can_be_opened_at_once() {
        let path = tempfile::tempdir().unwrap();
        let folder = Folder::open(path.path()).unwrap();
        let started = folder.lock.try_clone().unwrap();
        assert!(Folder::open(path.path()).is_err());
        drop(folder);
        Folder::open(path.path()).unwrap();
        drop(started);
    }
}
