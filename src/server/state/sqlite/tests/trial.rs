//! An engine beside the model: what both are asked, and whether they say the same.

use super::model::{At, By, Content, Model, SPACES, Saw, Stored, Stretch, Write};
use super::{at, block_on, place};
use crate::state::sqlite::batch::{Job, Verdict};
use crate::state::{Engine, Refused};
use journey_machine::state::{Commit, Range, Seen};
use journey_machine::value::Str;
use std::collections::BTreeMap;

pub(super) const TURNS: usize = 3;

/// What engines of every kind can do.
#[derive(Clone, Debug)]
pub(super) enum Action {
    Read(usize, At),
    Find(usize, Stretch),
    Put(usize, At, Content),
    /// What is there, in another group.
    Rewrite(usize, At, u8),
    Delete(usize, At),
    Wait(i64),
}

/// What a batch does, one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// A turn ends.
    Turn(usize),
    Sweep,
    Probe,
}

#[derive(Debug, Default)]
struct Turn {
    seen: Vec<Seen>,
    saw: Vec<Saw>,
    changes: BTreeMap<At, Write>,
}

pub(super) struct Trial<E> {
    pub(super) engine: E,
    pub(super) model: Model,
    turns: [Turn; TURNS],
}

impl<E: Engine> Trial<E> {
    pub(super) fn new(engine: E) -> Self {
        Self {
            engine,
            model: Model::default(),
            turns: Default::default(),
        }
    }

    /// The engine is closed, or crashes, and is another one then.
    pub(super) fn reopen<F>(self, reopen: impl FnOnce(E) -> F) -> Trial<F> {
        Trial {
            engine: reopen(self.engine),
            model: self.model,
            turns: self.turns,
        }
    }

    pub(super) fn act(&mut self, action: &Action) {
        match action {
            Action::Read(turn, at) => self.read(*turn, *at),
            Action::Find(turn, stretch) => self.find(*turn, stretch),
            Action::Put(turn, at, content) => {
                let content = Content {
                    expires: content.expires.map(|length| self.model.now + length),
                    ..content.clone()
                };
                self.change(*turn, *at, Write::Put(content));
            }
            Action::Rewrite(turn, at, group) => {
                self.read(*turn, *at);
                if let Some(stored) = self.model.row(*at) {
                    let content = Content {
                        group: *group,
                        ..stored.content.clone()
                    };
                    self.change(*turn, *at, Write::Rewrite(content));
                }
            }
            Action::Delete(turn, at) => self.change(*turn, *at, Write::Delete),
            Action::Wait(length) => self.model.now += length,
        }
    }

    fn change(&mut self, turn: usize, at: At, write: Write) {
        self.turns[turn].changes.insert(at, write);
    }

    fn read(&mut self, turn: usize, which: At) {
        let place = place(SPACES[which.0], which.1);
        let found = block_on(self.engine.row(&place, at(self.model.now))).unwrap();
        let expected = self.model.row(which);
        let of = |stored: &Stored| (stored.version, stored.content.data());
        assert_eq!(
            found.as_ref().map(|f| (f.version, f.data.clone())),
            expected.map(of)
        );
        let stamp = found.map_or(0, |found| found.stamp);
        let write = expected.map_or(0, |row| row.write);
        self.turns[turn].seen.push(Seen::Row(place, stamp));
        self.turns[turn].saw.push(Saw::Row(which, write));
    }

    fn find(&mut self, turn: usize, stretch: &Stretch) {
        let range = range(stretch);
        let found = block_on(self.engine.range(&range, at(self.model.now))).unwrap();
        let expected = self.model.stretch(stretch);
        let read = found
            .iter()
            .map(|f| (f.key[0], f.version, f.expires, f.data.clone()));
        let wanted = expected.iter().map(|(key, row)| {
            let expires = row.content.expires.map(at);
            (*key, row.version, expires, row.content.data())
        });
        assert_eq!(read.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
        let stamps = found.into_iter().map(|found| (found.key, found.stamp));
        let writes = expected.iter().map(|(key, row)| (*key, row.write));
        let turn = &mut self.turns[turn];
        turn.saw
            .push(Saw::Stretch(stretch.clone(), writes.collect()));
        turn.seen.push(Seen::Range(range, stamps.collect()));
    }

    /// A batch as the engine is given it; what is to become of each of its turns, and the model after it.
    pub(super) fn batch(&mut self, parts: &[Part]) -> (Vec<Job>, Expected) {
        let mut model = self.model.clone();
        let (mut jobs, mut verdicts) = (Vec::new(), Vec::new());
        for part in parts {
            let (job, verdict) = match part {
                Part::Turn(turn) => {
                    let (commit, verdict) = self.turns[*turn].end(&mut model);
                    (Job::Commit(commit), Some(verdict))
                }
                Part::Sweep => (Job::Sweep(at(model.now)), None),
                Part::Probe => (Job::Probe, None),
            };
            jobs.push(job);
            verdicts.push(verdict);
        }
        (jobs, Expected { verdicts, model })
    }

    /// Everything is there, and nothing else.
    pub(super) fn compare(&mut self) {
        for space in 0..SPACES.len() {
            for by in [By::Key, By::Group, By::Name] {
                let all = Stretch {
                    space,
                    by,
                    from: 0,
                    to: None,
                    descending: false,
                    max: 1_000,
                };
                self.find(0, &all);
            }
        }
    }
}

/// What is to become of a batch that the disk takes.
pub(super) struct Expected {
    /// `None`: it works, whatever it counts.
    verdicts: Vec<Option<Result<(), Refused>>>,
    pub(super) model: Model,
}

impl Expected {
    pub(super) fn check(&self, verdicts: &[Verdict]) {
        assert_eq!(self.verdicts.len(), verdicts.len());
        for (expected, verdict) in self.verdicts.iter().zip(verdicts) {
            assert_eq!(verdict.map(drop), expected.unwrap_or(Ok(())));
        }
    }
}

impl Turn {
    /// As it is written, and what is to become of it.
    fn end(&mut self, model: &mut Model) -> (Commit, Result<(), Refused>) {
        let turn = std::mem::take(self);
        let written = model.commit(&turn.saw, &turn.changes);
        let changes = turn.changes.iter();
        let commit = Commit {
            now: at(model.now),
            seen: turn.seen,
            changes: changes.map(|(at, new)| new.change(*at)).collect(),
        };
        (commit, written.then_some(()).ok_or(Refused::Conflict))
    }
}

fn range(stretch: &Stretch) -> Range {
    Range {
        space: Str::from(SPACES[stretch.space]),
        index: stretch.by.index().map(Str::from),
        from: vec![stretch.from],
        to: stretch.to.map(|to| vec![to]),
        descending: stretch.descending,
        max: stretch.max,
    }
}
