//! Runs of tasks under crashes: whatever was under way when a process died, the state comes to be the same.

use super::row::list;
use super::{Programs, work};
use crate::assemble;
use crate::clock;
use crate::driver::{self, End};
use crate::limits::TASK_POLL;
use crate::project::Project;
use crate::settings::Sources;
use crate::state::stand_in::{StandIn, Written, write};
use crate::state::{DataKeys, Memory, State};
use futures_util::FutureExt;
use journey_machine::machine::{Machine, Surroundings};
use journey_machine::program::Program;
use journey_machine::state::run::{Run, RunState};
use journey_machine::state::{Change, Codec, Commit, Place, Range};
use journey_machine::value::{Str, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// Each run counts, sleeps, fails once, signals itself, and starts the next one.
const PROGRAM: &str = r#"
store log {id, n} key {id}
signal go
task chain runs chain {n} attempts 3 after [0] timeout 60000 keep 600000
function bump params 1 registers 6
  perform get log &r0..r0 ->r2
  field &r2 .n@1 ->r3
  const 1 ->r4
  add &r3 &r4 ->r3
  object {n} {&r3} ->r1
  perform update log &r0..r1 ->r2
  return &r2
  const 1 ->r1
  object {id, n} {&r0, &r1} ->r1
  perform insert log &r1..r1 ->r2
  return &r2
  catch 0..1 to 7 r5
function chain params 1 registers 8
  const "total" ->r1
  call bump &r1..r1 ->r2
  const duration(0s) ->r3
  perform sleep &r3..r3 ->r2
  const "run" ->r1
  move &r0 ->r2
  concat &r1..r2 ->r1
  call bump &r1..r1 ->r2
  perform sleep &r3..r3 ->r4
  field &r2 .n@1 ->r4
  const 1 ->r5
  eq &r4 &r5 ->r4
  jump_unless &r4 15
  error "evaluation: the first attempt fails" ->r4
  raise &r4
  uuid ->r4
  move &r1 ->r5
  move &r0 ->r6
  perform signal go &r4..r6 ->r7
  move &r1 ->r4
  const duration(3600s) ->r5
  perform wait go &r4..r5 ->r7
  const 0 ->r4
  gt &r0 &r4 ->r4
  jump_unless &r4 32
  uuid ->r4
  const 1 ->r5
  sub &r0 &r5 ->r5
  move &r1 ->r6
  perform start chain key &r4..r6 ->r7
  const "total" ->r1
  call bump &r1..r1 ->r2
  return &r7
function begin registers 2
  uuid ->r0
  const 2 ->r1
  perform start chain &r0..r1 ->r0
  complete 200 json &r0..r0
"#;

/// Where a process dies: at one of its commits, just before it is written, or just after.
#[derive(Clone, Debug)]
struct Death {
    /// Commits until then.
    left: Arc<AtomicUsize>,
    after: Arc<AtomicBool>,
    died: Arc<Notify>,
}

impl Death {
    fn commit(&self, memory: &Arc<Memory>, commit: Commit) -> Written {
        let written = write(memory, commit);
        if self.left.fetch_sub(1, Ordering::Relaxed) != 1 {
            return written;
        }
        let (after, died) = (self.after.load(Ordering::Relaxed), Arc::clone(&self.died));
        async move {
            if after {
                written.await.ok();
            }
            died.notify_one();
            std::future::pending().await
        }
        .boxed()
    }
}

struct World {
    death: Death,
    state: Arc<State>,
    project: Arc<Project>,
}

impl World {
    fn new() -> Self {
        Self::of(PROGRAM)
    }

    fn of(program: &str) -> Self {
        let program = Program::new(assemble::assemble(program).unwrap()).unwrap();
        let project = Project::of(program);
        let death = Death {
            left: Arc::new(usize::MAX.into()),
            after: Arc::default(),
            died: Arc::default(),
        };
        let dies = death.clone();
        let memory = Arc::new(Memory::new().unwrap());
        let engine = StandIn::new(&memory, move |memory, commit| dies.commit(memory, commit));
        let state = State::new(engine, DataKeys::temporary().unwrap());
        Self {
            death,
            state: Arc::new(state),
            project,
        }
    }

    async fn begin(&self) {
        let programs = Programs::new(Sources::default(), Arc::default());
        programs.keep(&self.state, &self.project).await.unwrap();
        let program = &self.project.program;
        let function = assemble::function(program, "begin").unwrap();
        let mut machine = Machine::start(program, function, Vec::new(), Surroundings::default(), 1);
        let run = driver::Run {
            project: &self.project,
            state: &self.state,
            id: &Str::new_static("test"),
            route: "test",
            deadline: Instant::now() + Duration::from_secs(60),
            task: None,
        };
        let end = driver::drive(run, &mut machine, 1_000, |_| {}).await;
        assert!(matches!(end, End::Answer(_)));
    }

    /// Works on runs until it is stopped.
    fn process(&self) -> (watch::Sender<bool>, JoinHandle<()>) {
        let programs = Arc::new(Programs::new(Sources::default(), Arc::default()));
        let (stop, stopping) = watch::channel(false);
        let work = work(Arc::clone(&self.state), programs, stopping);
        (stop, tokio::spawn(work))
    }

    /// A process: until it dies, or nothing is left to do.
    async fn live(&self, commits: usize, after: bool) -> bool {
        self.death.after.store(after, Ordering::Relaxed);
        self.death.left.store(commits, Ordering::Relaxed);
        let (stop, work) = self.process();
        let idle = async {
            while self.left().await > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let alive = tokio::select! {
            () = idle => true,
            () = self.death.died.notified() => false,
        };
        if alive {
            stop.send_replace(true);
            work.await.unwrap();
        } else {
            work.abort();
            assert!(work.await.unwrap_err().is_cancelled());
        }
        alive
    }

    async fn left(&self) -> usize {
        let due = list(&self.state, RunState::Due, None).await.unwrap().len();
        due + list(&self.state, RunState::Running, None)
            .await
            .unwrap()
            .len()
    }

    /// All records, all runs without their times, and how many signals are left.
    async fn outcome(&self) -> (Vec<Value>, Vec<String>, usize) {
        let state = &self.state;
        let runs = rows(state, "$run").await.into_iter().map(|run| {
            let run = Run::of_record(&run).unwrap();
            let (id, state, attempt) = (run.id, run.state, run.attempt);
            format!("{id} {state:?} {attempt} {:?}", run.error)
        });
        let (runs, records) = (runs.collect(), rows(state, "log").await);
        (records, runs, rows(state, "$signal").await.len())
    }
}

async fn rows(state: &State, space: &'static str) -> Vec<Value> {
    let range = Range {
        space: Str::new_static(space),
        index: None,
        from: Vec::new(),
        to: None,
        descending: false,
        max: 1_000,
    };
    let found = state
        .engine
        .range(&range, clock::timestamp())
        .await
        .unwrap();
    let found = found.into_iter().map(|row| {
        let place = Place {
            space: range.space.clone(),
            key: row.key,
        };
        state.open(&place, &row.data).unwrap()
    });
    found.collect()
}

/// What is started is begun at once, though nobody looks for it by himself for a long time.
#[tokio::test(start_paused = true)]
async fn whoever_works_on_runs_is_told_of_them() {
    let world = World::new();
    let (stop, work) = world.process();
    tokio::time::sleep(TASK_POLL / 4).await;
    let begun = tokio::time::Instant::now();
    world.begin().await;
    while world.left().await > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(begun.elapsed() < TASK_POLL / 4, "{:?}", begun.elapsed());
    stop.send_replace(true);
    work.await.unwrap();
}

/// Waits for a signal that nobody sends.
const HOPES: &str = r#"
signal go
task hopes runs hopes {n} attempts 2 after [0] timeout 60000 keep 600000
function hopes params 1 registers 4
  const "key" ->r1
  const duration(0s) ->r2
  perform wait go &r1..r2 ->r3
  return &r3
function begin registers 2
  uuid ->r0
  const 2 ->r1
  perform start hopes &r0..r1 ->r0
  complete 200 json &r0..r0
"#;

/// A wait that nobody ends fails the attempt; after the last one the run is dead, and says why.
#[tokio::test(start_paused = true)]
async fn a_run_that_waits_in_vain_is_dead_in_the_end() {
    let world = World::of(HOPES);
    world.begin().await;
    assert!(world.live(usize::MAX, false).await);
    let [run] = rows(&world.state, "$run").await.try_into().unwrap();
    let run = Run::of_record(&run).unwrap();
    assert_eq!((run.state, run.attempt), (RunState::Dead, 2));
    assert!(run.error.unwrap().contains("no signal has come"));
}

/// A run whose program is not there waits for it, and says so.
#[tokio::test(start_paused = true)]
async fn a_run_without_its_program_is_put_off() {
    let world = World::new();
    world.begin().await;
    let program = Place {
        space: Str::new_static("$program"),
        key: world.project.hash.as_bytes().to_vec(),
    };
    let gone = vec![Change::Delete(program)];
    world.state.write(gone).await.unwrap();
    let now = clock::timestamp();
    let (stop, work) = world.process();
    tokio::time::sleep(TASK_POLL * 2).await;
    let [run] = rows(&world.state, "$run").await.try_into().unwrap();
    let run = Run::of_record(&run).unwrap();
    let (why, due) = (run.error.unwrap(), run.due.unwrap());
    assert_eq!(why, "its program cannot be loaded: it is not kept any more");
    assert_eq!((run.state, run.attempt), (RunState::Due, 0));
    assert!(due.since(now).unwrap().seconds() > 30);
    stop.send_replace(true);
    work.await.unwrap();
}

/// A program stays as long as a run may need it, or somebody serves it.
#[tokio::test(start_paused = true)]
async fn programs_that_no_run_needs_are_deleted() {
    let world = World::new();
    world.begin().await;
    let programs = Programs::new(Sources::default(), Arc::default());
    let kept = async || {
        programs.sweep(&world.state).await.unwrap();
        let kept = world.state.page(&Str::new_static("$program"), None).await;
        kept.unwrap().len()
    };
    assert_eq!(kept().await, 1, "its run is due");
    programs.keep(&world.state, &world.project).await.unwrap();
    assert!(world.live(usize::MAX, false).await);
    assert_eq!(kept().await, 1, "it is served");
    let World { state, .. } = world;
    let programs = Programs::new(Sources::default(), Arc::default());
    programs.sweep(&state).await.unwrap();
    let left = state.page(&Str::new_static("$program"), None).await;
    assert_eq!(left.unwrap().len(), 0);
}

/// Numbers that look random: xorshift.
fn roll(dice: &mut u64, sides: u64) -> usize {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    (*dice % sides) as usize
}

#[tokio::test(start_paused = true)]
async fn crashes_change_nothing() {
    let calm = World::new();
    calm.begin().await;
    assert!(calm.live(usize::MAX, false).await);
    let expected = calm.outcome().await;
    assert_eq!(expected.1.len(), 3, "{expected:?}");
    assert!(
        expected.1.iter().all(|run| run.contains("Done 1 None")),
        "{expected:?}"
    );
    assert_eq!(expected.2, 0);
    let seeds = std::env::var("JOURNEY_SEEDS").map_or(20, |seeds| seeds.parse().unwrap());
    let mut died = 0;
    for seed in 1..=seeds {
        let (world, mut dice) = (World::new(), seed * 0x9e37_79b9);
        world.begin().await;
        let mut crashes = 0;
        while !world
            .live(1 + roll(&mut dice, 12), roll(&mut dice, 2) == 0)
            .await
        {
            crashes += 1;
            assert!(crashes < 1_000, "seed {seed} never ends");
        }
        let outcome = world.outcome().await;
        assert_eq!(outcome, expected, "seed {seed}, {crashes} crashes");
        died += crashes;
    }
    assert!(died > seeds, "processes die: {died}");
}
