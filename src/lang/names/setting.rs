//! Texts known only when the server starts: what may stand where a declaration takes a URL, a key, an audience.

use crate::ast::{Expr, ExprKind, Literal};
use journey_machine::span::Span;

/// A literal, `config.x` or `secret.x`. Nothing else: a host or a credential is never computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// Written in the source.
    Literal(&'a str),
    /// `config.x`
    Config(&'a str),
    /// `secret.x`
    Secret(&'a str),
}

/// What an expression of a declaration stands for; `None` if it is not allowed there.
#[must_use]
pub fn text(expr: &Expr) -> Option<Text<'_>> {
    if let ExprKind::Literal(Literal::String(text)) = &expr.kind {
        return Some(Text::Literal(text));
    }
    let ExprKind::Member {
        object,
        field,
        optional: false,
    } = &expr.kind
    else {
        return None;
    };
    let ExprKind::Ident { name, .. } = &object.kind else {
        return None;
    };
    match name.as_str() {
        "config" => Some(Text::Config(&field.node)),
        "secret" => Some(Text::Secret(&field.node)),
        _ => None,
    }
}

/// Place of the name of a setting, of the whole expression otherwise.
pub(super) fn field_span(expr: &Expr) -> Span {
    if let ExprKind::Member { field, .. } = &expr.kind {
        field.span
    } else {
        expr.span
    }
}
