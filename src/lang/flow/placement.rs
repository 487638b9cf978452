//! Steps stand where they mean something, and answer with what is declared.

use super::report;
use crate::ast::{AnswerDecl, Block, Journey, JourneyKind, Spanned, Step, StepKind};
use crate::diagnostic::Diagnostics;
use crate::names::Names;
use crate::walk;
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
struct Place {
    /// In a sub-journey?
    sub: bool,
    /// In which turn?
    turn: Turn,
    /// In a branch, at any depth? From there nothing can return.
    forked: bool,
}

/// Checks where the steps of a journey stand and which statuses it answers with.
pub(super) fn check(journey: &Journey, names: &Names<'_>, out: &mut Diagnostics) {
    let sub = matches!(journey.kind, JourneyKind::Sub { .. });
    let place = Place {
        sub,
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

fn check_block(block: &Block, place: Place, out: &mut Diagnostics) {
    block
        .steps
        .iter()
        .for_each(|step| check_step(step, place, out));
}

fn check_step(step: &Step, place: Place, out: &mut Diagnostics) {
    let problem = match &step.kind {
        StepKind::Complete { .. } | StepKind::Fail { .. } if place.sub => Some((
            "a sub-journey does not complete",
            "end with `return outcome`, and complete where it is run",
        )),
        StepKind::Return { .. } if !place.sub => Some((
            "only a sub-journey returns",
            "end with `complete` or `fail`",
        )),
        StepKind::Return { .. } if place.forked => Some((
            "a branch does not return",
            "end the branch with `collect`, and return after the step",
        )),
        StepKind::Collect { .. } if !matches!(place.turn, Turn::For | Turn::Branch) => Some((
            "`collect` ends a turn of a `for`, or a branch",
            "move it directly into one",
        )),
        StepKind::Next { .. } if place.turn != Turn::Repeat => Some((
            "`next` ends a turn of a `repeat`",
            "move it directly into one",
        )),
        _ => None,
    };
    if let Some((title, help)) = problem {
        out.push(report::misplaced(step, title, help));
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
        _ => place,
    };
    walk::own_blocks(step)
        .into_iter()
        .for_each(|b| check_block(b, inside, out));
    walk::handlers(step)
        .iter()
        .for_each(|h| check_block(&h.block, place, out));
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
