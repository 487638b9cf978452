//! Expressions, templates and types: what both forms of the language share.
//!
//! Each entry takes a text and where its bytes stand, reads all of it, and gives a tree: what cannot be read is
//! reported and becomes an error node.

use crate::ast::{Expr, ExprKind, Ids, TypeExpr, TypeKind};
use crate::diagnostic::Diagnostics;
use crate::source::SpanMap;

/// An expression: CEL.
pub fn parse_expression(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    _diags: &mut Diagnostics,
) -> Expr {
    Expr {
        id: ids.expr(),
        kind: ExprKind::Error,
        span: map.span(0, text.len()),
    }
}

/// A value as a step of the text form takes it: an object or list template, a text in backticks, or an expression.
pub fn parse_value(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
    parse_expression(text, map, ids, diags)
}

/// A text scalar of the YAML form: `${ e }` alone is the expression, inside a text a part of it, `$${` a literal `${`.
pub fn parse_interpolated(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    diags: &mut Diagnostics,
) -> Expr {
    parse_expression(text, map, ids, diags)
}

/// A type.
pub fn parse_type(text: &str, map: &SpanMap, _ids: &mut Ids, _diags: &mut Diagnostics) -> TypeExpr {
    TypeExpr {
        kind: TypeKind::Error,
        span: map.span(0, text.len()),
    }
}
