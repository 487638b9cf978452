//! Both engines against a model, and what only the one on disk can show.

mod batch;
mod disk;
mod hurry;
mod journal;
mod model;
mod property;
mod trial;

use super::batch::Room;
use crate::data::Folder;
use crate::state::{Disk, Engine, Memory, Refused};
use journey_machine::state::{Change, Commit, Entry, Found, Place, Row, Seen};
use journey_machine::value::{Str, Timestamp};
use std::path::Path;
use std::sync::Arc;

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn place(space: &str, key: u8) -> Place {
    Place {
        space: Str::from(space),
        key: vec![key],
    }
}

fn row(data: &[u8]) -> Row {
    Row {
        data: data.to_owned(),
        record: None,
        entries: Vec::new(),
        expires: None,
    }
}

fn entry(index: &str, value: u8, unique: bool) -> Entry {
    Entry {
        index: Str::from(index),
        value: vec![value],
        unique,
    }
}

fn commit(seen: Vec<Seen>, changes: Vec<Change>) -> Commit {
    Commit {
        now: at(0),
        seen,
        changes,
    }
}

/// Nothing stays in memory longer than it must.
const NONE: Room = Room {
    unsettled: 0,
    settled: 0,
};

fn open(folder: &Path) -> Disk {
    open_with(folder, Room::default())
}

fn open_with(folder: &Path, room: Room) -> Disk {
    Disk::with(Arc::new(Folder::open(folder).unwrap()), room).unwrap()
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

fn write(engine: &impl Engine, commit: Commit) -> Result<(), Refused> {
    block_on(engine.commit(commit))
}

/// Writes some rows to the tables.
fn settle(engine: &Memory, rows: usize) {
    assert!(engine.desk().settle(rows));
}

fn get(engine: &impl Engine, place: &Place) -> Option<Found> {
    block_on(engine.row(place, at(0))).unwrap()
}
