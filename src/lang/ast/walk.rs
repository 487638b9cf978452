//! Walking over blocks: every step in them, every expression of a step, every part of an expression.

use super::{
    Block, CompleteBody, Expr, ExprId, ExprKind, Step, StepKind, TemplateEntry, TemplateItem,
    TextPart,
};
use std::collections::BTreeSet;

/// The names that stand in a block's expressions as identifiers of which `wanted` holds.
pub fn identifiers(block: &Block, wanted: impl Fn(ExprId) -> bool) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    expressions(block, &mut |expr| {
        if let ExprKind::Ident { name, .. } = &expr.kind
            && wanted(expr.id)
        {
            names.insert(name.as_str());
        }
    });
    names
}

/// Every expression in a block with all its parts, outer before inner.
pub fn expressions<'e>(block: &'e Block, visit: &mut dyn FnMut(&'e Expr)) {
    for step in &block.steps {
        for expr in of_step(step) {
            parts(expr, visit);
        }
        for inner in blocks(step) {
            expressions(inner, visit);
        }
    }
}

/// The expressions that stand in a step itself, not in its blocks.
#[must_use]
pub fn of_step(step: &Step) -> Vec<&Expr> {
    match &step.kind {
        StepKind::Let { value, .. } | StepKind::Collect { value } => vec![value],
        StepKind::If { branches, .. } => branches.iter().map(|(condition, _)| condition).collect(),
        StepKind::Match { subject, arms, .. } => {
            let arms = arms
                .iter()
                .flat_map(|arm| arm.values.iter().chain(&arm.guard));
            std::iter::once(subject).chain(arms).collect()
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
            .map(|(_, value)| value)
            .chain([condition])
            .collect(),
        StepKind::Emit { data, .. } => data.iter().collect(),
        StepKind::Complete {
            body,
            location,
            headers,
            ..
        } => body_of(body)
            .into_iter()
            .chain(location)
            .chain(headers.iter().map(|(_, value)| value))
            .collect(),
        StepKind::Next { values } => values.iter().collect(),
        StepKind::Return { value, .. } => value.iter().collect(),
        StepKind::Parallel { .. }
        | StepKind::Block { .. }
        | StepKind::Fail { .. }
        | StepKind::Error => Vec::new(),
    }
}

fn body_of(body: &CompleteBody) -> Option<&Expr> {
    match body {
        CompleteBody::Json(value)
        | CompleteBody::Text(value)
        | CompleteBody::Html(value)
        | CompleteBody::Bytes(value) => Some(value),
        CompleteBody::Empty | CompleteBody::Problem(_) => None,
    }
}

/// The blocks of a step, those of its handlers last.
#[must_use]
pub fn blocks(step: &Step) -> Vec<&Block> {
    match &step.kind {
        StepKind::If {
            branches,
            otherwise,
            on_failure,
        } => {
            let own = branches.iter().map(|(_, block)| block).chain(otherwise);
            own.chain(on_failure.iter().map(|h| &h.block)).collect()
        }
        StepKind::Match {
            arms, otherwise, ..
        } => arms.iter().map(|arm| &arm.block).chain(otherwise).collect(),
        StepKind::Parallel {
            branches, handlers, ..
        } => branches
            .iter()
            .map(|b| &b.block)
            .chain(handlers.iter().map(|h| &h.block))
            .collect(),
        StepKind::For {
            block, handlers, ..
        }
        | StepKind::Repeat {
            block, handlers, ..
        }
        | StepKind::Block { block, handlers } => std::iter::once(block)
            .chain(handlers.iter().map(|h| &h.block))
            .collect(),
        StepKind::Call { handlers, .. }
        | StepKind::Validate { handlers, .. }
        | StepKind::Run { handlers, .. } => handlers.iter().map(|h| &h.block).collect(),
        StepKind::Let { .. }
        | StepKind::Emit { .. }
        | StepKind::Complete { .. }
        | StepKind::Fail { .. }
        | StepKind::Collect { .. }
        | StepKind::Next { .. }
        | StepKind::Return { .. }
        | StepKind::Error => Vec::new(),
    }
}

/// An expression and all its parts, outer before inner.
fn parts<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr)) {
    visit(expr);
    for child in children(expr) {
        parts(child, visit);
    }
}

/// The direct parts of an expression, in the order in which they are written.
#[must_use]
pub fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Literal(_) | ExprKind::Ident { .. } | ExprKind::Error => Vec::new(),
        ExprKind::Member { object, .. } => vec![object],
        ExprKind::Index { object, index, .. } => vec![object, index],
        ExprKind::Call { receiver, args, .. } => {
            receiver.as_deref().into_iter().chain(args).collect()
        }
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Logic { operands, .. } => operands.iter().collect(),
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => vec![condition, then, otherwise],
        ExprKind::List(items) => items.iter().map(|item| &item.value).collect(),
        ExprKind::Map(entries) => entries
            .iter()
            .flat_map(|entry| [&entry.key, &entry.value])
            .collect(),
        ExprKind::Struct { fields, .. } => fields.iter().map(|(_, value)| value).collect(),
        ExprKind::Object(entries) => entries.iter().map(entry_value).collect(),
        ExprKind::Array(items) => items.iter().map(item_value).collect(),
        ExprKind::Interpolation(parts) => parts.iter().filter_map(part_value).collect(),
    }
}

fn entry_value(entry: &TemplateEntry) -> &Expr {
    match entry {
        TemplateEntry::Field { value, .. } | TemplateEntry::Spread(value) => value,
    }
}

fn item_value(item: &TemplateItem) -> &Expr {
    match item {
        TemplateItem::Value(value) | TemplateItem::Spread(value) => value,
    }
}

fn part_value(part: &TextPart) -> Option<&Expr> {
    match part {
        TextPart::Value(value) => Some(value),
        TextPart::Literal(_) => None,
    }
}
