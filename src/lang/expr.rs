//! Expressions, templates and types: what both forms of the language share.
//!
//! Each entry takes a text and where its bytes stand, reads all of it, and gives a tree: what cannot be read is
//! reported and becomes an error node. One fault is reported for each expression, and for each field of a type.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a word is looked at for the few things it may be at its place; all others are the same there"
)]

mod cursor;
mod literal;
mod operator;
mod parse;
mod template;
mod token;
mod types;

use crate::ast::{Argument, Criterion, Expr, ExprKind, FieldDecl, Ids, Name, TypeExpr, TypeKind};
use crate::diagnostic::Diagnostics;
use crate::source::SpanMap;
use cursor::{Broken, Cursor, Parsed, Tree};
use token::{Quoted, Token};

pub use token::{STEP_WORDS, is_reserved};
pub(crate) use token::{comments, documentation, text_length};
pub(crate) use types::pattern_length;

/// A part of a text to read, and where the bytes of the text stand.
#[derive(Clone, Copy)]
pub(crate) struct Fragment<'a> {
    text: &'a str,
    from: usize,
    to: usize,
    map: &'a SpanMap,
}

impl<'a> Fragment<'a> {
    /// Bytes `from..to` of a text.
    pub(crate) fn new(text: &'a str, from: usize, to: usize, map: &'a SpanMap) -> Self {
        Self {
            text: text.get(..to).unwrap_or(text),
            from,
            to,
            map,
        }
    }

    fn whole(text: &'a str, map: &'a SpanMap) -> Self {
        Self::new(text, 0, text.len(), map)
    }

    fn cursor(self, ids: &'a mut Ids, diags: &'a mut Diagnostics) -> Cursor<'a> {
        Cursor::new(self.text, self.from, self.map, ids, diags)
    }

    /// Reads it. What it names where it cannot be read may be declared there.
    fn read<T>(
        self,
        ids: &mut Ids,
        diags: &mut Diagnostics,
        read: impl FnOnce(&mut Cursor<'_>) -> Parsed<T>,
    ) -> Option<T> {
        let before = diags.total();
        let read = read(&mut self.cursor(ids, diags));
        if diags.total() > before || ids.refused() {
            diags.unread(self.text.get(self.from..).unwrap_or_default());
        }
        read.ok()
    }

    /// Reports that something else was expected than what this begins with.
    pub(crate) fn unexpected(self, what: &str, diags: &mut Diagnostics) {
        let mut ids = Ids::default();
        let Broken = self.cursor(&mut ids, diags).expected(what);
    }

    /// The same after an expression, where it may be an operator of another language.
    pub(crate) fn unexpected_operator(self, what: &str, diags: &mut Diagnostics) {
        let mut ids = Ids::default();
        let Broken = self.cursor(&mut ids, diags).unexpected(what);
    }

    /// See [`parse_expression`].
    pub(crate) fn expression(self, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
        self.tree(ids, diags, |cursor| {
            let tree = cursor.expression_or_text()?;
            at_end(cursor, tree, "an operator")
        })
    }

    /// See [`parse_value`].
    pub(crate) fn value(self, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
        self.tree(ids, diags, |cursor| {
            let tree = cursor.value()?;
            let template = matches!(tree.expr.kind, ExprKind::Object(_) | ExprKind::Array(_));
            let after_template =
                "nothing after a template (a CEL list or map stands in parentheses)";
            at_end(
                cursor,
                tree,
                if template {
                    after_template
                } else {
                    "an operator"
                },
            )
        })
    }

    /// See [`parse_type`].
    pub(crate) fn type_expr(self, ids: &mut Ids, diags: &mut Diagnostics) -> TypeExpr {
        let ty = self.read(ids, diags, |cursor| {
            let ty = cursor.type_expr()?;
            at_end(cursor, ty, "nothing after the type")
        });
        ty.unwrap_or(TypeExpr {
            kind: TypeKind::Error,
            span: self.map.span(self.from, self.to),
        })
    }

    /// See [`parse_field`].
    pub(crate) fn field(self, ids: &mut Ids, diags: &mut Diagnostics) -> Option<FieldDecl> {
        self.read(ids, diags, |cursor| {
            let field = cursor.field()?;
            at_end(cursor, field, "nothing after the field")
        })
    }

    /// `(name: V, …)`
    pub(crate) fn arguments(self, ids: &mut Ids, diags: &mut Diagnostics) -> Option<Vec<Argument>> {
        self.read(ids, diags, |cursor| cursor.arguments())
    }

    /// `(field: V, field >= V, …)`
    pub(crate) fn criteria(self, ids: &mut Ids, diags: &mut Diagnostics) -> Option<Vec<Criterion>> {
        self.read(ids, diags, |cursor| cursor.criteria())
    }

    /// A text as it is written, quotes included.
    pub(crate) fn text_constant(self, ids: &mut Ids, diags: &mut Diagnostics) -> Option<Name> {
        let mut cursor = self.cursor(ids, diags);
        let (what, span) = ("a text in quotes", self.map.span(self.from, self.to));
        let Token::Text(quoted @ Quoted { bytes: false, .. }) = cursor.token else {
            let Broken = cursor.unexpected(what);
            return None;
        };
        cursor
            .text_constant(quoted)
            .ok()
            .map(|node| Name { node, span })
    }

    fn tree(
        self,
        ids: &mut Ids,
        diags: &mut Diagnostics,
        read: impl FnOnce(&mut Cursor<'_>) -> Parsed<Tree>,
    ) -> Expr {
        match self.read(ids, diags, read) {
            Some(tree) => tree.expr,
            None => error(self.map.span(self.from, self.to), ids),
        }
    }
}

/// An expression: CEL; or, as all of it, a text in backticks.
pub fn parse_expression(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
    Fragment::whole(text, map).expression(ids, diags)
}

/// An expression that stands for itself: nothing but CEL.
pub fn parse_alone(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
    Fragment::whole(text, map).tree(ids, diags, |cursor| {
        cursor.alone = true;
        let tree = cursor.expression()?;
        at_end(cursor, tree, "an operator")
    })
}

/// A value as a step of the text form takes it: an object or list template, a text in backticks, or an expression.
pub fn parse_value(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> Expr {
    Fragment::whole(text, map).value(ids, diags)
}

/// A text scalar of the YAML form: `${ e }` alone is the expression, inside a text a part of it, `$${` a literal `${`.
pub fn parse_interpolated(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    diags: &mut Diagnostics,
) -> Expr {
    Fragment::whole(text, map).tree(ids, diags, |cursor| cursor.interpolated())
}

/// A type.
pub fn parse_type(text: &str, map: &SpanMap, ids: &mut Ids, diags: &mut Diagnostics) -> TypeExpr {
    Fragment::whole(text, map).type_expr(ids, diags)
}

/// A field: `name?: T = V`, with its documentation before it.
pub fn parse_field(
    text: &str,
    map: &SpanMap,
    ids: &mut Ids,
    diags: &mut Diagnostics,
) -> Option<FieldDecl> {
    Fragment::whole(text, map).field(ids, diags)
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
