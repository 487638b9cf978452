//! Findings about bindings, arguments, matches and turns.

use super::a;
use crate::ast::{Expr, Name};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::suggest::suggestion;
use crate::types::Ty;
use journey_machine::span::Span;

/// A binding with the name of something the language provides.
pub(in crate::types) fn taken_name(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::TAKEN_NAME,
        span,
        format!("`{name}` is a name of the language"),
    )
    .at("taken")
    .help("choose another name")
}

/// A binding with a name that is bound already.
pub(in crate::types) fn shadowed(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Code::SHADOWED, span, format!("`{name}` is bound already"))
        .at("bound again here")
        .label(first, "first bound here")
        .help("choose another name: a name means one thing to the end of its block")
}

/// A binding whose type is too large.
pub(in crate::types) fn too_large(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::OUT_OF_RANGE,
        span,
        format!("the type of `{name}` has too many parts"),
    )
    .help("declare a `type` for parts of it, or keep it smaller")
}

/// A file whose expressions move objects with too many fields around.
pub(in crate::types) fn too_many_fields(file: Span) -> Diagnostic {
    let title = "the objects in this file have too many fields to compare them all";
    Diagnostic::new(Code::OUT_OF_RANGE, file, title)
        .help("split the file, or pass on single fields")
}

/// A binding that nothing reads.
pub(in crate::types) fn unused(name: &str, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::UNUSED_BINDING,
        span,
        format!("nothing reads `{name}`"),
    )
    .help(format!("remove it, or call it `_{name}` if that is meant"))
}

/// An argument that nothing takes.
pub(in crate::types) fn unknown_argument(
    arg: &Name,
    of: &Name,
    declared: Span,
    guess: Option<String>,
) -> Diagnostic {
    let title = format!("`{}` takes no argument `{}`", of.node, arg.node);
    Diagnostic::new(Code::UNKNOWN_ARGUMENT, arg.span, title)
        .about(&arg.node)
        .label(declared, "its parameters are declared here")
        .maybe_help(guess)
}

/// Arguments that a call lacks.
pub(in crate::types) fn missing_arguments(of: &Name, missing: &[&Name]) -> Diagnostic {
    let names: Vec<String> = missing.iter().map(|n| format!("`{}`", n.node)).collect();
    let title = format!("`{}` also needs {}", of.node, names.join(", "));
    let finding = Diagnostic::new(Code::MISSING_ARGUMENT, of.span, title);
    let finding = missing.iter().fold(finding, |finding, name| {
        finding.label(name.span, format!("`{}` is declared here", name.node))
    });
    let example: Vec<String> = missing.iter().map(|n| format!("{}: …", n.node)).collect();
    finding.help(format!("add `{}`", example.join(", ")))
}

/// A match without all cases.
pub(in crate::types) fn not_exhaustive(
    subject: &Expr,
    ty: &Ty,
    missing: &[String],
    declared: Option<Span>,
) -> Diagnostic {
    let finding = if missing.is_empty() {
        Diagnostic::new(
            Code::NOT_EXHAUSTIVE,
            subject.span,
            format!("{} has more values than these cases", a(ty)),
        )
        .help("add `otherwise { … }`")
    } else {
        let title = format!("this match lacks {}", missing.join(", "));
        let example = missing.first().map_or("", String::as_str);
        Diagnostic::new(Code::NOT_EXHAUSTIVE, subject.span, title).help(format!(
            "add a case `{example} {{ … }}`, or `otherwise {{ … }}`"
        ))
    };
    let finding = finding.at(format!("this is {}", a(ty)));
    match declared {
        Some(span) => finding.label(span, "its values are declared here"),
        None => finding,
    }
}

/// A case that an earlier one has taken.
pub(in crate::types) fn repeated_case(case: &Expr, shown: &str, first: Span) -> Diagnostic {
    Diagnostic::new(
        Code::DEAD_ARM,
        case.span,
        format!("the case {shown} is never reached here"),
    )
    .label(first, "this case takes it")
    .help("remove one of them, or give the first one a guard: `if …`")
}

/// `otherwise` where nothing is left.
pub(in crate::types) fn dead_otherwise(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::DEAD_ARM,
        span,
        "`otherwise` is never reached: the cases hold all values",
    )
    .help("remove it; then a value added later is found where it is not handled")
}

/// A case that is not a constant.
pub(in crate::types) fn not_constant_case(case: &Expr) -> Diagnostic {
    Diagnostic::new(Code::MISMATCHED_CASE, case.span, "a case is a constant")
        .help("compare with something computed in `if … else if … else …`")
}

/// A case that the subject never equals.
pub(in crate::types) fn mismatched_case(
    case: &Expr,
    shown: &str,
    subject: &Expr,
    ty: &Ty,
) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::MISMATCHED_CASE,
        case.span,
        format!("the case {shown} never fits"),
    )
    .label(subject.span, format!("this is {}", a(ty)));
    match ty {
        Ty::Enum(values) => {
            let word = shown.trim_matches('"');
            finding.maybe_help(suggestion(word, values.iter().map(String::as_str)))
        }
        _ => finding,
    }
}

/// `next` with another number of values than there are accumulators.
pub(in crate::types) fn wrong_count(span: Span, got: usize, names: &[String]) -> Diagnostic {
    let title = format!("`next` gives {got} of {} values", names.len());
    Diagnostic::new(Code::WRONG_COUNT, span, title)
        .help(format!("give them in order: {}", names.join(", ")))
}

/// A branch that collects on some paths only.
pub(in crate::types) fn mixed_branch(name: &Name) -> Diagnostic {
    let title = format!(
        "the branch `{}` ends with `collect` on some paths only",
        name.node
    );
    Diagnostic::new(Code::MIXED_BRANCH, name.span, title)
        .help("end every path with `collect`, or none")
}

/// A value where none is declared, or none where one is.
pub(in crate::types) fn body_mismatch(
    span: Span,
    title: String,
    declared: Span,
    help: &str,
) -> Diagnostic {
    Diagnostic::new(Code::MISMATCH, span, title)
        .label(declared, "declared here")
        .help(help)
}

/// A default that is computed.
pub(in crate::types) fn not_constant(expr: &Expr) -> Diagnostic {
    Diagnostic::new(Code::NOT_CONSTANT, expr.span, "a default is a constant")
        .help("write a literal, a list or an object of literals; compute other values in a step")
}

/// A secret on its way out.
pub(in crate::types) fn secret_leak(
    span: Span,
    source: Span,
    sink: &str,
    help: &str,
) -> Diagnostic {
    Diagnostic::new(
        Code::SECRET_LEAK,
        span,
        format!("a secret would leave in {sink}"),
    )
    .label(source, "this is secret")
    .help(help)
}
