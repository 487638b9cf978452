//! Turns that read, write and lose against each other, disks that fail and processes that crash: an engine answers, refuses
//! and keeps as the model does.

use super::block_on;
use super::model::{By, Content, SPACES, Stretch};
use super::trial::{Action, Part, TURNS, Trial};
use crate::state::sqlite::batch::{Desk, Job, Room, Verdict};
use crate::state::{Disk, Engine, Memory, Refused};
use futures_util::future::{join_all, ready};
use futures_util::{FutureExt, TryFutureExt};
use proptest::prelude::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tempfile::TempDir;

/// What may go wrong with the disk.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// After so many steps of the database.
    Step(u32),
    /// When all has been written.
    Commit,
}

#[derive(Clone, Debug)]
enum Step {
    Act(Action),
    Batch(Vec<Part>, Option<Fault>),
    /// Only the tables are written.
    Settle(usize, Option<Fault>),
    Reopen,
    Crash,
}

impl Trial<Memory> {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Act(action) => self.act(action),
            Step::Batch(parts, fault) => self.write(parts, *fault),
            Step::Settle(rows, fault) => {
                let settled = failing(&self.engine, *fault, |desk| desk.settle(*rows));
                assert!(settled || fault.is_some());
            }
            Step::Reopen | Step::Crash => {}
        }
    }

    /// A batch in which something goes wrong has not been.
    fn write(&mut self, parts: &[Part], fault: Option<Fault>) {
        let (jobs, expected) = self.batch(parts);
        let verdicts = failing(&self.engine, fault, |desk| desk.run(&jobs));
        let failed = |verdict: &Verdict| *verdict == Err(Refused::Failed);
        if fault.is_some() && verdicts.iter().all(failed) {
            return;
        }
        expected.check(&verdicts);
        self.model = expected.model;
    }

    /// In the tables is what lives, and nothing that only takes space.
    fn count(&self) {
        let mut desk = self.engine.desk();
        let now = super::at(self.model.now);
        settle_all(&mut desk);
        // At most 10 rows are swept at once; then none is left.
        for _ in 0..2 {
            desk.run(&[Job::Sweep(now)]).remove(0).unwrap();
        }
        settle_all(&mut desk);
        let count = |table: &str| {
            let sql = format!("SELECT count(*) FROM {table}");
            let count = desk.connection().query_row(&sql, [], |row| row.get(0));
            usize::try_from(count.unwrap_or(-1_i64)).unwrap()
        };
        let living = self.model.living();
        assert_eq!(["row", "entry"].map(count), [living, 2 * living]);
    }
}

fn settle_all(desk: &mut Desk) {
    while desk.is_behind() {
        assert!(desk.settle(1));
    }
}

/// Does something while something goes wrong.
fn failing<T>(engine: &Memory, fault: Option<Fault>, run: impl FnOnce(&mut Desk) -> T) -> T {
    let mut desk = engine.desk();
    let connection = desk.connection_mut();
    match fault {
        Some(Fault::Step(mut left)) => {
            // What is committed cannot fail any more, although a step of it could be said to.
            let committed = Arc::<AtomicBool>::default();
            let over = Arc::clone(&committed);
            let fails = move || {
                left = left.saturating_sub(1);
                left == 0 && !over.load(Ordering::Relaxed)
            };
            let notes = move || {
                committed.store(true, Ordering::Relaxed);
                false
            };
            connection.progress_handler(1, Some(fails)).unwrap();
            connection.commit_hook(Some(notes)).unwrap();
        }
        Some(Fault::Commit) => connection.commit_hook(Some(|| true)).unwrap(),
        None => {}
    }
    let done = run(&mut desk);
    let connection = desk.connection_mut();
    connection
        .progress_handler(0, None::<fn() -> bool>)
        .unwrap();
    connection.commit_hook(None::<fn() -> bool>).unwrap();
    done
}

impl Trial<Disk> {
    fn step(&mut self, step: &Step) {
        match step {
            Step::Act(action) => self.act(action),
            Step::Batch(parts, _) => {
                let (jobs, expected) = self.batch(parts);
                expected.check(&block_on(send(&self.engine, jobs)));
                self.model = expected.model;
            }
            Step::Settle(..) | Step::Reopen | Step::Crash => {}
        }
    }
}

/// One after the other, without waiting: most of them share a batch.
async fn send(engine: &Disk, jobs: Vec<Job>) -> Vec<Verdict> {
    let verdicts = jobs.into_iter().map(|job| match job {
        Job::Commit(commit) => engine.commit(commit).map_ok(|()| 0).boxed(),
        Job::Sweep(now) => engine.sweep(now),
        Job::Probe => ready(Ok(0)).boxed(),
    });
    join_all(verdicts).await
}

/// What a crash leaves of a folder.
fn copy(folder: &TempDir) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    // The log is at least as new as the file: what has been copied from it into the file is in it still.
    for file in ["state.db", "state.db-wal"] {
        std::fs::copy(folder.path().join(file), copy.path().join(file)).unwrap();
    }
    copy
}

fn step() -> impl Strategy<Value = Step> {
    let parts = || proptest::collection::vec(part(), 1..4);
    prop_oneof![
        18 => action().prop_map(Step::Act),
        7 => parts().prop_map(|parts| Step::Batch(parts, None)),
        2 => (parts(), fault()).prop_map(|(parts, fault)| Step::Batch(parts, Some(fault))),
        3 => (0..4_usize).prop_map(|rows| Step::Settle(rows, None)),
        1 => (1..4_usize, fault()).prop_map(|(rows, fault)| Step::Settle(rows, Some(fault))),
        1 => Just(Step::Reopen),
        1 => Just(Step::Crash),
    ]
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        6 => (0..TURNS).prop_map(Part::Turn),
        2 => Just(Part::Sweep),
        1 => Just(Part::Probe),
    ]
}

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        3 => (1..1_500_u32).prop_map(Fault::Step),
        1 => Just(Fault::Commit),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    let turn = 0..TURNS;
    let at = || (0..SPACES.len(), 0..5_u8);
    prop_oneof![
        3 => (turn.clone(), at()).prop_map(|(turn, at)| Action::Read(turn, at)),
        3 => (turn.clone(), stretch()).prop_map(|(turn, stretch)| Action::Find(turn, stretch)),
        6 => (turn.clone(), at(), content()).prop_map(|(turn, at, content)| Action::Put(turn, at, content)),
        2 => (turn.clone(), at(), 0..3_u8).prop_map(|(turn, at, group)| Action::Rewrite(turn, at, group)),
        2 => (turn, at()).prop_map(|(turn, at)| Action::Delete(turn, at)),
        2 => (1..6_i64).prop_map(Action::Wait),
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
    fn however_much_is_in_memory_and_whatever_fails_or_crashes_it_is_the_model(
        steps in proptest::collection::vec(step(), 1..160),
        unsettled in 0..3_000_usize,
        settled in 0..3_000_usize,
    ) {
        let mut trial = Trial::new(Memory::with(Room { unsettled, settled }).unwrap());
        for step in &steps {
            if let Step::Crash = step {
                trial = trial.reopen(Memory::crash);
            }
            trial.step(step);
        }
        trial.compare();
        trial.count();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn on_disk_it_is_the_model_whenever_it_is_opened_again(
        steps in proptest::collection::vec(step(), 1..160),
        unsettled in 0..3_000_usize,
        settled in 0..3_000_usize,
    ) {
        let mut folder = tempfile::tempdir().unwrap();
        let open = |folder: &TempDir| super::open_with(folder.path(), Room { unsettled, settled });
        let mut trial = Trial::new(open(&folder));
        for step in &steps {
            match step {
                Step::Reopen => trial = trial.reopen(|engine| {
                    drop(engine);
                    open(&folder)
                }),
                Step::Crash => trial = trial.reopen(|engine| {
                    let left = copy(&folder);
                    drop(engine);
                    folder = left;
                    open(&folder)
                }),
                Step::Act(_) | Step::Batch(..) | Step::Settle(..) => trial.step(step),
            }
        }
        trial.compare();
    }
}
