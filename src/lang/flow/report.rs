//! What the flow checker says: one function a finding, so that its words stand in one place.

use super::paths::Goal;
use crate::ast::{AnswerDecl, Expr, Handler, HandlerEvent, Journey, Name, Spanned, Step, StepKind};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Label};
use crate::names::shown_time;
use journey_machine::manifest::Millis;
use journey_machine::span::Span;

/// Bytes of the word that is shown of an `atomically`.
const ATOMICALLY_LENGTH: u32 = "atomically".len() as u32;

/// A path that does not end as it must.
pub(super) fn incomplete_path(
    goal: Goal,
    place: Span,
    path: Vec<Label>,
    hidden: usize,
    end: Span,
) -> Diagnostic {
    let (title, last, help) = match goal {
        Goal::Complete => (
            "this journey can end without an answer",
            "here the path ends, and nothing has been answered",
            "end the path with `complete` or `fail`",
        ),
        Goal::Return => (
            "this sub-journey can end without an outcome",
            "here the path ends, and nothing has been returned",
            "end the path with `return`",
        ),
        Goal::Next => (
            "a turn of this loop can end without `next`",
            "here the turn ends, and the accumulators have no new values",
            "end the path with `next`, `complete` or `fail`",
        ),
    };
    let mut finding = Diagnostic::new(Code::INCOMPLETE_PATH, place, title);
    if hidden > 0 {
        finding = finding.at(format!("{hidden} earlier steps of the path are not shown"));
    }
    finding.labels = numbered(path);
    finding.label(end, last).help(help)
}

fn numbered(path: Vec<Label>) -> Vec<Label> {
    let number = |(i, label): (usize, Label)| Label {
        text: format!("{}. {}", i + 1, label.text),
        ..label
    };
    path.into_iter().enumerate().map(number).collect()
}

/// Steps behind one that never goes on.
pub(super) fn unreachable(first: Span, last: Span, before: &Step) -> Diagnostic {
    Diagnostic::new(Code::UNREACHABLE, first, "this step is never reached")
        .label(keyword(before), "no path goes on behind this step")
        .help(if first == last {
            "remove it, or move it before the step that ends the path"
        } else {
            "remove it and the steps behind it, or move them before the step that ends the path"
        })
}

/// A short place for a step that may be long: its first part.
fn keyword(step: &Step) -> Span {
    match &step.kind {
        StepKind::Match { subject, .. } => Span {
            end: subject.span.end.max(step.span.start),
            ..step.span
        },
        StepKind::If { branches, .. } => {
            let end = branches
                .first()
                .map_or(step.span.end, |(condition, _)| condition.span.end);
            Span { end, ..step.span }
        }
        StepKind::Parallel { policy, .. } => policy.span,
        _ => step.span,
    }
}

/// A step in the wrong place.
pub(super) fn misplaced(step: &Step, title: &str, help: &str) -> Diagnostic {
    Diagnostic::new(Code::MISPLACED_STEP, step.span, title).help(help)
}

/// A step that ends the turn inside `atomically`.
pub(super) fn turn_ends(step: &Step, around: Span) -> Diagnostic {
    let word = Span {
        end: around
            .end
            .min(around.start.saturating_add(ATOMICALLY_LENGTH)),
        ..around
    };
    Diagnostic::new(Code::TURN_ENDS, step.span, "this step ends the turn")
        .at("what was done before is written before it begins")
        .label(word, "all of this is one transaction")
        .help("move it before or behind the `atomically`")
}

/// A secret that is needed after a wait.
pub(super) fn secret_kept(place: Span, source: Span, wait: Span) -> Diagnostic {
    let title = "a secret would be kept over a wait";
    let finding = Diagnostic::new(Code::SECRET_KEPT, place, title).at("needed here");
    finding
        .label(source, "this is secret")
        .label(wait, "the task is saved here, with all it still needs")
        .help("read it where it is needed: `secret.name` and stores are there after the wait, too")
}

/// A secret in what a task asks outside.
pub(super) fn secret_asked(place: Span, source: Span) -> Diagnostic {
    let title = "a secret would be saved with what the task asks for";
    let finding = Diagnostic::new(Code::SECRET_KEPT, place, title);
    let finding = if source == place {
        finding
    } else {
        finding.label(source, "this is secret")
    };
    finding.help(
        "let the connection send it (`auth …`) or sign with it (`signature …`), or do this in a journey before the task is started",
    )
}

/// A status that the journey does not declare.
pub(super) fn undeclared_status(
    journey: &Journey,
    status: &Spanned<u16>,
    answers: &[AnswerDecl],
) -> Diagnostic {
    let title = format!(
        "`{}` does not declare the status {}",
        journey.name.node, status.node
    );
    let finding = Diagnostic::new(Code::UNDECLARED_STATUS, status.span, title);
    match answers.first() {
        Some(first) => finding
            .label(first.status.span, "its answers are declared here")
            .help(format!(
                "add `{}` to `answers`, or answer with a declared status",
                status.node
            )),
        None => finding.help(format!(
            "declare what it answers: `answers {{ {} … }}`",
            status.node
        )),
    }
}

/// A declared status that is never given.
pub(super) fn unused_answer(answer: &AnswerDecl) -> Diagnostic {
    let title = format!(
        "no path answers with the declared status {}",
        answer.status.node
    );
    Diagnostic::new(Code::UNUSED_ANSWER, answer.status.span, title)
        .help("remove it, or complete with it")
}

/// A step whose failure nobody handles.
pub(super) fn unhandled_failure(
    step: &Step,
    statuses: &[u16],
    events: &[HandlerEvent],
) -> Diagnostic {
    let (place, title, how) = match &step.kind {
        StepKind::Call { operation, .. } => (
            operation.span,
            format!("nobody handles a failure of `{}`", operation.node),
            "it can time out, be refused, or answer something undeclared".to_owned(),
        ),
        StepKind::Validate { issuer, .. } => (
            issuer.span,
            "nobody handles an invalid token".into(),
            "the token can be missing, expired or forged".into(),
        ),
        StepKind::Run { sub, .. } => (
            sub.span,
            format!("nobody handles a failure of `{}`", sub.node),
            "a step inside it can fail".into(),
        ),
        StepKind::Parallel { policy, .. } => (
            policy.span,
            "nobody handles that all branches fail".into(),
            "each of them can fail".into(),
        ),
        StepKind::Repeat { max, .. } => (
            max.span,
            "nobody handles that the turns run out".into(),
            format!("after {} turns it fails", max.node),
        ),
        StepKind::Store(step) => (
            step.store.span,
            format!("nobody handles a failure of this `{}`", step.action.word()),
            in_the_way(events),
        ),
        StepKind::Wait(wait) => (
            wait.signal.span,
            format!("nobody handles that `{}` does not come", wait.signal.node),
            "the time can pass without it".into(),
        ),
        _ => (
            step.span,
            "nobody handles a failure of this step".into(),
            "it can fail".into(),
        ),
    };
    let how = match statuses {
        [] => how,
        [one] => format!("{how}; it also declares {one}"),
        many => {
            let list: Vec<String> = many.iter().map(u16::to_string).collect();
            format!("{how}; it also declares {}", list.join(", "))
        }
    };
    let help = match &step.kind {
        StepKind::Repeat { .. } => "add `on exhausted { … }` to the step".to_owned(),
        StepKind::Wait(_) => "add `on timeout { … }` to the step".to_owned(),
        _ if !events.is_empty() => {
            let handlers: Vec<String> = events
                .iter()
                .map(|e| format!("`on {} {{ … }}`", e))
                .collect();
            format!("add {} to the step", handlers.join(" and "))
        }
        _ => {
            "add `on failure { … }` to the step, to a block around it, or to the journey".to_owned()
        }
    };
    Diagnostic::new(Code::UNHANDLED_FAILURE, place, title)
        .at(how)
        .help(help)
}

/// What can go wrong with a step on a store.
fn in_the_way(events: &[HandlerEvent]) -> String {
    let missing = events.contains(&HandlerEvent::Missing);
    let conflict = events.contains(&HandlerEvent::Conflict);
    let ways = [
        missing.then_some("the record can be missing"),
        conflict.then_some("another record or a newer version can be in its way"),
    ];
    ways.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// An outcome that a run does not handle.
pub(super) fn unhandled_outcome(sub: &Name, outcome: &Name) -> Diagnostic {
    let title = format!(
        "nobody handles the outcome `{}` of `{}`",
        outcome.node, sub.node
    );
    Diagnostic::new(Code::UNHANDLED_OUTCOME, sub.span, title)
        .label(outcome.span, "declared here")
        .help(format!("add `on {} {{ … }}`", outcome.node))
}

/// A handler of something that never happens.
pub(super) fn dead_handler(handler: &Handler, why: &str) -> Diagnostic {
    Diagnostic::new(
        Code::DEAD_HANDLER,
        handler.event.span,
        "this handler never runs",
    )
    .at(why)
    .help("remove it, or handle `failure`")
}

/// A second handler of one event.
pub(super) fn repeated_handler(handler: &Handler, first: &Handler) -> Diagnostic {
    Diagnostic::new(
        Code::REPEATED_HANDLER,
        handler.event.span,
        "this event has a handler already",
    )
    .label(first.event.span, "this one handles it")
    .help("remove one of them")
}

/// A list that may be longer than its loop.
pub(super) fn list_too_long(list: &Expr, max: &Spanned<u64>, longest: Option<u64>) -> Diagnostic {
    let at = match longest {
        Some(n) => format!("this list may have {n} items"),
        None => "nothing bounds this list".into(),
    };
    let finding = Diagnostic::new(
        Code::LIST_TOO_LONG,
        list.span,
        "this list may be longer than the loop allows",
    );
    finding
        .at(at)
        .label(max.span, format!("at most {} turns", max.node))
        .help(format!(
            "bound the list where it is declared, `list<…>(..{})`, or add `on failure {{ … }}`",
            max.node
        ))
}

/// A journey that may take longer than its deadline.
pub(super) fn deadline_missed(
    journey: &Journey,
    (what, place, deadline): (&str, Span, Millis),
    millis: Millis,
    path: Vec<Label>,
    hidden: usize,
) -> Diagnostic {
    let title = format!(
        "`{}` may take {}, but its {what} is {}",
        journey.name.node,
        shown_time(millis),
        shown_time(deadline)
    );
    let mut finding = Diagnostic::new(Code::DEADLINE_MISSED, place, title);
    if hidden > 0 {
        finding = finding.at(format!("{hidden} further steps of the path are not shown"));
    }
    finding.labels = numbered(path);
    finding.help(format!(
        "raise the {what} to {}, or lower timeouts, attempts or turns on this path",
        shown_time(millis)
    ))
}

/// A declaration that nothing uses.
pub(super) fn unused_declaration(kind: &str, name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::UNUSED_DECLARATION,
        span,
        format!("nothing uses the {kind} `{name}`"),
    )
    .help(format!("remove it, or call it `_{name}` if that is meant"))
}

/// Sub-journeys that run each other too deeply.
pub(super) fn too_deep(sub: &Journey, most: usize) -> Diagnostic {
    let title = format!(
        "running `{}` nests more than {most} sub-journeys",
        sub.name.node
    );
    Diagnostic::new(Code::OUT_OF_RANGE, sub.name.span, title)
        .help("run some of them one after the other instead")
}
