//! Runs of tasks and signals, as records of the runtime's own.

use super::table::Table;
use crate::limits::SIGNAL_DAYS;
use crate::manifest::{Millis, StoreIndex};
use crate::value::{EvalError, Map, Str, Timestamp, Value};
use std::sync::{Arc, LazyLock};

/// A run of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name, unique for ever.
    pub id: Str,
    /// The task.
    pub task: Str,
    /// Another start of the task with this key is this run.
    pub key: Option<Str>,
    /// Arguments.
    pub args: Value,
    /// The program it was started with: its hash.
    pub program: Str,
    /// Where it is.
    pub state: RunState,
    /// When there is something to do for it.
    pub due: Option<Timestamp>,
    /// Attempts that have begun.
    pub attempt: u32,
    /// When it was started.
    pub created: Timestamp,
    /// What it had come to when it last waited.
    pub saved: Option<Arc<[u8]>>,
    /// The signal it waits for: name and key.
    pub wait: Option<(Str, Str)>,
    /// When it has slept or waited long enough.
    pub until: Option<Timestamp>,
    /// Milliseconds that its attempt has taken so far.
    pub used: Millis,
    /// What its last attempt failed with.
    pub error: Option<Str>,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RunState {
    /// It waits until it is due.
    Due,
    /// Somebody is at it; from its due time on he has given up.
    Running,
    /// Its task has ended.
    Done,
    /// Its last attempt has failed.
    Dead,
}

impl RunState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Due, Self::Running, Self::Done, Self::Dead];

    /// Its stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
        }
    }
}

/// The index of runs by state and due time.
pub const BY_DUE: Str = Str::new_static("due");
/// The unique index of runs by task and key.
pub const BY_KEY: Str = Str::new_static("key");
/// The index of runs by the signal they wait for.
pub const BY_WAIT: Str = Str::new_static("wait");

struct Tables {
    runs: Str,
    signals: Str,
    id: [Str; 1],
    run_indexes: [StoreIndex; 3],
    run_sealed: [Str; 3],
    signal_key: [Str; 5],
    signal_sealed: [Str; 1],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    runs: Str::new_static("$run"),
    signals: Str::new_static("$signal"),
    id: names(["id"]),
    run_indexes: [
        index(BY_DUE, ["state", "due"], false),
        index(BY_KEY, ["task", "key"], true),
        index(BY_WAIT, ["signal", "signal_key"], false),
    ],
    run_sealed: names(["args", "saved", "error"]),
    signal_key: names(["signal", "key", "sent", "place", "id"]),
    signal_sealed: names(["data"]),
});

fn names<const N: usize>(names: [&'static str; N]) -> [Str; N] {
    names.map(Str::new_static)
}

fn index(name: Str, fields: [&'static str; 2], unique: bool) -> StoreIndex {
    StoreIndex {
        name,
        fields: names(fields).to_vec(),
        unique,
    }
}

/// The time after a duration.
///
/// # Errors
/// It is no duration, or too long.
pub fn later(now: Timestamp, after: &Value) -> Result<Timestamp, EvalError> {
    let later = after.as_duration().and_then(|after| now.checked_add(after));
    later.ok_or_else(|| EvalError::fixed("a time to wait is no duration, or too long"))
}

/// Where runs lie; `keep`: how long one that has ended is remembered.
#[must_use]
pub fn runs(keep: Option<Millis>) -> Table<'static> {
    Table {
        space: &TABLES.runs,
        key: &TABLES.id,
        indexes: &TABLES.run_indexes,
        labelled: &TABLES.run_sealed,
        retain: keep,
        fields: None,
        blobs: &[],
        types: None,
    }
}

/// Where signals lie, those of one name and key in the order in which they were sent.
#[must_use]
pub fn signals() -> Table<'static> {
    Table {
        space: &TABLES.signals,
        key: &TABLES.signal_key,
        indexes: &[],
        labelled: &TABLES.signal_sealed,
        retain: Some(SIGNAL_DAYS * 24 * 60 * 60 * 1_000),
        fields: None,
        blobs: &[],
        types: None,
    }
}

impl Run {
    /// Its record.
    #[must_use]
    pub fn to_record(&self) -> Value {
        let text = |text: &Option<Str>| text.clone().map_or(Value::Null, Value::from);
        let (signal, signal_key) = self.wait.clone().unzip();
        let record: Map = [
            ("id", self.id.clone().into()),
            ("task", self.task.clone().into()),
            ("key", text(&self.key)),
            ("args", self.args.clone()),
            ("program", self.program.clone().into()),
            ("state", self.state.name().into()),
            ("due", self.due.map_or(Value::Null, Value::Timestamp)),
            ("attempt", Value::Int(self.attempt.into())),
            ("created", Value::Timestamp(self.created)),
            (
                "saved",
                self.saved.clone().map_or(Value::Null, Value::Bytes),
            ),
            ("signal", text(&signal)),
            ("signal_key", text(&signal_key)),
            ("until", self.until.map_or(Value::Null, Value::Timestamp)),
            ("used", Value::Uint(self.used)),
            ("error", text(&self.error)),
        ]
        .into_iter()
        .collect();
        record.into()
    }

    /// The run of a record; `None`: it is none.
    #[must_use]
    pub fn of_record(record: &Value) -> Option<Self> {
        let text = |name| record.get(name).and_then(Value::as_str).map(Str::from);
        let time = |name| record.get(name).and_then(Value::as_timestamp);
        let state = text("state")?;
        let saved = match record.get("saved") {
            Some(Value::Bytes(bytes)) => Some(Arc::clone(bytes)),
            _ => None,
        };
        Some(Self {
            id: text("id")?,
            task: text("task")?,
            key: text("key"),
            args: record.get("args")?.clone(),
            program: text("program")?,
            state: RunState::ALL
                .into_iter()
                .find(|known| known.name() == state)?,
            due: time("due"),
            attempt: u32::try_from(record.get("attempt")?.as_i64()?).ok()?,
            created: time("created")?,
            saved,
            wait: text("signal").zip(text("signal_key")),
            until: time("until"),
            used: record.get("used")?.as_u64()?,
            error: text("error"),
        })
    }
}
