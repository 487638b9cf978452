//! The simple proof about secrets: an expression that holds one does not leave.
//!
//! Comparisons and conditions tell one bit of a secret and are let through; everything computed from one is secret.

use super::infer::Checker;
use super::{Ty, report};
use crate::ast::{BinaryOp, Expr, ExprKind, Label, TemplateEntry, UnaryOp};
use crate::walk;
use journey_machine::span::Span;

impl Checker<'_, '_> {
    /// Says so if a value that holds a secret would leave where the type does not declare one.
    pub(super) fn keep_secret(&mut self, value: &Expr, wanted: &Ty, sink: &str, help: &str) {
        if let (ExprKind::Object(entries), Ty::Object(object)) =
            (&value.kind, self.table.resolve(wanted).clone())
        {
            for entry in entries {
                match entry {
                    TemplateEntry::Field { key, value, .. } => match object.field(&key.node) {
                        Some((_, field)) if field.label == Some(Label::Secret) => {}
                        Some((_, field)) => self.keep_secret(value, &field.ty, sink, help),
                        None => self.keep_secret(value, &Ty::Dyn, sink, help),
                    },
                    TemplateEntry::Spread(value) => self.keep_secret(value, &Ty::Dyn, sink, help),
                }
            }
        } else if let Some(source) = self.secret_in(value) {
            self.report(report::secret_leak(value.span, source, sink, help));
        }
    }

    /// Notes the secret that goes into a value for whoever asks later.
    pub(super) fn note_secret(&mut self, value: &Expr) {
        let secret = self.secret_in(value).map(|source| (value.span, source));
        self.table.secrets.extend(secret);
    }

    /// The first secret that goes into a value.
    pub(super) fn secret_in(&self, expr: &Expr) -> Option<Span> {
        self.labelled_in(expr, Label::Secret)
    }

    /// The first value with a label that goes into a value.
    pub(super) fn labelled_in(&self, expr: &Expr, label: Label) -> Option<Span> {
        match &expr.kind {
            ExprKind::Ident { name, .. } => match label {
                Label::Secret => self.scope.get(name)?.secret,
                Label::Pii => self.scope.get(name)?.pii,
            },
            ExprKind::Member { object, field, .. } => {
                let declared = self
                    .table
                    .object(object.id)
                    .and_then(|o| o.field(&field.node));
                let own = declared
                    .filter(|(_, f)| f.label == Some(label))
                    .map(|_| expr.span);
                own.or_else(|| self.labelled_in(object, label))
            }
            ExprKind::Arithmetic { first, rest } if is_sum(rest) => {
                let mut operands = std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e));
                operands.find_map(|operand| self.labelled_in(operand, label))
            }
            ExprKind::Arithmetic { .. }
            | ExprKind::Binary { .. }
            | ExprKind::Logic { .. }
            | ExprKind::Unary {
                op: UnaryOp::Not, ..
            } => None,
            ExprKind::Conditional {
                then, otherwise, ..
            } => self
                .labelled_in(then, label)
                .or_else(|| self.labelled_in(otherwise, label)),
            ExprKind::Call { .. } if matches!(self.table.ty(expr.id), Ty::Bool) => None,
            _ => walk::operands(expr)
                .into_iter()
                .find_map(|operand| self.labelled_in(operand, label)),
        }
    }
}

/// Does something of the operands remain in the result? The operators of one chain bind equally strongly.
fn is_sum(rest: &[(BinaryOp, Expr)]) -> bool {
    matches!(rest, [(BinaryOp::Add | BinaryOp::Sub, _), ..])
}
