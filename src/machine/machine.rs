//! The interpreter: runs a program until it is done, waits for the world, or has used its fuel.

mod answer;
mod evaluate;
mod exec;
mod ids;
mod input;
mod join;
mod random;
mod registers;
pub(crate) mod saved;
mod scope;
mod table;
mod task;
mod tasks;
mod trap;
mod turn;
mod values;

use crate::effect::{Answer, Effect, EffectId, Outcome};
use crate::limits::{DEFAULT_MEMORY, DEFAULT_STEPS, MAX_TASKS};
use crate::op::Context;
use crate::program::{FuncId, Pc, Program};
use crate::value::{EvalError, Timestamp, Value};
pub use evaluate::{Evaluator, evaluate};
use exec::Env;
use ids::Ids;
use random::Random;
use scope::{Scope, ScopeId};
use task::{State, Task, TaskId};
use tasks::{Queue, Tasks};
use trap::{Fatal, Memory, Trap};
use turn::Running;

/// What a run is given once: one value for each [`crate::op::Context`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// The validated input.
    pub input: Value,
    /// `{id, method, path, headers, ip}`
    pub request: Value,
    /// `{id, claims}` or null.
    pub client: Value,
    /// All `config` values.
    pub config: Value,
    /// All `secret` values.
    pub secret: Value,
}

impl Surroundings {
    /// What an operation asks for.
    #[must_use]
    pub fn of(&self, what: Context) -> &Value {
        match what {
            Context::Input => &self.input,
            Context::Request => &self.request,
            Context::Client => &self.client,
            Context::Config => &self.config,
            Context::Secret => &self.secret,
        }
    }
}

/// What a whole run may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Operations.
    pub steps: u64,
    /// Bytes of values it builds, and of its tasks and frames.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            steps: DEFAULT_STEPS,
            memory: DEFAULT_MEMORY,
        }
    }
}

/// What one call of [`Machine::run`] may use.
#[derive(Clone, Copy, Debug)]
pub struct Turn {
    /// The time, fixed for the turn.
    pub now: Timestamp,
    /// Operations it may execute before it stops with [`Stop::OutOfFuel`].
    pub fuel: u32,
}

/// Why [`Machine::run`] stopped.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// The run is over: this is its answer.
    Done(Answer),
    /// The function returned a value (error shapes and single expressions; a journey ends in `Done`).
    Returned(Value),
    /// Effects are outstanding.
    Blocked,
    /// The turn's fuel is used; call again.
    OutOfFuel,
    /// The run is over: an error that nothing caught, or a limit.
    Failed(Failure),
}

/// How a run failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub cause: Cause,
    /// In which function.
    pub function: FuncId,
    /// At which operation.
    pub pc: Pc,
}

/// What ended a failed run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An error nobody caught.
    Uncaught(EvalError),
    /// More operations than allowed.
    Steps,
    /// More memory than allowed.
    Memory,
    /// Too many tasks or frames.
    Depth,
    /// A register did not hold what the operation needs (a scope, an error), or a pure function asked for an effect.
    Malformed,
    /// Ended from outside.
    Cancelled,
}

/// One run. Plain data: it holds no program, no pointer, no cache.
#[derive(Clone, Debug, PartialEq)]
pub struct Machine {
    around: Surroundings,
    random: Random,
    /// Operations it may still execute.
    steps: u64,
    /// Bytes it may still build.
    memory: Memory,
    tasks: Tasks,
    scopes: Ids<ScopeId, Scope>,
    ready: Queue,
    /// Which task waits for which effect.
    waiting: Ids<EffectId, TaskId>,
    next_task: TaskId,
    next_scope: ScopeId,
    next_effect: EffectId,
    /// How it ended.
    over: Option<Stop>,
}

impl Machine {
    /// A run of `function`, which must have as many parameters as `args`.
    #[must_use]
    pub fn start(
        program: &Program,
        function: FuncId,
        args: Vec<Value>,
        around: Surroundings,
        seed: u128,
    ) -> Self {
        let Limits { steps, memory } = Limits::default();
        let mut memory = Memory(memory);
        let (mut tasks, mut ready) = (Tasks::default(), Queue::default());
        let first = Task::new(program, function, args, None);
        memory.spend(first.bytes());
        tasks.insert(TaskId::FIRST, Box::new(first));
        ready.push_back(TaskId::FIRST);
        Self {
            around,
            random: Random::new(seed),
            steps,
            memory,
            tasks,
            scopes: Ids::default(),
            ready,
            waiting: Ids::default(),
            next_task: TaskId(1),
            next_scope: ScopeId(0),
            next_effect: EffectId(0),
            over: None,
        }
    }

    /// The same run with other limits than the default ones.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.steps = limits.steps;
        self.memory = Memory(limits.memory);
        let first = self.tasks.get(TaskId::FIRST);
        self.memory.spend(first.map_or(0, Task::bytes));
        self
    }

    /// Runs until it is done, waits, or has used the turn's fuel. Effects are appended to `out`.
    /// `program` is the one it was started with. A run that is over says so again.
    pub fn run(&mut self, program: &Program, turn: Turn, out: &mut Vec<Effect>) -> Stop {
        if let Some(stop) = &self.over {
            return stop.clone();
        }
        let stop = Running::new(self, program, turn, out).run();
        if !matches!(stop, Stop::Blocked | Stop::OutOfFuel) {
            self.finish(stop.clone(), out);
        }
        stop
    }

    /// Operations it may still execute.
    #[must_use]
    pub fn steps_left(&self) -> u64 {
        self.steps
    }

    /// The operation that comes next; `None` while every task waits, and where an error comes first.
    #[must_use]
    pub fn position(&self) -> Option<(FuncId, Pc)> {
        let task = self.tasks.get(self.ready.front()?)?;
        let fails = matches!(task.state, State::Resumed(_, Err(_)));
        (!fails).then_some((task.frame.function, task.frame.pc))
    }

    /// The end of an effect; `false`: unknown, ended already, or cancelled.
    /// The bytes of the value count as built.
    pub fn complete(&mut self, id: EffectId, outcome: Outcome) -> bool {
        let Some(task) = self.waiting.remove(id) else {
            return false;
        };
        let Some(waiting) = self.tasks.get_mut(task) else {
            return false;
        };
        let State::Effect(_, dst) = waiting.state else {
            return false;
        };
        self.memory.spend(outcome.as_ref().map_or(0, Value::weight));
        waiting.state = State::Resumed(dst, outcome);
        self.ready.push_back(task);
        true
    }

    /// Ends the run from outside (its deadline, the server's stop): cancels what is outstanding.
    pub fn cancel(&mut self, out: &mut Vec<Effect>) {
        let first = self.tasks.iter().next();
        let failure = first.map(|(_, first)| turn::failure(first, Cause::Cancelled));
        if let (None, Some(failure)) = (&self.over, failure) {
            self.finish(Stop::Failed(failure), out);
        }
    }

    /// Nothing of a run that is over stays but its end.
    fn finish(&mut self, stop: Stop, out: &mut Vec<Effect>) {
        out.extend(self.waiting.take_ids().map(Effect::Cancel));
        self.tasks = Tasks::default();
        self.scopes = Ids::default();
        self.ready = Queue::default();
        self.around = Surroundings::default();
        self.over = Some(stop);
    }

    fn env<'a>(&'a mut self, program: &'a Program, now: Timestamp) -> Env<'a> {
        Env {
            program,
            around: &self.around,
            now,
            memory: &mut self.memory,
            random: &mut self.random,
        }
    }

    /// The next effect, for which `task` waits.
    fn wait(&mut self, task: TaskId) -> Result<EffectId, Trap> {
        let id = self.next_effect;
        self.next_effect = EffectId(following(id.0)?);
        self.waiting.insert(id, task);
        Ok(id)
    }

    fn scope_id(&mut self) -> Result<ScopeId, Trap> {
        let id = self.next_scope;
        self.next_scope = ScopeId(following(id.0)?);
        Ok(id)
    }

    /// Adds the next task beside those there are; the running one is not among them.
    fn add(&mut self, task: Task) -> Result<(), Trap> {
        if self.tasks.len() + 1 >= MAX_TASKS {
            return Err(Fatal::Depth.into());
        }
        self.memory.charge(task.bytes())?;
        let id = self.next_task;
        self.next_task = TaskId(following(id.0)?);
        self.tasks.insert(id, Box::new(task));
        self.ready.push_back(id);
        Ok(())
    }
}

/// Names are never reused: a run that has used them all has made more steps than any limit allows.
fn following(number: u32) -> Result<u32, Trap> {
    number.checked_add(1).ok_or_else(|| Fatal::Steps.into())
}
