//! Runs of tasks: found when they are due, claimed, driven to where they wait or end, tried again where they fail.
//!
//! A run is a row, and every step of it a turn, so a process that dies leaves nothing half done: whoever comes next finds
//! the run as it was last saved.

mod attempt;
mod programs;
mod row;
#[cfg(test)]
mod tests;

pub(crate) use programs::Programs;

use crate::clock;
use crate::limits::{DRAIN, PROGRAM_RETRY, TASK_POLL, TASKS_AT_ONCE};
use crate::state::State;
use attempt::{after, attempt};
use journey_machine::state::run::{Run, RunState};
use journey_machine::value::{Str, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// Runs what is due until it is told to stop; then lets attempts end, and leaves those that take longer as they were saved.
pub(crate) async fn work(
    state: Arc<State>,
    programs: Arc<Programs>,
    mut stop: watch::Receiver<bool>,
) {
    recover(&state).await;
    let mut attempts = Attempts::default();
    while !*stop.borrow() {
        let pause = attempts.begin(&state, &programs).await;
        tokio::select! {
            () = sleep(pause), if attempts.have_room() => {}
            () = state.news(), if attempts.have_room() => {}
            _ = attempts.under_way.join_next(), if !attempts.have_room() => {}
            _ = stop.changed() => {}
        }
    }
    attempts.end().await;
}

/// Nobody else has this data folder: whoever was at a run when the last process ended is gone.
async fn recover(state: &State) {
    loop {
        match row::list(state, RunState::Running, None).await {
            Ok(runs) if runs.is_empty() => return,
            Ok(runs) => {
                for run in runs {
                    let now = clock::timestamp();
                    row::change(state, &run.id, |run| row::release(run, now))
                        .await
                        .ok();
                }
            }
            Err(_) => sleep(TASK_POLL).await,
        }
    }
}

/// Attempts under way in this process.
#[derive(Default)]
struct Attempts {
    under_way: JoinSet<()>,
    of: BTreeMap<Str, AbortHandle>,
}

impl Attempts {
    fn have_room(&self) -> bool {
        self.under_way.len() < TASKS_AT_ONCE
    }

    /// Begins with what is due, as much as there is room for; how long until there may be more.
    async fn begin(&mut self, state: &Arc<State>, programs: &Arc<Programs>) -> Duration {
        while self.under_way.try_join_next().is_some() {}
        self.of.retain(|_, attempt| !attempt.is_finished());
        let now = clock::timestamp();
        for waiting in [RunState::Due, RunState::Running] {
            let due = row::list(state, waiting, Some(now)).await;
            for run in due.unwrap_or_default() {
                if !self.have_room() {
                    return TASK_POLL;
                }
                if !self.of.contains_key(&run.id) {
                    self.attempt(state, programs, run);
                }
            }
        }
        match row::next(state, now).await {
            Ok(Some(due)) => until(due, now).min(TASK_POLL),
            Ok(None) | Err(_) => TASK_POLL,
        }
    }

    fn attempt(&mut self, state: &Arc<State>, programs: &Arc<Programs>, run: Run) {
        let (state, programs) = (Arc::clone(state), Arc::clone(programs));
        let id = run.id.clone();
        let attempt = async move { serve(&state, &programs, run).await };
        self.of.insert(id, self.under_way.spawn(attempt));
    }

    async fn end(mut self) {
        let ended = async { while self.under_way.join_next().await.is_some() {} };
        if timeout(DRAIN, ended).await.is_err() {
            tracing::warn!(target: "journey", left = self.under_way.len(), "tasks are left as they were saved");
        }
    }
}

async fn serve(state: &State, programs: &Programs, run: Run) {
    match programs.find(state, &run.program).await {
        Ok(project) => attempt(state, &project, run).await,
        Err(error) => {
            tracing::error!(target: "journey", run = %run.id, task = %run.task, %error, "its program cannot be loaded");
            put_off(state, &run, &error).await;
        }
    }
}

/// Its program may come to be loaded: with its settings, or by another version of this server.
async fn put_off(state: &State, run: &Run, error: &programs::Missing) {
    let why: Str = format!("its program cannot be loaded: {error}").into();
    let later = |found: Run| {
        let waits = matches!(found.state, RunState::Due | RunState::Running);
        let put_off = Run {
            state: RunState::Due,
            due: after(clock::timestamp(), PROGRAM_RETRY),
            error: Some(why.clone()),
            ..found
        };
        waits.then_some((put_off, None))
    };
    if row::change(state, &run.id, later).await.is_err() {
        sleep(TASK_POLL).await;
    }
}

/// How long until then, in whole milliseconds: not shorter.
fn until(due: Timestamp, now: Timestamp) -> Duration {
    let left = due.millis().saturating_sub(now.millis()).saturating_add(1);
    Duration::from_millis(u64::try_from(left).unwrap_or_default())
}
