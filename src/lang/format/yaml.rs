//! The YAML form.

mod connection;
mod journey;
mod limit;
mod rules;
mod out;
mod scalar;
mod step;
mod store;
mod types;
mod value;

use super::doc::{Doc, concat, dashed_scope, documented, first, item, join, lines};
use super::expr::Writer;
use super::text::is_bare_secret;
use crate::ast::{Decl, ErrorDecl, Errors, File, Name, Settings, TypeDecl};
use out::{Out, dashed, entry, entry_at, key_only, present};
use scalar::Context;

/// The document of a file: one declaration, or a list of them.
pub(super) fn file(file: &File, writer: &Writer<'_>) -> Doc {
    match file.decls.as_slice() {
        [] => Doc::Hole(super::whole(file.id)),
        [only] => first(decl(only, writer, |body| body)),
        several => {
            let items = several.iter().map(|one| first(decl(one, writer, dashed)));
            join(items, || concat([Doc::HardLine, Doc::HardLine]))
        }
    }
}

fn decl(decl: &Decl, writer: &Writer<'_>, wrap: fn(Doc) -> Doc) -> Doc {
    let (span, docs, entries) = match decl {
        Decl::Journey(it) => (it.span, it.docs.as_str(), writer.yaml_journey(it)),
        Decl::Type(it) => (it.span, it.docs.as_str(), writer.yaml_type_decl(it)),
        Decl::Connection(it) => (it.span, it.docs.as_str(), writer.yaml_connection(it)),
        Decl::Issuer(it) => (it.span, it.docs.as_str(), writer.yaml_issuer(it)),
        Decl::Store(it) => (it.span, it.docs.as_str(), writer.yaml_store(it)),
        Decl::Signal(it) => (it.span, it.docs.as_str(), writer.yaml_signal(it)),
        Decl::Rules(it) => (it.span, it.docs.as_str(), writer.yaml_rules(it)),
        Decl::Limit(it) => (it.span, it.docs.as_str(), writer.yaml_limit(it)),
        Decl::Errors(it) => (it.span, it.docs.as_str(), writer.yaml_errors(it)),
        Decl::Settings(it) => (it.span, "", writer.yaml_settings(it)),
    };
    documented(span, docs, wrap(dashed_scope(span, lines(entries))))
}

impl Writer<'_> {
    fn yaml_type_decl(&self, ty: &TypeDecl) -> Vec<Doc> {
        vec![
            entry("type", Out::words(&ty.name.node)),
            entry("is", self.yaml_type(&ty.ty)),
        ]
    }

    fn yaml_errors(&self, errors: &Errors) -> Vec<Doc> {
        let head = match &errors.name {
            Some(name) => entry("errors", Out::words(&name.node)),
            None => key_only("errors"),
        };
        let codes = Out::block(errors.codes.iter().map(error).collect());
        let shape = errors.shape.as_ref();
        present([
            Some(head),
            codes.map(|codes| entry("codes", codes)),
            shape.map(|shape| entry_at(shape.span, "shape", self.yaml_value(shape))),
        ])
    }

    fn yaml_settings(&self, settings: &Settings) -> Vec<Doc> {
        let fields = settings.fields.iter().map(|field| {
            if settings.secret && is_bare_secret(field) {
                return documented(field.span, &field.docs, key_only(&field.name.node));
            }
            self.yaml_field(field)
        });
        let word = if settings.secret { "secret" } else { "config" };
        let fields = fields.collect();
        vec![entry(
            word,
            Out::block(fields).unwrap_or_else(|| Out::as_written("{}")),
        )]
    }
}

fn error(error: &ErrorDecl) -> Doc {
    let span = error.code.span.to(error.message.span);
    let parts = vec![
        (
            "status".to_owned(),
            Out::words(&error.status.node.to_string()),
        ),
        ("message".to_owned(), Out::string(&error.message.node)),
    ];
    documented(
        span,
        &error.docs,
        entry(&error.code.node, Out::short_map(span, parts)),
    )
}

/// A key, in quotes if YAML needs them.
fn key(text: &str) -> String {
    scalar::words(text, Context::Block)
}

/// A name that is there, behind its key.
fn named(word: &str, name: Option<&Name>) -> Option<Doc> {
    name.map(|name| item(name.span, entry(word, Out::words(&name.node))))
}
