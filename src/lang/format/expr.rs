//! Expressions and templates in the spelling of the text form, with no more parentheses than they need.

use super::doc::{Doc, concat, group, item, join, nest, nothing, scope, text};
use super::level::{Level, begins_with_bracket, is_negative, level, stronger};
use super::spell;
use crate::ast::{
    Expr, ExprKind, Form, ListItem, MapEntry, Name, TemplateEntry, TemplateItem, TextPart, UnaryOp,
};
use journey_machine::span::Span;

/// What printing an expression needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Writer<'a> {
    pub(super) source: &'a str,
    /// The form of the source.
    pub(super) form: Form,
    pub(super) target: Form,
}

impl Writer<'_> {
    /// From the first of some things to the bracket that closes around them, so that comments before it are within.
    pub(super) fn enclosed(&self, spans: impl Iterator<Item = Span>) -> Span {
        let span = spans.reduce(Span::to).unwrap_or_default();
        let rest = self.source.get(span.end as usize..).unwrap_or_default();
        let length = match self.form {
            Form::Text => up_to_bracket(rest).unwrap_or_default(),
            Form::Yaml => 0,
        };
        let end = span
            .end
            .saturating_add(u32::try_from(length).unwrap_or_default());
        Span { end, ..span }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "all that is no template")]
    /// Where a value may stand: a template, a text in backticks, or an expression.
    pub(super) fn value(&self, expr: &Expr) -> Doc {
        match &expr.kind {
            ExprKind::Object(entries) => self.object(entries, expr.span),
            ExprKind::Array(items) => self.array(items, expr.span),
            _ if begins_with_bracket(expr) => concat([text("("), self.expr(expr), text(")")]),
            _ => self.expr(expr),
        }
    }

    /// Where an expression stands before a brace.
    pub(super) fn condition(&self, expr: &Expr) -> Doc {
        if begins_with_bracket(expr) {
            return concat([text("("), self.expr(expr), text(")")]);
        }
        self.expr(expr)
    }

    /// Where an expression stands.
    pub(super) fn expr(&self, expr: &Expr) -> Doc {
        match &expr.kind {
            ExprKind::Literal(literal) => {
                text(spell::constant(expr, literal, self.source, self.target))
            }
            ExprKind::Ident { name, absolute } => {
                text(format!("{}{name}", if *absolute { "." } else { "" }))
            }
            ExprKind::Member {
                object,
                field,
                optional,
            } => self.member(object, field, *optional),
            ExprKind::Index {
                object,
                index,
                optional,
            } => self.index(object, index, *optional),
            ExprKind::Call {
                receiver,
                function,
                args,
            } => self.call(receiver.as_deref(), function, args),
            ExprKind::Unary { op, operand } => self.unary(*op, operand),
            ExprKind::Arithmetic { first, rest } => {
                let first = self.at_least(first, level(expr));
                self.chain(
                    level(expr),
                    first,
                    rest.iter().map(|(op, e)| (op.sign(), e)),
                )
            }
            ExprKind::Binary { op, left, right } => {
                let left = self.at_least(left, level(expr));
                self.chain(level(expr), left, [(op.sign(), &**right)])
            }
            ExprKind::Logic { and, operands } => self.logic(*and, operands),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise),
            ExprKind::List(items) => {
                bracketed("[", items.iter().map(|item| self.list_item(item)), "]")
            }
            ExprKind::Map(entries) => {
                bracketed("{", entries.iter().map(|entry| self.map_entry(entry)), "}")
            }
            ExprKind::Struct { name, fields } => self.structure(name, fields),
            ExprKind::Object(entries) => self.object(entries, expr.span),
            ExprKind::Array(items) => self.array(items, expr.span),
            ExprKind::Interpolation(parts) => self.interpolation(parts),
            ExprKind::Error => nothing(),
        }
    }

    /// Where an expression stands that binds at least so strongly.
    fn at_least(&self, expr: &Expr, least: Level) -> Doc {
        let doc = self.expr(expr);
        if level(expr) < least || least == Level::Postfix && is_negative(expr) {
            concat([text("("), doc, text(")")])
        } else {
            doc
        }
    }

    fn member(&self, object: &Expr, field: &Name, optional: bool) -> Doc {
        let dot = if optional { ".?" } else { "." };
        let name = if spell::is_name(&field.node) {
            field.node.clone()
        } else {
            format!("`{}`", field.node)
        };
        concat([
            self.at_least(object, Level::Postfix),
            text(format!("{dot}{name}")),
        ])
    }

    fn index(&self, object: &Expr, index: &Expr, optional: bool) -> Doc {
        let open = if optional { "[?" } else { "[" };
        concat([
            self.at_least(object, Level::Postfix),
            text(open),
            self.expr(index),
            text("]"),
        ])
    }

    fn call(&self, receiver: Option<&Expr>, function: &Name, args: &[Expr]) -> Doc {
        let receiver = receiver.map_or_else(nothing, |receiver| {
            concat([self.at_least(receiver, Level::Postfix), text(".")])
        });
        let args = bracketed("(", args.iter().map(|arg| self.expr(arg)), ")");
        concat([receiver, text(&function.node), args])
    }

    fn unary(&self, op: UnaryOp, operand: &Expr) -> Doc {
        let sign = match op {
            UnaryOp::Neg => "-",
            UnaryOp::Not => "!",
        };
        let inner = self.at_least(operand, Level::Unary);
        // A minus before a number would belong to the number.
        let line = super::print::flat(&inner).unwrap_or_default();
        let is_number = line
            .trim_start_matches('.')
            .starts_with(|c: char| c.is_ascii_digit());
        if op == UnaryOp::Neg && is_number {
            return concat([text("-("), inner, text(")")]);
        }
        concat([text(sign), inner])
    }

    /// Operators of one level with their operands.
    fn chain<'e>(
        &self,
        level: Level,
        first: Doc,
        rest: impl IntoIterator<Item = (&'static str, &'e Expr)>,
    ) -> Doc {
        let rest = rest.into_iter().map(|(sign, operand)| {
            let operand = self.at_least(operand, stronger(level));
            concat([Doc::Line, text(format!("{sign} ")), operand])
        });
        group(concat([first, nest(concat(rest))]))
    }

    fn logic(&self, and: bool, operands: &[Expr]) -> Doc {
        let (level, sign) = if and {
            (Level::And, "&&")
        } else {
            (Level::Or, "||")
        };
        let mut operands = operands.iter().map(|operand| (sign, operand));
        let first = operands
            .next()
            .map_or_else(nothing, |(_, first)| self.at_least(first, stronger(level)));
        self.chain(level, first, operands)
    }

    fn conditional(&self, condition: &Expr, then: &Expr, otherwise: &Expr) -> Doc {
        let branches = concat([
            Doc::Line,
            text("? "),
            self.expr(then),
            Doc::Line,
            text(": "),
            self.expr(otherwise),
        ]);
        group(concat([
            self.at_least(condition, Level::Or),
            nest(branches),
        ]))
    }

    fn list_item(&self, item: &ListItem) -> Doc {
        concat([
            text(if item.optional { "?" } else { "" }),
            self.expr(&item.value),
        ])
    }

    fn map_entry(&self, entry: &MapEntry) -> Doc {
        let mark = text(if entry.optional { "?" } else { "" });
        self.pair(concat([mark, self.expr(&entry.key)]), &entry.value)
    }

    /// Behind a name a brace would begin a block of steps: parentheses say that it does not.
    fn structure(&self, name: &Name, fields: &[(Name, Expr)]) -> Doc {
        let fields = fields
            .iter()
            .map(|(name, value)| self.pair(text(&name.node), value));
        concat([
            text("("),
            text(&name.node),
            bracketed("{", fields, "}"),
            text(")"),
        ])
    }

    fn pair(&self, key: Doc, value: &Expr) -> Doc {
        concat([key, text(": "), self.expr(value)])
    }

    fn object(&self, entries: &[TemplateEntry], span: Span) -> Doc {
        let entries = entries.iter().map(|entry| match entry {
            TemplateEntry::Spread(value) => {
                item(value.span, concat([text("..."), self.expr(value)]))
            }
            TemplateEntry::Field {
                key,
                optional,
                value,
            } => {
                let name = if spell::is_name(&key.node) {
                    key.node.clone()
                } else {
                    spell::quoted(&key.node)
                };
                let mark = if *optional { "?: " } else { ": " };
                item(
                    key.span.to(value.span),
                    concat([text(name + mark), self.value(value)]),
                )
            }
        });
        self.template("{", entries.collect(), "}", || Doc::Line, span)
    }

    fn array(&self, items: &[TemplateItem], span: Span) -> Doc {
        let items = items.iter().map(|entry| match entry {
            TemplateItem::Spread(value) => {
                item(value.span, concat([text("..."), self.expr(value)]))
            }
            TemplateItem::Value(value) => item(value.span, self.value(value)),
        });
        self.template("[", items.collect(), "]", || Doc::SoftLine, span)
    }

    /// A template's entries, or the comments in an empty one.
    fn template(
        &self,
        open: &str,
        entries: Vec<Doc>,
        close: &str,
        inner: fn() -> Doc,
        span: Span,
    ) -> Doc {
        if entries.is_empty() {
            let hole = concat([text(open), nest(Doc::Hole(span)), text(close)]);
            return scope(span, hole);
        }
        let on_lines = self.form == Form::Text && self.is_expanded(span, &entries);
        let entries = listed(open, entries, close, inner);
        scope(span, expanded_if(on_lines, entries))
    }

    /// Did the author put what stands in brackets on lines of its own?
    pub(super) fn is_expanded(&self, span: Span, entries: &[Doc]) -> bool {
        let Some(Doc::Item { span: first, .. }) = entries.first() else {
            return false;
        };
        let before = self.source.get(..first.start as usize).unwrap_or_default();
        match self.form {
            Form::Text => before.trim_end_matches([' ', '\t']).ends_with('\n'),
            Form::Yaml => {
                let between = before.get(span.start as usize..);
                between.is_some_and(|between| !between.contains(['{', '[']))
            }
        }
    }

    fn interpolation(&self, parts: &[TextPart]) -> Doc {
        let parts = parts.iter().map(|part| match part {
            TextPart::Literal(literal) => text(spell::template_part(literal)),
            TextPart::Value(value) => {
                // A line break within the braces would be legal, and hard to see.
                let line = super::print::flat(&self.expr(value)).unwrap_or_default();
                text(format!("${{{line}}}"))
            }
        });
        concat([text("`"), concat(parts), text("`")])
    }
}

/// Entries behind commas, on lines of their own if they do not fit into one.
pub(super) fn listed(open: &str, entries: Vec<Doc>, close: &str, inner: fn() -> Doc) -> Doc {
    let count = entries.len();
    let entries = entries.into_iter().enumerate().map(|(at, entry)| {
        if at + 1 < count {
            with_end(entry, text(","))
        } else {
            entry
        }
    });
    let body = nest(concat([inner(), join(entries, || Doc::Line)]));
    group(concat([text(open), body, inner(), text(close)]))
}

/// Things in braces: behind commas in one line if that fits and they did not stand on lines of their own.
pub(super) fn short_braces(on_lines: bool, items: Vec<Doc>) -> Doc {
    let count = items.len();
    let items = items.into_iter().enumerate().map(|(at, entry)| {
        if at + 1 < count {
            with_end(entry, Doc::Flat(","))
        } else {
            entry
        }
    });
    let body = nest(concat([Doc::Line, join(items, || Doc::Line)]));
    let braces = group(concat([text("{"), body, Doc::Line, text("}")]));
    expanded_if(on_lines, braces)
}

/// A group that is never flat, if so said.
fn expanded_if(on_lines: bool, mut doc: Doc) -> Doc {
    if let Doc::Group(inner) = &mut doc
        && on_lines
    {
        let entries = std::mem::replace(&mut **inner, Doc::SoftLine);
        **inner = concat([Doc::Expand, entries]);
    }
    doc
}

/// An item that ends in something, comments after that.
pub(super) fn with_end(mut entry: Doc, end: Doc) -> Doc {
    let Doc::Item { body, .. } = &mut entry else {
        return concat([entry, end]);
    };
    let inner = std::mem::replace(&mut **body, Doc::SoftLine);
    **body = concat([inner, end]);
    entry
}

/// Things behind commas in brackets.
fn bracketed(open: &str, items: impl Iterator<Item = Doc>, close: &str) -> Doc {
    let items = join(items, || concat([text(","), Doc::Line]));
    if matches!(&items, Doc::Concat(items) if items.is_empty()) {
        return text(format!("{open}{close}"));
    }
    group(concat([
        text(open),
        nest(concat([Doc::SoftLine, items])),
        Doc::SoftLine,
        text(close),
    ]))
}

/// Bytes up to a closing bracket, behind nothing but space, commas, comments and `...`.
fn up_to_bracket(text: &str) -> Option<usize> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || ",.".contains(c));
        if rest.starts_with('#') || rest.starts_with("//") {
            rest = rest.get(rest.find('\n')?..)?;
        } else {
            return rest
                .starts_with(['}', ')'])
                .then(|| text.len() - rest.len() + 1);
        }
    }
}
