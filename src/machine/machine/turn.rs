//! A turn: tasks run one after the other, in the order in which they became ready, until none is or the fuel is used.

use super::answer;
use super::exec::{Cursor, Exit};
use super::table;
use super::task::{State, Task, TaskId};
use super::trap::{Raised, Trap};
use super::{Cause, Failure, Machine, Stop, Turn};
use crate::effect::{Answer, Effect};
use crate::index::Reg;
use crate::program::{EffectSite, FuncId, Pc, Program, SiteId};
use crate::value::{EvalError, Value};

pub(super) struct Running<'a> {
    pub(super) machine: &'a mut Machine,
    pub(super) program: &'a Program,
    turn: Turn,
    /// Steps that this turn may make, in all and from now on: below zero if the last operation looked at more.
    all: i64,
    fuel: i64,
    pub(super) out: &'a mut Vec<Effect>,
}

/// What becomes of a task after an operation that needs more than its frame.
pub(super) enum Next {
    /// It goes on.
    Go,
    /// It waits as its state says.
    Wait,
    /// It has ended.
    End(Value),
    /// The fuel is used.
    Pause,
    /// The run is over.
    Done(Answer),
}

impl<'a> Running<'a> {
    pub(super) fn new(
        machine: &'a mut Machine,
        program: &'a Program,
        turn: Turn,
        out: &'a mut Vec<Effect>,
    ) -> Self {
        let steps = machine.steps.min(turn.fuel.into());
        let fuel = i64::try_from(steps).unwrap_or(i64::MAX);
        Self {
            machine,
            program,
            turn,
            all: fuel,
            fuel,
            out,
        }
    }

    /// Runs every task that is ready.
    pub(super) fn run(mut self) -> Stop {
        let stop = self.tasks();
        self.machine.steps = self.machine.steps.saturating_sub(self.used());
        stop
    }

    /// Steps made in this turn.
    fn used(&self) -> u64 {
        self.all.saturating_sub(self.fuel).unsigned_abs()
    }

    fn tasks(&mut self) -> Stop {
        while let Some(id) = self.machine.ready.pop_front() {
            // A task that was cancelled since it became ready is gone.
            if let Some(task) = self.machine.tasks.remove(id)
                && let Some(stop) = self.task(id, task)
            {
                return stop;
            }
        }
        Stop::Blocked
    }

    /// Runs a task until it waits, ends, or the run stops.
    fn task(&mut self, id: TaskId, mut task: Box<Task>) -> Option<Stop> {
        let mut next = self.resume(&mut task);
        loop {
            next = match next {
                Ok(Next::Go) => self.frame(id, &mut task),
                Ok(Next::Wait) => {
                    self.machine.tasks.insert(id, task);
                    return None;
                }
                Ok(Next::End(value)) => return self.end(id, &task, Ok(value)),
                Ok(Next::Pause) => return Some(self.pause(id, task)),
                Ok(Next::Done(answer)) => return Some(Stop::Done(answer)),
                Err(trap) => match trap.raised() {
                    Raised::Fatal(fatal) => {
                        return Some(Stop::Failed(failure(&task, fatal.into())));
                    }
                    Raised::Error(error) => match self.unwind(&mut task, error) {
                        Ok(()) => Ok(Next::Go),
                        Err(failure) => return self.end(id, &task, Err(failure)),
                    },
                },
            };
        }
    }

    /// Takes what the task has waited for. An error costs as much as an operation, so that a trace, which has fuel for
    /// one operation a turn, sees where it leads.
    fn resume(&mut self, task: &mut Task) -> Result<Next, Trap> {
        if let State::Resumed(dst, outcome) = std::mem::replace(&mut task.state, State::Ready) {
            let value = outcome.inspect_err(|_| self.fuel = self.fuel.saturating_sub(1))?;
            task.registers().set(dst, value);
        }
        Ok(Next::Go)
    }

    /// Runs the innermost frame, and the operation that stopped it.
    fn frame(&mut self, id: TaskId, task: &mut Task) -> Result<Next, Trap> {
        let code = &self.program[task.frame.function].code;
        let mut cursor = Cursor {
            pc: task.frame.pc.index(),
            fuel: self.fuel,
        };
        let exit = self.machine.env(self.program, self.turn.now).run(
            code,
            &mut task.registers(),
            &mut cursor,
        );
        self.fuel = cursor.fuel;
        task.frame.pc = Pc(u16::try_from(cursor.pc).unwrap_or(u16::MAX));
        match exit {
            Exit::Fuel => Ok(Next::Pause),
            Exit::Trap(trap) => Err(trap),
            Exit::Call { dst, func, first } => self.call(task, dst, func, first),
            Exit::Return { src } => self.leave(task, src),
            Exit::ReturnConst { value } => self.leave_with(task, self.program[value].clone()),
            Exit::Perform { dst, site, first } => self.perform(id, task, dst, site, first),
            Exit::Scope { dst, site } => self.open(id, task, dst, site),
            Exit::Fork { scope, func, first } => self.fork(task, scope, func, first),
            Exit::Join { dst, scope } => self.join(task, dst, scope),
            Exit::Complete { answer, first } => {
                let answer = answer::answer(&self.program[answer], &mut task.registers(), first)?;
                Ok(Next::Done(answer))
            }
        }
    }

    /// The task goes on first in the next turn: how much fuel a turn has changes nothing else.
    fn pause(&mut self, id: TaskId, task: Box<Task>) -> Stop {
        if self.machine.steps <= self.used() {
            return Stop::Failed(failure(&task, Cause::Steps));
        }
        self.machine.ready.push_front(id);
        self.machine.tasks.insert(id, task);
        Stop::OutOfFuel
    }

    fn call(&mut self, task: &mut Task, dst: Reg, func: FuncId, first: Reg) -> Result<Next, Trap> {
        let mut regs = task.registers();
        match table::find(self.program, (func, first), &regs, &mut self.fuel) {
            Some(found) => regs.copy(dst, found),
            None => task.call(self.program, func, first, dst)?,
        }
        Ok(Next::Go)
    }

    fn leave(&mut self, task: &mut Task, src: Reg) -> Result<Next, Trap> {
        let value = task.registers().take(src)?;
        self.leave_with(task, value)
    }

    fn leave_with(&mut self, task: &mut Task, value: Value) -> Result<Next, Trap> {
        self.close(task, |_| true);
        let Some(dst) = task.leave() else {
            return Ok(Next::End(value));
        };
        task.registers().set(dst, value);
        Ok(Next::Go)
    }

    fn perform(
        &mut self,
        id: TaskId,
        task: &mut Task,
        dst: Reg,
        site: SiteId,
        first: Reg,
    ) -> Result<Next, Trap> {
        self.machine.memory.charge(size_of::<Effect>())?;
        let (site, regs) = (&self.program[site], task.registers());
        let count = site.registers(&self.program.manifest).unwrap_or(0);
        let args = regs.values(first, count)?.to_vec();
        self.out
            .push(Effect::new(self.machine.next_effect, site, args));
        // There is nothing to wait for, and no id is used.
        if matches!(site, EffectSite::Emit(_)) {
            task.registers().set(dst, Value::Null);
            return Ok(Next::Go);
        }
        task.state = State::Effect(self.machine.wait(id)?, dst);
        Ok(Next::Wait)
    }

    /// Goes on at the innermost handler, leaving frames that have none; or says how the task fails.
    fn unwind(&mut self, task: &mut Task, error: EvalError) -> Result<(), Failure> {
        let origin = failure(task, Cause::Uncaught(error.clone()));
        loop {
            if let Some(handler) = self.program[task.frame.function].handler(task.frame.last()) {
                self.close(task, |opened| handler.covers(opened));
                task.frame.pc = handler.target;
                task.registers().set(handler.error, error.into());
                return Ok(());
            }
            self.close(task, |_| true);
            task.leave().ok_or(origin.clone())?;
        }
    }
}

/// `cause`, at the operation that ran last.
pub(super) fn failure(task: &Task, cause: Cause) -> Failure {
    Failure {
        cause,
        function: task.frame.function,
        pc: task.frame.last(),
    }
}
