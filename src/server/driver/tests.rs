//! Runs with state, on an engine that lets them meet and refuses when it is told to.

use super::{End, Run, drive};
use crate::assemble;
use crate::limits::TURN_TRIES;
use crate::project::Project;
use crate::state::stand_in::{StandIn, write};
use crate::state::{DataKeys, Memory, Refused, State};
use futures_util::FutureExt;
use futures_util::future::join_all;
use journey_machine::machine::{Machine, Surroundings};
use journey_machine::program::Program;
use journey_machine::value::{Str, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const PROGRAM: &str = r#"
operation up.x a
store counters {id, n} key {id}
function bump registers 6
  const "a" ->r0
  perform get counters &r0..r0 ->r2
  field &r2 .n@1 ->r3
  const 1 ->r4
  add &r3 &r4 ->r3
  object {n} {&r3} ->r1
  perform update counters &r0..r1 ->r2
  complete 200 json &r2..r2
  const {"id": "a", "n": 1} ->r1
  perform insert counters &r1..r1 ->r2
  complete 200 json &r2..r2
  catch 1..2 to 8 r5
function fails registers 3
  const {"id": "b"} ->r0
  perform insert counters &r0..r0 ->r1
  field &r1 .none@0 ->r2
  return &r2
function calls registers 3
  const {"id": "b"} ->r0
  perform insert counters &r0..r0 ->r1
  perform call up.x &r0..r0 ->r2
  return &r2
function all registers 3
  const "" ->r0
  perform find counters equal 0 max 9 - ->r1
  complete 200 json &r1..r1
function branch registers 3
  const {"id": "b"} ->r0
  perform insert counters &r0..r0 ->r1
  return &r1
function faster registers 3
  return &r0
function race registers 3
  scope first 2 ->r0
  fork faster - &r0
  fork branch - &r0
  join &r0 ->r1
  complete 200 json &r1..r1
"#;

struct World {
    project: Arc<Project>,
    state: State,
    /// Why commits are refused, while they are.
    refuses: Arc<Mutex<Option<Refused>>>,
    commits: Arc<AtomicUsize>,
}

impl World {
    fn new() -> Self {
        let program = Program::new(assemble::assemble(PROGRAM).unwrap()).unwrap();
        let refuses: Arc<Mutex<Option<Refused>>> = Arc::default();
        let commits: Arc<AtomicUsize> = Arc::default();
        let (why, count) = (Arc::clone(&refuses), Arc::clone(&commits));
        let memory = Arc::new(Memory::new().unwrap());
        let engine = StandIn::new(&memory, move |memory, commit| {
            count.fetch_add(1, Ordering::Relaxed);
            match *why.lock().unwrap() {
                Some(refused) => std::future::ready(Err(refused)).boxed(),
                None => write(memory, commit),
            }
        });
        let project = Project::of(program);
        Self {
            project,
            state: State::new(engine, DataKeys::temporary().unwrap()),
            refuses,
            commits,
        }
    }

    async fn run(&self, function: &str) -> End {
        let program = &self.project.program;
        let function = assemble::function(program, function).unwrap();
        let around = Surroundings::default();
        let mut machine = Machine::start(program, function, Vec::new(), around, 1);
        let run = Run {
            project: &self.project,
            state: &self.state,
            id: &Str::new_static("test"),
            route: "test",
            deadline: Instant::now() + Duration::from_secs(60),
            task: None,
        };
        drive(run, &mut machine, 3, |_| {}).await
    }

    async fn answer(&self, function: &str) -> Value {
        match self.run(function).await {
            End::Answer(answer) => answer.body,
            End::Unwritten(refused) => panic!("{refused}"),
            End::Failed(failure) => panic!("{failure:?}"),
            End::Returned | End::Silent | End::Parked | End::Lost | End::Late | End::Unsaved(_) => {
                panic!("no answer")
            }
        }
    }

    /// How many records there are.
    async fn records(&self) -> usize {
        self.answer("all").await.as_list().unwrap().len()
    }
}

#[tokio::test]
async fn no_turn_is_lost_and_none_is_done_twice() {
    let world = World::new();
    let answers = join_all((0..10).map(|_| world.answer("bump"))).await;
    let mut counted: Vec<i64> = answers
        .iter()
        .map(|answer| answer.get("n").unwrap().as_i64().unwrap())
        .collect();
    counted.sort_unstable();
    assert_eq!(counted, (1..=10).collect::<Vec<_>>());
    assert!(world.commits.load(Ordering::Relaxed) > 10, "they have met");
}

#[tokio::test]
async fn a_run_that_fails_writes_nothing() {
    let world = World::new();
    assert!(matches!(world.run("fails").await, End::Failed(_)));
    assert_eq!(world.records().await, 0);
}

#[tokio::test]
async fn what_a_turn_wrote_stays_whatever_a_call_brings() {
    let world = World::new();
    assert!(matches!(world.run("calls").await, End::Failed(_)));
    assert_eq!(world.records().await, 1);
}

#[tokio::test]
async fn what_nobody_waits_for_is_not_done() {
    let world = World::new();
    assert_eq!(world.answer("race").await, Value::Null);
    assert_eq!(world.records().await, 0);
}

#[tokio::test]
async fn what_cannot_be_written_is_not_answered() {
    for refused in [
        Refused::Full,
        Refused::Failed,
        Refused::Busy,
        Refused::Conflict,
    ] {
        let world = World::new();
        *world.refuses.lock().unwrap() = Some(refused);
        assert!(matches!(world.run("bump").await, End::Unwritten(why) if why == refused));
        let tries = world.commits.load(Ordering::Relaxed);
        let expected = if refused == Refused::Conflict {
            TURN_TRIES as usize + 1
        } else {
            1
        };
        assert_eq!(tries, expected);
        *world.refuses.lock().unwrap() = None;
        assert_eq!(world.records().await, 0);
        assert_eq!(world.answer("bump").await.get("n"), Some(&Value::Int(1)));
    }
}
