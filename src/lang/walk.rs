//! Walks over the tree: what stands directly inside a step or an expression, and what stands anywhere below.

use crate::ast::{
    Atomically, Block, CompleteBody, Delay, Expr, ExprKind, Handler, ReadBlob, Step, StepKind,
    StoreAction, TemplateEntry, TemplateItem, TextPart,
};

/// Handlers of a step.
#[must_use]
pub fn handlers(step: &Step) -> &[Handler] {
    match &step.kind {
        StepKind::If { on_failure, .. } => on_failure.as_slice(),
        StepKind::Call { handlers, .. }
        | StepKind::Validate { handlers, .. }
        | StepKind::Parallel { handlers, .. }
        | StepKind::For { handlers, .. }
        | StepKind::Repeat { handlers, .. }
        | StepKind::Run { handlers, .. }
        | StepKind::Block { handlers, .. }
        | StepKind::ReadBlob(ReadBlob { handlers, .. }) => handlers,
        StepKind::Store(step) => &step.handlers,
        StepKind::Wait(wait) => &wait.handlers,
        StepKind::Let { .. }
        | StepKind::Match { .. }
        | StepKind::Emit { .. }
        | StepKind::Complete { .. }
        | StepKind::Fail { .. }
        | StepKind::Collect { .. }
        | StepKind::Next { .. }
        | StepKind::Return { .. }
        | StepKind::Atomically(_)
        | StepKind::Start(_)
        | StepKind::Sleep(_)
        | StepKind::Signal(_)
        | StepKind::Error => &[],
    }
}

/// Blocks directly inside a step, in order; those of its handlers last.
pub fn blocks(step: &Step) -> impl Iterator<Item = &Block> {
    own_blocks(step)
        .into_iter()
        .chain(handlers(step).iter().map(|h| &h.block))
}

/// Blocks directly inside a step, without those of its handlers.
#[must_use]
pub fn own_blocks(step: &Step) -> Vec<&Block> {
    match &step.kind {
        StepKind::If {
            branches,
            otherwise,
            ..
        } => branches.iter().map(|(_, b)| b).chain(otherwise).collect(),
        StepKind::Match {
            arms, otherwise, ..
        } => arms.iter().map(|a| &a.block).chain(otherwise).collect(),
        StepKind::Parallel { branches, .. } => branches.iter().map(|b| &b.block).collect(),
        StepKind::For { block, .. }
        | StepKind::Repeat { block, .. }
        | StepKind::Block { block, .. }
        | StepKind::Atomically(Atomically { block }) => vec![block],
        StepKind::Let { .. }
        | StepKind::Call { .. }
        | StepKind::Validate { .. }
        | StepKind::Run { .. }
        | StepKind::Emit { .. }
        | StepKind::Complete { .. }
        | StepKind::Fail { .. }
        | StepKind::Collect { .. }
        | StepKind::Next { .. }
        | StepKind::Return { .. }
        | StepKind::Store(_)
        | StepKind::Start(_)
        | StepKind::Sleep(_)
        | StepKind::Wait(_)
        | StepKind::Signal(_)
        | StepKind::ReadBlob(_)
        | StepKind::Error => Vec::new(),
    }
}

/// All steps of a block and below, in order.
pub fn steps<'a>(block: &'a Block, visit: &mut impl FnMut(&'a Step)) {
    for step in &block.steps {
        visit(step);
        blocks(step).for_each(|b| steps(b, visit));
    }
}

/// Expressions directly inside a step, in order.
#[must_use]
pub fn exprs(step: &Step) -> Vec<&Expr> {
    match &step.kind {
        StepKind::Let { value, .. } | StepKind::Collect { value } => vec![value],
        StepKind::If { branches, .. } => branches.iter().map(|(c, _)| c).collect(),
        StepKind::Match { subject, arms, .. } => {
            let of_arms = arms.iter().flat_map(|a| a.values.iter().chain(&a.guard));
            std::iter::once(subject).chain(of_arms).collect()
        }
        StepKind::Call { args, .. } | StepKind::Run { args, .. } => {
            args.iter().map(|a| &a.value).collect()
        }
        StepKind::Validate { token, .. } => vec![token],
        StepKind::For { list, .. } => vec![list],
        StepKind::Repeat {
            condition,
            accumulators,
            ..
        } => accumulators
            .iter()
            .map(|(_, v)| v)
            .chain([condition])
            .collect(),
        StepKind::Emit { data: value, .. } | StepKind::Return { value, .. } => {
            value.iter().collect()
        }
        StepKind::Complete {
            body,
            location,
            headers,
            ..
        } => of_body(body)
            .into_iter()
            .chain(location)
            .chain(headers.iter().map(|(_, v)| v))
            .collect(),
        StepKind::Next { values } => values.iter().collect(),
        StepKind::Store(store) => of_store(&store.action),
        StepKind::Start(start) => {
            let args = start.args.iter().map(|a| &a.value);
            let after = start.after.as_ref().and_then(Delay::value);
            args.chain(after).chain(&start.key).collect()
        }
        StepKind::Sleep(time) => time.value().into_iter().collect(),
        StepKind::Wait(wait) => [&wait.key].into_iter().chain(wait.up_to.value()).collect(),
        StepKind::Signal(signal) => [&signal.key].into_iter().chain(&signal.data).collect(),
        StepKind::ReadBlob(read) => vec![&read.blob],
        StepKind::Parallel { .. }
        | StepKind::Block { .. }
        | StepKind::Atomically(_)
        | StepKind::Fail { .. }
        | StepKind::Error => Vec::new(),
    }
}

/// Expressions of what is done to a store, in order.
#[must_use]
pub fn of_store(action: &StoreAction) -> Vec<&Expr> {
    let by = action.by().iter().map(|criterion| &criterion.value);
    match action {
        StoreAction::Insert { record } => vec![record],
        StoreAction::Update { set, at, .. } => by.chain([set]).chain(at).collect(),
        StoreAction::Delete { at, .. } => by.chain(at).collect(),
        StoreAction::Get { .. } | StoreAction::Find { .. } | StoreAction::Count { .. } => {
            by.collect()
        }
    }
}

/// The expression of a body, if it has one.
#[must_use]
pub fn of_body(body: &CompleteBody) -> Option<&Expr> {
    match body {
        CompleteBody::Json(e)
        | CompleteBody::Text(e)
        | CompleteBody::Html(e)
        | CompleteBody::Bytes(e) => Some(e),
        CompleteBody::Empty | CompleteBody::Problem(_) => None,
    }
}

/// Expressions directly inside an expression, in order.
#[must_use]
pub fn operands(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Ident { .. } | ExprKind::Error => Vec::new(),
        ExprKind::Member { object, .. } => vec![object],
        ExprKind::Index { object, index, .. } => vec![object, index],
        ExprKind::Call { receiver, args, .. } => {
            receiver.iter().map(|r| &**r).chain(args).collect()
        }
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Arithmetic { first, rest } => std::iter::once(&**first)
            .chain(rest.iter().map(|(_, operand)| operand))
            .collect(),
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Logic { operands, .. } => operands.iter().collect(),
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => vec![condition, then, otherwise],
        ExprKind::List(items) => items.iter().map(|i| &i.value).collect(),
        ExprKind::Map(entries) => entries.iter().flat_map(|e| [&e.key, &e.value]).collect(),
        ExprKind::Struct { fields, .. } => fields.iter().map(|(_, v)| v).collect(),
        ExprKind::Object(entries) => entries.iter().map(of_entry).collect(),
        ExprKind::Array(items) => items.iter().map(of_item).collect(),
        ExprKind::Interpolation(parts) => parts.iter().filter_map(of_part).collect(),
    }
}

fn of_entry(entry: &TemplateEntry) -> &Expr {
    match entry {
        TemplateEntry::Field { value, .. } | TemplateEntry::Spread(value) => value,
    }
}

fn of_item(item: &TemplateItem) -> &Expr {
    match item {
        TemplateItem::Value(value) | TemplateItem::Spread(value) => value,
    }
}

fn of_part(part: &TextPart) -> Option<&Expr> {
    match part {
        TextPart::Value(value) => Some(value),
        TextPart::Literal(_) => None,
    }
}
