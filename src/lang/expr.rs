//! Expressions, templates and types: what both forms of the language share.
//!
//! Each entry takes a text and where its bytes stand, reads all of it, and gives a tree: what cannot be read is
//! reported and becomes an error node. One fault is reported for each expression, and for each field of a type.

mod cursor;
mod literal;
mod parse;
mod template;
mod token;
mod types;

use crate::ast::{Expr, ExprKind, FieldDecl, Ids, TypeExpr, TypeKind};
use crate::diagnostic::Diagnostics;
use crate::source::SpanMap;
use cursor::{Broken, Cursor, Parsed, Tree};
use token::Token;

pub use token::{STEP_WORDS, is_reserved};

/// An expression: CEL; or, as all of it, a text in backticks.
pub fn parse_expression(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
    tree(text, map, ids, diags, |cursor| {
        let tree = cursor.expression_or_text()?;
        at_end(cursor, tree, "an operator")
    })
}

/// A value as a step of the text form takes it: an object or list template, a text in backticks, or an expression.
pub fn parse_value(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
    tree(text, map, ids, diags, |cursor| {
        let tree = cursor.value()?;
        let template = matches!(tree.expr.kind, ExprKind::Object(_) | ExprKind::Array(_));
        let what = if template {
            "nothing after a template (a CEL list or map stands in parentheses)"
        } else {
            "an operator"
        };
        at_end(cursor, tree, what)
    })
}

/// A text scalar of the YAML form: `${ e }` alone is the expression, inside a text a part of it, `$${` a literal `${`.
pub fn parse_interpolated(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    diags: &mut Diagnostics,
) -> Expr {
    tree(text, map, ids, diags, |cursor| cursor.interpolated())
}

/// A type.
pub fn parse_type(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> TypeExpr {
    let read = |cursor: &mut Cursor<'_>| {
        let ty = cursor.type_expr()?;
        at_end(cursor, ty, "nothing after the type")
    };
    let error = TypeExpr {
        kind: TypeKind::Error,
        span: map.span(0, text.len()),
    };
    read(&mut Cursor::new(text, 0, map, ids, diags)).unwrap_or(error)
}

/// A field: `name?: T = V`, with its documentation before it.
pub fn parse_field(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    diags: &mut Diagnostics,
) -> Option<FieldDecl> {
    let mut cursor = Cursor::new(text, 0, map, ids, diags);
    let field = cursor.field().ok()?;
    at_end(&mut cursor, field, "nothing after the field").ok()
}

fn tree(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    diags: &mut Diagnostics,
    read: impl FnOnce(&mut Cursor<'_>) -> Parsed<Tree>,
) -> Expr {
    match read(&mut Cursor::new(text, 0, map, ids, diags)) {
        Ok(tree) => tree.expr,
        Err(Broken) => error(map.span(0, text.len()), ids),
    }
}

/// What stands for an expression that could not be read.
pub fn error(span: journey_machine::span::Span, ids: &mut Ids) -> Expr {
    Expr {
        id: ids.expr(),
        kind: ExprKind::Error,
        span,
    }
}

fn at_end<T>(cursor: &mut Cursor<'_>, read: T, what: &str) -> Parsed<T> {
    if cursor.token == Token::End {
        Ok(read)
    } else {
        Err(cursor.unexpected(what))
    }
}

#[cfg(test)]
mod tests;
