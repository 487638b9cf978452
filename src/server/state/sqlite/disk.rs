//! State in a file of the data folder.

use super::batch::Job;
use super::checkpoint::Checkpoints;
use super::names::Names;
use super::writer::Writer;
use super::{answer, open, read};
use crate::config::StartError;
use crate::data::Folder;
use crate::state::{Engine, Health, Read, Refused};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use journey_machine::state::{Commit, Found, Key, Place, Range, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::{Connection, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const FILE: &str = "state.db";

/// The engine on disk. Reads are made where they are asked for: one takes less time than handing it to another thread would.
#[derive(Debug)]
pub struct Disk {
    path: PathBuf,
    /// Connections nobody reads by just now; there come to be as many as there are threads that read.
    readers: Mutex<Vec<Connection>>,
    names: Arc<Names>,
    writer: Writer,
    /// Keeps other processes out.
    _folder: Arc<Folder>,
}

impl Disk {
    /// Opens the state of a data folder, or makes it. What was committed before a crash is there again.
    ///
    /// # Errors
    /// The file cannot be opened, is damaged, or was written by a newer version.
    pub fn open(folder: Arc<Folder>) -> std::result::Result<Self, StartError> {
        let path = folder.file(FILE)?;
        let (writer, names) =
            start(&path).map_err(|error| folder.fault(FILE, error.to_string()))?;
        Ok(Self {
            path,
            readers: Mutex::default(),
            names,
            writer,
            _folder: folder,
        })
    }

    fn read<T>(&self, read: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let free = self.readers().pop();
        let connection = match free {
            Some(connection) => connection,
            None => open::other(&self.path)?,
        };
        let read = read(&connection);
        self.readers().push(connection);
        read
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn start(path: &Path) -> io::Result<(Writer, Arc<Names>)> {
    let connection = open::writer(path)?;
    let names = Arc::new(Names::load(&connection).map_err(io::Error::other)?);
    let checkpoints = Checkpoints::start(open::other(path).map_err(io::Error::other)?)?;
    let writer = Writer::start(connection, Arc::clone(&names), checkpoints)?;
    Ok((writer, names))
}

impl Engine for Disk {
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>> {
        answer(self.read(|connection| read::row(connection, &self.names, place, now)))
    }

    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>> {
        answer(self.read(|connection| read::range(connection, &self.names, range, now)))
    }

    fn keys<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<(Key, Stamp)>> {
        answer(self.read(|connection| read::keys(connection, &self.names, range, now)))
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, std::result::Result<(), Refused>> {
        let verdict = self.writer.send(Job::Commit(commit));
        verdict.map(|verdict| verdict.map(drop)).boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, std::result::Result<usize, Refused>> {
        self.writer.send(Job::Sweep(now)).boxed()
    }

    fn health(&self) -> Health {
        self.writer.health()
    }
}
