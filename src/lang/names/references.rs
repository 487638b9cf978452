//! What the steps of a journey refer to by name: operations, issuers, sub-journeys, outcomes, error codes.

use super::cycles::{self, Graph};
use super::{
    Names, Seen, count_in_range, endpoints, head, number_in_range, redirects, stores,
    time_in_range, type_names, unknown,
};
use crate::ast::{
    Argument, CompleteBody, Delay, Expr, FieldDecl, Handler, HandlerEvent, Journey, JourneyKind,
    Name, OutcomeDecl, Spanned, Step, StepKind,
};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_DELAY, MAX_PARALLEL, MAX_PARAMETERS, MAX_STEPS, MAX_TURNS};
use crate::walk;
use journey_machine::span::Span;
use std::collections::BTreeSet;

/// Checks the signature of a sub-journey.
pub(super) fn check_sub(
    names: &Names<'_>,
    params: &[FieldDecl],
    outcomes: &[OutcomeDecl],
    out: &mut Diagnostics,
) {
    count_in_range(
        "parameters",
        params,
        MAX_PARAMETERS,
        params.last().map(|p| p.name.span),
        out,
    );
    count_in_range(
        "outcomes",
        outcomes,
        MAX_PARAMETERS,
        outcomes.last().map(|o| o.name.span),
        out,
    );
    let mut seen = Seen::default();
    for param in head::counted(params) {
        seen.list("parameter", &param.name, out);
        type_names::check(names, &param.ty, out);
    }
    for outcome in outcomes {
        seen.list("outcome", &outcome.name, out);
        outcome
            .ty
            .iter()
            .for_each(|ty| type_names::check(names, ty, out));
    }
}

/// Checks all steps of a journey.
pub(super) fn check(names: &Names<'_>, journey: &Journey, out: &mut Diagnostics) {
    let mut count = 0_usize;
    let mut visit = |step: &Step| {
        count += 1;
        check_step(names, journey, step, out);
    };
    walk::steps(&journey.body, &mut visit);
    journey
        .on_failure
        .iter()
        .for_each(|h| walk::steps(&h.block, &mut visit));
    if count > MAX_STEPS {
        let title = format!("`{}` has {count} steps", journey.name.node);
        let finding = Diagnostic::new(Code::OUT_OF_RANGE, journey.name.span, title);
        out.push(finding.help(format!(
            "a journey has at most {MAX_STEPS}: move a part into a sub-journey"
        )));
    }
    if let JourneyKind::Sub { outcomes, .. } = &journey.kind
        && outcomes.is_empty()
    {
        let title = format!("the sub-journey `{}` has no outcomes", journey.name.node);
        let finding = Diagnostic::new(Code::INCOMPLETE_DECLARATION, journey.name.span, title);
        out.push(finding.help("add `outcomes { ok }`"));
    }
}

fn check_step(names: &Names<'_>, journey: &Journey, step: &Step, out: &mut Diagnostics) {
    match &step.kind {
        StepKind::Call {
            connection,
            operation,
            args,
            ..
        } => {
            check_call(names, connection, operation, out);
            check_once("argument", args.iter().map(|a| &a.name), out);
        }
        StepKind::Validate { issuer, .. } => check_issuer(names, issuer, out),
        StepKind::Run {
            sub,
            args,
            handlers,
            ..
        } => check_run(names, sub, args, handlers, out),
        StepKind::Complete {
            status,
            body,
            location,
            headers,
        } => {
            endpoints::check_status(status, out);
            if let CompleteBody::Problem(code) = body {
                check_code(names, journey, code, out);
            }
            check_headers(headers, out);
            let redirect = location
                .as_ref()
                .filter(|_| (300..400).contains(&status.node));
            if let (Some(target), JourneyKind::Endpoint(endpoint)) = (redirect, &journey.kind) {
                redirects::check_target(endpoint, target, out);
            }
        }
        StepKind::Fail { code } => check_code(names, journey, code, out),
        StepKind::Return { outcome, .. } => outcome
            .iter()
            .for_each(|outcome| check_outcome(journey, outcome, out)),
        StepKind::Parallel { .. } | StepKind::For { .. } | StepKind::Repeat { .. } => {
            check_turns(step, out);
        }
        StepKind::Store(step) => stores::check_step(names, step, out),
        StepKind::Start(start) => {
            check_once("argument", start.args.iter().map(|a| &a.name), out);
            check_task(names, &start.task, out);
            start.after.iter().for_each(|time| check_delay(time, out));
        }
        StepKind::Sleep(time) => check_delay(time, out),
        StepKind::Wait(wait) => {
            check_signal(names, &wait.signal, out);
            check_delay(&wait.up_to, out);
        }
        StepKind::Signal(signal) => check_signal(names, &signal.signal, out),
        StepKind::Let { .. }
        | StepKind::If { .. }
        | StepKind::Match { .. }
        | StepKind::Block { .. }
        | StepKind::Emit { .. }
        | StepKind::Collect { .. }
        | StepKind::Next { .. }
        | StepKind::Atomically(_)
        | StepKind::ReadBlob(_)
        | StepKind::Error => {}
    }
}

/// Branches and turns are counted at compile time: no more of them than is bounded.
fn check_turns(step: &Step, out: &mut Diagnostics) {
    if let StepKind::For { max, .. } | StepKind::Repeat { max, .. } = &step.kind {
        number_in_range("a number of turns", max.node, 1..=MAX_TURNS, max.span, out);
    }
    if let StepKind::For {
        parallel: Some(turns),
        ..
    } = &step.kind
    {
        let what = "a number of turns at once";
        number_in_range(what, turns.node, 1..=MAX_PARALLEL, turns.span, out);
    }
    if let StepKind::Repeat { accumulators, .. } = &step.kind {
        check_once(
            "accumulator",
            accumulators.iter().map(|(name, _)| name),
            out,
        );
    }
    if let StepKind::Parallel {
        policy, branches, ..
    } = &step.kind
    {
        check_once("branch", branches.iter().map(|b| &b.name), out);
        let count = u64::try_from(branches.len()).unwrap_or(u64::MAX);
        number_in_range(
            "a number of branches",
            count,
            1..=MAX_PARALLEL,
            policy.span,
            out,
        );
    }
}

fn check_once<'a>(what: &'static str, all: impl Iterator<Item = &'a Name>, out: &mut Diagnostics) {
    let mut seen = Seen::default();
    all.for_each(|name| seen.list(what, name, out));
}

fn check_task(names: &Names<'_>, task: &Name, out: &mut Diagnostics) {
    if names.tasks.contains_key(task.node.as_str()) {
        return;
    }
    let known = names.tasks.keys().copied();
    let finding = unknown(Code::UNKNOWN_TASK, "task", task, known, out);
    out.push(match names.subs.get(task.node.as_str()) {
        Some(sub) => finding
            .label(sub.name.span, "this is a sub-journey")
            .help("only a `task` can be started; a `sub` is run"),
        None => finding,
    });
}

fn check_signal(names: &Names<'_>, signal: &Name, out: &mut Diagnostics) {
    if !names.signals.contains_key(signal.node.as_str()) {
        let known = names.signals.keys().copied();
        out.push(unknown(Code::UNKNOWN_SIGNAL, "signal", signal, known, out));
    }
}

fn check_delay(delay: &Delay, out: &mut Diagnostics) {
    if let Delay::Time(time) = delay {
        time_in_range("a time", time.node, 1..=MAX_DELAY, time.span, out);
    }
}

fn check_issuer(names: &Names<'_>, issuer: &Name, out: &mut Diagnostics) {
    if !names.issuers.contains_key(issuer.node.as_str()) {
        let known = names.issuers.keys().copied();
        out.push(unknown(Code::UNKNOWN_ISSUER, "issuer", issuer, known, out));
    }
}

fn check_headers(headers: &[(Name, Expr)], out: &mut Diagnostics) {
    let mut seen = BTreeSet::new();
    for (name, _) in headers {
        endpoints::check_header(name, out);
        let lower = name.node.to_ascii_lowercase();
        if lower == "location" {
            let finding = Diagnostic::new(
                Code::BAD_HEADER,
                name.span,
                "`Location` has a clause of its own",
            );
            out.push(finding.help("write `location …` behind the status"));
        } else if seen.contains(&lower) {
            out.push(Diagnostic::new(
                Code::BAD_HEADER,
                name.span,
                format!("the header `{lower}` is set twice"),
            ));
        }
        seen.insert(lower);
    }
}

fn check_call(names: &Names<'_>, connection: &Name, operation: &Name, out: &mut Diagnostics) {
    let Some(declared) = names.connections.get(connection.node.as_str()) else {
        out.push(unknown(
            Code::UNKNOWN_CONNECTION,
            "connection",
            connection,
            names.connections.keys().copied(),
            out,
        ));
        return;
    };
    if names.operation(&connection.node, &operation.node).is_none() {
        let known = declared.operations.iter().map(|o| o.name.node.as_str());
        let title = format!(
            "`{}` has no operation `{}`",
            connection.node, operation.node
        );
        let mut finding = unknown(Code::UNKNOWN_OPERATION, "operation", operation, known, out);
        finding.message = title;
        out.push(finding.label(declared.name.span, "the connection is declared here"));
    }
}

fn check_run(
    names: &Names<'_>,
    sub: &Name,
    args: &[Argument],
    handlers: &[Handler],
    out: &mut Diagnostics,
) {
    check_once("argument", args.iter().map(|a| &a.name), out);
    let Some(declared) = names.subs.get(sub.node.as_str()) else {
        let finding = unknown(
            Code::UNKNOWN_SUB,
            "sub-journey",
            sub,
            names.subs.keys().copied(),
            out,
        );
        let endpoint = names.journeys.get(sub.node.as_str());
        let task = names.tasks.get(sub.node.as_str());
        out.push(match (endpoint, task) {
            (Some(journey), _) => finding
                .label(journey.name.span, "this is an endpoint")
                .help("only a `sub` can be run: move the shared steps into one"),
            (None, Some(task)) => finding
                .label(task.name.span, "this is a task")
                .help(format!("write `start {}(…)`: it runs on its own", sub.node)),
            (None, None) => finding,
        });
        return;
    };
    for handler in handlers {
        if let HandlerEvent::Outcome(outcome) = &handler.event.node {
            let name = Spanned {
                node: outcome.clone(),
                span: handler.event.span,
            };
            check_outcome(declared, &name, out);
        }
    }
}

fn check_outcome(sub: &Journey, outcome: &Name, out: &mut Diagnostics) {
    let JourneyKind::Sub { outcomes, .. } = &sub.kind else {
        return;
    };
    if !outcomes.iter().any(|o| o.name.node == outcome.node) {
        let mut finding = unknown(
            Code::UNKNOWN_OUTCOME,
            "outcome",
            outcome,
            outcomes.iter().map(|o| o.name.node.as_str()),
            out,
        );
        finding.message = format!("`{}` has no outcome `{}`", sub.name.node, outcome.node);
        out.push(finding.label(sub.name.span, "its outcomes are declared here"));
    }
}

fn check_code(names: &Names<'_>, journey: &Journey, code: &Name, out: &mut Diagnostics) {
    if matches!(journey.kind, JourneyKind::Sub { .. })
        || names.error_code(journey, &code.node).is_some()
    {
        return;
    }
    let style = names.error_style(journey);
    if style.is_none() && head::error_style(journey).is_some() {
        return;
    }
    let known = style
        .iter()
        .flat_map(|s| &s.codes)
        .map(|c| c.code.node.as_str());
    let finding = unknown(Code::UNKNOWN_ERROR_CODE, "error code", code, known, out);
    let help = format!(
        "declare it: `errors {{ {} 400 \"What the caller should know.\" }}`",
        code.node
    );
    let finding = if finding.help.is_none() {
        finding.help(help)
    } else {
        finding
    };
    out.push(match style {
        Some(style) => finding.label(style.span, "codes are declared here"),
        None => finding,
    });
}

/// Sub-journeys that run themselves, be it by way of others.
pub(super) fn recursion(names: &Names<'_>, out: &mut Diagnostics) {
    let graph: Graph<'_> = names
        .subs
        .iter()
        .map(|(name, sub)| (*name, runs(sub)))
        .collect();
    for circle in cycles::find(&graph) {
        let Some((name, span)) = circle.first() else {
            continue;
        };
        let title = format!("the sub-journey `{name}` runs itself");
        let mut finding = Diagnostic::new(Code::RECURSIVE_SUB, *span, title);
        for ((from, span), (to, _)) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            finding = finding.label(*span, format!("`{from}` runs `{to}`"));
        }
        out.push(finding.help("use `for` or `repeat`: they end after a declared number of turns"));
    }
}

/// Sub-journeys that a journey runs, and where.
fn runs(journey: &Journey) -> Vec<(&str, Span)> {
    let mut found = Vec::new();
    let blocks = std::iter::once(&journey.body).chain(journey.on_failure.iter().map(|h| &h.block));
    for block in blocks {
        walk::steps(block, &mut |step| {
            if let StepKind::Run { sub, .. } = &step.kind {
                found.push((sub.node.as_str(), sub.span));
            }
        });
    }
    found
}
