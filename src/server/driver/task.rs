//! What is kept of the run of a task at the end of each turn.

use journey_machine::effect::Effect;
use journey_machine::machine::{Machine, Stop};
use journey_machine::manifest::{self, Millis};
use journey_machine::program::Program;
use journey_machine::state::run::{Run, RunState, later};
use journey_machine::state::{Need, Turn};
use journey_machine::value::{ErrorKind, EvalError, Value};
use journey_machine::wire::snapshot;
use std::time::Instant;

/// An attempt of a run.
pub(crate) struct Task<'a> {
    /// The run as it was claimed: whoever finds another due time there has lost it.
    pub(crate) run: &'a Run,
    pub(crate) declared: &'a manifest::Task,
    pub(crate) begun: Instant,
}

/// What a turn is told, or what it has to see first.
type Kept<T> = Result<Result<T, EvalError>, Need>;

impl Task<'_> {
    /// Writes the run as it is where the machine stopped; `false`: it is not ours any more.
    pub(super) fn keep(
        &self,
        turn: &mut Turn,
        (program, digest): (&Program, &[u8; 32]),
        machine: &Machine,
        stop: &Stop,
    ) -> Kept<bool> {
        match turn.run(&self.run.id)? {
            Ok(Some(found)) if is_same(&found, self.run) => {}
            Ok(_) => return Ok(Ok(false)),
            Err(error) => return Ok(Err(error)),
        }
        let ended = matches!(stop, Stop::Returned(_));
        let run = if ended {
            Ok(self.ended())
        } else {
            self.waiting(turn, program, digest, machine)?
        };
        match run {
            Ok(run) => {
                let keep = ended.then_some(self.declared.keep);
                Ok(turn.save(&run, keep)?.map(|_| true))
            }
            Err(error) => Ok(Err(error)),
        }
    }

    fn ended(&self) -> Run {
        Run {
            state: RunState::Done,
            due: None,
            saved: None,
            error: None,
            until: None,
            used: self.used(),
            ..self.run.clone()
        }
    }

    /// The run with the machine in it, to go on when what it waits for has come.
    fn waiting(
        &self,
        turn: &Turn,
        program: &Program,
        digest: &[u8; 32],
        machine: &Machine,
    ) -> Kept<Run> {
        let Some(bytes) = snapshot::encode(machine, digest) else {
            return Ok(Err(EvalError::new(
                ErrorKind::LimitExceeded,
                "the run holds more than can be saved",
            )));
        };
        let run = Run {
            saved: Some(bytes.into()),
            used: self.used(),
            ..self.run.clone()
        };
        let parked = machine.outstanding(program).into_iter().find(parks);
        match parked {
            Some(Effect::Sleep { time, .. }) => Ok(asleep(run, turn, &time)),
            Some(Effect::Wait {
                signal, key, up_to, ..
            }) => {
                let signal = program.manifest.signals.get(usize::from(signal.0));
                let name = signal.map(|signal| signal.name.clone()).unwrap_or_default();
                let sent = match turn.is_sent(&name, &key)? {
                    Ok(sent) => sent,
                    Err(error) => return Ok(Err(error)),
                };
                let wait = key.as_str().map(|key| (name, key.into()));
                let due = sent.then(|| turn.now());
                Ok(asleep(run, turn, &up_to).map(|run| Run {
                    wait: wait.filter(|_| !sent),
                    due: due.or(run.due),
                    ..run
                }))
            }
            _ => Ok(Ok(run)),
        }
    }

    /// What its attempt has taken so far.
    pub(crate) fn used(&self) -> Millis {
        let now = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.run.used.saturating_add(now)
    }
}

/// Nobody else has claimed it since.
pub(crate) fn is_same(found: &Run, claimed: &Run) -> bool {
    found.state == RunState::Running && found.due == claimed.due
}

fn asleep(run: Run, turn: &Turn, time: &Value) -> Result<Run, EvalError> {
    let until = Some(later(turn.now(), time)?);
    Ok(Run {
        state: RunState::Due,
        due: until,
        until,
        ..run
    })
}

/// Does the whole task wait for it, saved, with nobody at it?
pub(super) fn parks(effect: &Effect) -> bool {
    matches!(effect, Effect::Sleep { .. } | Effect::Wait { .. })
}
