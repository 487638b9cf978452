//! Effects under way outside.

use super::{End, Run};
use crate::telemetry;
use futures_util::future::{AbortHandle, Abortable, Aborted, BoxFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};
use journey_machine::effect::{Effect, EffectId, Outcome};
use journey_machine::value::{ErrorKind, EvalError};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use tokio::time::timeout_at;

#[derive(Default)]
pub(super) struct Work {
    running: FuturesUnordered<Abortable<BoxFuture<'static, (EffectId, Outcome)>>>,
    handles: BTreeMap<EffectId, AbortHandle>,
}

impl Work {
    fn add(&mut self, id: EffectId, effect: BoxFuture<'static, (EffectId, Outcome)>) {
        let (handle, registration) = AbortHandle::new_pair();
        self.running.push(Abortable::new(effect, registration));
        self.handles.insert(id, handle);
    }

    /// The next effect that ends.
    pub(super) async fn ended(&mut self, deadline: Instant) -> Result<(EffectId, Outcome), End> {
        loop {
            match timeout_at(deadline.into(), self.running.next()).await {
                Ok(Some(Ok((id, outcome)))) => {
                    self.handles.remove(&id);
                    return Ok((id, outcome));
                }
                // One that was cancelled has nothing to tell.
                Ok(Some(Err(Aborted))) => {}
                Ok(None) => return Err(End::Silent),
                Err(_) => return Err(End::Late),
            }
        }
    }
}

/// Begins what a run asks of the world.
pub(super) fn begin(run: Run<'_>, effect: Effect, work: &mut Option<Work>) {
    let (project, deadline) = (Arc::clone(run.project), run.deadline);
    match effect {
        Effect::Call {
            id,
            operation,
            args,
        } => {
            let key = run.task.map(|task| format!("{}/{}", task.run.id, id.0));
            let blobs = Arc::clone(&run.state.blobs);
            let call = async move {
                let call = project
                    .upstreams
                    .call(operation, &args, key, &blobs, deadline);
                (id, call.await)
            };
            work.get_or_insert_default().add(id, Box::pin(call));
        }
        Effect::Validate { id, issuer, token } => {
            let validate =
                async move { (id, project.issuers.validate(issuer, &token, deadline).await) };
            work.get_or_insert_default().add(id, Box::pin(validate));
        }
        Effect::Read { id, blob } => {
            let blobs = Arc::clone(&run.state.blobs);
            let read = async move { (id, blobs.read_value(&blob).await) };
            work.get_or_insert_default().add(id, Box::pin(read));
        }
        // What has to do with what is stored is answered before this; a compiled journey does not sleep or wait.
        Effect::State { id, .. } | Effect::Sleep { id, .. } | Effect::Wait { id, .. } => {
            let refused = EvalError::new(ErrorKind::Unavailable, "it is not done here");
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
