//! Findings about fields, indices and templates.

use super::{Want, a, declared_here};
use crate::ast::{Expr, Name};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::types::infer::Checker;
use crate::types::{FieldTy, Global, ObjectTy, Ty, facts};
use journey_machine::op::Context;
use journey_machine::span::Span;

/// A field that an object does not have.
pub(in crate::types) fn unknown_field(
    object: &ObjectTy,
    of: &Expr,
    field: &Name,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let global = checker.table.globals.get(&of.id);
    let known = || object.fields.iter().map(|f| f.name.as_str());
    let name = &field.node;
    let (code, title, help) = match global {
        Some(Global::Context(Context::Config)) => (
            Code::UNKNOWN_SETTING,
            format!("there is no config setting `{name}`"),
            format!("declare it: `config {{ {name}: string }}`"),
        ),
        Some(Global::Context(Context::Secret)) => (
            Code::UNKNOWN_SETTING,
            format!("there is no secret `{name}`"),
            format!("declare it: `secret {{ {name} }}`"),
        ),
        Some(Global::Context(Context::Input)) => (
            Code::UNKNOWN_FIELD,
            format!("the input has no `{name}`"),
            format!("declare it in `input {{ … }}`; it has {}", listed(object)),
        ),
        _ => (
            Code::UNKNOWN_FIELD,
            format!("there is no field `{name}` here"),
            format!("it has {}", listed(object)),
        ),
    };
    let finding = Diagnostic::new(code, field.span, title)
        .about(name)
        .at("not declared")
        .help(help);
    let finding = finding.maybe_help(checker.guess(name, known()));
    match object.fields.iter().filter_map(|f| f.declared).min() {
        Some(declared) if code == Code::UNKNOWN_FIELD && declared != of.span => {
            finding.label(declared, "its fields are declared here")
        }
        _ => finding,
    }
}

fn listed(object: &ObjectTy) -> String {
    const SHOWN: usize = 6;
    let names: Vec<String> = object
        .fields
        .iter()
        .take(SHOWN)
        .map(|f| format!("`{}`", f.name))
        .collect();
    match (names.is_empty(), object.fields.len() > SHOWN) {
        (true, _) => "no fields".into(),
        (false, true) => format!("{}, …", names.join(", ")),
        (false, false) => names.join(", "),
    }
}

/// A field of something that has none.
pub(in crate::types) fn no_fields(object: &Expr, field: &Name, ty: &Ty) -> Diagnostic {
    let title = format!("{} has no fields, so no `{}`", a(ty), field.node);
    let finding = Diagnostic::new(Code::UNKNOWN_FIELD, field.span, title)
        .label(object.span, format!("this is {}", a(ty)));
    match ty {
        Ty::List(_) => finding.help(format!(
            "take one item: `x[0].{0}`, or all: `x.map(i, i.{0})`",
            field.node
        )),
        _ => finding,
    }
}

/// A field that may be absent.
pub(in crate::types) fn maybe_absent(object: &Expr, field: &Name, found: &FieldTy) -> Diagnostic {
    let name = &field.node;
    let finding = Diagnostic::new(
        Code::MAYBE_ABSENT,
        field.span,
        format!("`{name}` may be absent"),
    )
    .at("may be absent");
    let finding = match found.declared {
        Some(span) => finding.label(span, format!("declared as optional, `{name}?`, here")),
        None => finding,
    };
    let path = facts::path(object).unwrap_or_else(|| "x".into());
    finding.help(format!(
        "say what stands in: `{path}.?{name}.orValue(…)`, or ask first: `has({path}.{name}) && …`"
    ))
}

/// An index into something that has none.
pub(in crate::types) fn not_indexed(object: &Expr, ty: &Ty) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_OPERANDS,
        object.span,
        format!("`[ ]` looks into a list or a map, not into {}", a(ty)),
    )
    .at(format!("this is {}", a(ty)))
}

/// An index of the wrong type.
pub(in crate::types) fn wrong_index(index: &Expr, got: &Ty, want: &Ty) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_OPERANDS,
        index.span,
        format!("the index is {}, but it must be {}", a(got), a(want)),
    )
}

/// A key that no map can have.
pub(in crate::types) fn bad_key(key: &Expr, ty: &Ty) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_OPERANDS,
        key.span,
        format!("{} cannot be the key of a map", a(ty)),
    )
    .help("keys are strings, ints, uints or bools")
}

/// `?` where there is no optional.
pub(in crate::types) fn not_optional(expr: &Expr, ty: &Ty) -> Diagnostic {
    Diagnostic::new(
        Code::MISMATCH,
        expr.span,
        format!("an optional is needed here, not {}", a(ty)),
    )
    .at(format!("this is {}", a(ty)))
    .help("remove the `?`, or read the field as an optional: `x.?field`")
}

/// A field of a template that the type does not have.
pub(in crate::types) fn undeclared_field(
    key: &Name,
    object: &ObjectTy,
    want: Want<'_>,
    guess: Option<String>,
) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::UNDECLARED_FIELD,
        key.span,
        format!("the declared type has no field `{}`", key.node),
    )
    .about(&key.node)
    .at("not declared")
    .help(format!(
        "remove it, or declare it; the type has {}",
        listed(object)
    ));
    declared_here(finding, want).maybe_help(guess)
}

/// Fields that a template lacks.
pub(in crate::types) fn missing_fields(expr: &Expr, missing: &[&FieldTy]) -> Diagnostic {
    let names: Vec<String> = missing.iter().map(|f| format!("`{}`", f.name)).collect();
    let (noun, are) = if missing.len() == 1 {
        ("field", "is")
    } else {
        ("fields", "are")
    };
    let title = format!("the {noun} {} {are} missing", names.join(", "));
    let mut finding = Diagnostic::new(Code::MISSING_FIELD, expr.span, title);
    for field in missing {
        if let Some(span) = field.declared {
            finding = finding.label(span, format!("`{}` is declared here", field.name));
        }
    }
    let example: Vec<String> = missing.iter().map(|f| format!("{}: …", f.name)).collect();
    finding.help(format!(
        "add `{}`, or declare with `?` what may be absent",
        example.join(", ")
    ))
}

/// `key?:` for a field that must be there.
pub(in crate::types) fn left_out(key: &Name, field: &FieldTy) -> Diagnostic {
    let title = format!(
        "`{0}?:` may leave out `{0}`, which is declared as always there",
        key.node
    );
    let finding = Diagnostic::new(Code::MISSING_FIELD, key.span, title);
    let finding = match field.declared {
        Some(span) => finding.label(span, "declared without `?` here"),
        None => finding,
    };
    finding.help(format!("write `{}: ….orValue(…)`", key.node))
}

/// A key that stands twice in a template.
pub(in crate::types) fn repeated_key(key: &Name, first: Option<Span>) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::REPEATED_NAME,
        key.span,
        format!("the field `{}` stands twice", key.node),
    );
    let finding = finding.at("again here").help("remove one of them");
    match first {
        Some(span) => finding.label(span, "first here"),
        None => finding,
    }
}

/// A spread that brings a field which does not fit.
pub(in crate::types) fn bad_spread(
    spread: Span,
    field: &FieldTy,
    object: &ObjectTy,
    want: Want<'_>,
) -> Diagnostic {
    let name = &field.name;
    let (code, title) = match object.field(name) {
        Some((_, wanted)) => (
            Code::MISMATCH,
            format!(
                "this brings `{name}`, {}, but `{}` is declared",
                a(&field.ty),
                wanted.ty
            ),
        ),
        None => (
            Code::UNDECLARED_FIELD,
            format!("this brings a field `{name}`, which is not declared"),
        ),
    };
    let finding =
        Diagnostic::new(code, spread, title).help("name the fields to pass on: `{ name: x.name }`");
    declared_here(finding, want)
}

/// A spread of something that has no fields or items.
pub(in crate::types) fn not_spread(spread: &Expr, ty: &Ty, wanted: &str) -> Diagnostic {
    let title = format!(
        "`...` takes {} {wanted} here, not {}",
        if wanted == "object" { "an" } else { "a" },
        a(ty)
    );
    Diagnostic::new(Code::MISMATCH, spread.span, title)
}

/// A part of a text that has no text.
pub(in crate::types) fn no_text(expr: &Expr, ty: &Ty) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::MISMATCH,
        expr.span,
        format!("{} cannot be put into a text", a(ty)),
    );
    match ty {
        Ty::Optional(_) => finding.help("say what stands in: `x.orValue(\"\")`"),
        Ty::List(_) => finding.help("join it: `x.join(\", \")`"),
        _ => finding.help("take the parts of it that are texts or numbers"),
    }
}
