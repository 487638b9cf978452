//! The only place that waits for a run: lets the machine work, does what it asks for, all at once, and tells it the ends.
//!
//! What a run does with what is stored is answered at once and belongs to its turn ([`transaction`]); what it asks of the
//! world after that waits until the turn is written.

#[cfg(test)]
mod tests;
mod task;
mod transaction;
mod typed;
mod work;

pub(crate) use task::{Task, is_same};
pub(crate) use transaction::bring;

use crate::clock;
use crate::limits::{HASTY_TRIES, TURN_TRIES};
use crate::project::Project;
use crate::state::{Refused, State};
use journey_machine::effect::{Answer, Effect};
use journey_machine::machine::{Failure, Machine, Stop, Turn};
use journey_machine::state;
use journey_machine::value::{EvalError, Str};
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::OwnedMutexGuard;
use tokio::time::timeout_at;
use transaction::Transaction;
use work::{Work, begin};

/// What a run belongs to.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    pub(crate) project: &'a Arc<Project>,
    pub(crate) state: &'a State,
    /// Names it in the log.
    pub(crate) id: &'a Str,
    /// The journey.
    pub(crate) route: &'a str,
    /// When it must have answered.
    pub(crate) deadline: Instant,
    /// The run of a task that it is; `None`: a journey.
    pub(crate) task: Option<&'a Task<'a>>,
}

/// How a run ended.
pub(crate) enum End {
    Answer(Answer),
    Failed(Failure),
    /// It returned instead of answering: the end of a task, and of no compiled journey.
    Returned,
    /// It waits for nothing that is under way.
    Silent,
    /// A task is saved and sleeps, or waits for a signal.
    Parked,
    /// Somebody else is at the run of the task, or it is gone.
    Lost,
    Late,
    /// The run of a task cannot be saved.
    Unsaved(EvalError),
    /// Nothing of its last turn was written.
    Unwritten(Refused),
}

/// A run that is over, and how many operations it could still have executed.
pub(crate) struct Ended {
    pub(crate) end: End,
    pub(crate) steps_left: u64,
}

/// A run that goes on after its first piece, in a place of its own: a request is moved with its future.
pub(crate) struct Going<'a> {
    driver: Driver<'a>,
    machine: Machine,
    stop: Stop,
    fuel: u32,
}

impl Going<'_> {
    /// Its end. Dropping the future ends everything it has begun.
    pub(crate) async fn ended(mut self: Box<Self>) -> Ended {
        let (driver, fuel) = (self.driver, self.fuel);
        let end = driver.go_on(&mut self.machine, self.stop, fuel, |_| {});
        Ended {
            end: end.await,
            steps_left: self.machine.steps_left(),
        }
    }
}

/// Runs a machine, in pieces of so much fuel. Most runs end with the first one: they ask for nothing.
pub(crate) fn start(
    run: Run<'_>,
    mut machine: Machine,
    fuel: u32,
) -> Result<Ended, Box<Going<'_>>> {
    let mut driver = Driver::new(run);
    let stop = driver.turn(&mut machine, fuel, &mut |_| {});
    match driver.at_once(stop) {
        Ok(end) => Ok(Ended {
            end,
            steps_left: machine.steps_left(),
        }),
        Err(stop) => Err(Box::new(Going {
            driver,
            machine,
            stop,
            fuel,
        })),
    }
}

/// Runs a machine to its end, in pieces of so much fuel; `watch` sees it before each piece. Dropping the future ends
/// everything it has begun.
pub(crate) async fn drive(
    run: Run<'_>,
    machine: &mut Machine,
    fuel: u32,
    mut watch: impl FnMut(&Machine),
) -> End {
    let mut driver = Driver::new(run);
    let stop = driver.turn(machine, fuel, &mut watch);
    driver.go_on(machine, stop, fuel, watch).await
}

/// Goes on with the run of a task: `turn` may have seen what woke it, `effects` were under way when it was saved.
pub(crate) async fn resume(
    run: Run<'_>,
    machine: &mut Machine,
    fuel: u32,
    (turn, effects): (state::Turn, Vec<Effect>),
) -> End {
    let mut driver = Driver::new(run);
    driver.open = turn
        .has_seen()
        .then(|| Box::new(Transaction::resumed(turn)));
    driver.effects = effects;
    let stop = driver.turn(machine, fuel, &mut |_| {});
    driver.go_on(machine, stop, fuel, |_| {}).await
}

struct Driver<'a> {
    run: Run<'a>,
    /// What the machine has asked for and nobody has taken.
    effects: Vec<Effect>,
    /// What is under way outside. A run without any has none of this.
    work: Option<Work>,
    /// The turn, once it has to do with what is stored.
    open: Option<Box<Transaction>>,
    /// How often a turn of this run was not the first.
    lost: u32,
    /// The head of the line of those who lose, until the turn is written.
    head: Option<OwnedMutexGuard<()>>,
}

impl<'a> Driver<'a> {
    fn new(run: Run<'a>) -> Self {
        Self {
            run,
            effects: Vec::new(),
            work: None,
            open: None,
            lost: 0,
            head: None,
        }
    }

    /// Lets the machine work until it stops.
    fn turn(&mut self, machine: &mut Machine, fuel: u32, watch: &mut impl FnMut(&Machine)) -> Stop {
        // Each turn of a task is written: it is saved with it.
        if self.run.task.is_some() && self.open.is_none() {
            self.open = Some(Box::new(Transaction::new(
                machine,
                &self.effects,
                self.lost == 0,
            )));
        }
        let now = match &self.open {
            Some(open) => open.now(),
            None => clock::timestamp(),
        };
        watch(machine);
        let program = &self.run.project.program;
        machine.run(program, Turn { now, fuel }, &mut self.effects)
    }

    /// The end of a run that asks for nothing and has nothing to do with what is stored.
    fn at_once(&self, stop: Stop) -> Result<End, Stop> {
        if self.open.is_some() || !self.effects.is_empty() {
            return Err(stop);
        }
        ended(stop)
    }

    async fn go_on(
        mut self,
        machine: &mut Machine,
        mut stop: Stop,
        fuel: u32,
        mut watch: impl FnMut(&Machine),
    ) -> End {
        loop {
            if let Err(end) = self.step(machine, stop).await {
                return end;
            }
            // What ends with the deadline is late too: the run must not answer as if it had been in time.
            if Instant::now() >= self.run.deadline {
                return End::Late;
            }
            stop = self.turn(machine, fuel, &mut watch);
        }
    }

    /// Does what the machine asks for where it stopped, up to what it goes on with.
    async fn step(&mut self, machine: &mut Machine, stop: Stop) -> Result<(), End> {
        let over = !matches!(stop, Stop::Blocked | Stop::OutOfFuel);
        let answered = self.take(machine, over).await?;
        if let Stop::OutOfFuel = stop {
            tokio::task::yield_now().await;
            return Ok(());
        }
        if answered || !self.close(machine, &stop).await? {
            return Ok(());
        }
        match ended(stop) {
            Ok(end) => Err(end),
            Err(_) => self.wait(machine).await,
        }
    }

    /// Answers what has to do with what is stored; the rest begins, or waits for the turn to be written. `true`: the
    /// machine can go on.
    async fn take(&mut self, machine: &mut Machine, over: bool) -> Result<bool, End> {
        if self.open.is_none() {
            let stored = self.effects.iter().position(is_stored).filter(|_| !over);
            let free = stored.unwrap_or(self.effects.len());
            for effect in self.effects.drain(..free) {
                begin(self.run, effect, &mut self.work);
            }
            if stored.is_none() {
                return Ok(false);
            }
            self.open = Some(Box::new(Transaction::new(
                machine,
                &self.effects,
                self.lost == 0,
            )));
        }
        match &mut self.open {
            Some(open) => {
                let taken = open.take(self.run, machine, &mut self.effects, over);
                Box::pin(taken).await
            }
            None => Ok(false),
        }
    }

    /// Ends the turn, if it has to do with what is stored: writes it, and lets out what has waited for that. `false`:
    /// another one was faster, and the machine is where it was before.
    async fn close(&mut self, machine: &mut Machine, stop: &Stop) -> Result<bool, End> {
        let Some(mut open) = self.open.take() else {
            return Ok(true);
        };
        Box::pin(open.end(self.run, machine, stop)).await?;
        match Box::pin(open.commit(self.run)).await {
            Ok(()) => {
                self.head = None;
                self.release(open.held()).map(|()| true)
            }
            Err(Refused::Conflict) if self.lost < TURN_TRIES => {
                self.lost += 1;
                let before = open.before();
                (*machine, self.effects) = before.ok_or(End::Unwritten(Refused::Conflict))?;
                self.queue().await?;
                Ok(false)
            }
            Err(refused) => Err(End::Unwritten(refused)),
        }
    }

    /// Who has lost often stands in line with the others: so few compete, and everybody's time comes.
    async fn queue(&mut self) -> Result<(), End> {
        if self.lost >= HASTY_TRIES && self.head.is_none() {
            let head = timeout_at(self.run.deadline.into(), self.run.state.head_of_line());
            self.head = Some(Box::pin(head).await.map_err(|_| End::Late)?);
        }
        Ok(())
    }

    /// The turn is written: what has waited for that begins, unless it is the whole task that waits.
    fn release(&mut self, held: Vec<Effect>) -> Result<(), End> {
        let mut parked = false;
        for effect in held {
            if self.run.task.is_some() && task::parks(&effect) {
                parked = true;
            } else {
                begin(self.run, effect, &mut self.work);
            }
        }
        if parked { Err(End::Parked) } else { Ok(()) }
    }

    /// Waits for the next effect that ends.
    async fn wait(&mut self, machine: &mut Machine) -> Result<(), End> {
        let work = self.work.as_mut().ok_or(End::Silent)?;
        let (id, outcome) = work.ended(self.run.deadline).await?;
        machine.complete(id, outcome);
        Ok(())
    }
}

/// The end of a run that is over.
fn ended(stop: Stop) -> Result<End, Stop> {
    match stop {
        Stop::Done(answer) => Ok(End::Answer(answer)),
        Stop::Returned(_) => Ok(End::Returned),
        Stop::Failed(failure) => Ok(End::Failed(failure)),
        Stop::Blocked | Stop::OutOfFuel => Err(stop),
    }
}

fn is_stored(effect: &Effect) -> bool {
    matches!(effect, Effect::State { .. })
}
