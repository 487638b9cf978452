//! What must hold of saved tables, so that they are a machine of this program: everything the interpreter relies on.

use super::{Saved, SavedFrame, SavedScope, SavedState, SavedTask, index};
use crate::index::Reg;
use crate::limits::{
    DEFAULT_MEMORY, DEFAULT_STEPS, MAX_FRAMES, MAX_REGISTERS, MAX_TASKS, MAX_VALUE_BYTES,
};
use crate::op::Op;
use crate::program::{Program, ScopeSiteId};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The site of each scope, if all is sound.
pub(super) fn sound(program: &Program, saved: &Saved) -> Option<Vec<ScopeSiteId>> {
    let [next_task, next_scope, next_effect] = saved.next;
    let tasks: BTreeMap<u32, &SavedTask> = saved.tasks.iter().map(|task| (task.id, task)).collect();
    let scopes: BTreeMap<u32, &SavedScope> =
        saved.scopes.iter().map(|scope| (scope.id, scope)).collect();
    let roots = saved.tasks.iter().filter(|task| task.parent.is_none());
    let effects: Vec<_> = saved.tasks.iter().filter_map(SavedTask::waiting).collect();
    let names: BTreeSet<_> = effects.iter().map(|(id, _)| *id).collect();
    let whole = tasks.len() == saved.tasks.len()
        && scopes.len() == saved.scopes.len()
        && names.len() == effects.len()
        && tasks.len() <= MAX_TASKS
        && roots.count() == 1
        && saved.steps <= DEFAULT_STEPS
        && saved.memory <= DEFAULT_MEMORY
        && tasks.keys().all(|id| *id < next_task)
        && scopes.keys().all(|id| *id < next_scope)
        && names.iter().all(|id| id.0 < next_effect)
        && !saved
            .around
            .iter()
            .any(|value| matches!(value, Value::Error(_)))
        && is_ready(saved);
    let all = Tables {
        program,
        tasks,
        scopes,
    };
    (whole && saved.tasks.iter().all(|task| all.task(task)))
        .then(|| saved.scopes.iter().map(|scope| all.scope(scope)).collect())?
}

/// Those that can go on stand in the queue, each once, and no others.
fn is_ready(saved: &Saved) -> bool {
    let queued: BTreeSet<u32> = saved.ready.iter().copied().collect();
    let ready = saved
        .tasks
        .iter()
        .filter(|task| matches!(task.state, SavedState::Ready | SavedState::Resumed(..)));
    let ready: BTreeSet<u32> = ready.map(|task| task.id).collect();
    queued.len() == saved.ready.len() && queued == ready
}

struct Tables<'a> {
    program: &'a Program,
    tasks: BTreeMap<u32, &'a SavedTask>,
    scopes: BTreeMap<u32, &'a SavedScope>,
}

impl Tables<'_> {
    fn task(&self, task: &SavedTask) -> bool {
        let frames = &task.frames;
        let Some(inner) = frames.last() else {
            return false;
        };
        let known = frames.iter().all(|frame| self.frame(task, frame));
        known
            && frames.len() <= MAX_FRAMES
            && frames.is_sorted_by(|caller, callee| self.called(caller, callee))
            && task.registers.len()
                == frames
                    .iter()
                    .map(|frame| self.registers(frame))
                    .sum::<usize>()
            && (task.registers.len()..=MAX_FRAMES * MAX_REGISTERS).contains(&index(task.peak))
            && self.state(inner, &task.state)
            && task
                .parent
                .is_none_or(|(scope, place)| self.child(task, scope, place))
    }

    fn registers(&self, frame: &SavedFrame) -> usize {
        self.program[frame.function].registers.into()
    }

    /// A function there is, and scopes that this task has opened.
    fn frame(&self, task: &SavedTask, frame: &SavedFrame) -> bool {
        let Some(function) = self.program.functions.get(frame.function.index()) else {
            return false;
        };
        let opened = |id: &u32| {
            self.scopes
                .get(id)
                .is_some_and(|scope| scope.owner == task.id)
        };
        frame.pc.index() < function.code.len() && frame.scopes.iter().all(opened)
    }

    /// The operation that ran last.
    fn last(&self, frame: &SavedFrame) -> Option<Op> {
        let pc = frame.pc.index().checked_sub(1)?;
        self.program[frame.function].code.get(pc).copied()
    }

    fn called(&self, caller: &SavedFrame, callee: &SavedFrame) -> bool {
        matches!(self.last(caller), Some(Op::Call { dst, func, .. })
            if func == callee.function && dst == callee.dst)
    }

    fn state(&self, frame: &SavedFrame, state: &SavedState) -> bool {
        let performed =
            |reg: Reg| matches!(self.last(frame), Some(Op::Perform { dst, .. }) if dst == reg);
        let own = |id: &u32| frame.scopes.contains(id);
        let found = |id: &u32| self.scopes.get(id).filter(|_| own(id));
        match state {
            SavedState::Ready => true,
            SavedState::Resumed(reg, outcome) => performed(*reg) && is_outcome(outcome),
            SavedState::Effect(_, reg) => performed(*reg),
            // What wakes it is the end of a task.
            SavedState::Join(id) | SavedState::Full(id) => {
                found(id).is_some_and(|scope| !scope.live.is_empty())
            }
        }
    }

    /// A task of a scope that knows it. Scopes are older than their tasks, so none is inside itself.
    fn child(&self, task: &SavedTask, scope: u32, place: u32) -> bool {
        self.scopes.get(&scope).is_some_and(|scope| {
            scope.live.contains(&task.id)
                && scope.owner < task.id
                && index(place) < scope.results.len()
        })
    }

    /// Its site.
    fn scope(&self, scope: &SavedScope) -> Option<ScopeSiteId> {
        let owner = self.tasks.get(&scope.owner)?;
        let mut frames = owner.frames.iter();
        let mut holders = frames
            .by_ref()
            .filter(|frame| frame.scopes.contains(&scope.id));
        let (frame, None) = (holders.next()?, holders.next()) else {
            return None;
        };
        let once = frame.scopes.iter().filter(|id| **id == scope.id).count() == 1;
        let live: BTreeSet<u32> = scope.live.iter().copied().collect();
        let child = |id: &u32| {
            let parent = self.tasks.get(id).and_then(|task| task.parent);
            parent.is_some_and(|(parent, _)| parent == scope.id)
        };
        let results = scope.results.iter().flatten().chain(&scope.verdict);
        let sound = once
            && live.len() == scope.live.len()
            && live.iter().all(child)
            && results.into_iter().all(is_outcome);
        let code = &self.program[frame.function].code;
        match code.get(scope.opened.index()) {
            Some(Op::Scope { site, .. }) if sound => Some(*site),
            _ => None,
        }
    }
}

fn is_outcome(outcome: &crate::effect::Outcome) -> bool {
    outcome.as_ref().is_ok_and(is_plain) || outcome.is_err()
}

/// Can a register hold this? An error may stand there, but not inside other values.
pub(crate) fn is_register(value: &Value) -> bool {
    matches!(value, Value::Error(_)) || is_plain(value)
}

fn is_plain(value: &Value) -> bool {
    value.weight() <= MAX_VALUE_BYTES && value.every(|part| !matches!(part, Value::Error(_)))
}
