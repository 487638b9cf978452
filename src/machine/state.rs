//! What durable state is to a program: rows with keys, versions and index entries, and what one turn does to them.
//!
//! Everything durable is a row: a record of a `store`, a run of a `task`, a signal that waits to be taken. A row lies in
//! a space (the name of the store, or one of the runtime's own, which begin with `$`) under a key of bytes. An engine
//! (SQLite, PostgreSQL) knows rows, ranges of index entries and [`Commit`]s, nothing of journeys. So one interface holds
//! for all of them: a turn reads rows, remembers what it saw, and is written whole, if what it saw still holds, or not at all.

pub mod key;
pub mod grant;
pub mod run;
pub mod table;
pub mod upload;
mod turn;

pub use turn::{Codec, Need, Turn};

use crate::value::{Str, Timestamp, Value};

/// Bytes whose order is the order of the values they encode.
pub type Key = Vec<u8>;

/// Counts the writes of a row: 1 when it is inserted.
pub type Version = u64;

/// Names one write: no other write of any row has it, not even of a row that was deleted and inserted again (whose version
/// is 1 once more). 0: there is no row. It is what a turn that has read a row rests on.
pub type Stamp = u64;

/// Where a row lies.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// A store's name, or `$…`.
    pub space: Str,
    /// Its key; the first field of the key is the partition.
    pub key: Key,
}

/// Where an index finds a row: in `index` of the row's space, under `value`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// The index.
    pub index: Str,
    /// The fields of the index, in order.
    pub value: Key,
    /// May no other row of the space have this value?
    pub unique: bool,
}

/// A row as it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the row says; opaque to an engine.
    pub data: Vec<u8>,
    /// The record that these bytes say, for whoever reads it soon; an engine may forget it. `None` if part of it is sealed.
    pub record: Option<Value>,
    /// All its index entries.
    pub entries: Vec<Entry>,
    /// From then on, to the millisecond, it is not there for anybody; a sweep deletes it later.
    pub expires: Option<Timestamp>,
}

/// A row as it is read.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Its key.
    pub key: Key,
    /// Its version, at least 1.
    pub version: Version,
    /// Its last write.
    pub stamp: Stamp,
    /// What it says.
    pub data: Vec<u8>,
    /// See [`Row::record`].
    pub record: Option<Value>,
    /// See [`Row::expires`].
    pub expires: Option<Timestamp>,
}

/// A stretch of an index, or of the keys of a space, in order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    /// The space.
    pub space: Str,
    /// The index; `None`: the keys themselves.
    pub index: Option<Str>,
    /// From this value on.
    pub from: Key,
    /// Up to this value, exclusive; `None`: to the end.
    pub to: Option<Key>,
    /// From the end backwards?
    pub descending: bool,
    /// At most so many rows.
    pub max: u32,
}

/// What a turn saw, and on which its writes rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// A row as this write left it; 0: no row.
    Row(Place, Stamp),
    /// These rows, as these writes left them, and no others in the stretch.
    Range(Range, Vec<(Key, Stamp)>),
}

/// What a turn does to one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is there, as this, with the version after the one it had.
    Put(Place, Row),
    /// What is there is kept, with its version, in another form: other entries, or bytes that say the same.
    Rewrite(Place, Row),
    /// It is gone, with all its entries.
    Delete(Place),
}

/// A turn: written whole and durable if everything seen still holds at `now`, else not at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commit {
    /// The time of the turn: rows that expired by then are not there.
    pub now: Timestamp,
    /// What it rests on.
    pub seen: Vec<Seen>,
    /// What it does; each place at most once.
    pub changes: Vec<Change>,
}
