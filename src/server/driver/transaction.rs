//! A turn of a run that has to do with what is stored: from its first such effect to where it waits for the outside.

use super::{End, Run};
use crate::clock;
use crate::state::{Refused, State};
use journey_machine::effect::{Effect, EffectId, Outcome};
use journey_machine::machine::Machine;
use journey_machine::program::StateSite;
use journey_machine::state::{Need, Turn};
use journey_machine::value::{Timestamp, Value};

pub(super) struct Transaction {
    turn: Turn,
    /// The machine before its first such effect, and what it asked for then: where the turn begins again if another
    /// one was faster.
    before: (Machine, Vec<Effect>),
    /// What the world must not see before the turn is written.
    held: Vec<Effect>,
}

impl Transaction {
    pub(super) fn new(machine: &Machine, effects: &[Effect]) -> Self {
        Self {
            turn: Turn::new(clock::timestamp()),
            before: (machine.clone(), effects.to_vec()),
            held: Vec::new(),
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.turn.now()
    }

    pub(super) fn before(self) -> (Machine, Vec<Effect>) {
        self.before
    }

    pub(super) fn held(self) -> Vec<Effect> {
        self.held
    }

    /// Nothing of it is to be written: its run has failed.
    pub(super) fn discard(&mut self) {
        self.turn.discard();
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
        loop {
            match self.turn.act(program, hash, site, args) {
                Ok(outcome) => return Ok(outcome),
                Err(need) => bring(&mut self.turn, need, run.state)
                    .await
                    .map_err(End::Unwritten)?,
            }
        }
    }

    /// Writes it, or looks whether what it has read holds together.
    pub(super) async fn commit(&self, run: Run<'_>) -> Result<(), Refused> {
        match self.turn.commit(run.state) {
            Ok(Some(commit)) => run.state.engine.commit(commit).await,
            Ok(None) => Ok(()),
            Err(error) => {
                tracing::error!(%error, "a record cannot be written");
                Err(Refused::Failed)
            }
        }
    }
}

/// Shows a turn what it needs.
async fn bring(turn: &mut Turn, need: Need, state: &State) -> Result<(), Refused> {
    let now = turn.now();
    match need {
        Need::Row(place) => {
            let found = state.engine.row(&place, now).await;
            turn.saw_row(place, found.map_err(|_| Refused::Failed)?, state);
        }
        Need::Range(range) => {
            let found = state.engine.range(&range, now).await;
            turn.saw_range(range, found.map_err(|_| Refused::Failed)?, state);
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
