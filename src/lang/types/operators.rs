//! Operators: CEL's, where both sides are of one type.

use super::infer::Checker;
use super::{Ty, report};
use crate::ast::{BinaryOp, Expr, UnaryOp};
use std::sync::Arc;

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

    pub(super) fn binary(&mut self, op: BinaryOp, expr: &Expr, left: &Expr, right: &Expr) -> Ty {
        let a = self.infer(left);
        let b = self.infer(right);
        let result = match op {
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => {
                self.arithmetic(op, &a, &b)
            }
            BinaryOp::Eq | BinaryOp::Ne => self.table.comparable(&a, &b).then_some(Ty::Bool),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                self.ordered(&a, &b).then_some(Ty::Bool)
            }
            BinaryOp::In => self.contained(&a, &b).then_some(Ty::Bool),
        };
        match result {
            Some(ty) => ty,
            None => {
                let finding = report::bad_operands(op, expr.span, (left, &a), (right, &b), self);
                self.report(finding);
                if matches!(
                    op,
                    BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem
                ) {
                    Ty::Error
                } else {
                    Ty::Bool
                }
            }
        }
    }

    fn arithmetic(&self, op: BinaryOp, a: &Ty, b: &Ty) -> Option<Ty> {
        use BinaryOp::{Add, Div, Mul, Sub};
        let (a, b) = (self.table.widen(a), self.table.widen(b));
        Some(match (op, &a, &b) {
            (_, Ty::Error | Ty::Never, _) | (_, _, Ty::Error | Ty::Never) => Ty::Error,
            (_, Ty::Optional(_) | Ty::Nullable(_), _)
            | (_, _, Ty::Optional(_) | Ty::Nullable(_)) => return None,
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
