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
use crate::limits::{DRAIN, TASK_POLL, TASKS_AT_ONCE};
use crate::state::State;
use attempt::attempt;
use journey_machine::state::run::{Run, RunState};
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Runs what is due until it is told to stop; then lets attempts end, and leaves those that take longer as they were saved.
pub(crate) async fn work(
    state: Arc<State>,
    programs: Arc<Programs>,
    mut stop: watch::Receiver<bool>,
) {
    recover(&state).await;
    let mut attempts = JoinSet::new();
    while !*stop.borrow() {
        while attempts.try_join_next().is_some() {}
        begin(&state, &programs, &mut attempts).await;
        tokio::select! {
            () = sleep(TASK_POLL) => {}
            _ = stop.changed() => {}
        }
    }
    let ended = async { while attempts.join_next().await.is_some() {} };
    if timeout(DRAIN, ended).await.is_err() {
        tracing::warn!(target: "journey", left = attempts.len(), "tasks are left as they were saved");
    }
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

/// Claims what is due, as much as there is room for.
async fn begin(state: &Arc<State>, programs: &Arc<Programs>, attempts: &mut JoinSet<()>) {
    for waiting in [RunState::Due, RunState::Running] {
        let due = row::list(state, waiting, Some(clock::timestamp())).await;
        for run in due.unwrap_or_default() {
            if attempts.len() >= TASKS_AT_ONCE {
                return;
            }
            let (state, programs) = (Arc::clone(state), Arc::clone(programs));
            attempts.spawn(async move { serve(&state, &programs, run).await });
        }
    }
}

async fn serve(state: &Arc<State>, programs: &Programs, run: Run) {
    let project = match programs.find(state, &run.program).await {
        Ok(project) => project,
        Err(error) => {
            tracing::error!(target: "journey", run = %run.id, task = %run.task, %error, "its program cannot be loaded");
            return;
        }
    };
    attempt(state, &project, run).await;
}
