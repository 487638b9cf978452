//! The engine that is built in: SQLite, in a file of the data folder or in memory.
//!
//! A batch of turns is one row of a journal, on the disk before anybody is answered. What it says lies in memory, where it counts
//! at once, until it has been written to the tables, which is done many batches at once: so a row that is written again and
//! again costs its tables one write, and whoever reads it no look at them. All writing goes through one connection, so a
//! transaction that has looked at what a commit rests on can rely on it.

mod open;
mod names;
mod entries;
mod layer;
mod journal;
mod view;
mod write;
mod settle;
mod batch;
mod checkpoint;
mod ticket;
mod writer;
mod memory;
mod disk;
#[cfg(test)]
mod tests;

pub use disk::Disk;
pub use memory::Memory;

use super::{Read, Refused, Unavailable};
use futures_util::FutureExt;
use futures_util::future::ready;
use journey_machine::value::Timestamp;
use rusqlite::ErrorCode;

/// Times are kept in milliseconds since 1970.
fn expires(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::millis)
}

/// What to tell those whose turn could not be written.
fn refused(error: &rusqlite::Error) -> Refused {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Refused::Full,
        _ => Refused::Failed,
    }
}

/// What was read, at once.
fn answer<'a, T: Send + 'a>(read: rusqlite::Result<T>) -> Read<'a, T> {
    let answer = read.map_err(|error| {
        tracing::error!(%error, "state cannot be read");
        Unavailable
    });
    ready(answer).boxed()
}
