//! Findings about what is stored.

use crate::ast::Label;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::types::FieldTy;
use journey_machine::span::Span;

/// An update of a field of the key.
pub(in crate::types) fn key_changed(field: &str, place: Span, declared: Span) -> Diagnostic {
    let title = format!("`{field}` is in the key: it does not change");
    Diagnostic::new(Code::KEY_CHANGED, place, title)
        .label(declared, "the key is declared here")
        .help("leave it out; to move a record, delete it and insert it anew")
}

/// A labelled value on its way to a place without its label.
pub(in crate::types) fn label_lost(
    span: Span,
    source: Span,
    label: Label,
    field: &FieldTy,
    sink: &str,
) -> Diagnostic {
    let (what, word) = words(label);
    let title = format!("{what} would be stored unlabelled in {sink}");
    let finding = Diagnostic::new(Code::LABEL_LOST, span, title);
    let finding = if source == span {
        finding
    } else {
        finding.label(source, format!("this is `{word}`"))
    };
    match field.declared {
        Some(declared) if !field.name.is_empty() => finding
            .label(declared, "it is stored here")
            .help(format!("declare the field as `{word} …`, or leave it out")),
        _ => finding.help("leave it out"),
    }
}

/// A labelled value where others than its receiver read it.
pub(in crate::types) fn label_seen(
    span: Span,
    source: Span,
    label: Label,
    sink: &str,
    help: &str,
) -> Diagnostic {
    let (what, word) = words(label);
    let finding = Diagnostic::new(
        Code::LABEL_SEEN,
        span,
        format!("{what} would stand in {sink}"),
    );
    let finding = if source == span {
        finding
    } else {
        finding.label(source, format!("this is `{word}`"))
    };
    finding.help(help)
}

/// What a label is for people, and in a source.
fn words(label: Label) -> (&'static str, &'static str) {
    match label {
        Label::Secret => ("a secret", "secret"),
        Label::Pii => ("personal data", "pii"),
    }
}

/// A parameter of a task that is secret.
pub(in crate::types) fn secret_kept(span: Span) -> Diagnostic {
    let title = "a secret would be kept with the run of the task";
    Diagnostic::new(Code::SECRET_KEPT, span, title)
        .help("read it where it is needed: `secret.name` is there in a task, too")
}
