//! Steps and their handlers.

use super::{
    Atomically, Delay, Docs, Expr, Name, ReadBlob, SendSignal, Spanned, Start, StoreStep, Wait,
};
use journey_machine::span::Span;
use std::fmt;

/// Steps in braces: a scope of its own.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The steps.
    pub steps: Vec<Step>,
    /// From brace to brace (YAML: the sequence).
    pub span: Span,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// Documentation.
    pub docs: Docs,
    /// What it does.
    pub kind: StepKind,
    /// All of it.
    pub span: Span,
}

/// `on failure [as error] { … }`, `on 404 [as body] { … }`, `on denied [as r] { … }`
#[derive(Clone, Debug)]
pub struct Handler {
    /// What it handles.
    pub event: Spanned<HandlerEvent>,
    /// A name for what it got.
    pub binding: Option<Name>,
    /// What it does.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

impl Handler {
    /// What it is at a step on a store or a blob. Elsewhere `missing` and `conflict` may be outcomes.
    #[must_use]
    pub fn of_state(mut self) -> Self {
        if let HandlerEvent::Outcome(name) = &self.event.node {
            match name.as_str() {
                "missing" => self.event.node = HandlerEvent::Missing,
                "conflict" => self.event.node = HandlerEvent::Conflict,
                _ => {}
            }
        }
        self
    }
}

/// What a handler handles.
#[derive(Clone, Debug, PartialEq)]
pub enum HandlerEvent {
    /// `on 404`
    Status(u16),
    /// `on timeout`
    Timeout,
    /// `on failure`: everything else that can go wrong.
    Failure,
    /// `on NAME`: an outcome of a sub-journey.
    Outcome(String),
    /// `on exhausted`: a `repeat` ran out of turns.
    Exhausted,
    /// `on missing`, of a step on a store or a blob: it is not there.
    Missing,
    /// `on conflict`, of a step on a store: a value is taken, or a version has passed.
    Conflict,
}

impl fmt::Display for HandlerEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(f, "{status}"),
            Self::Timeout => f.write_str("timeout"),
            Self::Failure => f.write_str("failure"),
            Self::Outcome(name) => f.write_str(name),
            Self::Exhausted => f.write_str("exhausted"),
            Self::Missing => f.write_str("missing"),
            Self::Conflict => f.write_str("conflict"),
        }
    }
}

/// `name: value` of a call.
#[derive(Clone, Debug)]
pub struct Argument {
    /// The parameter.
    pub name: Name,
    /// Its value, a template.
    pub value: Expr,
}

/// Kinds of steps.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `let name = value`
    Let {
        /// The name.
        name: Name,
        /// A template.
        value: Expr,
    },
    /// `if cond { } else if cond { } else { }`, with `on failure` for evaluation errors of the conditions
    If {
        /// Conditions and their blocks.
        branches: Vec<(Expr, Block)>,
        /// `else`
        otherwise: Option<Block>,
        /// `on failure`
        on_failure: Option<Handler>,
    },
    /// `match subject { v, v { } v if guard { } otherwise { } }`
    Match {
        /// What is looked at.
        subject: Expr,
        /// The arms.
        arms: Vec<MatchArm>,
        /// `otherwise`
        otherwise: Option<Block>,
    },
    /// `call connection.operation(args) [as name] { on … }`
    Call {
        /// The connection.
        connection: Name,
        /// The operation.
        operation: Name,
        /// Arguments.
        args: Vec<Argument>,
        /// Name of the success body.
        binding: Option<Name>,
        /// Handlers.
        handlers: Vec<Handler>,
    },
    /// `validate token expr with issuer [as name] { on failure { } }`
    Validate {
        /// The token.
        token: Expr,
        /// The issuer.
        issuer: Name,
        /// Name of the claims.
        binding: Option<Name>,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `parallel all|first|settle [as name] { branch a { … } branch b { … } on failure { } }`
    ///
    /// `all`: name is an object of the branches' values; `settle`: an object of optionals; `first`: the value.
    Parallel {
        /// When it is over.
        policy: Spanned<ParallelPolicy>,
        /// The branches.
        branches: Vec<Branch>,
        /// Name of the result.
        binding: Option<Name>,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `for item[, index] in list max 100 [parallel 8] { … collect v } [as name]`
    For {
        /// Name of the item.
        item: Name,
        /// Name of the index, from 0.
        index: Option<Name>,
        /// The list.
        list: Expr,
        /// Most turns; a longer list is a `limit_exceeded` error.
        max: Spanned<u64>,
        /// Turns at once.
        parallel: Option<Spanned<u64>>,
        /// The turn.
        block: Block,
        /// Name of the list of collected values.
        binding: Option<Name>,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `repeat max 5 while cond with n = 0, s = "" { … next n + 1, s } [as name] { on exhausted { } }`
    ///
    /// The condition is asked before each turn. `name` is an object of the accumulators at the end.
    /// Without `on exhausted`, running out is a `limit_exceeded` error.
    Repeat {
        /// Most turns.
        max: Spanned<u64>,
        /// Go on?
        condition: Expr,
        /// Accumulators and their first values.
        accumulators: Vec<(Name, Expr)>,
        /// The turn; ends in `next` on every path that goes on.
        block: Block,
        /// Name of the accumulators at the end.
        binding: Option<Name>,
        /// Handlers: `exhausted`, `failure`.
        handlers: Vec<Handler>,
    },
    /// `run sub(args) [as name] { on outcome … on failure … }`
    Run {
        /// The sub-journey.
        sub: Name,
        /// Arguments.
        args: Vec<Argument>,
        /// Name of what the main outcome carries.
        binding: Option<Name>,
        /// Handlers.
        handlers: Vec<Handler>,
    },
    /// `block { … } [on failure { }]`: a group with a scope and a handler of its own
    Block {
        /// The steps.
        block: Block,
        /// Handlers: `failure` only.
        handlers: Vec<Handler>,
    },
    /// `emit name { … }`
    Emit {
        /// The event.
        name: Name,
        /// A template.
        data: Option<Expr>,
    },
    /// `complete STATUS [body] [location expr] [headers { "x-a": expr }]`
    Complete {
        /// The status.
        status: Spanned<u16>,
        /// The body.
        body: CompleteBody,
        /// `location`
        location: Option<Expr>,
        /// Headers.
        headers: Vec<(Name, Expr)>,
    },
    /// `fail code`: answers with a declared error, its status and shape
    Fail {
        /// The code.
        code: Name,
    },
    /// `collect value`: ends the turn of a `for`, or a branch, with a value
    Collect {
        /// A template.
        value: Expr,
    },
    /// `next v, w`: ends the turn of a `repeat` with the new accumulators, in their order
    Next {
        /// Templates.
        values: Vec<Expr>,
    },
    /// `return outcome [value]`: ends a sub-journey; `return`: ends a task
    Return {
        /// The outcome of a sub-journey.
        outcome: Option<Name>,
        /// A template.
        value: Option<Expr>,
    },
    /// `insert`, `get`, `update`, `delete`, `find`, `count`
    Store(Box<StoreStep>),
    /// `atomically { … }`: nothing in it ends the turn
    Atomically(Atomically),
    /// `start task(args) [after 5m] [key k] [as run]`
    Start(Box<Start>),
    /// `sleep 10m`
    Sleep(Delay),
    /// `wait signal(key) up to 30d [as x] { on timeout { } }`
    Wait(Box<Wait>),
    /// `signal signal(key) [value]`
    Signal(SendSignal),
    /// `read blob expr [as bytes] { on missing { } }`
    ReadBlob(ReadBlob),
    /// Could not be read; everything may come after it.
    Error,
}

/// Policies of `parallel`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParallelPolicy {
    /// All must succeed.
    All,
    /// The first success wins.
    First,
    /// All end, each in its way.
    Settle,
}

impl ParallelPolicy {
    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::First => "first",
            Self::Settle => "settle",
        }
    }
}

/// `branch name { … collect v }`
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its name.
    pub name: Name,
    /// Its steps.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// `v, w if guard { … }`
#[derive(Clone, Debug)]
pub struct MatchArm {
    /// Constants: strings, numbers, booleans, null.
    pub values: Vec<Expr>,
    /// `if guard`
    pub guard: Option<Expr>,
    /// What it does.
    pub block: Block,
    /// All of it.
    pub span: Span,
}

/// Body of `complete`.
#[derive(Clone, Debug)]
pub enum CompleteBody {
    /// `empty`, or nothing
    Empty,
    /// `json template`
    Json(Expr),
    /// `text expr`
    Text(Expr),
    /// `html expr`
    Html(Expr),
    /// `bytes expr`
    Bytes(Expr),
    /// `problem("code")`: a declared error, in the declared shape
    Problem(Name),
}
