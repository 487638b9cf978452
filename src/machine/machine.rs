//! The interpreter: runs a program until it is done, waits for the world, or has used its fuel.

use crate::effect::{Answer, Effect, EffectId, Outcome};
use crate::limits::{DEFAULT_MEMORY, DEFAULT_STEPS};
use crate::program::{FuncId, Pc, Program};
use crate::value::{EvalError, Timestamp, Value};

/// What a run is given once: one value for each [`crate::op::Context`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// The validated input.
    pub input: Value,
    /// `{id, method, path, headers, ip}`
    pub request: Value,
    /// `{id, claims}` or null.
    pub client: Value,
    /// All `config` values.
    pub config: Value,
    /// All `secret` values.
    pub secret: Value,
}

/// What a whole run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations.
    pub steps: u64,
    /// Bytes of values it builds, and of its tasks and frames.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: DEFAULT_STEPS, memory: DEFAULT_MEMORY }
    }
}

/// What one call of [`Machine::run`] may use.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The time, fixed for the turn.
    pub now: Timestamp,
    /// Operations it may execute before it stops with [`Stop::OutOfFuel`].
    pub fuel: u32,
}

/// Why [`Machine::run`] stopped.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The run is over: this is its answer.
    Done(Answer),
    /// The function returned a value (error shapes and single expressions; a journey ends in `Done`).
    Returned(Value),
    /// Effects are outstanding.
    Blocked,
    /// The turn's fuel is used; call again.
    OutOfFuel,
    /// The run is over: an error that nothing caught, or a limit.
    Failed(Failure),
}

/// How a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub cause: Cause,
    /// In which function.
    pub function: FuncId,
    /// At which operation.
    pub pc: Pc,
}

/// What ended a failed run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An error nobody caught.
    Uncaught(EvalError),
    /// More operations than allowed.
    Steps,
    /// More memory than allowed.
    Memory,
    /// Too many tasks or frames.
    Depth,
    /// A register did not hold what the operation needs (a scope, an error), or a pure function asked for an effect.
    Malformed,
    /// Ended from outside.
    Cancelled,
}

/// One run. Plain data: it holds no program, no pointer, no cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {}

impl Machine {
    /// A run of `function`, which must have as many parameters as `args`.
    #[must_use]
    pub fn start(_program: &Program, _function: FuncId, _args: Vec<Value>, _around: Surroundings, _seed: u128) -> Self {
        todo!()
    }

    /// The same run with other limits than the default ones.
    #[must_use]
    pub fn with_limits(self, _limits: Limits) -> Self {
        todo!()
    }

    /// Runs until it is done, waits, or has used the turn's fuel. Effects are appended to `out`.
    pub fn run(&mut self, _program: &Program, _turn: Turn, _out: &mut Vec<Effect>) -> Stop {
        todo!()
    }

    /// The end of an effect; `false`: unknown, ended already, or cancelled.
    pub fn complete(&mut self, _id: EffectId, _outcome: Outcome) -> bool {
        todo!()
    }

    /// Ends the run from outside (its deadline, the server's stop): cancels what is outstanding.
    pub fn cancel(&mut self, _out: &mut Vec<Effect>) {
        todo!()
    }
}

/// The value of a function that asks for no effect: an error shape, a single expression.
///
/// # Errors
/// What a run of it fails with; [`Cause::Malformed`] if it does ask for an effect or ends in an answer.
pub fn evaluate(
    _program: &Program,
    _function: FuncId,
    _args: Vec<Value>,
    _around: Surroundings,
    _now: Timestamp,
) -> Result<Value, Cause> {
    todo!()
}
