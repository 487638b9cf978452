//! What a condition proves: `has(a.b)` that the field is there, `a != null` that it is not null.

use super::infer::Checker;
use super::{Ty, TypeTable};
use crate::ast::{BinaryOp, Expr, ExprKind, Literal, UnaryOp};

/// A path and the type it has once the condition is known.
pub(super) type Fact = (String, Ty);

impl Checker<'_, '_> {
    /// From here on the condition is known to have this value.
    pub(super) fn assume(&mut self, condition: &Expr, value: bool) {
        let mut facts = Vec::new();
        collect(&self.table, condition, value, &mut facts);
        facts
            .into_iter()
            .for_each(|(path, ty)| self.scope.learn(path, ty));
    }
}

/// A chain of names, `input.user.email`: what facts are about.
pub(crate) fn path(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Ident { name, .. } => Some(name.clone()),
        ExprKind::Member {
            object,
            field,
            optional: false,
        } => {
            let mut path = path(object)?;
            path.push('.');
            path.push_str(&field.node);
            Some(path)
        }
        _ => None,
    }
}

fn collect(table: &TypeTable, condition: &Expr, value: bool, facts: &mut Vec<Fact>) {
    match &condition.kind {
        ExprKind::Logic { and, operands } if *and == value => {
            operands
                .iter()
                .for_each(|o| collect(table, o, value, facts));
        }
        ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } => collect(table, operand, !value, facts),
        ExprKind::Call {
            receiver: None,
            function,
            args,
        } if value && function.node == "has" => {
            facts.extend(args.first().and_then(|arg| present(table, arg)));
        }
        ExprKind::Binary { op, left, right }
            if *op == (if value { BinaryOp::Ne } else { BinaryOp::Eq }) =>
        {
            facts.extend(not_null(table, left, right).or_else(|| not_null(table, right, left)));
        }
        _ => {}
    }
}

fn present(table: &TypeTable, arg: &Expr) -> Option<Fact> {
    let ExprKind::Member {
        object,
        field,
        optional: false,
    } = &arg.kind
    else {
        return None;
    };
    let (_, field) = table.object(object.id)?.field(&field.node)?;
    Some((path(arg)?, field.ty.clone()))
}

fn not_null(table: &TypeTable, null: &Expr, other: &Expr) -> Option<Fact> {
    if !matches!(null.kind, ExprKind::Literal(Literal::Null)) {
        return None;
    }
    let Ty::Nullable(inner) = table.resolve(table.ty(other.id)) else {
        return None;
    };
    Some((path(other)?, Ty::clone(inner)))
}
