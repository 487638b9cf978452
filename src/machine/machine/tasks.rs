//! The tasks of a run, and the queue of those that can go on. Most runs have one task from their start to their end:
//! it stands apart, so that nothing is allocated to find it.

use super::ids::Ids;
use super::task::{Task, TaskId};
use std::collections::VecDeque;

/// Tasks by their ids. Boxed, as they move out while they run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tasks {
    /// [`TaskId::FIRST`]
    first: Option<Box<Task>>,
    others: Ids<TaskId, Box<Task>>,
}

impl Tasks {
    pub(super) fn len(&self) -> usize {
        self.others.len() + usize::from(self.first.is_some())
    }

    pub(super) fn get(&self, id: TaskId) -> Option<&Task> {
        match id {
            TaskId::FIRST => self.first.as_deref(),
            _ => self.others.get(id).map(|task| &**task),
        }
    }

    pub(super) fn get_mut(&mut self, id: TaskId) -> Option<&mut Task> {
        match id {
            TaskId::FIRST => self.first.as_deref_mut(),
            _ => self.others.get_mut(id).map(|task| &mut **task),
        }
    }

    pub(super) fn insert(&mut self, id: TaskId, task: Box<Task>) {
        match id {
            TaskId::FIRST => self.first = Some(task),
            _ => self.others.insert(id, task),
        }
    }

    pub(super) fn remove(&mut self, id: TaskId) -> Option<Box<Task>> {
        match id {
            TaskId::FIRST => self.first.take(),
            _ => self.others.remove(id),
        }
    }

    /// In the order of their ids.
    pub(super) fn iter(&self) -> impl Iterator<Item = (TaskId, &Task)> {
        let first = self.first.as_deref().map(|task| (TaskId::FIRST, task));
        let others = self.others.iter().map(|(id, task)| (id, &**task));
        first.into_iter().chain(others)
    }
}

impl FromIterator<(TaskId, Box<Task>)> for Tasks {
    fn from_iter<I: IntoIterator<Item = (TaskId, Box<Task>)>>(tasks: I) -> Self {
        let mut all = Self::default();
        tasks
            .into_iter()
            .for_each(|(id, task)| all.insert(id, task));
        all
    }
}

/// Tasks that can go on, in the order in which they became so.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Queue {
    /// `None`: the queue is empty.
    next: Option<TaskId>,
    behind: VecDeque<TaskId>,
}

impl Queue {
    pub(super) fn front(&self) -> Option<TaskId> {
        self.next
    }

    pub(super) fn pop_front(&mut self) -> Option<TaskId> {
        std::mem::replace(&mut self.next, self.behind.pop_front())
    }

    pub(super) fn push_front(&mut self, id: TaskId) {
        if let Some(second) = self.next.replace(id) {
            self.behind.push_front(second);
        }
    }

    pub(super) fn push_back(&mut self, id: TaskId) {
        match self.next {
            Some(_) => self.behind.push_back(id),
            None => self.next = Some(id),
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(TaskId) -> bool) {
        *self = self.iter().filter(|id| keep(*id)).collect();
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = TaskId> {
        self.next.into_iter().chain(self.behind.iter().copied())
    }
}

impl FromIterator<TaskId> for Queue {
    fn from_iter<I: IntoIterator<Item = TaskId>>(ids: I) -> Self {
        let mut behind: VecDeque<_> = ids.into_iter().collect();
        Self {
            next: behind.pop_front(),
            behind,
        }
    }
}
