//! `&&`, `||` and conditions. CEL absorbs errors: `false && x` is false and `true || x` is true whatever `x` does, on
//! either side. A side that can fail runs inside a handler range that keeps its error; the error is raised at the end
//! if no other side has decided.

use super::builder::Label;
use super::frame::Frame;
use crate::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::types::Ty;
use journey_machine::op::{Op, Reg};
use journey_machine::span::Span;
use journey_machine::value::Value;

impl<'a> Frame<'_, 'a> {
    /// `dst` = the truth of a condition that is made of jumps.
    pub(super) fn truth(&mut self, expr: &'a Expr, dst: Reg) {
        let no = self.code.label();
        self.unless(expr, no);
        self.decided(expr.span, dst, true, no);
    }

    /// `dst` = `otherwise` here, and the opposite where `decided` is reached.
    pub(super) fn decided(&mut self, span: Span, dst: Reg, otherwise: bool, decided: Label) {
        let end = self.code.label();
        self.load(span, dst, Value::Bool(otherwise));
        self.code.jump(span, end);
        self.code.bind(decided);
        self.load(span, dst, Value::Bool(!otherwise));
        self.code.bind(end);
    }

    /// Goes to `no` unless the condition holds.
    pub(super) fn unless(&mut self, condition: &'a Expr, no: Label) {
        self.branch(condition, false, no);
    }

    /// Goes to `to` if the condition is what is wanted; an error if it is not a boolean.
    pub(super) fn branch(&mut self, condition: &'a Expr, wanted: bool, to: Label) {
        let (mark, span) = (self.code.mark(), condition.span);
        match &condition.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.branch(operand, !wanted, to),
            ExprKind::Logic { and, operands } => self.sides(span, (*and, operands), wanted, to),
            _ => {
                if let Some((subject, items)) = self.membership(condition) {
                    self.branch_among(span, (subject, items), wanted, to);
                } else if let Some(question) = self.as_question(condition) {
                    let src = self.asked(question, wanted);
                    self.code.unless(span, src, to);
                } else {
                    let cond = self.value(condition);
                    self.decide(span, cond, wanted, to);
                }
            }
        }
        self.code.release(mark);
    }

    /// Of `a && b && …` the first false side decides, of `a || b || …` the first true one.
    fn sides(&mut self, span: Span, (and, operands): (bool, &'a [Expr]), wanted: bool, to: Label) {
        let Some((last, sides)) = operands.split_last() else {
            return self.project.unexpected(span);
        };
        let end = self.code.label();
        let decided = if wanted == and { end } else { to };
        let error = self.error_register(span, sides.iter().any(|s| self.can_fail(s)));
        for side in sides {
            let next = self.code.label();
            let range = self.code.open();
            self.branch(side, !and, decided);
            if let Some(error) = error.filter(|_| self.can_fail(side)) {
                self.code.close(range, next, error);
            }
            self.code.bind(next);
        }
        match error {
            Some(src) => {
                self.branch(last, !and, decided);
                self.code.emit(span, Op::RaiseIf { src });
                if wanted == and {
                    self.code.jump(span, to);
                }
            }
            None => self.branch(last, wanted, to),
        }
        self.code.bind(end);
    }

    /// The same for `subject in [items]`: a jump table.
    fn branch_among(
        &mut self,
        span: Span,
        (subject, items): (&'a Expr, Vec<Value>),
        wanted: bool,
        to: Label,
    ) {
        let end = self.code.label();
        let found = if wanted { to } else { end };
        let value = self.placed(subject);
        let arms = items.into_iter().map(|item| (item, found)).collect();
        self.code.switch(span, value, arms);
        if !wanted {
            self.code.jump(span, to);
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

    fn decide(&mut self, span: Span, cond: Reg, wanted: bool, to: Label) {
        if wanted {
            self.code.jump_if(span, cond, to);
        } else {
            self.code.jump_unless(span, cond, to);
        }
    }

    /// May computing the expression, or using it as a condition, raise an error? Only where it certainly cannot is
    /// absorption left out.
    pub(super) fn can_fail(&self, expr: &'a Expr) -> bool {
        *self.ty(expr.id) != Ty::Bool || self.can_raise(expr)
    }

    /// May computing the expression raise an error?
    pub(super) fn can_raise(&self, expr: &'a Expr) -> bool {
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
            ExprKind::Call { .. } => self
                .as_question(expr)
                .is_none_or(|question| self.can_raise(question.subject)),
            ExprKind::Unary {
                op: UnaryOp::Neg, ..
            }
            | ExprKind::Arithmetic { .. }
            | ExprKind::Index { .. }
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
