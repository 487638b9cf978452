//! How the paths through a block can end. The one answer to "does the journey go on after this?" for every later phase:
//! the type checker (is a binding optional?), the flow checker and lowering.
//!
//! A `match` is taken to be exhaustive: where it is not, the type checker has said so.

use crate::ast::{Atomically, Block, Branch, Handler, ParallelPolicy, ReadBlob, Step, StepKind};

/// Ways in which some path ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ends {
    /// Goes on after the last step.
    pub through: bool,
    /// Ends the turn or the branch with `collect`.
    pub collects: bool,
    /// Ends the turn with `next`.
    pub nexts: bool,
    /// Ends the sub-journey with `return`.
    pub returns: bool,
    /// Ends the run with `complete` or `fail`.
    pub completes: bool,
}

impl Ends {
    const THROUGH: Self = Self {
        through: true,
        collects: false,
        nexts: false,
        returns: false,
        completes: false,
    };
    const NONE: Self = Self {
        through: false,
        collects: false,
        nexts: false,
        returns: false,
        completes: false,
    };

    fn or(self, other: Self) -> Self {
        Self {
            through: self.through || other.through,
            collects: self.collects || other.collects,
            nexts: self.nexts || other.nexts,
            returns: self.returns || other.returns,
            completes: self.completes || other.completes,
        }
    }

    /// `self`, and where it goes on, `next`.
    fn then(self, next: Self) -> Self {
        if self.through {
            Self {
                through: false,
                ..self
            }
            .or(next)
        } else {
            self
        }
    }

    /// A turn or a branch: its own ends stay inside, those of the journey go out.
    fn inside(self) -> Self {
        Self {
            through: false,
            collects: false,
            nexts: false,
            ..self
        }
    }
}

/// The ends of a block.
#[must_use]
pub fn of_block(block: &Block) -> Ends {
    block
        .steps
        .iter()
        .fold(Ends::THROUGH, |before, s| before.then(of_step(s)))
}

/// The ends of a step.
#[must_use]
pub fn of_step(step: &Step) -> Ends {
    match &step.kind {
        StepKind::Let { .. }
        | StepKind::Emit { .. }
        | StepKind::Start(_)
        | StepKind::Sleep(_)
        | StepKind::Signal(_)
        | StepKind::Error => Ends::THROUGH,
        StepKind::Complete { .. } | StepKind::Fail { .. } => Ends {
            completes: true,
            ..Ends::NONE
        },
        StepKind::Collect { .. } => Ends {
            collects: true,
            ..Ends::NONE
        },
        StepKind::Next { .. } => Ends {
            nexts: true,
            ..Ends::NONE
        },
        StepKind::Return { .. } => Ends {
            returns: true,
            ..Ends::NONE
        },
        StepKind::If {
            branches,
            otherwise,
            on_failure,
        } => of_choices(branches.iter().map(|(_, b)| b), otherwise.as_ref())
            .or(otherwise.as_ref().map_or(Ends::THROUGH, |_| Ends::NONE))
            .or(of_handlers(on_failure.as_slice())),
        StepKind::Match {
            arms, otherwise, ..
        } if arms.is_empty() && otherwise.is_none() => Ends::THROUGH,
        StepKind::Match {
            arms, otherwise, ..
        } => of_choices(arms.iter().map(|a| &a.block), otherwise.as_ref()),
        StepKind::Call { handlers, .. }
        | StepKind::Validate { handlers, .. }
        | StepKind::Run { handlers, .. }
        | StepKind::ReadBlob(ReadBlob { handlers, .. }) => Ends::THROUGH.or(of_handlers(handlers)),
        StepKind::For {
            block, handlers, ..
        }
        | StepKind::Repeat {
            block, handlers, ..
        } => Ends::THROUGH
            .or(of_block(block).inside())
            .or(of_handlers(handlers)),
        StepKind::Store(step) => Ends::THROUGH.or(of_handlers(&step.handlers)),
        StepKind::Wait(wait) => Ends::THROUGH.or(of_handlers(&wait.handlers)),
        StepKind::Atomically(Atomically { block }) => of_block(block),
        StepKind::Block { block, handlers } => of_block(block).or(of_handlers(handlers)),
        StepKind::Parallel {
            policy,
            branches,
            handlers,
            ..
        } => of_branches(policy.node, branches).or(of_handlers(handlers)),
    }
}

/// The ends of the branches of a `parallel`, without its handlers.
#[must_use]
pub fn of_branches(policy: ParallelPolicy, branches: &[Branch]) -> Ends {
    let ends: Vec<Ends> = branches.iter().map(|b| of_block(&b.block)).collect();
    let over = |e: &Ends| e.through || e.collects;
    let through = match policy {
        ParallelPolicy::First => ends.iter().any(over) || ends.is_empty(),
        ParallelPolicy::All | ParallelPolicy::Settle => ends.iter().all(over),
    };
    let own = Ends {
        through,
        ..Ends::NONE
    };
    ends.iter().fold(own, |all, e| all.or(e.inside()))
}

/// Does some handler of a step let the journey go on? Then what the step binds is optional.
#[must_use]
pub fn handlers_go_on(handlers: &[Handler]) -> bool {
    of_handlers(handlers).through
}

fn of_handlers(handlers: &[Handler]) -> Ends {
    handlers
        .iter()
        .fold(Ends::NONE, |all, h| all.or(of_block(&h.block)))
}

fn of_choices<'a>(blocks: impl Iterator<Item = &'a Block>, otherwise: Option<&'a Block>) -> Ends {
    blocks
        .chain(otherwise)
        .fold(Ends::NONE, |all, b| all.or(of_block(b)))
}
