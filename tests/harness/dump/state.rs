//! What survives a run: declarations and steps.

use super::decl::millis;
use super::expr::expr;
use super::step::{arguments, block, bound, handlers};
use super::types::{field, ty};
use super::{Node, atom, docs, list, some};
use journey_lang::ast::{
    Attempts, Compare, Criterion, Delay, IndexDecl, Pauses, SignalDecl, StepKind, Store,
    StoreAction, StoreStep, Task,
};

pub fn store(s: &Store) -> Node {
    let index = |word: &'static str| {
        move |index: &IndexDecl| list(word, index.fields.iter().map(|name| atom(&name.node)))
    };
    let parts = s.record.iter().map(|record| list("record", [ty(record)]));
    let parts = parts
        .chain(s.key.iter().map(index("key")))
        .chain(s.uniques.iter().map(index("unique")))
        .chain(s.indexes.iter().map(index("index")))
        .chain(millis("retain", s.retain.as_ref()));
    let start = [atom(&s.name.node)].into_iter().chain(docs(&s.docs));
    list("store", start.chain(parts))
}

pub fn signal(s: &SignalDecl) -> Node {
    let start = [atom(&s.name.node)].into_iter().chain(docs(&s.docs));
    list("signal", start.chain(s.ty.as_ref().map(ty)))
}

pub fn task(t: &Task) -> impl Iterator<Item = Node> {
    [
        some("params", t.params.iter().map(field)),
        t.attempts.as_ref().map(|a| attempts(&a.node)),
        millis("timeout", t.timeout.as_ref()),
        millis("keep", t.keep.as_ref()),
    ]
    .into_iter()
    .flatten()
}

fn attempts(a: &Attempts) -> Node {
    let times = |times: &[u64]| -> Vec<Node> {
        times.iter().map(|time| atom(format!("{time}ms"))).collect()
    };
    let pauses = match &a.pauses {
        None => None,
        Some(Pauses::After(after)) => Some(list("after", times(after))),
        Some(Pauses::Backoff(short, long)) => Some(list("backoff", times(&[*short, *long]))),
    };
    list("attempts", [atom(a.count)].into_iter().chain(pauses))
}

pub fn step(kind: &StepKind) -> Node {
    match kind {
        StepKind::Store(step) => store_step(step),
        StepKind::Atomically(it) => list("atomically", [block(&it.block)]),
        StepKind::Start(start) => {
            let parts = arguments(&start.args)
                .into_iter()
                .chain(
                    start
                        .after
                        .as_ref()
                        .map(|time| list("after", [delay(time)])),
                )
                .chain(start.key.as_ref().map(|key| list("key", [expr(key)])))
                .chain(bound(start.binding.as_ref()));
            list("start", [atom(&start.task.node)].into_iter().chain(parts))
        }
        StepKind::Sleep(time) => list("sleep", [delay(time)]),
        StepKind::Wait(wait) => {
            let head = [
                atom(&wait.signal.node),
                expr(&wait.key),
                list("up-to", [delay(&wait.up_to)]),
            ];
            let parts = bound(wait.binding.as_ref())
                .into_iter()
                .chain(handlers(&wait.handlers));
            list("wait", head.into_iter().chain(parts))
        }
        StepKind::Signal(signal) => {
            let head = [atom(&signal.signal.node), expr(&signal.key)];
            let data = signal.data.as_ref().map(expr);
            list("signal", head.into_iter().chain(data))
        }
        StepKind::ReadBlob(read) => {
            let parts = bound(read.binding.as_ref())
                .into_iter()
                .chain(handlers(&read.handlers));
            list("read-blob", [expr(&read.blob)].into_iter().chain(parts))
        }
        _ => atom(""),
    }
}

fn store_step(step: &StoreStep) -> Node {
    let mut parts = vec![atom(&step.store.node)];
    parts.extend(some("by", step.action.by().iter().map(criterion)));
    match &step.action {
        StoreAction::Insert { record } => parts.push(expr(record)),
        StoreAction::Get { .. } => {}
        StoreAction::Update { set, at, .. } => {
            parts.push(list("set", [expr(set)]));
            parts.extend(at.as_ref().map(|at| list("at", [expr(at)])));
        }
        StoreAction::Delete { at, .. } => {
            parts.extend(at.as_ref().map(|at| list("at", [expr(at)])));
        }
        StoreAction::Find {
            max, descending, ..
        } => {
            parts.push(list("max", [atom(max.node)]));
            parts.extend(descending.map(|_| atom("descending")));
        }
        StoreAction::Count { max, .. } => parts.push(list("max", [atom(max.node)])),
    }
    parts.extend(bound(step.binding.as_ref()));
    parts.extend(handlers(&step.handlers));
    list(step.action.word(), parts)
}

fn criterion(criterion: &Criterion) -> Node {
    let head = match criterion.compare {
        Compare::Equal => criterion.field.node.clone(),
        bound => format!("{}{}", criterion.field.node, bound.sign()),
    };
    list(head, [expr(&criterion.value)])
}

fn delay(delay: &Delay) -> Node {
    match delay {
        Delay::Time(time) => atom(format!("{}ms", time.node)),
        Delay::Value(value) => expr(value),
    }
}
