//! Operators: CEL's, where both sides are of one type.

use super::infer::Checker;
use super::{Ty, report};
use crate::ast::{BinaryOp, Expr, UnaryOp};
use journey_machine::span::Span;
use std::sync::Arc;

/// One side of an operator. The left one may be the result of operators before it, which is no expression of its own.
pub(super) struct Side<'e> {
    pub(super) span: Span,
    pub(super) expr: Option<&'e Expr>,
    pub(super) ty: Ty,
}

impl<'e> Side<'e> {
    fn of(expr: &'e Expr, ty: Ty) -> Self {
        Self {
            span: expr.span,
            expr: Some(expr),
            ty,
        }
    }
}

impl Checker<'_, '_> {
    pub(super) fn unary(&mut self, op: UnaryOp, operand: &Expr) -> Ty {
        let ty = self.infer(operand);
        let ty = self.table.widen(&ty);
        match (op, &ty) {
            (_, Ty::Error | Ty::Never) => Ty::Error,
            (_, Ty::Dyn) | (UnaryOp::Not, Ty::Bool) | (UnaryOp::Neg, Ty::Int | Ty::Double) => ty,
            _ => self.wrong(report::bad_operand(op, operand, &ty, self)),
        }
    }

    /// `&&`, `||`: each side knows what those before it have proved.
    pub(super) fn logic(&mut self, and: bool, operands: &[Expr]) -> Ty {
        let mark = self.scope.mark();
        for operand in operands {
            self.condition(operand);
            self.assume(operand, and);
        }
        self.scope.forget(mark);
        Ty::Bool
    }

    /// An expression that must be a bool.
    pub(super) fn condition(&mut self, expr: &Expr) {
        let ty = self.infer(expr);
        if !matches!(
            self.table.widen(&ty),
            Ty::Bool | Ty::Dyn | Ty::Error | Ty::Never
        ) {
            let finding = report::not_a_condition(expr, &ty, self);
            self.report(finding);
        }
    }

    pub(super) fn conditional(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Ty {
        self.condition(condition);
        let a = self.given(condition, true, |checker| checker.infer(then));
        let b = self.given(condition, false, |checker| checker.infer(otherwise));
        match self.table.join(&a, &b) {
            Some(ty) => ty,
            None => self.wrong(report::two_types(then, &a, otherwise, &b)),
        }
    }

    /// Does something where the condition is known to have a value.
    pub(super) fn given<T>(
        &mut self,
        condition: &Expr,
        value: bool,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mark = self.scope.mark();
        self.assume(condition, value);
        let result = check(self);
        self.scope.forget(mark);
        result
    }

    /// `a + b - c`: each operator with all that stands before it.
    pub(super) fn arithmetic(&mut self, first: &Expr, rest: &[(BinaryOp, Expr)]) -> Ty {
        let mut so_far = Side::of(first, self.infer(first));
        for (op, operand) in rest {
            let right = Side::of(operand, self.infer(operand));
            let span = so_far.span.to(right.span);
            let ty = match self.computed(*op, &so_far.ty, &right.ty) {
                Some(ty) => ty,
                None => {
                    let finding = report::bad_operands(*op, span, &so_far, &right, self);
                    self.wrong(finding)
                }
            };
            so_far = Side {
                span,
                expr: None,
                ty,
            };
        }
        so_far.ty
    }

    /// `a == b`, `a < b`, `a in b`
    pub(super) fn relation(&mut self, op: BinaryOp, expr: &Expr, left: &Expr, right: &Expr) -> Ty {
        let left = Side::of(left, self.infer(left));
        let right = Side::of(right, self.infer(right));
        let related = match op {
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                self.ordered(&left.ty, &right.ty)
            }
            BinaryOp::In => self.contained(&left.ty, &right.ty),
            _ => self.table.comparable(&left.ty, &right.ty),
        };
        if !related {
            let finding = report::bad_operands(op, expr.span, &left, &right, self);
            self.report(finding);
        }
        Ty::Bool
    }

    /// What an operator makes of two types; `None`: it does not go between them.
    fn computed(&self, op: BinaryOp, a: &Ty, b: &Ty) -> Option<Ty> {
        use BinaryOp::{Add, Div, Mul, Sub};
        let (a, b) = (self.table.widen(a), self.table.widen(b));
        Some(match (op, &a, &b) {
            (_, Ty::Error | Ty::Never, _) | (_, _, Ty::Error | Ty::Never) => Ty::Error,
            (_, Ty::Optional(_) | Ty::Nullable(_), _)
            | (_, _, Ty::Optional(_) | Ty::Nullable(_)) => return None,
            // A number goes with numbers of its own type only, and gives one.
            (_, Ty::Int | Ty::Uint, Ty::Dyn) | (Add | Sub | Mul | Div, Ty::Double, Ty::Dyn) => a,
            (_, Ty::Dyn, Ty::Int | Ty::Uint) | (Add | Sub | Mul | Div, Ty::Dyn, Ty::Double) => b,
            (_, Ty::Dyn, _) | (_, _, Ty::Dyn) => Ty::Dyn,
            (_, Ty::Int, Ty::Int) | (_, Ty::Uint, Ty::Uint) => a,
            (Add | Sub | Mul | Div, Ty::Double, Ty::Double) => a,
            (Add, Ty::String, Ty::String) | (Add, Ty::Bytes, Ty::Bytes) => a,
            (Add, Ty::List(x), Ty::List(y)) => {
                Ty::List(Arc::new(self.table.join(x, y).unwrap_or(Ty::Dyn)))
            }
            (Add, Ty::Timestamp, Ty::Duration) | (Add, Ty::Duration, Ty::Timestamp) => {
                Ty::Timestamp
            }
            (Sub, Ty::Timestamp, Ty::Duration) => Ty::Timestamp,
            (Sub, Ty::Timestamp, Ty::Timestamp) | (Add | Sub, Ty::Duration, Ty::Duration) => {
                Ty::Duration
            }
            _ => return None,
        })
    }

    fn ordered(&self, a: &Ty, b: &Ty) -> bool {
        let (a, b) = (self.table.widen(a), self.table.widen(b));
        let orderable = |ty: &Ty| {
            matches!(
                ty,
                Ty::Bool
                    | Ty::Int
                    | Ty::Uint
                    | Ty::Double
                    | Ty::String
                    | Ty::Bytes
                    | Ty::Timestamp
                    | Ty::Duration
                    | Ty::Dyn
                    | Ty::Error
                    | Ty::Never
            )
        };
        let open = |ty: &Ty| matches!(ty, Ty::Dyn | Ty::Error | Ty::Never);
        orderable(&a) && orderable(&b) && (a == b || open(&a) || open(&b))
    }

    fn contained(&self, item: &Ty, list: &Ty) -> bool {
        match self.table.resolve(list) {
            Ty::List(of) | Ty::Map(of, _) => self.table.comparable(item, of),
            Ty::Object(_) => self.table.comparable(item, &Ty::String),
            Ty::Dyn | Ty::Error | Ty::Never => true,
            _ => false,
        }
    }
}
