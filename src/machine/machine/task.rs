//! A task: explicit frames over one stack of registers, so that it is data wherever it waits.

use super::exec::{Registers, Trap};
use super::scope::ScopeId;
use super::{Cause, Failure};
use crate::effect::{EffectId, Outcome};
use crate::limits::MAX_FRAMES;
use crate::program::{FuncId, Function, Handler, Pc, Program, Reg};
use crate::value::{EvalError, Value};

/// Names one task of a run; given out in sequence, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TaskId(pub(super) u32);

/// What a task takes beside its registers.
const TASK_BYTES: u64 = 256;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    /// Innermost last; never empty while the task lives.
    pub(super) frames: Vec<Frame>,
    /// The registers of all frames.
    registers: Vec<Value>,
    /// Most registers it ever had: what it has paid for.
    peak: usize,
    pub(super) state: State,
    /// The scope that it was forked in, and its place there; `None`: the run's first task.
    pub(super) parent: Option<(ScopeId, usize)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) function: FuncId,
    /// The next operation.
    pub(super) pc: Pc,
    /// Where its registers begin.
    base: usize,
    /// Where the caller wants the result.
    dst: Reg,
    /// Scopes opened here and not yet joined.
    pub(super) scopes: Vec<ScopeId>,
}

/// What a task is doing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// It runs, or is in the ready queue.
    Ready,
    /// It is in the ready queue and goes on with this in the register.
    Resumed(Reg, Outcome),
    /// It waits for an effect.
    Effect(EffectId, Reg),
    /// It waits for the end of a scope.
    Join(ScopeId, Reg),
    /// It waits for room in a scope.
    Full(ScopeId),
}

impl Task {
    /// A task about to run `function`.
    pub(super) fn new(id: FuncId, function: &Function, args: Vec<Value>, parent: Option<(ScopeId, usize)>) -> Self {
        let mut registers = args;
        registers.resize(function.registers.into(), Value::Null);
        let peak = registers.len();
        let frame = Frame { function: id, pc: Pc(0), base: 0, dst: Reg(0), scopes: Vec::new() };
        Self { frames: vec![frame], registers, peak, state: State::Ready, parent }
    }

    /// Bytes it has to pay for.
    pub(super) fn bytes(&self) -> u64 {
        TASK_BYTES + registers_bytes(self.peak)
    }

    /// The registers of the innermost frame.
    #[inline]
    pub(super) fn registers(&mut self) -> Registers<'_> {
        let base = self.frames.last().map_or(0, |frame| frame.base);
        Registers::new(self.registers.get_mut(base..).unwrap_or_default())
    }

    /// Enters a function. The bytes it has to pay for that, if it never had as many registers.
    pub(super) fn call(&mut self, id: FuncId, function: &Function, first: Reg, dst: Reg) -> Result<u64, Trap> {
        if self.frames.len() >= MAX_FRAMES {
            return Err(Trap::Fatal(Cause::Depth));
        }
        let base = self.registers.len();
        let args = self.registers().base_of(first);
        let _ = args;
        self.frames.push(Frame { function: id, pc: Pc(0), base, dst, scopes: Vec::new() });
        Ok(0)
    }
}

fn registers_bytes(count: usize) -> u64 {
    (count * size_of::<Value>()) as u64
}
