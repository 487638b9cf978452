//! What an effect asks for, and which registers it takes.

use crate::manifest::{IssuerId, Manifest, OperationId, SignalId, StoreId, TaskId};
use crate::value::Str;

/// What an effect asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectSite {
    /// A call of an operation: one argument each of its parameters, null for an absent one.
    /// Result: `{status, body}`, a map.
    Call(OperationId),
    /// Validation of a token: one argument, the token. Result: its claims.
    Validate(IssuerId),
    /// An event: one argument, its data. Result: null, at once.
    Emit(Str),
    /// Something with what is stored. It does not end a turn.
    State(StateSite),
    /// A pause: one argument, a duration. Result: null.
    Sleep,
    /// The next signal: its key, and how long to wait. Result: what it carries, or the error `timeout`.
    Wait(SignalId),
    /// The bytes of a blob: one argument, the blob. Result: bytes, or the error `missing`.
    Read,
}

/// Something that a turn does with what is stored. Records that it gives have the field `version`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateSite {
    /// One argument, the record. Result: the record, or the error `conflict`: its key or a unique value is taken.
    Insert(StoreId),
    /// Arguments: the fields of the key, or of a unique index. Result: the record, or the error `missing`.
    Get {
        /// The store.
        store: StoreId,
        /// Place of the unique index in the store; `None`: the key.
        index: Option<u16>,
    },
    /// Arguments: the fields of the key, a map of changed fields (null removes an optional one), and the expected
    /// version if there is one. Result: the record, or the errors `missing` and `conflict`.
    Update {
        /// The store.
        store: StoreId,
        /// Is there an expected version?
        at: bool,
    },
    /// Arguments: the fields of the key, and the expected version if there is one. Result: null, or the errors
    /// `missing` and `conflict`.
    Delete {
        /// The store.
        store: StoreId,
        /// Is there an expected version?
        at: bool,
    },
    /// Arguments: those of the scan. Result: a list of records, in the order of the index.
    Find {
        /// The stretch.
        scan: Scan,
        /// From the end backwards?
        descending: bool,
    },
    /// Arguments: those of the scan. Result: how many records, an integer.
    Count(Scan),
    /// Arguments: a new id (a string), one each of the task's parameters, then a duration to wait first and a key
    /// (a string), where there are these. Result: the id of the run: the new one, or that of the run with this key.
    Start {
        /// The task.
        task: TaskId,
        /// Is there a time to wait first?
        after: bool,
        /// Is there a key?
        key: bool,
    },
    /// Arguments: a new id (a string), the key, what it carries. Result: null.
    Signal(SignalId),
}

/// A stretch of an index: equality on its first fields, then bounds of the next.
/// Arguments: a value for each of the first fields, the lower bound, the upper bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// The store.
    pub store: StoreId,
    /// Place of the index in the store; `None`: the key.
    pub index: Option<u16>,
    /// How many fields are given.
    pub equal: u16,
    /// Bound of the field behind these.
    pub lower: Edge,
    /// Bound of the same field.
    pub upper: Edge,
    /// At most so many records.
    pub max: u16,
}

/// One end of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// There is no bound.
    Open,
    /// The bound belongs to it.
    Inclusive,
    /// The bound does not belong to it.
    Exclusive,
}

impl EffectSite {
    /// Registers it takes; `None`: it refers to what does not exist.
    #[must_use]
    pub fn registers(&self, manifest: &Manifest) -> Option<usize> {
        match self {
            Self::Call(operation) => {
                let operation = manifest.operations.get(usize::from(operation.0))?;
                Some(operation.params.len())
            }
            Self::State(site) => site.registers(manifest),
            Self::Wait(_) => Some(2),
            Self::Validate(_) | Self::Emit(_) | Self::Sleep | Self::Read => Some(1),
        }
    }
}

impl StateSite {
    /// Registers it takes; `None`: it refers to what does not exist.
    #[must_use]
    pub fn registers(&self, manifest: &Manifest) -> Option<usize> {
        let fields = |store: StoreId, index| Some(manifest.fields(store, index)?.len());
        match *self {
            Self::Insert(_) => Some(1),
            Self::Get { store, index } => fields(store, index),
            Self::Update { store, at } => Some(fields(store, None)? + 1 + usize::from(at)),
            Self::Delete { store, at } => Some(fields(store, None)? + usize::from(at)),
            Self::Find { scan, .. } | Self::Count(scan) => Some(scan.registers()),
            Self::Start { task, after, key } => {
                let params = manifest.tasks.get(usize::from(task.0))?.params.len();
                Some(1 + params + usize::from(after) + usize::from(key))
            }
            Self::Signal(_) => Some(3),
        }
    }
}

impl Scan {
    /// Registers it takes.
    #[must_use]
    pub fn registers(&self) -> usize {
        let bounds = [self.lower, self.upper].map(|edge| usize::from(edge != Edge::Open));
        usize::from(self.equal) + bounds.iter().sum::<usize>()
    }
}
