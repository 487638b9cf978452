//! The text form.

mod connection;
mod journey;
mod limit;
mod rules;
mod state;
mod step;
mod store;

pub(super) use connection::{breaker_phrase, retry_phrase};
pub(super) use journey::{body_word, duration, place_word};
pub(super) use limit::rate_phrase;
pub(super) use store::{attempts_phrase, names};

use super::doc::{Doc, concat, documented, first, group, item, lines, nest, scope, text};
use super::expr::Writer;
use super::spell;
use crate::ast::{
    Decl, ErrorDecl, Errors, FieldDecl, File, Label, Settings, TypeDecl, TypeExpr, TypeKind,
};
use journey_machine::span::Span;

/// The document of a file.
pub(super) fn file(file: &File, writer: &Writer<'_>) -> Doc {
    if file.decls.is_empty() {
        return Doc::Hole(super::whole(file.id));
    }
    let mut docs: Vec<Doc> = Vec::new();
    let mut before: Option<&Decl> = None;
    for decl in &file.decls {
        let mut doc = self::decl(decl, writer);
        // Types and signals of a line may stand close together; between all else there is a blank line.
        let close = before.is_some_and(is_line) && is_line(decl);
        if !close {
            docs.extend(before.map(|_| Doc::HardLine));
            doc = first(doc);
        }
        docs.extend(before.map(|_| Doc::HardLine));
        docs.push(doc);
        before = Some(decl);
    }
    Doc::Concat(docs)
}

fn is_line(decl: &Decl) -> bool {
    let is_object = |ty: &TypeExpr| matches!(ty.kind, TypeKind::Object { .. });
    match decl {
        Decl::Type(ty) => !is_object(&ty.ty),
        Decl::Signal(signal) => !signal.ty.as_ref().is_some_and(is_object),
        Decl::Journey(_)
        | Decl::Connection(_)
        | Decl::Issuer(_)
        | Decl::Store(_)
        | Decl::Limit(_)
        | Decl::Rules(_)
        | Decl::Errors(_)
        | Decl::Settings(_) => false,
    }
}

fn decl(decl: &Decl, writer: &Writer<'_>) -> Doc {
    match decl {
        Decl::Journey(journey) => writer.journey(journey),
        Decl::Type(ty) => writer.type_decl(ty),
        Decl::Connection(connection) => writer.connection(connection),
        Decl::Issuer(issuer) => writer.issuer(issuer),
        Decl::Store(store) => writer.store(store),
        Decl::Signal(signal) => writer.signal(signal),
        Decl::Limit(limit) => writer.limit(limit),
        Decl::Rules(rules) => writer.rules(rules),
        Decl::Errors(errors) => writer.errors(errors),
        Decl::Settings(settings) => writer.settings(settings),
    }
}

/// Things in braces, a line each; they stand in a place of the source.
fn braces(span: Span, items: Vec<Doc>) -> Doc {
    if items.is_empty() {
        return scope(span, concat([text("{"), nest(Doc::Hole(span)), text("}")]));
    }
    let body = nest(concat([Doc::HardLine, lines(items)]));
    scope(span, concat([text("{"), body, Doc::HardLine, text("}")]))
}

impl Writer<'_> {
    fn type_decl(&self, ty: &TypeDecl) -> Doc {
        let between = if matches!(ty.ty.kind, TypeKind::Object { .. }) {
            " "
        } else {
            " = "
        };
        let body = concat([
            text(format!("type {}{between}", ty.name.node)),
            self.type_of(&ty.ty),
        ]);
        documented(ty.span, &ty.docs, body)
    }

    fn errors(&self, errors: &Errors) -> Doc {
        let name = errors
            .name
            .as_ref()
            .map(|name| format!("{} ", name.node))
            .unwrap_or_default();
        let mut items: Vec<Doc> = errors.codes.iter().map(error).collect();
        items.extend(
            errors
                .shape
                .as_ref()
                .map(|shape| item(shape.span, concat([text("shape "), self.value(shape)]))),
        );
        documented(
            errors.span,
            &errors.docs,
            concat([text(format!("errors {name}")), braces(errors.span, items)]),
        )
    }

    fn settings(&self, settings: &Settings) -> Doc {
        let word = if settings.secret {
            "secret "
        } else {
            "config "
        };
        let items = settings.fields.iter().map(|field| {
            let short = settings.secret && is_bare_secret(field);
            let body = if short {
                text(&field.name.node)
            } else {
                self.field(field)
            };
            documented(field.span, &field.docs, body)
        });
        item(
            settings.span,
            concat([text(word), braces(settings.span, items.collect())]),
        )
    }
}

/// A secret that needs no type: it is a `secret string`.
pub(super) fn is_bare_secret(field: &FieldDecl) -> bool {
    let TypeKind::Labelled(label, inner) = &field.ty.kind else {
        return false;
    };
    let string = matches!(&inner.kind, TypeKind::Named(name) if name == "string");
    string && label.node == Label::Secret && !field.optional && field.default.is_none()
}

fn error(error: &ErrorDecl) -> Doc {
    let line = format!(
        "{} {} {}",
        error.code.node,
        error.status.node,
        spell::quoted(&error.message.node)
    );
    documented(
        error.code.span.to(error.message.span),
        &error.docs,
        text(line),
    )
}

/// `{ ` a single item ` }` in one line if it fits.
fn short_block(span: Span, only: Doc) -> Doc {
    let body = nest(concat([Doc::Line, first(only)]));
    scope(span, group(concat([text("{"), body, Doc::Line, text("}")])))
}
