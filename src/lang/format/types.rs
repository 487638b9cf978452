//! Types and fields in the spelling of the text form.

use super::doc::{Doc, concat, documented, group, nest, nothing, scope, text};
use super::expr::{Writer, short_braces};
use super::spell;
use crate::ast::{FieldDecl, Form, Label, Limit, Spanned, TypeExpr, TypeKind};
use journey_machine::span::Span;

impl Writer<'_> {
    /// A type.
    pub(super) fn type_of(&self, ty: &TypeExpr) -> Doc {
        match &ty.kind {
            TypeKind::Named(name) => text(name),
            TypeKind::Limited { base, limits } => concat([text(&base.node), text(limited(limits))]),
            TypeKind::Literal(value) => text(spell::quoted(value)),
            TypeKind::Union(members) => self.union(members),
            TypeKind::List { item, limits } => {
                let limits = if limits.is_empty() {
                    String::new()
                } else {
                    limited(limits)
                };
                concat([
                    text("list<"),
                    self.type_of(item),
                    text(format!(">{limits}")),
                ])
            }
            TypeKind::Map { key, value } => concat([
                text("map<"),
                self.type_of(key),
                text(", "),
                self.type_of(value),
                text(">"),
            ]),
            TypeKind::Object { fields, open } => self.object_type(fields, *open, ty.span),
            TypeKind::Labelled(label, inner) => {
                concat([text(label_word(label.node)), text(" "), self.type_of(inner)])
            }
            TypeKind::Error => nothing(),
        }
    }

    fn union(&self, members: &[TypeExpr]) -> Doc {
        let mut members = members.iter().map(|member| self.type_of(member));
        let first = members.next().unwrap_or_else(nothing);
        let rest = members.map(|member| concat([Doc::Line, text("| "), member]));
        group(concat([first, nest(concat(rest))]))
    }

    pub(super) fn object_type(&self, fields: &[FieldDecl], open: bool, span: Span) -> Doc {
        let mut entries: Vec<Doc> = fields.iter().map(|field| self.field_item(field)).collect();
        entries.extend(open.then(|| text("...")));
        if entries.is_empty() {
            return scope(span, concat([text("{"), nest(Doc::Hole(span)), text("}")]));
        }
        let on_lines = self.is_expanded(span, &entries);
        scope(span, short_braces(on_lines, entries))
    }

    /// A field on a line of its own, or behind a comma. Within a scalar of the YAML form nothing can be added to it.
    fn field_item(&self, field: &FieldDecl) -> Doc {
        let body = self.field(field);
        if self.target == Form::Text {
            return documented(field.span, &field.docs, body);
        }
        let docs = field
            .docs
            .lines()
            .flat_map(|line| [text(format!("## {line}")), Doc::HardLine]);
        concat(docs.chain([body]))
    }

    /// `name?: T = V`, without its documentation.
    pub(super) fn field(&self, field: &FieldDecl) -> Doc {
        let mark = if field.optional { "?: " } else { ": " };
        concat([
            text(format!("{}{mark}", field.name.node)),
            self.type_of(&field.ty),
            self.default(field),
        ])
    }

    /// ` = V`
    pub(super) fn default(&self, field: &FieldDecl) -> Doc {
        match &field.default {
            Some(value) => concat([text(" = "), self.value(value)]),
            None => nothing(),
        }
    }
}

/// From a name or a status to the end of its type, if it has one.
pub(super) fn up_to_type(start: Span, ty: Option<&TypeExpr>) -> Span {
    ty.map_or(start, |ty| start.to(ty.span))
}

/// The word of a label.
pub(super) fn label_word(label: Label) -> &'static str {
    match label {
        Label::Secret => "secret",
        Label::Pii => "pii",
    }
}

/// `(1..64, /[a-z]+/)`
fn limited(limits: &[Spanned<Limit>]) -> String {
    let limits: Vec<String> = limits.iter().map(|limit| one_limit(&limit.node)).collect();
    format!("({})", limits.join(", "))
}

fn one_limit(limit: &Limit) -> String {
    match limit {
        Limit::Range(low, high) => {
            let end = |end: &Option<f64>| end.map(spell::number).unwrap_or_default();
            format!("{}..{}", end(low), end(high))
        }
        Limit::Above(value) => format!("> {}", spell::number(*value)),
        Limit::AtLeast(value) => format!(">= {}", spell::number(*value)),
        Limit::Below(value) => format!("< {}", spell::number(*value)),
        Limit::AtMost(value) => format!("<= {}", spell::number(*value)),
        Limit::Pattern(pattern) => format!("/{}/", pattern.replace('/', "\\/")),
        Limit::Media(media) => spell::quoted(media),
    }
}
