//! `&&`, `||` and conditions. CEL absorbs errors: `false && x` is false and `true || x` is true whatever `x` does, on
//! either side. A side that can fail runs inside a handler range that keeps its error; the error is raised at the end
//! if no other side has decided.

use super::builder::Label;
use super::frame::Frame;
use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::types::Ty;
use journey_machine::op::{Op, Reg};
use journey_machine::span::Span;

impl<'a> Frame<'_, 'a> {
    /// `a && b && …`, or the same with `||`: `dst` holds the side that was looked at last, which decides.
    pub(super) fn logic(&mut self, span: Span, dst: Reg, and: bool, operands: &'a [Expr]) {
        let Some((last, sides)) = operands.split_last() else {
            return self.project.unexpected(span);
        };
        let end = self.code.label();
        let error = self.error_register(span, sides.iter().any(|s| self.can_fail(s)));
        for side in sides {
            let next = self.code.label();
            let range = self.code.open();
            self.put(side, dst);
            self.decide(side.span, dst, and, end);
            if let Some(error) = error.filter(|_| self.can_fail(side)) {
                self.code.close(range, next, error);
            }
            self.code.bind(next);
        }
        self.put(last, dst);
        match error {
            Some(src) => {
                self.decide(last.span, dst, and, end);
                self.code.emit(span, Op::RaiseIf { src });
            }
            None if *self.ty(last.id) == Ty::Bool => {}
            None => self.code.emit(last.span, Op::CheckBool { src: dst }),
        }
        self.code.bind(end);
    }

    /// A cleared register for an error that may yet be absorbed.
    pub(super) fn error_register(&mut self, span: Span, needed: bool) -> Option<Reg> {
        needed.then(|| {
            let reg = self.temp();
            self.code.emit(span, Op::Drop { reg });
            reg
        })
    }

    /// Goes to `end` if `dst` decides: false decides an `and`, true an `or`.
    pub(super) fn decide(&mut self, span: Span, dst: Reg, and: bool, end: Label) {
        if and {
            self.code.jump_unless(span, dst, end);
        } else {
            self.code.jump_if(span, dst, end);
        }
    }

    /// Goes to `no` unless the condition holds.
    pub(super) fn unless(&mut self, condition: &'a Expr, no: Label) {
        let mark = self.code.mark();
        if let ExprKind::Unary {
            op: UnaryOp::Not,
            operand,
        } = &condition.kind
        {
            let cond = self.value(operand);
            self.code.jump_if(condition.span, cond, no);
        } else if let ExprKind::Logic {
            and: true,
            operands,
        } = &condition.kind
            && !operands.iter().any(|o| self.can_fail(o))
        {
            operands.iter().for_each(|o| self.unless(o, no));
        } else {
            let cond = self.value(condition);
            self.code.jump_unless(condition.span, cond, no);
        }
        self.code.release(mark);
    }

    /// May computing the expression, or using it as a condition, raise an error? Only where it certainly cannot is
    /// absorption left out.
    pub(super) fn can_fail(&self, expr: &Expr) -> bool {
        *self.ty(expr.id) != Ty::Bool || self.can_raise(expr)
    }

    /// May computing the expression raise an error?
    pub(super) fn can_raise(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Ident { .. } => false,
            ExprKind::Member { object, field, .. } => {
                self.may_lack(object, &field.node) || self.can_raise(object)
            }
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.can_fail(operand),
            ExprKind::Binary { op, left, right } => {
                self.operator_can_raise(*op, left, right)
                    || self.can_raise(left)
                    || self.can_raise(right)
            }
            ExprKind::Logic { operands, .. } => operands.iter().any(|o| self.can_fail(o)),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.can_fail(condition) || self.can_raise(then) || self.can_raise(otherwise),
            ExprKind::List(items) => items.iter().any(|i| i.optional || self.can_raise(&i.value)),
            ExprKind::Unary {
                op: UnaryOp::Neg, ..
            }
            | ExprKind::Arithmetic { .. }
            | ExprKind::Index { .. }
            | ExprKind::Call { .. }
            | ExprKind::Map(_)
            | ExprKind::Struct { .. }
            | ExprKind::Object(_)
            | ExprKind::Array(_)
            | ExprKind::Interpolation(_)
            | ExprKind::Error => true,
        }
    }

    /// Might the object not have the field?
    fn may_lack(&self, object: &Expr, field: &str) -> bool {
        let types = &self.project.checked.types;
        let Ty::Object(object) = types.resolve(types.ty(object.id)) else {
            return true;
        };
        object.field(field).is_none_or(|(_, f)| f.optional)
    }

    fn operator_can_raise(&self, op: BinaryOp, left: &Expr, right: &Expr) -> bool {
        match op {
            BinaryOp::Eq | BinaryOp::Ne => false,
            BinaryOp::In => !matches!(self.ty(right.id), Ty::List(_)),
            BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => {
                let ordered = |e: &Expr| matches!(self.ty(e.id), Ty::Int | Ty::Uint | Ty::Double);
                let texts = self.is_text(left.id) && self.is_text(right.id);
                !(texts || ordered(left) && ordered(right))
            }
            BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Rem => true,
        }
    }
}
