//! Every path completes: where one does not, it is shown step by step. No step stands behind one that never goes on.

use super::report;
use crate::ast::{Block, Expr, Handler, Journey, JourneyKind, ParallelPolicy, Step, StepKind};
use crate::diagnostic::{Diagnostics, Label};
use crate::ends::{self, Ends};
use crate::walk;
use journey_machine::span::Span;

/// Steps of a path that are shown.
const MAX_SHOWN: usize = 24;

/// What a journey must end in, and what its turns must end in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// An endpoint completes.
    Complete,
    /// A sub-journey returns.
    Return,
    /// A turn of a `repeat` says how it goes on.
    Next,
}

/// Checks the paths of a journey.
pub(super) fn check(journey: &Journey, out: &mut Diagnostics) {
    let goal = match journey.kind {
        JourneyKind::Endpoint(_) => Some(Goal::Complete),
        JourneyKind::Sub { .. } => Some(Goal::Return),
        // A task ends with its last step, too.
        JourneyKind::Task(_) => None,
    };
    let place = journey.name.span;
    if let Some(goal) = goal {
        ends_somewhere(&journey.body, goal, place, &[], out);
    }
    reachable(&journey.body, out);
    if let Some(handler) = &journey.on_failure {
        let start = Label {
            span: handler.event.span,
            text: "something fails, and this handler runs".into(),
        };
        if let Some(goal) = goal {
            ends_somewhere(&handler.block, goal, place, &[start], out);
        }
        reachable(&handler.block, out);
    }
}

fn ends_somewhere(block: &Block, goal: Goal, place: Span, start: &[Label], out: &mut Diagnostics) {
    if !ends::of_block(block).through || unreadable(block) {
        return;
    }
    let mut path = start.to_vec();
    through(block, &mut path);
    let hidden = path.len().saturating_sub(MAX_SHOWN);
    let shown = path.split_off(hidden);
    out.push(report::incomplete_path(
        goal,
        place,
        shown,
        hidden,
        end_of(block),
    ));
}

/// The end of a block: its brace, or in YAML its last character.
fn end_of(block: &Block) -> Span {
    Span {
        start: block.span.end.saturating_sub(1).max(block.span.start),
        ..block.span
    }
}

/// A step that could not be read may be what completes.
fn unreadable(block: &Block) -> bool {
    let mut found = false;
    walk::steps(block, &mut |step| {
        found |= matches!(step.kind, StepKind::Error)
    });
    found
}

/// Adds one way through a block, step by step; only steps that could have gone another way are told.
fn through(block: &Block, path: &mut Vec<Label>) {
    block.steps.iter().for_each(|step| through_step(step, path));
}

fn through_step(step: &Step, path: &mut Vec<Label>) {
    match &step.kind {
        StepKind::If {
            branches,
            otherwise,
            on_failure,
        } => {
            through_if(branches, otherwise.as_ref(), on_failure.as_ref(), path);
        }
        StepKind::Match {
            arms, otherwise, ..
        } => {
            if let Some(arm) = arms.iter().find(|a| goes_on(&a.block)) {
                tell(
                    path,
                    arm.values.first().map_or(arm.span, |v| v.span),
                    "this case is taken",
                );
                through(&arm.block, path);
            } else if let Some(block) = otherwise {
                tell(path, block.span, "no case is taken");
                through(block, path);
            }
        }
        StepKind::Call { operation, .. } => tell(path, operation.span, "the call succeeds"),
        StepKind::Validate { issuer, .. } => tell(path, issuer.span, "the token is valid"),
        StepKind::Run { sub, .. } => tell(path, sub.span, "this ends with its main outcome"),
        StepKind::For { item, .. } => tell(path, item.span, "the loop ends"),
        StepKind::Repeat { max, .. } => tell(path, max.span, "the loop ends"),
        StepKind::Parallel {
            policy,
            branches,
            handlers,
            ..
        } => {
            if branches_go_on(
                policy.node,
                branches.iter().map(|b| ends::of_block(&b.block)),
            ) {
                tell(path, policy.span, "the branches end");
            } else {
                through_handler(handlers, path);
            }
        }
        StepKind::Block { block, .. } if goes_on(block) => through(block, path),
        StepKind::Atomically(it) => through(&it.block, path),
        StepKind::Block { handlers, .. } => through_handler(handlers, path),
        _ => {}
    }
}

fn through_if(
    branches: &[(Expr, Block)],
    otherwise: Option<&Block>,
    on_failure: Option<&Handler>,
    path: &mut Vec<Label>,
) {
    let taken = branches.iter().find(|(_, block)| goes_on(block));
    match (taken, otherwise) {
        (Some((condition, block)), Some(_)) => {
            tell(path, condition.span, "this is true");
            through(block, path);
        }
        (None, Some(block)) if !goes_on(block) => on_failure
            .iter()
            .for_each(|h| through_handler(std::slice::from_ref(h), path)),
        (_, rest) => {
            branches
                .iter()
                .for_each(|(c, _)| tell(path, c.span, "this is false"));
            rest.iter().for_each(|block| through(block, path));
        }
    }
}

fn tell(path: &mut Vec<Label>, span: Span, text: &str) {
    path.push(Label {
        span,
        text: text.to_owned(),
    });
}

fn branches_go_on(policy: ParallelPolicy, mut branches: impl Iterator<Item = Ends>) -> bool {
    let over = |e: Ends| e.through || e.collects;
    if policy == ParallelPolicy::First {
        branches.any(over)
    } else {
        branches.all(over)
    }
}

fn goes_on(block: &Block) -> bool {
    ends::of_block(block).through
}

fn through_handler(handlers: &[Handler], path: &mut Vec<Label>) {
    if let Some(handler) = handlers.iter().find(|h| goes_on(&h.block)) {
        tell(path, handler.event.span, "this handler runs");
        through(&handler.block, path);
    }
}

/// Steps behind one that never goes on; and turns of a `repeat` that do not say how it goes on.
fn reachable(block: &Block, out: &mut Diagnostics) {
    let mut stop: Option<&Step> = None;
    for step in &block.steps {
        if let Some(before) = stop {
            let last = block.steps.last().map_or(step.span, |s| s.span);
            out.push(report::unreachable(step.span, last, before));
            break;
        }
        if !ends::of_step(step).through {
            stop = Some(step);
        }
    }
    for step in &block.steps {
        if let StepKind::Repeat {
            block,
            max,
            accumulators,
            ..
        } = &step.kind
            && !accumulators.is_empty()
        {
            ends_somewhere(block, Goal::Next, max.span, &[], out);
        }
        walk::blocks(step).for_each(|inner| reachable(inner, out));
    }
}
