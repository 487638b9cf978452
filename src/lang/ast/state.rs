//! What survives a run: stores, tasks, signals, and the steps that use them.

use super::{Argument, Block, Docs, Expr, FieldDecl, Handler, Millis, Name, Spanned, TypeExpr};
use journey_machine::span::Span;

/// `store name { record T  key a, b  unique c  index d, e  retain 90d }`
#[derive(Clone, Debug)]
pub struct Store {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// All of it.
    pub span: Span,
    /// `record { … }`: an object type.
    pub record: Option<TypeExpr>,
    /// `key id`: the first field is the partition.
    pub key: Option<IndexDecl>,
    /// `unique reference_no`
    pub uniques: Vec<IndexDecl>,
    /// `index status, created`
    pub indexes: Vec<IndexDecl>,
    /// `retain 90d`, after the last write
    pub retain: Option<Spanned<Millis>>,
}

/// Fields by which records are found, in their order.
#[derive(Clone, Debug)]
pub struct IndexDecl {
    /// At least one.
    pub fields: Vec<Name>,
    /// All of it.
    pub span: Span,
}

/// The head of `task name(params) { attempts … timeout … keep … }`
#[derive(Clone, Debug, Default)]
pub struct Task {
    /// Its parameters.
    pub params: Vec<FieldDecl>,
    /// `attempts 4 after 5m, 10m, 15m`
    pub attempts: Option<Spanned<Attempts>>,
    /// `timeout 30s`: for one attempt, without what it sleeps or waits
    pub timeout: Option<Spanned<Millis>>,
    /// `keep 7d`: how long one that has ended is remembered
    pub keep: Option<Spanned<Millis>>,
}

/// `4 after 5m, 10m, 15m`, `5 backoff 1s..1h`, `1`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// All attempts, the first included.
    pub count: u64,
    /// Between them; a default stands in where it is not said.
    pub pauses: Option<Pauses>,
}

/// Pauses between attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pauses {
    /// `after 5m, 10m, 15m`: one between each two attempts.
    After(Vec<Millis>),
    /// `backoff 1s..1h`: the shortest, doubled each time up to the longest.
    Backoff(Millis, Millis),
}

/// `signal name T`
#[derive(Clone, Debug)]
pub struct SignalDecl {
    /// Documentation.
    pub docs: Docs,
    /// Its name.
    pub name: Name,
    /// What it carries; `None`: nothing.
    pub ty: Option<TypeExpr>,
    /// All of it.
    pub span: Span,
}

/// A step on a store: `find STORE(…) max 100 as xs`, …
#[derive(Clone, Debug)]
pub struct StoreStep {
    /// The store.
    pub store: Name,
    /// What is done.
    pub action: StoreAction,
    /// Name of what it gives.
    pub binding: Option<Name>,
    /// Handlers: `missing`, `conflict`, `failure`.
    pub handlers: Vec<Handler>,
}

/// What a step does to a store.
#[derive(Clone, Debug)]
pub enum StoreAction {
    /// `insert STORE V`
    Insert {
        /// The record, a template.
        record: Expr,
    },
    /// `get STORE(id: V)`
    Get {
        /// By the whole key, or by a unique line.
        by: Vec<Criterion>,
    },
    /// `update STORE(id: V) V2 at E`
    Update {
        /// By the whole key.
        by: Vec<Criterion>,
        /// Some of the record's fields, a template.
        set: Expr,
        /// Only if this is the version still.
        at: Option<Expr>,
    },
    /// `delete STORE(id: V) at E`
    Delete {
        /// By the whole key.
        by: Vec<Criterion>,
        /// Only if this is the version still.
        at: Option<Expr>,
    },
    /// `find STORE(status: V, created >= V2) max 100 descending`
    Find {
        /// By an index.
        by: Vec<Criterion>,
        /// Most records.
        max: Spanned<u64>,
        /// From the end of the index backwards?
        descending: Option<Span>,
    },
    /// `count STORE(status: V) max 1000`
    Count {
        /// By an index.
        by: Vec<Criterion>,
        /// No more are counted.
        max: Spanned<u64>,
    },
}

impl StoreAction {
    /// The word it begins with.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Insert { .. } => "insert",
            Self::Get { .. } => "get",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
            Self::Find { .. } => "find",
            Self::Count { .. } => "count",
        }
    }

    /// Which records it is about.
    #[must_use]
    pub fn by(&self) -> &[Criterion] {
        match self {
            Self::Insert { .. } => &[],
            Self::Get { by }
            | Self::Update { by, .. }
            | Self::Delete { by, .. }
            | Self::Find { by, .. }
            | Self::Count { by, .. } => by,
        }
    }
}

/// `status: V`, `created >= V`
#[derive(Clone, Debug)]
pub struct Criterion {
    /// The field.
    pub field: Name,
    /// How it compares to the value.
    pub compare: Compare,
    /// The value.
    pub value: Expr,
}

/// How a field compares to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compare {
    /// `:`
    Equal,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

impl Compare {
    /// All that are written between a field and a value.
    pub const BOUNDS: [Self; 4] = [Self::AtLeast, Self::AtMost, Self::Above, Self::Below];

    /// As it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Equal => ":",
            Self::Above => ">",
            Self::AtLeast => ">=",
            Self::Below => "<",
            Self::AtMost => "<=",
        }
    }

    /// Is it a lower bound, or an upper one?
    #[must_use]
    pub fn is_lower(self) -> bool {
        matches!(self, Self::Above | Self::AtLeast)
    }
}

/// A time, or an expression that is a duration.
#[derive(Clone, Debug)]
pub enum Delay {
    /// `5m`
    Time(Spanned<Millis>),
    /// An expression.
    Value(Expr),
}

impl Delay {
    /// Its place.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Time(time) => time.span,
            Self::Value(value) => value.span,
        }
    }

    /// Its expression, if it is one.
    #[must_use]
    pub fn value(&self) -> Option<&Expr> {
        match self {
            Self::Time(_) => None,
            Self::Value(value) => Some(value),
        }
    }
}

/// `start TASK(args) [after D] [key E] [as run]`
#[derive(Clone, Debug)]
pub struct Start {
    /// The task.
    pub task: Name,
    /// Arguments.
    pub args: Vec<Argument>,
    /// Not before that time has passed.
    pub after: Option<Delay>,
    /// While a run with this key is remembered, no other is started.
    pub key: Option<Expr>,
    /// Name of the run's id.
    pub binding: Option<Name>,
}

/// `wait SIGNAL(E) up to D [as x] { on timeout { … } }`
#[derive(Clone, Debug)]
pub struct Wait {
    /// The signal.
    pub signal: Name,
    /// Its key.
    pub key: Expr,
    /// How long.
    pub up_to: Delay,
    /// Name of what the signal carries.
    pub binding: Option<Name>,
    /// Handlers: `timeout`, `failure`.
    pub handlers: Vec<Handler>,
}

/// `signal SIGNAL(E) [V]`
#[derive(Clone, Debug)]
pub struct SendSignal {
    /// The signal.
    pub signal: Name,
    /// Its key.
    pub key: Expr,
    /// What it carries, a template.
    pub data: Option<Expr>,
}

/// `read blob E [as bytes] { on missing { … } }`
#[derive(Clone, Debug)]
pub struct ReadBlob {
    /// The blob.
    pub blob: Expr,
    /// Name of its bytes.
    pub binding: Option<Name>,
    /// Handlers: `missing`, `failure`.
    pub handlers: Vec<Handler>,
}

/// `atomically { … }`
#[derive(Clone, Debug)]
pub struct Atomically {
    /// Steps that are one transaction.
    pub block: Block,
}
