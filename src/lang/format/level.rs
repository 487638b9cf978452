//! How strongly expressions bind: where parentheses are needed.

use crate::ast::{BinaryOp, Expr, ExprKind, Literal};

/// How strongly an expression binds, from `a ? b : c` to `a.b`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Conditional,
    Or,
    And,
    Relation,
    Sum,
    Product,
    Unary,
    Postfix,
}

/// Of `-1.abs()` nobody would know what the minus belongs to.
pub(super) fn is_negative(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(value)) => *value < 0,
        ExprKind::Literal(Literal::Double(value)) => value.is_sign_negative(),
        _ => false,
    }
}

pub(super) fn level(expr: &Expr) -> Level {
    match &expr.kind {
        ExprKind::Conditional { .. } => Level::Conditional,
        ExprKind::Logic { and: false, .. } => Level::Or,
        ExprKind::Logic { and: true, .. } => Level::And,
        ExprKind::Arithmetic { rest, .. } => rest
            .first()
            .map_or(Level::Sum, |(op, _)| operator_level(*op)),
        ExprKind::Binary { op, .. } => operator_level(*op),
        ExprKind::Unary { .. } => Level::Unary,
        ExprKind::Literal(_)
        | ExprKind::Ident { .. }
        | ExprKind::Member { .. }
        | ExprKind::Index { .. }
        | ExprKind::Call { .. }
        | ExprKind::List(_)
        | ExprKind::Map(_)
        | ExprKind::Struct { .. }
        | ExprKind::Object(_)
        | ExprKind::Array(_)
        | ExprKind::Interpolation(_)
        | ExprKind::Error => Level::Postfix,
    }
}

fn operator_level(op: BinaryOp) -> Level {
    match op {
        BinaryOp::Add | BinaryOp::Sub => Level::Sum,
        BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => Level::Product,
        BinaryOp::Eq
        | BinaryOp::Ne
        | BinaryOp::Lt
        | BinaryOp::Le
        | BinaryOp::Gt
        | BinaryOp::Ge
        | BinaryOp::In => Level::Relation,
    }
}

pub(super) fn stronger(level: Level) -> Level {
    match level {
        Level::Conditional => Level::Or,
        Level::Or => Level::And,
        Level::And => Level::Relation,
        Level::Relation => Level::Sum,
        Level::Sum => Level::Product,
        Level::Product => Level::Unary,
        Level::Unary | Level::Postfix => Level::Postfix,
    }
}

/// Does the first word of an expression open a list or a map? Where a value stands, that would begin a template.
#[expect(clippy::wildcard_enum_match_arm, reason = "the others begin otherwise")]
pub(super) fn begins_with_bracket(expr: &Expr) -> bool {
    let mut expr = expr;
    loop {
        let (left, least) = match &expr.kind {
            ExprKind::List(_) | ExprKind::Map(_) => return true,
            ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => {
                (object, Level::Postfix)
            }
            ExprKind::Call {
                receiver: Some(receiver),
                ..
            } => (receiver, Level::Postfix),
            ExprKind::Arithmetic { first: left, .. } | ExprKind::Binary { left, .. } => {
                (left, level(expr))
            }
            ExprKind::Conditional { condition, .. } => (condition, Level::Or),
            ExprKind::Logic { and, operands } => match operands.first() {
                Some(first) if level(first) > if *and { Level::And } else { Level::Or } => {
                    expr = first;
                    continue;
                }
                _ => return false,
            },
            _ => return false,
        };
        if level(left) < least {
            return false;
        }
        expr = left;
    }
}
