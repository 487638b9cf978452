//! Runs of tasks under crashes: whatever was under way when a process died, the state comes to be the same.

use super::row::list;
use super::{Programs, work};
use crate::assemble;
use crate::clock;
use crate::driver::{self, End};
use crate::project::Project;
use crate::settings::Sources;
use crate::state::{DataKeys, Engine, Health, Memory, Read, Refused, State};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use journey_machine::machine::{Machine, Surroundings};
use journey_machine::program::Program;
use journey_machine::state::run::RunState;
use journey_machine::state::{Codec, Commit, Found, Place, Range};
use journey_machine::value::{Str, Timestamp, Value};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};

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
  object {n} &r3..r3 ->r1
  perform update log &r0..r1 ->r2
  return &r2
  const 1 ->r1
  object {id, n} &r0..r1 ->r1
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

/// An engine in a process that dies at one of its commits: just before it is written, or just after.
#[derive(Clone, Debug)]
struct Mortal {
    memory: Arc<Memory>,
    /// Commits until it dies.
    left: Arc<AtomicUsize>,
    after: Arc<AtomicBool>,
    died: Arc<Notify>,
}

impl Engine for Mortal {
    fn row<'a>(&'a self, place: &'a Place, now: Timestamp) -> Read<'a, Option<Found>> {
        self.memory.row(place, now)
    }

    fn range<'a>(&'a self, range: &'a Range, now: Timestamp) -> Read<'a, Vec<Found>> {
        self.memory.range(range, now)
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'_, Result<(), Refused>> {
        let left = self.left.fetch_sub(1, Ordering::Relaxed);
        if left != 1 {
            return self.memory.commit(commit);
        }
        let after = self.after.load(Ordering::Relaxed);
        async move {
            if after {
                self.memory.commit(commit).await.ok();
            }
            self.died.notify_one();
            std::future::pending().await
        }
        .boxed()
    }

    fn sweep(&self, now: Timestamp) -> BoxFuture<'_, Result<usize, Refused>> {
        self.memory.sweep(now)
    }

    fn health(&self) -> Health {
        self.memory.health()
    }
}

struct World {
    engine: Mortal,
    state: Arc<State>,
    project: Arc<Project>,
}

impl World {
    fn new() -> Self {
        let program = Program::new(assemble::assemble(PROGRAM).unwrap()).unwrap();
        let project = Project::load(
            program.into(),
            &Sources::default(),
            None,
            &Arc::default(),
            None,
        )
        .unwrap();
        let engine = Mortal {
            memory: Arc::new(Memory::new().unwrap()),
            left: Arc::new(usize::MAX.into()),
            after: Arc::default(),
            died: Arc::default(),
        };
        let state = State {
            engine: Box::new(engine.clone()),
            keys: DataKeys::temporary().unwrap(),
        };
        Self {
            engine,
            state: Arc::new(state),
            project: Arc::new(project),
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

    /// A process: until it dies, or nothing is left to do.
    async fn live(&self, commits: usize, after: bool) -> bool {
        self.engine.after.store(after, Ordering::Relaxed);
        self.engine.left.store(commits, Ordering::Relaxed);
        let programs = Arc::new(Programs::new(Sources::default(), Arc::default()));
        let (stop, stopping) = watch::channel(false);
        let work = tokio::spawn(work(Arc::clone(&self.state), programs, stopping));
        let idle = async {
            while self.left().await > 0 {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let alive = tokio::select! {
            () = idle => true,
            () = self.engine.died.notified() => false,
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
        let mut runs = Vec::new();
        for of in RunState::ALL {
            for run in list(state, of, None).await.unwrap() {
                runs.push(format!(
                    "{} {:?} {} {:?}",
                    run.id, run.state, run.attempt, run.error
                ));
            }
        }
        let records = rows(state, "log").await;
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
