//! Scopes: tasks that end together, and what becomes of their results.

use super::task::TaskId;
use crate::effect::Outcome;
use crate::program::{JoinPolicy, Pc, ScopeSite};
use crate::value::{ErrorKind, EvalError, Value, ops};
use std::collections::BTreeSet;

/// Names one scope of a run; given out in sequence, never reused. A register holds it as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ScopeId(pub(super) u32);

/// About what a scope takes.
pub(super) const SCOPE_BYTES: usize = 192;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scope {
    pub(super) site: ScopeSite,
    /// The task that opened it.
    pub(super) owner: TaskId,
    /// The operation that opened it.
    pub(super) opened: Pc,
    /// Tasks that have not ended.
    pub(super) live: BTreeSet<TaskId>,
    /// How each task ended, in the order of the forks.
    pub(super) results: Vec<Option<Outcome>>,
    /// What the join gives, if that is certain before all tasks have ended.
    pub(super) verdict: Option<Outcome>,
}

impl Scope {
    pub(super) fn new(site: ScopeSite, owner: TaskId, opened: Pc) -> Self {
        Self {
            site,
            owner,
            opened,
            live: BTreeSet::new(),
            results: Vec::new(),
            verdict: None,
        }
    }

    /// Adds a task. Its place.
    pub(super) fn fork(&mut self, task: TaskId) -> usize {
        self.live.insert(task);
        self.results.push(None);
        self.results.len() - 1
    }

    pub(super) fn is_full(&self) -> bool {
        self.live.len() >= usize::from(self.site.limit)
    }

    /// Is it certain what the join gives, whatever other tasks do?
    pub(super) fn is_decided(&self) -> bool {
        self.verdict.is_some()
    }

    /// Takes the end of a task.
    pub(super) fn ended(&mut self, task: TaskId, place: usize, outcome: Outcome) {
        self.live.remove(&task);
        let decides = match self.site.policy {
            JoinPolicy::All => outcome.is_err(),
            JoinPolicy::First => outcome.is_ok(),
            JoinPolicy::Settle => false,
        };
        if decides {
            self.verdict = Some(outcome);
        } else if let Some(slot) = self.results.get_mut(place) {
            *slot = Some(outcome);
        }
    }

    /// What the join gives, once no task lives.
    pub(super) fn outcome(self) -> Outcome {
        if let Some(verdict) = self.verdict {
            return verdict;
        }
        let results = self.results.into_iter().flatten();
        match self.site.policy {
            JoinPolicy::All => ops::list(results.collect::<Result<_, _>>()?),
            JoinPolicy::Settle => ops::list(results.map(settled).collect::<Result<_, _>>()?),
            JoinPolicy::First => Err(EvalError::new(ErrorKind::AllFailed, "no branch succeeded")),
        }
    }
}

fn settled(outcome: Outcome) -> Outcome {
    outcome.map_or(Ok(Value::Optional(None)), ops::some)
}
