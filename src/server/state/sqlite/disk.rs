//! State in a file of the data folder.

use super::batch::{Desk, Job, Room, Shared};
use super::checkpoint::Checkpoints;
use super::layer::Content;
use super::names::Names;
use super::view::{self, View};
use super::writer::Writer;
use super::{answer, open};
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
    shared: Arc<Shared>,
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
        Self::with(folder, Room::default())
    }

    /// One that keeps so much in memory.
    pub(super) fn with(folder: Arc<Folder>, room: Room) -> std::result::Result<Self, StartError> {
        let path = folder.file(FILE)?;
        let desk = open::writer(&path)
            .and_then(|connection| Desk::open(connection, room).map_err(io::Error::other));
        let desk = desk.map_err(|error| folder.fault(FILE, error.to_string()))?;
        let (names, shared) = (desk.names(), desk.shared());
        let writer = start(&path, desk).map_err(|error| folder.fault(FILE, error.to_string()))?;
        Ok(Self {
            path,
            readers: Mutex::default(),
            names,
            shared,
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

    /// While the layer is held nothing is taken over into the tables from it, so what is read of both belongs together.
    fn see<T>(&self, read: impl FnOnce(&View<'_>) -> Result<T>) -> Result<T> {
        let shared = self.shared.read();
        self.read(|connection| {
            read(&View {
                connection,
                names: &self.names,
                shared: &shared,
                fresh: None,
            })
        })
    }

    /// What lies at a place, if memory knows it; else how much it has dropped so far.
    fn remembered(&self, space: i64, key: &Key) -> std::result::Result<Content, u64> {
        let shared = self.shared.read();
        let content = shared.get(space, key).cloned();
        content.ok_or_else(|| shared.dropped())
    }

    /// What lies at a place. What only the tables have is kept for the next who asks.
    fn content(&self, space: i64, key: &Key) -> Result<Content> {
        let dropped = match self.remembered(space, key) {
            Ok(content) => return Ok(content),
            Err(dropped) => dropped,
        };
        let content = self.read(|connection| view::stored(connection, space, key))?;
        if let Some(held) = &content
            && let Some(mut shared) = self.shared.try_write()
        {
            shared.keep((space, key.clone()), Arc::clone(held), dropped);
        }
        Ok(content)
    }

    fn row(&self, place: &Place, now: Timestamp) -> Result<Option<Found>> {
        let Some(space) = self.names.space(&place.space) else {
            return Ok(None);
        };
        Ok(found(self.content(space, &place.key)?, place, now))
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The row, if it is there at `now`.
fn found(content: Content, place: &Place, now: Timestamp) -> Option<Found> {
    let live = content.filter(|held| held.lives(now))?;
    Some(live.found(place.key.clone()))
}

fn start(path: &Path, desk: Desk) -> io::Result<Writer> {
    let checkpoints = Checkpoints::start(open::other(path).map_err(io::Error::other)?)?;
    Writer::start(desk, checkpoints)
}

impl Engine for Disk {
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>> {
        answer(Self::row(self, place, now))
    }

    fn known(&self, place: &Place, now: Timestamp) -> Option<Option<Found>> {
        let space = self.names.space(&place.space)?;
        let content = self.remembered(space, &place.key).ok()?;
        Some(found(content, place, now))
    }

    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>> {
        answer(self.see(|view| view.range(range, now)))
    }

    fn keys<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<(Key, Stamp)>> {
        answer(self.see(|view| view.keys(range, now)))
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
