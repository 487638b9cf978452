//! Structured concurrency: no task outlives the scope it was forked in, no scope the frame that opened it.

use super::Machine;
use super::scope::{SCOPE_BYTES, Scope, ScopeId};
use super::task::{State, Task, TaskId};
use super::trap::{Trap, malformed};
use super::turn::{Next, Running};
use super::{Cause, Failure, Stop};
use crate::effect::{Effect, Outcome};
use crate::index::Reg;
use crate::program::{FuncId, Pc, ScopeSiteId};
use crate::value::Value;
use std::collections::VecDeque;

impl Running<'_> {
    pub(super) fn open(
        &mut self,
        id: TaskId,
        task: &mut Task,
        dst: Reg,
        site: ScopeSiteId,
    ) -> Result<Next, Trap> {
        self.machine.memory.charge(SCOPE_BYTES)?;
        let scope = self.machine.scope_id()?;
        self.machine
            .scopes
            .insert(scope, Scope::new(self.program[site], id, task.frame.last()));
        task.frame.scopes.push(scope);
        task.registers().set_int(dst, scope.0.into());
        Ok(Next::Go)
    }

    /// Starts a task, unless it is certain already what the scope gives.
    pub(super) fn fork(
        &mut self,
        task: &mut Task,
        scope: Reg,
        func: FuncId,
        first: Reg,
    ) -> Result<Next, Trap> {
        let id = scope_of(task, scope)?;
        let scope = self.machine.scopes.get_mut(id).ok_or_else(malformed)?;
        if scope.is_decided() {
            return Ok(Next::Go);
        }
        if scope.is_full() {
            task.retry(State::Full(id));
            return Ok(Next::Wait);
        }
        let count = self.program[func].params.into();
        let args = task.registers().values(first, count)?.to_vec();
        let child = self.machine.next_task;
        let place = scope.fork(child);
        self.machine
            .add(Task::new(self.program, func, args, Some((id, place))))?;
        Ok(Next::Go)
    }

    pub(super) fn join(&mut self, task: &mut Task, dst: Reg, scope: Reg) -> Result<Next, Trap> {
        let id = scope_of(task, scope)?;
        if !self
            .machine
            .scopes
            .get(id)
            .ok_or_else(malformed)?
            .live
            .is_empty()
        {
            task.retry(State::Join(id));
            return Ok(Next::Wait);
        }
        task.frame.scopes.retain(|open| *open != id);
        let scope = self.machine.scopes.remove(id).ok_or_else(malformed)?;
        let value = scope.outcome()?;
        self.machine.memory.charge(value.size())?;
        task.registers().set(dst, value);
        Ok(Next::Go)
    }

    /// A task has ended: its scope takes the result; without a scope, the run has ended.
    pub(super) fn end(
        &mut self,
        id: TaskId,
        task: &Task,
        result: Result<Value, Failure>,
    ) -> Option<Stop> {
        self.machine.memory.refund(task.bytes());
        let Some((scope, place)) = task.parent else {
            return Some(result.map_or_else(Stop::Failed, Stop::Returned));
        };
        match result.map_err(|failure| (failure.cause.clone(), failure)) {
            Ok(value) => self.ended(id, scope, place, Ok(value)),
            Err((Cause::Uncaught(error), _)) => self.ended(id, scope, place, Err(error)),
            Err((_, failure)) => return Some(Stop::Failed(failure)),
        }
        None
    }

    fn ended(&mut self, id: TaskId, scope: ScopeId, place: usize, outcome: Outcome) {
        let Some(found) = self.machine.scopes.get_mut(scope) else {
            return;
        };
        found.ended(id, place, outcome);
        if found.is_decided() {
            let losers = std::mem::take(&mut found.live);
            self.cancel(losers.into_iter().collect());
        }
        self.wake(scope);
    }

    /// Lets the owner of a scope go on, if it waits for what has just happened.
    fn wake(&mut self, id: ScopeId) {
        let Some(scope) = self.machine.scopes.get(id) else {
            return;
        };
        let Some(owner) = self.machine.tasks.get_mut(scope.owner) else {
            return;
        };
        let waited = match owner.state {
            State::Join(joined) => joined == id && scope.live.is_empty(),
            State::Full(full) => full == id,
            State::Ready | State::Resumed(..) | State::Effect(..) => false,
        };
        if waited {
            owner.state = State::Ready;
            self.machine.ready.push_back(scope.owner);
        }
    }

    /// Ends the scopes of the innermost frame that were opened by these operations.
    pub(super) fn close(&mut self, task: &mut Task, which: impl Fn(Pc) -> bool) {
        for id in std::mem::take(&mut task.frame.scopes) {
            let Some(scope) = self.machine.scopes.get_mut(id) else {
                continue;
            };
            if which(scope.opened) {
                let live = std::mem::take(&mut scope.live);
                self.machine.scopes.remove(id);
                self.cancel(live.into_iter().collect());
            } else {
                task.frame.scopes.push(id);
            }
        }
    }

    /// Ends tasks, and all tasks in scopes of theirs.
    fn cancel(&mut self, mut doomed: VecDeque<TaskId>) {
        while let Some(task) = doomed
            .pop_front()
            .and_then(|id| self.machine.tasks.remove(id))
        {
            self.machine.memory.refund(task.bytes());
            if let State::Effect(effect, _) = task.state {
                self.machine.waiting.remove(effect);
                self.out.push(Effect::Cancel(effect));
            }
            let scopes = task
                .scopes()
                .filter_map(|id| self.machine.scopes.remove(id));
            doomed.extend(scopes.flat_map(|scope| scope.live));
        }
        // A saved queue names living tasks only.
        let Machine { ready, tasks, .. } = &mut *self.machine;
        ready.retain(|id| tasks.get(id).is_some());
    }
}

/// The scope in a register: an open one of this frame.
fn scope_of(task: &mut Task, reg: Reg) -> Result<ScopeId, Trap> {
    let number = task.registers()[reg]
        .as_i64()
        .and_then(|number| u32::try_from(number).ok());
    let id = ScopeId(number.ok_or_else(malformed)?);
    if task.frame.scopes.contains(&id) {
        Ok(id)
    } else {
        Err(malformed())
    }
}
