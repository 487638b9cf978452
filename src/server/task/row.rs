//! Runs as rows: found by state and due time, changed one at a time.

use crate::clock;
use crate::driver::bring;
use crate::limits::{TASKS_AT_ONCE, TURN_TRIES};
use crate::state::{Refused, State};
use journey_machine::manifest::Millis;
use journey_machine::state::key::{encode, end};
use journey_machine::state::run::{BY_DUE, Run, RunState, runs};
use journey_machine::state::{Key, Range, Turn};
use journey_machine::value::{Str, Timestamp, Value};

/// Some runs in this state, the first due first, without what is sealed; `until`: those that are due by then.
pub(super) async fn list(
    state: &State,
    of: RunState,
    until: Option<Timestamp>,
) -> Result<Vec<Run>, Refused> {
    let max = u32::try_from(TASKS_AT_ONCE).unwrap_or(u32::MAX);
    some(state, (prefix(of, None), end(prefix(of, until))), max).await
}

/// When the first run is due that is not by `now`.
pub(super) async fn next(state: &State, now: Timestamp) -> Result<Option<Timestamp>, Refused> {
    let of = RunState::Due;
    let later = (end(prefix(of, Some(now))), end(prefix(of, None)));
    let runs = some(state, later, 1).await?;
    Ok(runs.first().and_then(|run| run.due))
}

/// Where runs in this state stand in their index, or those due at a time.
fn prefix(of: RunState, due: Option<Timestamp>) -> Key {
    let fields = [Some(Value::from(of.name())), due.map(Value::Timestamp)];
    encode(fields.iter().flatten()).unwrap_or_default()
}

async fn some(state: &State, (from, to): (Key, Key), max: u32) -> Result<Vec<Run>, Refused> {
    let range = Range {
        space: runs(None).space.clone(),
        index: Some(BY_DUE),
        from,
        to: Some(to),
        descending: false,
        max,
    };
    let found = state.engine.range(&range, clock::timestamp()).await;
    let found = found.map_err(|_| Refused::Failed)?.into_iter();
    let found = found.filter_map(|row| Run::of_record(&State::visible(&row.data)?));
    Ok(found.collect())
}

/// What becomes of a run, and how long it is remembered if it has ended; `None`: it stays as it is.
pub(super) type Becomes = Option<(Run, Option<Millis>)>;

/// Changes a run. The run as it is now; `None`: there is none, or it stays as it is.
pub(super) async fn change(
    state: &State,
    id: &Str,
    become_: impl Fn(Run) -> Becomes,
) -> Result<Option<Run>, Refused> {
    for _ in 0..TURN_TRIES {
        let mut turn = Turn::new(clock::timestamp());
        let found = loop {
            match turn.run(id) {
                Ok(found) => break found,
                Err(need) => bring(&mut turn, need, state).await?,
            }
        };
        let found = found.ok().flatten().and_then(&become_);
        let Some((run, keep)) = found else {
            return Ok(None);
        };
        while let Err(need) = turn.save(&run, keep) {
            bring(&mut turn, need, state).await?;
        }
        match state.commit(&turn).await {
            Err(Refused::Conflict) => {}
            done => return done.map(|()| Some(run)),
        }
    }
    Err(Refused::Conflict)
}

/// Nobody is at it any more, and it goes on from where it was saved.
pub(super) fn release(run: Run, now: Timestamp) -> Becomes {
    let running = run.state == RunState::Running;
    let released = Run {
        state: RunState::Due,
        due: Some(now),
        ..run
    };
    running.then_some((released, None))
}
