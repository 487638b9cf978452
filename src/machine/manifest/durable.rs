//! What outlives a run: stores, tasks, signals.

use super::Millis;
use crate::index::FuncId;
use crate::schema::TypeId;
use crate::value::Str;

/// Index into [`super::Manifest::stores`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub u16);
/// Index into [`super::Manifest::tasks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u16);
/// Index into [`super::Manifest::signals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId(pub u16);

/// Records of one type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Its name, which is the space of its rows.
    pub name: Str,
    /// Its documentation, may be empty.
    pub docs: Str,
    /// An object type. Records have one field more, `version`, which is not among its fields.
    pub record: TypeId,
    /// Fields of the key, at least one; the first is the partition.
    pub key: Vec<Str>,
    /// Its indexes.
    pub indexes: Vec<StoreIndex>,
    /// How long a record stays after its last write; `None`: until it is deleted.
    pub retain: Option<Millis>,
    /// Fields that are `secret` or `pii`, or hold such ones: sealed where they are stored.
    pub labelled: Vec<Str>,
    /// Fields that hold blobs.
    pub blobs: Vec<Str>,
}

/// An index of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreIndex {
    /// Its name, unique in its store.
    pub name: Str,
    /// Its fields, at least one.
    pub fields: Vec<Str>,
    /// Has each value one record at most?
    pub unique: bool,
}

/// Work that is done later, whatever crashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its name.
    pub name: Str,
    /// Its documentation, may be empty.
    pub docs: Str,
    /// The function that runs.
    pub function: FuncId,
    /// Names and types of the function's parameters.
    pub params: Vec<(Str, TypeId)>,
    /// Attempts in all, at least one.
    pub attempts: u32,
    /// Time between two of them.
    pub pauses: Pauses,
    /// Time of one attempt, without what it sleeps or waits for signals.
    pub timeout: Millis,
    /// How long a run that has ended is remembered.
    pub keep: Millis,
}

/// Times between the attempts of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pauses {
    /// These; the last one again and again.
    List(Vec<Millis>),
    /// Full jitter between `min` and the doubled step, never above `max`.
    Backoff {
        /// Shortest.
        min: Millis,
        /// Longest.
        max: Millis,
    },
}

/// What one run tells another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// Its name.
    pub name: Str,
    /// What it carries.
    pub payload: TypeId,
}
