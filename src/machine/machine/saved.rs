//! A machine that waits, as plain tables: what a snapshot writes, and what one that is read must be to become a machine.

mod check;

pub(crate) use check::is_register;

use super::random::Random;
use super::scope::{Scope, ScopeId};
use super::task::{Frame, State, Task, TaskId};
use super::trap::Memory;
use super::{Machine, Surroundings};
use crate::effect::{Effect, EffectId, Outcome};
use crate::index::Reg;
use crate::op::Op;
use crate::program::{FuncId, Pc, Program, ScopeSite};
use crate::value::Value;

/// A whole run, but for what its surroundings get anew: settings and secrets.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Saved {
    pub(crate) around: [Value; 3],
    pub(crate) random: [u64; 4],
    pub(crate) steps: u64,
    pub(crate) memory: u64,
    /// The next task, scope and effect.
    pub(crate) next: [u32; 3],
    pub(crate) tasks: Vec<SavedTask>,
    pub(crate) scopes: Vec<SavedScope>,
    pub(crate) ready: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SavedTask {
    pub(crate) id: u32,
    /// The innermost one last.
    pub(crate) frames: Vec<SavedFrame>,
    pub(crate) registers: Vec<Value>,
    pub(crate) peak: u32,
    pub(crate) state: SavedState,
    /// Scope and place.
    pub(crate) parent: Option<(u32, u32)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SavedFrame {
    pub(crate) function: FuncId,
    pub(crate) pc: Pc,
    pub(crate) dst: Reg,
    pub(crate) scopes: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SavedState {
    Ready,
    Resumed(Reg, Outcome),
    Effect(u32, Reg),
    Join(u32),
    Full(u32),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SavedScope {
    pub(crate) id: u32,
    pub(crate) owner: u32,
    pub(crate) opened: Pc,
    pub(crate) live: Vec<u32>,
    pub(crate) results: Vec<Option<Outcome>>,
    pub(crate) verdict: Option<Outcome>,
}

impl Machine {
    /// What it is; `None`: it is over.
    pub(crate) fn save(&self) -> Option<Saved> {
        if self.over.is_some() {
            return None;
        }
        let around = &self.around;
        let tasks = self.tasks.iter().map(|(id, task)| task.save(id));
        let scopes = self.scopes.iter().map(|(id, scope)| scope.save(id));
        Some(Saved {
            around: [&around.input, &around.request, &around.client].map(Value::clone),
            random: self.random.0,
            steps: self.steps,
            memory: self.memory.0,
            next: [self.next_task.0, self.next_scope.0, self.next_effect.0],
            tasks: tasks.collect(),
            scopes: scopes.collect(),
            ready: self.ready.iter().map(|id| id.0).collect(),
        })
    }

    /// The machine that was saved; `None`: it is none of this program.
    pub(crate) fn load(
        program: &Program,
        saved: Saved,
        config: Value,
        secret: Value,
    ) -> Option<Self> {
        let sites = check::sound(program, &saved)?;
        let [input, request, client] = saved.around;
        let scopes = saved.scopes.into_iter().zip(sites);
        let scopes = scopes.map(|(scope, site)| (ScopeId(scope.id), scope.load(program[site])));
        let waiting = saved.tasks.iter().filter_map(SavedTask::waiting).collect();
        let tasks = saved.tasks.into_iter();
        let tasks = tasks.map(|task| Some((TaskId(task.id), Box::new(task.load(program)?))));
        Some(Self {
            around: Surroundings {
                input,
                request,
                client,
                config,
                secret,
            },
            random: Random(saved.random),
            steps: saved.steps,
            memory: Memory(saved.memory),
            tasks: tasks.collect::<Option<_>>()?,
            scopes: scopes.collect(),
            ready: saved.ready.into_iter().map(TaskId).collect(),
            waiting,
            next_task: TaskId(saved.next[0]),
            next_scope: ScopeId(saved.next[1]),
            next_effect: EffectId(saved.next[2]),
            over: None,
        })
    }

    /// Every effect that it waits for, as it was asked for: whoever has loaded a machine asks again.
    #[must_use]
    pub fn outstanding(&self, program: &Program) -> Vec<Effect> {
        let asked = |(id, task): (EffectId, &TaskId)| {
            let task = self.tasks.get(*task)?;
            let code = &program[task.frame.function].code;
            let Some(Op::Perform { site, first, .. }) = code.get(task.frame.last().index()) else {
                return None;
            };
            let site = &program[*site];
            let count = site.registers(&program.manifest)?;
            let first = task.frame.base + first.index();
            let args = task.registers.get(first..)?.get(..count)?.to_vec();
            Some(Effect::new(id, site, args))
        };
        self.waiting.iter().filter_map(asked).collect()
    }
}

impl Task {
    fn save(&self, id: TaskId) -> SavedTask {
        let frames = self.callers.iter().chain([&self.frame]);
        let frames = frames.map(|frame| SavedFrame {
            function: frame.function,
            pc: frame.pc,
            dst: frame.dst,
            scopes: frame.scopes.iter().map(|id| id.0).collect(),
        });
        SavedTask {
            id: id.0,
            frames: frames.collect(),
            registers: self.registers.clone(),
            peak: number(self.peak),
            state: self.state.save(),
            parent: self.parent.map(|(scope, place)| (scope.0, number(place))),
        }
    }
}

impl State {
    fn save(&self) -> SavedState {
        match self {
            Self::Ready => SavedState::Ready,
            Self::Resumed(dst, outcome) => SavedState::Resumed(*dst, outcome.clone()),
            Self::Effect(id, dst) => SavedState::Effect(id.0, *dst),
            Self::Join(id) => SavedState::Join(id.0),
            Self::Full(id) => SavedState::Full(id.0),
        }
    }
}

impl Scope {
    fn save(&self, id: ScopeId) -> SavedScope {
        SavedScope {
            id: id.0,
            owner: self.owner.0,
            opened: self.opened,
            live: self.live.iter().map(|id| id.0).collect(),
            results: self.results.clone(),
            verdict: self.verdict.clone(),
        }
    }
}

impl SavedTask {
    fn load(self, program: &Program) -> Option<Task> {
        let mut base = 0;
        let mut frames: Vec<Frame> = Vec::new();
        for frame in self.frames {
            frames.push(Frame {
                function: frame.function,
                pc: frame.pc,
                base,
                dst: frame.dst,
                scopes: frame.scopes.into_iter().map(ScopeId).collect(),
            });
            base += usize::from(program[frame.function].registers);
        }
        let frame = frames.pop()?;
        Some(Task {
            callers: frames,
            frame,
            registers: self.registers,
            peak: index(self.peak),
            state: self.state.load(),
            parent: self
                .parent
                .map(|(scope, place)| (ScopeId(scope), index(place))),
        })
    }

    fn waiting(&self) -> Option<(EffectId, TaskId)> {
        match self.state {
            SavedState::Effect(effect, _) => Some((EffectId(effect), TaskId(self.id))),
            SavedState::Ready
            | SavedState::Resumed(..)
            | SavedState::Join(_)
            | SavedState::Full(_) => None,
        }
    }
}

impl SavedState {
    fn load(self) -> State {
        match self {
            Self::Ready => State::Ready,
            Self::Resumed(dst, outcome) => State::Resumed(dst, outcome),
            Self::Effect(id, dst) => State::Effect(EffectId(id), dst),
            Self::Join(id) => State::Join(ScopeId(id)),
            Self::Full(id) => State::Full(ScopeId(id)),
        }
    }
}

impl SavedScope {
    fn load(self, site: ScopeSite) -> Scope {
        Scope {
            site,
            owner: TaskId(self.owner),
            opened: self.opened,
            live: self.live.into_iter().map(TaskId).collect(),
            results: self.results,
            verdict: self.verdict,
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn index(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
