//! A task: explicit frames over one stack of registers, so that it is data wherever it waits.

use super::registers::Registers;
use super::scope::ScopeId;
use super::trap::{Fatal, Trap};
use crate::effect::{EffectId, Outcome};
use crate::index::Reg;
use crate::limits::MAX_FRAMES;
use crate::program::{FuncId, Pc, Program};
use crate::value::Value;

/// Names one task of a run; given out in sequence, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TaskId(pub(super) u32);

impl TaskId {
    /// The task that a run begins with.
    pub(super) const FIRST: Self = Self(0);
}

/// Registers for which there is room from the start, if its calls need as many.
const STACK: usize = 256;

/// About what a task takes beside its registers.
const TASK_BYTES: usize = 256;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    /// Frames below the innermost one.
    pub(super) callers: Vec<Frame>,
    /// The innermost frame.
    pub(super) frame: Frame,
    /// The registers of all frames, one behind the other.
    pub(super) registers: Vec<Value>,
    /// Most registers that it may have: those are paid for.
    pub(super) peak: usize,
    pub(super) state: State,
    /// The scope it belongs to, and its place there; `None`: the first task of the run.
    pub(super) parent: Option<(ScopeId, usize)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) function: FuncId,
    /// The next operation.
    pub(super) pc: Pc,
    /// Where its registers begin.
    pub(super) base: usize,
    /// Where its caller wants the result.
    pub(super) dst: Reg,
    /// Scopes that it opened and did not join yet.
    pub(super) scopes: Vec<ScopeId>,
}

/// What a task is doing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// It runs or is in the ready queue.
    Ready,
    /// It is in the ready queue, to go on with this in the register.
    Resumed(Reg, Outcome),
    /// It waits for an effect.
    Effect(EffectId, Reg),
    /// It waits for the end of a scope, to join it.
    Join(ScopeId),
    /// It waits for room in a scope, to fork.
    Full(ScopeId),
}

impl Frame {
    fn new(function: FuncId, base: usize, dst: Reg) -> Self {
        Self {
            function,
            pc: Pc(0),
            base,
            dst,
            scopes: Vec::new(),
        }
    }

    /// The operation that ran last.
    pub(super) fn last(&self) -> Pc {
        Pc(self.pc.0.saturating_sub(1))
    }
}

impl Task {
    /// A task that begins with `function`; missing arguments are null.
    pub(super) fn new(
        program: &Program,
        function: FuncId,
        args: Vec<Value>,
        parent: Option<(ScopeId, usize)>,
    ) -> Self {
        let stack = program.stack(function).min(STACK).max(args.len());
        let mut registers = Vec::with_capacity(stack);
        registers.extend(args);
        registers.resize_with(program[function].registers.into(), Value::default);
        Self {
            callers: Vec::new(),
            frame: Frame::new(function, 0, Reg(0)),
            peak: registers.len().max(program.stack(function)),
            registers,
            state: State::Ready,
            parent,
        }
    }

    /// About how many bytes it takes at most.
    pub(super) fn bytes(&self) -> usize {
        TASK_BYTES + self.peak * size_of::<Value>()
    }

    /// The registers of the innermost frame.
    #[inline]
    pub(super) fn registers(&mut self) -> Registers<'_> {
        Registers::new(
            self.registers
                .get_mut(self.frame.base..)
                .unwrap_or_default(),
        )
    }

    /// Enters a function with consecutive registers as its parameters.
    pub(super) fn call(
        &mut self,
        program: &Program,
        id: FuncId,
        first: Reg,
        dst: Reg,
    ) -> Result<(), Trap> {
        if self.callers.len() + 1 >= MAX_FRAMES {
            return Err(Fatal::Depth.into());
        }
        let (function, base) = (&program[id], self.registers.len());
        let args = self.frame.base + first.index();
        self.registers
            .extend_from_within(args..args + usize::from(function.params));
        self.registers
            .resize_with(base + usize::from(function.registers), Value::default);
        self.callers.push(std::mem::replace(
            &mut self.frame,
            Frame::new(id, base, dst),
        ));
        Ok(())
    }

    /// Leaves the innermost frame. The register of its caller for the result; `None`: there is no caller.
    pub(super) fn leave(&mut self) -> Option<Reg> {
        let left = std::mem::replace(&mut self.frame, self.callers.pop()?);
        self.registers.truncate(left.base);
        Some(left.dst)
    }

    /// Waits as `state` says; the operation that ran last runs again then.
    pub(super) fn retry(&mut self, state: State) {
        self.frame.pc = self.frame.last();
        self.state = state;
    }

    /// All scopes it opened and did not join yet.
    pub(super) fn scopes(&self) -> impl Iterator<Item = ScopeId> {
        self.callers
            .iter()
            .chain([&self.frame])
            .flat_map(|frame| frame.scopes.iter().copied())
    }
}
