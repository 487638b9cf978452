//! A turn of a run that has to do with what is stored: from its first such effect to where it waits for the outside.

use super::{End, Run, Task, typed};
use crate::clock;
use crate::state::{Refused, State};
use journey_machine::effect::{Effect, EffectId, Outcome};
use journey_machine::machine::{Machine, Stop};
use journey_machine::program::StateSite;
use journey_machine::state::{Need, Place, Turn};
use journey_machine::value::{Timestamp, Value};

pub(super) struct Transaction {
    turn: Turn,
    /// The machine before its first such effect, and what it asked for then: where the turn begins again if another
    /// one was faster.
    /// `None`: a task, that begins again from where it was saved.
    before: Option<(Machine, Vec<Effect>)>,
    /// What the world must not see before the turn is written.
    held: Vec<Effect>,
    /// Are new keys taken to be free, without a look? It costs another try of the turn if one is not.
    hopes: bool,
}

impl Transaction {
    /// `hopes`: see there.
    pub(super) fn new(machine: &Machine, effects: &[Effect], hopes: bool) -> Self {
        Self {
            turn: Turn::new(clock::timestamp()),
            before: Some((machine.clone(), effects.to_vec())),
            held: Vec::new(),
            hopes,
        }
    }

    /// A turn that has seen something already.
    pub(super) fn resumed(turn: Turn) -> Self {
        Self {
            turn,
            before: None,
            held: Vec::new(),
            hopes: false,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.turn.now()
    }

    pub(super) fn before(self) -> Option<(Machine, Vec<Effect>)> {
        self.before
    }

    pub(super) fn held(self) -> Vec<Effect> {
        self.held
    }

    /// The machine has stopped: what is to be written beside what it asked for.
    pub(super) async fn end(
        &mut self,
        run: Run<'_>,
        machine: &Machine,
        stop: &Stop,
    ) -> Result<(), End> {
        let failed = matches!(stop, Stop::Failed(_));
        match run.task {
            None if failed => self.turn.discard(),
            // A task does not answer: `fail` ends its attempt.
            Some(_) if failed || matches!(stop, Stop::Done(_)) => self.turn.discard(),
            Some(task) => return self.keep(run, task, machine, stop).await,
            None => {}
        }
        Ok(())
    }

    async fn keep(
        &mut self,
        run: Run<'_>,
        task: &Task<'_>,
        machine: &Machine,
        stop: &Stop,
    ) -> Result<(), End> {
        let program = (&*run.project.program, &run.project.digest);
        loop {
            match task.keep(&mut self.turn, program, machine, stop) {
                Ok(Ok(true)) => return Ok(()),
                Ok(Ok(false)) => return Err(End::Lost),
                Ok(Err(error)) => return Err(End::Unsaved(error)),
                Err(need) => bring(&mut self.turn, need, run.state)
                    .await
                    .map_err(End::Unwritten)?,
            }
        }
    }

    /// Answers what has to do with what is stored and keeps the rest. `true`: something was answered.
    pub(super) async fn take(
        &mut self,
        run: Run<'_>,
        machine: &mut Machine,
        effects: &mut Vec<Effect>,
        over: bool,
    ) -> Result<bool, End> {
        let mut answered = false;
        let cancelled = cancelled(effects);
        for effect in effects.drain(..) {
            let Effect::State { id, site, args } = effect else {
                self.held.push(effect);
                continue;
            };
            // A branch of the run was faster, or the run is over: nobody asks any more.
            if over || cancelled.contains(&id) {
                continue;
            }
            let outcome = self.act(run, site, &args).await?;
            answered |= machine.complete(id, outcome);
        }
        Ok(answered)
    }

    async fn act(&mut self, run: Run<'_>, site: StateSite, args: &[Value]) -> Result<Outcome, End> {
        let (program, hash) = (&run.project.program, &run.project.hash);
        let args = match typed::arguments(run.project, site, args) {
            Ok(args) => args,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            match self.turn.act(program, hash, site, &args) {
                Ok(outcome) => return Ok(outcome),
                Err(Need::Vacancy(place)) if self.hopes => self.hope(place, run.state),
                Err(need) => bring(&mut self.turn, need, run.state)
                    .await
                    .map_err(End::Unwritten)?,
            }
        }
    }

    /// There is no such row, as far as can be known at once.
    fn hope(&mut self, place: Place, state: &State) {
        match state.engine.known(&place, self.turn.now()) {
            Some(found) => self.turn.saw_row(place, found, state),
            None => self.turn.assume_vacant(place),
        }
    }

    /// Writes it, or looks whether what it has read holds together.
    pub(super) async fn commit(&self, run: Run<'_>) -> Result<(), Refused> {
        run.state.commit(&self.turn).await
    }
}

/// Shows a turn what it needs.
pub(crate) async fn bring(turn: &mut Turn, need: Need, state: &State) -> Result<(), Refused> {
    let now = turn.now();
    match need {
        Need::Row(place) | Need::Vacancy(place) => {
            let found = state.engine.row(&place, now).await;
            turn.saw_row(place, found.map_err(|_| Refused::Failed)?, state);
        }
        Need::Range(range) => {
            let found = state.engine.range(&range, now).await;
            turn.saw_range(range, found.map_err(|_| Refused::Failed)?, state);
        }
        Need::Keys(range) => {
            let found = state.engine.keys(&range, now).await;
            turn.saw_keys(range, found.map_err(|_| Refused::Failed)?);
        }
    }
    Ok(())
}

fn cancelled(effects: &[Effect]) -> Vec<EffectId> {
    let cancelled = effects.iter().filter_map(|effect| {
        if let Effect::Cancel(id) = effect {
            Some(*id)
        } else {
            None
        }
    });
    cancelled.collect()
}
