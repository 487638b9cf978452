//! Turns that read, write and lose against each other: an engine answers, refuses and keeps as the model does.

use super::model::{At, By, Content, Model, SPACES, Saw, Stretch, change};
use super::{at, block_on, place};
use crate::state::sqlite::batch::Room;
use crate::state::{Engine, Memory, Refused};
use journey_machine::state::{Commit, Range, Seen};
use journey_machine::value::Str;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TURNS: usize = 3;

#[derive(Clone, Debug)]
enum Action {
    Read(usize, At),
    Find(usize, Stretch),
    Put(usize, At, Content),
    Delete(usize, At),
    Commit(usize),
    /// Two turns in one batch.
    Together(usize, usize),
    Wait(i64),
    Sweep,
    /// Only the tables are written.
    Settle(usize),
    Reopen,
}

#[derive(Debug, Default)]
struct Turn {
    seen: Vec<Seen>,
    saw: Vec<Saw>,
    changes: BTreeMap<At, Option<Content>>,
}

struct Trial<E> {
    engine: E,
    model: Model,
    turns: [Turn; TURNS],
}

impl<E: Engine> Trial<E> {
    fn new(engine: E) -> Self {
        Self {
            engine,
            model: Model::default(),
            turns: Default::default(),
        }
    }

    fn act(&mut self, action: &Action) {
        match action {
            Action::Read(turn, at) => self.read(*turn, *at),
            Action::Find(turn, stretch) => self.find(*turn, stretch),
            Action::Put(turn, at, content) => {
                let content = Content {
                    expires: content.expires.map(|length| self.model.now + length),
                    ..content.clone()
                };
                self.turns[*turn].changes.insert(*at, Some(content));
            }
            Action::Delete(turn, at) => {
                self.turns[*turn].changes.insert(*at, None);
            }
            Action::Commit(turn) => self.commit(*turn),
            Action::Wait(length) => self.model.now += length,
            Action::Sweep => {
                block_on(self.engine.sweep(at(self.model.now))).unwrap();
            }
            Action::Together(first, second) => {
                self.commit(*first);
                self.commit(*second);
            }
            Action::Settle(_) | Action::Reopen => {}
        }
    }

    fn read(&mut self, turn: usize, which: At) {
        let place = place(SPACES[which.0], which.1);
        let found = block_on(self.engine.row(&place, at(self.model.now))).unwrap();
        let expected = self.model.row(which);
        let of = |stored: &super::model::Stored| (stored.version, stored.content.data());
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

    fn commit(&mut self, turn: usize) {
        let (commit, expected) = self.end(turn);
        assert_eq!(block_on(self.engine.commit(commit)), expected);
    }

    /// A turn as it is written, and what is to become of it.
    fn end(&mut self, turn: usize) -> (Commit, Result<(), Refused>) {
        let turn = std::mem::take(&mut self.turns[turn]);
        let written = self.model.commit(&turn.saw, &turn.changes);
        let changes = turn.changes.iter();
        let commit = Commit {
            now: at(self.model.now),
            seen: turn.seen,
            changes: changes.map(|(at, new)| change(*at, new.as_ref())).collect(),
        };
        (commit, written.then_some(()).ok_or(Refused::Conflict))
    }

    /// Everything is there, and nothing else.
    fn compare(&mut self) {
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

fn action() -> impl Strategy<Value = Action> {
    let turn = 0..TURNS;
    let at = || (0..SPACES.len(), 0..5_u8);
    prop_oneof![
        3 => (turn.clone(), at()).prop_map(|(turn, at)| Action::Read(turn, at)),
        3 => (turn.clone(), stretch()).prop_map(|(turn, stretch)| Action::Find(turn, stretch)),
        6 => (turn.clone(), at(), content()).prop_map(|(turn, at, content)| Action::Put(turn, at, content)),
        2 => (turn.clone(), at()).prop_map(|(turn, at)| Action::Delete(turn, at)),
        4 => turn.clone().prop_map(Action::Commit),
        3 => (turn.clone(), turn).prop_map(|(first, second)| Action::Together(first, second)),
        1 => (1..6_i64).prop_map(Action::Wait),
        2 => Just(Action::Sweep),
        3 => (0..4_usize).prop_map(Action::Settle),
        1 => Just(Action::Reopen),
    ]
}

fn stretch() -> impl Strategy<Value = Stretch> {
    let by = prop_oneof![Just(By::Key), Just(By::Group), Just(By::Name)];
    let to = proptest::option::of(0..6_u8);
    let all = (0..SPACES.len(), by, 0..4_u8, to, any::<bool>(), 1..5_u32);
    all.prop_map(|(space, by, from, to, descending, max)| Stretch {
        space,
        by,
        from,
        to,
        descending,
        max,
    })
}

fn content() -> impl Strategy<Value = Content> {
    let all = (0..6_u8, 0..3_u8, proptest::option::of(0..8_i64));
    all.prop_map(|(name, group, expires)| Content {
        name,
        group,
        expires,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn however_much_is_in_memory_and_whatever_crashes_it_is_the_model(
        actions in proptest::collection::vec(action(), 1..160),
        unsettled in 0..3_000_usize,
        settled in 0..3_000_usize,
    ) {
        let mut trial = Trial::new(Memory::with(Room { unsettled, settled }).unwrap());
        for action in &actions {
            match action {
                Action::Reopen => {
                    let Trial { engine, model, turns } = trial;
                    trial = Trial { engine: engine.crash(), model, turns };
                }
                Action::Together(first, second) => {
                    let ends = [*first, *second].map(|turn| trial.end(turn));
                    let (commits, expected): (Vec<_>, Vec<_>) = ends.into_iter().unzip();
                    assert_eq!(trial.engine.commit_all(commits), expected);
                }
                Action::Settle(rows) => trial.engine.settle(*rows),
                Action::Read(..)
                | Action::Find(..)
                | Action::Put(..)
                | Action::Delete(..)
                | Action::Commit(_)
                | Action::Wait(_)
                | Action::Sweep => trial.act(action),
            }
        }
        trial.compare();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn on_disk_it_is_the_model_whenever_it_is_opened_again(
        actions in proptest::collection::vec(action(), 1..160),
        unsettled in 0..3_000_usize,
        settled in 0..3_000_usize,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let open = || super::open_with(folder.path(), Room { unsettled, settled });
        let mut trial = Trial::new(open());
        for action in &actions {
            if let Action::Reopen = action {
                let Trial { engine, model, turns } = trial;
                drop(engine);
                trial = Trial { engine: open(), model, turns };
            }
            trial.act(action);
        }
        trial.compare();
    }
}
