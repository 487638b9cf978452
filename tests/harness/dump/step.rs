//! Steps, blocks and handlers.

use super::expr::expr;
use super::{Node, atom, docs, list, some};
use journey_lang::ast::{
    Argument, Block, CompleteBody, Expr, Handler, HandlerEvent, Name, Step, StepKind,
};

pub fn block(b: &Block) -> Node {
    list("do", b.steps.iter().map(step))
}

pub fn handler(h: &Handler) -> Node {
    let event = match &h.event.node {
        HandlerEvent::Status(status) => status.to_string(),
        HandlerEvent::Timeout => "timeout".into(),
        HandlerEvent::Failure => "failure".into(),
        HandlerEvent::Outcome(name) => format!("outcome:{name}"),
        HandlerEvent::Exhausted => "exhausted".into(),
        HandlerEvent::Missing => "missing".into(),
        HandlerEvent::Conflict => "conflict".into(),
    };
    list(
        "on",
        [atom(event)]
            .into_iter()
            .chain(bound(h.binding.as_ref()))
            .chain([block(&h.block)]),
    )
}

pub fn bound(name: Option<&Name>) -> Option<Node> {
    name.map(|name| list("as", [atom(&name.node)]))
}

pub fn handlers(list: &[Handler]) -> impl Iterator<Item = Node> {
    list.iter().map(handler)
}

pub fn arguments(args: &[Argument]) -> Option<Node> {
    some(
        "args",
        args.iter()
            .map(|arg| list(&arg.name.node, [expr(&arg.value)])),
    )
}

fn step(s: &Step) -> Node {
    let node = kind(&s.kind);
    match docs(&s.docs) {
        Some(docs) => list("documented", [docs, node]),
        None => node,
    }
}

#[expect(clippy::too_many_lines, reason = "one arm a step")]
fn kind(kind: &StepKind) -> Node {
    match kind {
        StepKind::Let { name, value } => list("let", [atom(&name.node), expr(value)]),
        StepKind::If {
            branches,
            otherwise,
            on_failure,
        } => conditional(branches, otherwise.as_ref(), on_failure.as_ref()),
        StepKind::Match { .. } => matching(kind),
        StepKind::Call {
            connection,
            operation,
            args,
            binding,
            handlers: on,
        } => {
            let head = [atom(format!("{}.{}", connection.node, operation.node))];
            let parts = arguments(args)
                .into_iter()
                .chain(bound(binding.as_ref()))
                .chain(handlers(on));
            list("call", head.into_iter().chain(parts))
        }
        StepKind::Run {
            sub,
            args,
            binding,
            handlers: on,
        } => {
            let parts = arguments(args)
                .into_iter()
                .chain(bound(binding.as_ref()))
                .chain(handlers(on));
            list("run", std::iter::once(atom(&sub.node)).chain(parts))
        }
        StepKind::Validate {
            token,
            issuer,
            binding,
            handlers: on,
        } => {
            let parts = bound(binding.as_ref()).into_iter().chain(handlers(on));
            list(
                "validate",
                [expr(token), list("with", [atom(&issuer.node)])]
                    .into_iter()
                    .chain(parts),
            )
        }
        StepKind::Parallel {
            policy,
            branches,
            binding,
            handlers: on,
        } => {
            let branches = branches
                .iter()
                .map(|branch| list("branch", [atom(&branch.name.node), block(&branch.block)]));
            let head = [atom(format!("{:?}", policy.node).to_lowercase())];
            list(
                "parallel",
                head.into_iter()
                    .chain(bound(binding.as_ref()))
                    .chain(branches)
                    .chain(handlers(on)),
            )
        }
        StepKind::For { .. } | StepKind::Repeat { .. } => looping(kind),
        StepKind::Block {
            block: inner,
            handlers: on,
        } => list("block", std::iter::once(block(inner)).chain(handlers(on))),
        StepKind::Emit { name, data } => list(
            "emit",
            [atom(&name.node)]
                .into_iter()
                .chain(data.as_ref().map(expr)),
        ),
        StepKind::Complete {
            status,
            body,
            location,
            headers,
        } => complete(status.node, body, location.as_ref(), headers),
        StepKind::Fail { code } => list("fail", [atom(&code.node)]),
        StepKind::Collect { value } => list("collect", [expr(value)]),
        StepKind::Next { values } => list("next", values.iter().map(expr)),
        StepKind::Return { outcome, value } => list(
            "return",
            outcome
                .iter()
                .map(|outcome| atom(&outcome.node))
                .chain(value.as_ref().map(expr)),
        ),
        StepKind::Store(_)
        | StepKind::Atomically(_)
        | StepKind::Start(_)
        | StepKind::Sleep(_)
        | StepKind::Wait(_)
        | StepKind::Signal(_)
        | StepKind::ReadBlob(_) => super::state::step(kind),
        StepKind::Error => atom("<error>"),
    }
}

fn conditional(
    branches: &[(Expr, Block)],
    otherwise: Option<&Block>,
    on_failure: Option<&Handler>,
) -> Node {
    let branches = branches
        .iter()
        .map(|(condition, then)| list("when", [expr(condition), block(then)]));
    let otherwise = otherwise.map(|steps| list("else", [block(steps)]));
    list(
        "if",
        branches.chain(otherwise).chain(on_failure.map(handler)),
    )
}

fn matching(kind: &StepKind) -> Node {
    let StepKind::Match {
        subject,
        arms,
        otherwise,
    } = kind
    else {
        return atom("");
    };
    let arms = arms.iter().map(|arm| {
        let guard = arm.guard.as_ref().map(|guard| list("if", [expr(guard)]));
        list(
            "arm",
            [list("values", arm.values.iter().map(expr))]
                .into_iter()
                .chain(guard)
                .chain([block(&arm.block)]),
        )
    });
    let otherwise = otherwise
        .as_ref()
        .map(|steps| list("otherwise", [block(steps)]));
    list(
        "match",
        std::iter::once(expr(subject)).chain(arms).chain(otherwise),
    )
}

fn looping(kind: &StepKind) -> Node {
    match kind {
        StepKind::For {
            item,
            index,
            list: over,
            max,
            parallel,
            block: turn,
            binding,
            handlers: on,
        } => {
            let names = list(
                "names",
                [item]
                    .into_iter()
                    .chain(index.as_ref())
                    .map(|name| atom(&name.node)),
            );
            let parallel = parallel.as_ref().map(|n| list("parallel", [atom(n.node)]));
            let head = [names, expr(over), list("max", [atom(max.node)])]
                .into_iter()
                .chain(parallel);
            list(
                "for",
                head.chain(bound(binding.as_ref()))
                    .chain([block(turn)])
                    .chain(handlers(on)),
            )
        }
        StepKind::Repeat {
            max,
            condition,
            accumulators,
            block: turn,
            binding,
            handlers: on,
        } => {
            let with = list(
                "with",
                accumulators
                    .iter()
                    .map(|(name, first)| list(&name.node, [expr(first)])),
            );
            let head = [
                list("max", [atom(max.node)]),
                list("while", [expr(condition)]),
                with,
            ]
            .into_iter();
            list(
                "repeat",
                head.chain(bound(binding.as_ref()))
                    .chain([block(turn)])
                    .chain(handlers(on)),
            )
        }
        _ => atom(""),
    }
}

fn complete(
    status: u16,
    body: &CompleteBody,
    location: Option<&Expr>,
    headers: &[(Name, Expr)],
) -> Node {
    let body = match body {
        CompleteBody::Empty => None,
        CompleteBody::Json(value) => Some(list("json", [expr(value)])),
        CompleteBody::Text(value) => Some(list("text", [expr(value)])),
        CompleteBody::Html(value) => Some(list("html", [expr(value)])),
        CompleteBody::Bytes(value) => Some(list("bytes", [expr(value)])),
        CompleteBody::Problem(code) => Some(list("problem", [atom(&code.node)])),
    };
    let location = location.map(|value| list("location", [expr(value)]));
    let headers = some(
        "headers",
        headers
            .iter()
            .map(|(name, value)| list(&name.node, [expr(value)])),
    );
    list(
        "complete",
        [atom(status)]
            .into_iter()
            .chain(body)
            .chain(location)
            .chain(headers),
    )
}
