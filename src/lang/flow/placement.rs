//! Steps stand where they mean something, and answer with what is declared.

use super::report;
use super::turns::Turns;
use crate::ast::{AnswerDecl, Block, Journey, JourneyKind, Spanned, Step, StepKind};
use crate::diagnostic::Diagnostics;
use crate::names::Names;
use crate::walk;
use journey_machine::span::Span;
use std::collections::BTreeSet;

/// What the runtime itself answers with: a journey may declare these to document them.
const RUNTIME_STATUSES: [u16; 11] = [400, 401, 403, 408, 413, 415, 429, 431, 500, 503, 504];

/// What ends with the steps: the innermost turn or branch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Turn {
    /// None: the journey itself.
    None,
    /// A turn of a `for`.
    For,
    /// A branch, or a turn of a `for … parallel`.
    Branch,
    /// A turn of a `repeat`.
    Repeat,
}

/// Where steps stand.
#[derive(Clone, Copy, Debug)]
struct Place<'p> {
    /// In what?
    of: &'p JourneyKind,
    turns: &'p Turns<'p>,
    /// The `atomically` around them.
    atomic: Option<Span>,
    /// In which turn?
    turn: Turn,
    /// In a branch, at any depth? From there nothing can return.
    forked: bool,
}

/// Checks where the steps of a journey stand and which statuses it answers with.
pub(super) fn check<'a>(
    journey: &'a Journey,
    (names, turns): (&Names<'a>, &Turns<'a>),
    out: &mut Diagnostics,
) {
    let place = Place {
        of: &journey.kind,
        turns,
        atomic: None,
        turn: Turn::None,
        forked: false,
    };
    check_block(&journey.body, place, out);
    journey
        .on_failure
        .iter()
        .for_each(|h| check_block(&h.block, place, out));
    if let JourneyKind::Endpoint(endpoint) = &journey.kind {
        check_statuses(journey, &endpoint.answers, names, out);
    }
}

fn check_block(block: &Block, place: Place<'_>, out: &mut Diagnostics) {
    block
        .steps
        .iter()
        .for_each(|step| check_step(step, place, out));
}

fn check_step(step: &Step, place: Place<'_>, out: &mut Diagnostics) {
    if let Some((title, help)) = problem(step, place).or_else(|| asleep(step, place)) {
        out.push(report::misplaced(step, title, help));
    }
    if let Some(around) = place.atomic.filter(|_| place.turns.end_with(step)) {
        out.push(report::turn_ends(step, around));
    }
    let inside = match &step.kind {
        StepKind::For { parallel: None, .. } => Place {
            turn: Turn::For,
            ..place
        },
        StepKind::For { .. } | StepKind::Parallel { .. } => Place {
            turn: Turn::Branch,
            forked: true,
            ..place
        },
        StepKind::Repeat { .. } => Place {
            turn: Turn::Repeat,
            ..place
        },
        StepKind::Atomically(_) => Place {
            atomic: Some(step.span),
            ..place
        },
        _ => place,
    };
    walk::own_blocks(step)
        .into_iter()
        .for_each(|b| check_block(b, inside, out));
    walk::handlers(step)
        .iter()
        .for_each(|h| check_block(&h.block, place, out));
}

type Problem = (&'static str, &'static str);

/// A step that ends something which is not there.
fn problem(step: &Step, place: Place<'_>) -> Option<Problem> {
    match (&step.kind, place.of) {
        (StepKind::Complete { .. } | StepKind::Fail { .. }, JourneyKind::Sub { .. }) => Some((
            "a sub-journey does not complete",
            "end with `return outcome`, and complete where it is run",
        )),
        (StepKind::Complete { .. }, JourneyKind::Task(_)) => Some((
            "a task does not complete: nobody waits for its answer",
            "end with `return`; what others should know goes into a store, a signal or a call",
        )),
        (StepKind::Return { .. }, JourneyKind::Endpoint(_)) => Some((
            "only a sub-journey returns",
            "end with `complete` or `fail`",
        )),
        (StepKind::Return { .. }, _) if place.forked => Some((
            "a branch does not return",
            "end the branch with `collect`, and return after the step",
        )),
        (StepKind::Return { outcome: None, .. }, JourneyKind::Sub { .. }) => Some((
            "only a task returns without an outcome",
            "write the outcome behind it: `return ok`",
        )),
        (
            StepKind::Return {
                outcome: Some(_), ..
            },
            JourneyKind::Task(_),
        ) => Some(("a task has no outcomes", "write `return` alone")),
        (StepKind::Collect { .. }, _) if !matches!(place.turn, Turn::For | Turn::Branch) => Some((
            "`collect` ends a turn of a `for`, or a branch",
            "move it directly into one",
        )),
        (StepKind::Next { .. }, _) if place.turn != Turn::Repeat => Some((
            "`next` ends a turn of a `repeat`",
            "move it directly into one",
        )),
        _ => None,
    }
}

/// A step that sleeps where nothing can be saved.
fn asleep(step: &Step, place: Place<'_>) -> Option<Problem> {
    if !place.turns.sleep_in(step) {
        return None;
    }
    match place.of {
        JourneyKind::Endpoint(_) => Some((
            "only a task sleeps or waits: a caller waits for this answer",
            "start a task, and answer at once",
        )),
        _ if place.forked => Some((
            "a branch does not sleep or wait",
            "sleep or wait before the branches, or start a task for each",
        )),
        _ => None,
    }
}

fn check_statuses(
    journey: &Journey,
    answers: &[AnswerDecl],
    names: &Names<'_>,
    out: &mut Diagnostics,
) {
    let mut given: BTreeSet<u16> = BTreeSet::new();
    super::order::steps(journey, &mut |step| {
        let status = match &step.kind {
            StepKind::Complete { status, .. } => Some(status.clone()),
            StepKind::Fail { code } => {
                names
                    .error_code(journey, &code.node)
                    .map(|declared| Spanned {
                        node: declared.status.node,
                        span: code.span,
                    })
            }
            _ => None,
        };
        let Some(status) = status else { return };
        let declared = answers.iter().any(|a| a.status.node == status.node);
        if given.insert(status.node) && !declared {
            out.push(report::undeclared_status(journey, &status, answers));
        }
    });
    for answer in answers {
        let status = answer.status.node;
        if (200..600).contains(&status)
            && !given.contains(&status)
            && !RUNTIME_STATUSES.contains(&status)
        {
            out.push(report::unused_answer(answer));
        }
    }
}
