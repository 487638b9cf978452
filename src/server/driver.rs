//! The only place that waits for a run: lets the machine work, does what it asks for, all at once, and tells it the ends.

use crate::clock;
use crate::project::Project;
use crate::telemetry;
use futures_util::future::{AbortHandle, Abortable, Aborted, BoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use journey_machine::effect::{Answer, Effect, EffectId, Outcome};
use journey_machine::machine::{Failure, Machine, Stop, Turn};
use journey_machine::value::{ErrorKind, EvalError, Str};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::timeout_at;

/// What a run belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) project: &'a Arc<Project>,
    /// Names it in the log.
    pub(crate) id: &'a Str,
    /// The journey.
    pub(crate) route: &'a str,
    /// When it must have answered.
    pub(crate) deadline: Instant,
}

/// How a run ended.
pub(crate) enum End {
    Answer(Answer),
    Failed(Failure),
    /// It returned instead of answering, which no compiled journey does.
    Silent,
    Late,
}

/// Runs a machine to its end, in turns of so much fuel; `watch` sees it before each turn. Dropping the future ends
/// everything it has begun.
pub(crate) async fn drive(
    run: Run<'_>,
    machine: &mut Machine,
    fuel: u32,
    mut watch: impl FnMut(&Machine),
) -> End {
    let mut effects = Vec::new();
    let mut work: Option<Work> = None;
    loop {
        let turn = Turn {
            now: clock::timestamp(),
            fuel,
        };
        watch(machine);
        let stop = machine.run(&run.project.program, turn, &mut effects);
        for effect in effects.drain(..) {
            begin(run, effect, &mut work);
        }
        match stop {
            Stop::Done(answer) => return End::Answer(answer),
            Stop::Returned(_) => return End::Silent,
            Stop::Failed(failure) => return End::Failed(failure),
            Stop::OutOfFuel => tokio::task::yield_now().await,
            Stop::Blocked => match ended(work.as_mut(), run.deadline).await {
                Ok((id, outcome)) => drop(machine.complete(id, outcome)),
                Err(end) => return end,
            },
        }
        // What ends with the deadline is late too: the run must not answer as if it had been in time.
        if Instant::now() >= run.deadline {
            return End::Late;
        }
    }
}

/// The next effect that ends.
async fn ended(work: Option<&mut Work>, deadline: Instant) -> Result<(EffectId, Outcome), End> {
    let work = work.ok_or(End::Silent)?;
    loop {
        match timeout_at(deadline.into(), work.running.next()).await {
            Ok(Some(Ok((id, outcome)))) => {
                work.handles.remove(&id);
                return Ok((id, outcome));
            }
            // One that was cancelled has nothing to tell.
            Ok(Some(Err(Aborted))) => {}
            Ok(None) => return Err(End::Silent),
            Err(_) => return Err(End::Late),
        }
    }
}

/// Effects under way. A run without any has none of this.
#[derive(Default)]
struct Work {
    running: FuturesUnordered<Abortable<BoxFuture<'static, (EffectId, Outcome)>>>,
    handles: BTreeMap<EffectId, AbortHandle>,
}

impl Work {
    fn add(&mut self, id: EffectId, effect: BoxFuture<'static, (EffectId, Outcome)>) {
        let (handle, registration) = AbortHandle::new_pair();
        self.running.push(Abortable::new(effect, registration));
        self.handles.insert(id, handle);
    }
}

fn begin(run: Run<'_>, effect: Effect, work: &mut Option<Work>) {
    let (project, deadline) = (Arc::clone(run.project), run.deadline);
    match effect {
        Effect::Call {
            id,
            operation,
            args,
        } => {
            let call =
                async move { (id, project.upstreams.call(operation, &args, deadline).await) };
            work.get_or_insert_default().add(id, Box::pin(call));
        }
        Effect::Validate { id, issuer, token } => {
            let validate =
                async move { (id, project.issuers.validate(issuer, &token, deadline).await) };
            work.get_or_insert_default().add(id, Box::pin(validate));
        }
        Effect::State { id, .. }
        | Effect::Sleep { id, .. }
        | Effect::Wait { id, .. }
        | Effect::Read { id, .. } => {
            let refused = EvalError::new(ErrorKind::Unavailable, "no state is kept here");
            let refused = std::future::ready((id, Err(refused)));
            work.get_or_insert_default().add(id, Box::pin(refused));
        }
        Effect::Emit { name, data } => telemetry::event(run.id, run.route, &name, &data),
        Effect::Cancel(id) => {
            if let Some(handle) = work.as_mut().and_then(|work| work.handles.remove(&id)) {
                handle.abort();
            }
        }
    }
}
