//! One attempt, or the rest of one: from where the run was saved to where it waits next or ends.

use super::row::{Becomes, change, release};
use crate::clock;
use crate::driver::{End, Run as Drive, Task, bring, is_same, resume};
use crate::limits::{FUEL, LEASE_SPARE, TASK_RETRY};
use crate::project::Project;
use crate::random;
use crate::state::{Refused, State};
use crate::telemetry;
use journey_machine::effect::{Effect, Outcome};
use journey_machine::machine::{Machine, Surroundings};
use journey_machine::manifest::{self, Millis, Pauses, Retry};
use journey_machine::policy::retry;
use journey_machine::state::run::{Run, RunState};
use journey_machine::state::{Need, Turn};
use journey_machine::value::{Duration, ErrorKind, EvalError, Str, Timestamp, Value};
use journey_machine::wire::snapshot;
use std::sync::Arc;
use std::time::{self, Instant};

/// Claims a run and drives it. Whoever drops this leaves the run as it was last saved.
pub(super) async fn attempt(state: &State, project: &Arc<Project>, run: Run) {
    let tasks = &project.program.manifest.tasks;
    let Some(declared) = tasks.iter().find(|task| task.name == run.task) else {
        return;
    };
    let Ok(Some(run)) = claim(state, declared, &run).await else {
        return;
    };
    let task = Task {
        run: &run,
        declared,
        begun: Instant::now(),
    };
    let end = drive(state, project, &task).await;
    settle(state, project, &task, end).await;
}

/// The run is ours for as long as an attempt may take.
async fn claim(
    state: &State,
    declared: &manifest::Task,
    run: &Run,
) -> Result<Option<Run>, Refused> {
    change(state, &run.id, |found| {
        let now = clock::timestamp();
        let waits = matches!(found.state, RunState::Due | RunState::Running);
        let due = found.due.is_some_and(|due| due <= now);
        let claimed = Run {
            state: RunState::Running,
            due: after(now, declared.timeout.saturating_add(LEASE_SPARE)),
            ..found
        };
        (waits && due).then_some((claimed, None))
    })
    .await
}

async fn drive(state: &State, project: &Arc<Project>, task: &Task<'_>) -> End {
    let left = task.declared.timeout.saturating_sub(task.run.used);
    let drive = Drive {
        project,
        state,
        id: &task.run.id,
        route: &task.run.task,
        deadline: Instant::now() + time::Duration::from_millis(left),
        task: Some(task),
    };
    let mut turn = Turn::new(clock::timestamp());
    let started = match &task.run.saved {
        None => Ok(start(project, task)),
        Some(bytes) => load(state, project, task.run, bytes, &mut turn).await,
    };
    match started {
        Ok((mut machine, effects)) => resume(drive, &mut machine, FUEL, (turn, effects)).await,
        Err(end) => end,
    }
}

/// An attempt from the beginning. What it draws at random is the same however often it begins.
fn start(project: &Project, task: &Task<'_>) -> (Machine, Vec<Effect>) {
    let args = task.run.args.as_list();
    let args = args.map(|args| args.iter().cloned().collect());
    let around = Surroundings {
        config: project.config.clone(),
        secret: project.secret.clone(),
        ..Surroundings::default()
    };
    let function = task.declared.function;
    let args = args.unwrap_or_default();
    let seed = seed(&task.run.id, task.run.attempt);
    let machine = Machine::start(&project.program, function, args, around, seed);
    (machine, Vec::new())
}

/// The digits of an id are random; an id without any gives the same numbers each time, which nobody relies on.
fn seed(id: &Str, attempt: u32) -> u128 {
    let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
    let number = u128::from_str_radix(&digits, 16).unwrap_or_default();
    number.wrapping_add(attempt.into())
}

/// The machine as it was saved, told what has woken it; and what has to be asked for again.
async fn load(
    state: &State,
    project: &Project,
    run: &Run,
    bytes: &[u8],
    turn: &mut Turn,
) -> Result<(Machine, Vec<Effect>), End> {
    let settings = (project.config.clone(), project.secret.clone());
    let loaded = snapshot::decode(bytes, &project.program, &project.digest, settings);
    let mut machine =
        loaded.map_err(|error| End::Unsaved(EvalError::evaluation(error.to_string())))?;
    let mut again = Vec::new();
    for effect in machine.outstanding(&project.program) {
        match effect {
            Effect::Sleep { id, .. } => drop(machine.complete(id, Ok(Value::Null))),
            Effect::Wait {
                id, signal, key, ..
            } => {
                let signal = project.program.manifest.signals.get(usize::from(signal.0));
                let name = signal.map(|signal| signal.name.clone()).unwrap_or_default();
                let outcome = signalled(state, run, (name, key), turn).await;
                machine.complete(id, outcome?);
            }
            call @ (Effect::Call { .. }
            | Effect::Validate { .. }
            | Effect::Read { .. }
            | Effect::State { .. }
            | Effect::Emit { .. }
            | Effect::Cancel(_)) => again.push(call),
        }
    }
    Ok((machine, again))
}

/// What the wait for a signal has brought. If somebody else has taken the one that woke it, the run waits on.
async fn signalled(
    state: &State,
    run: &Run,
    (name, key): (Str, Value),
    turn: &mut Turn,
) -> Result<Outcome, End> {
    let taken = shown(state, turn, |turn| turn.take(&name, &key)).await?;
    if let Some(outcome) = taken.transpose() {
        return Ok(outcome);
    }
    if run.until.is_none_or(|until| until <= turn.now()) {
        return Ok(Err(EvalError::new(
            ErrorKind::Timeout,
            "no signal has come",
        )));
    }
    let found = shown(state, turn, |turn| turn.run(&run.id)).await?;
    if !found.is_ok_and(|found| found.is_some_and(|found| is_same(&found, run))) {
        return Err(End::Lost);
    }
    let waiting = Run {
        state: RunState::Due,
        due: run.until,
        wait: Some((name, key.as_str().unwrap_or_default().into())),
        ..run.clone()
    };
    let saved = shown(state, turn, |turn| turn.save(&waiting, None)).await?;
    saved.map_err(End::Unsaved)?;
    state.commit(turn).await.map_err(End::Unwritten)?;
    Err(End::Parked)
}

/// What a turn has to say once it has seen what it needs.
async fn shown<T>(
    state: &State,
    turn: &mut Turn,
    ask: impl Fn(&mut Turn) -> Result<T, Need>,
) -> Result<T, End> {
    loop {
        match ask(turn) {
            Ok(said) => return Ok(said),
            Err(need) => bring(turn, need, state).await.map_err(End::Unwritten)?,
        }
    }
}

/// What an attempt has come to, if that is not written yet.
async fn settle(state: &State, project: &Project, task: &Task<'_>, end: End) {
    let run = task.run;
    let why = match end {
        End::Returned | End::Lost | End::Parked => return,
        End::Unwritten(refused) => {
            telemetry::unwritten(&run.id, &run.task, refused);
            return give_back(state, run).await;
        }
        End::Failed(failure) => {
            telemetry::failed(&run.id, &run.task, &project.program, &failure);
            telemetry::causes(&project.program, &failure).1.to_string()
        }
        End::Answer(answer) => answer.body.to_text().unwrap_or_default().to_string(),
        End::Late => "timeout: the attempt took too long".into(),
        End::Silent => "it waits for nothing".into(),
        End::Unsaved(error) => error.to_string(),
    };
    let random = random::number().unwrap_or_default();
    let failed = |found: Run| failed(task, found, &why, random);
    until_written(|| change(state, &run.id, failed)).await;
}

/// The next attempt begins after a pause; after the last one the run stays as it is, for people to look at.
fn failed(task: &Task<'_>, found: Run, why: &str, random: u64) -> Becomes {
    if !is_same(&found, task.run) {
        return None;
    }
    let attempt = found.attempt.saturating_add(1);
    let again = attempt < task.declared.attempts;
    let pause = pause(task.declared, attempt, random);
    let run = Run {
        state: if again { RunState::Due } else { RunState::Dead },
        due: after(clock::timestamp(), pause).filter(|_| again),
        attempt,
        saved: None,
        wait: None,
        until: None,
        used: 0,
        error: Some(why.into()),
        ..found
    };
    Some((run, None))
}

/// `attempt`: how many there have been.
fn pause(task: &manifest::Task, attempt: u32, random: u64) -> Millis {
    match &task.pauses {
        Pauses::List(pauses) => {
            let place = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
            let pause = pauses.get(place).or(pauses.last());
            pause.copied().unwrap_or_default()
        }
        Pauses::Backoff { min, max } => {
            let policy = Retry {
                attempts: task.attempts,
                min: *min,
                max: *max,
            };
            retry::pause(&policy, attempt.saturating_sub(1), random).unwrap_or(*max)
        }
    }
}

/// Nothing was written: the run goes on from where it was saved.
async fn give_back(state: &State, run: &Run) {
    let later = after(clock::timestamp(), TASK_RETRY).unwrap_or(Timestamp::MAX);
    until_written(|| {
        change(state, &run.id, |found| {
            if is_same(&found, run) {
                release(found, later)
            } else {
                None
            }
        })
    })
    .await;
}

/// State that cannot be written comes back; until then the run is ours.
async fn until_written<F>(write: impl Fn() -> F)
where
    F: Future<Output = Result<Option<Run>, Refused>>,
{
    while write().await.is_err() {
        tokio::time::sleep(time::Duration::from_millis(TASK_RETRY)).await;
    }
}

/// The time so many milliseconds later.
pub(super) fn after(now: Timestamp, length: Millis) -> Option<Timestamp> {
    let length = Duration::from_millis(i64::try_from(length).ok()?)?;
    now.checked_add(length)
}
