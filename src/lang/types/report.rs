//! What the type checker says: one function a finding, so that its words stand in one place.

mod fields;
mod functions;
mod limit;
mod patterns;
mod state;
mod steps;

pub(super) use fields::*;
pub(super) use functions::*;
pub(super) use limit::*;
pub(super) use patterns::*;
pub(super) use state::*;
pub(super) use steps::*;

use super::Ty;
use super::fit::{Misfit, MisfitKind};
use super::infer::{Checker, Surroundings};
use super::operators::Side;
use super::template::Want;
use crate::ast::{BinaryOp, Expr, ExprKind, Literal, Name, UnaryOp};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use journey_machine::span::Span;

/// Where the value of an expression comes from, if that is elsewhere.
fn origin(expr: &Expr, checker: &Checker<'_, '_>) -> Option<(Span, String)> {
    match &expr.kind {
        ExprKind::Member { object, field, .. } => {
            let (_, found) = checker.table.object(object.id)?.field(&field.node)?;
            Some((
                found.declared?,
                format!("`{}` is declared as `{}` here", field.node, found.ty),
            ))
        }
        ExprKind::Ident { name, .. } => {
            let local = checker.scope.get(name)?;
            Some((local.span, format!("`{name}` is bound here")))
        }
        _ => None,
    }
}

/// The handler that makes the value of an expression optional, if that is why it is.
fn skipped_by(expr: &Expr, checker: &Checker<'_, '_>) -> Option<Span> {
    match &expr.kind {
        ExprKind::Ident { name, .. } => checker.scope.get(name)?.skipped_by,
        ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => {
            skipped_by(object, checker)
        }
        _ => None,
    }
}

fn with_origin(finding: Diagnostic, expr: &Expr, checker: &Checker<'_, '_>) -> Diagnostic {
    match origin(expr, checker) {
        Some((span, text)) => finding.label(span, text),
        None => finding,
    }
}

/// `a string`, `an int`
fn a(ty: &Ty) -> String {
    match ty {
        Ty::Enum(values) if values.len() == 1 => "a `string`".into(),
        Ty::List(item) if matches!(&**item, Ty::Enum(values) if values.len() == 1) => {
            "a `list<string>`".into()
        }
        Ty::Int => "an `int`".into(),
        Ty::Object(_) => format!("an object `{ty}`"),
        Ty::Optional(_) => format!("an `{ty}`"),
        Ty::Null => "`null`".into(),
        _ => format!("a `{ty}`"),
    }
}

/// A name that nothing binds.
pub(in crate::types) fn unknown_name(
    name: &str,
    span: Span,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let title = format!("nothing is called `{name}` here");
    let finding = Diagnostic::new(Code::UNKNOWN_NAME, span, title).about(name);
    match (name, &checker.surroundings) {
        ("client", Surroundings::Endpoint { .. }) => {
            finding.help("`auth none`: anyone may call this journey, it has no client")
        }
        ("input", Surroundings::Sub) => {
            finding.help("a sub-journey has no `input`: give it a parameter")
        }
        ("input" | "client" | "request", Surroundings::Task) => {
            finding.help("a task has no request: give it a parameter")
        }
        (
            "input" | "client" | "request" | "config" | "secret" | "now",
            Surroundings::Declaration,
        ) => finding
            .help("no run is under way here: only constants, and `error` in a shape, are known"),
        _ if checker.environment.is_some() => {
            let variables = checker.environment.iter().flat_map(|e| e.variables.keys());
            let known = variables.map(String::as_str).chain(checker.scope.names());
            finding.maybe_help(checker.guess(name, known))
        }
        _ => {
            let globals = ["input", "request", "client", "config", "secret", "now"];
            finding
                .help("bind it first: `let`, or `as` behind a step")
                .maybe_help(checker.guess(name, globals.into_iter().chain(checker.scope.names())))
        }
    }
}

/// A value that does not fit a declared type.
pub(in crate::types) fn mismatch(
    expr: &Expr,
    got: &Ty,
    want: Want<'_>,
    misfit: &Misfit,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let resolved = checker.table.resolve(got);
    if let (Ty::Optional(_), true) = (resolved, misfit.path.is_empty()) {
        return optional(expr, resolved, checker);
    }
    if let (Ty::Nullable(_), Ty::Nullable(_) | Ty::Null, false) | (Ty::Nullable(_), _, true) = (
        resolved,
        checker.table.resolve(want.ty),
        misfit.path.is_empty(),
    ) {
        return maybe_null(expr, &format!("use it as `{}`", want.ty), checker);
    }
    let path = misfit.path.join(".").replace(".[]", "[]");
    let title = match &misfit.kind {
        MisfitKind::Type { got, want } if path.is_empty() => {
            format!("{} stands where `{want}` is declared", a(got))
        }
        MisfitKind::Type { got, want } => {
            format!("`{path}` is {}, but `{want}` is declared", a(got))
        }
        MisfitKind::Missing(field) => format!(
            "this value has no field `{}`, which is declared",
            dotted(&path, field)
        ),
        MisfitKind::MaybeMissing(field) => {
            format!(
                "this value may lack `{}`, which is declared as always there",
                dotted(&path, field)
            )
        }
        MisfitKind::Extra(field) => {
            format!(
                "this value has a field `{}`, which is not declared",
                dotted(&path, field)
            )
        }
    };
    let finding =
        Diagnostic::new(Code::MISMATCH, expr.span, title).at(format!("this is {}", a(got)));
    let finding = declared_here(with_origin(finding, expr, checker), want);
    finding.maybe_help(match &misfit.kind {
        MisfitKind::Type { got, want } => conversion(got, want),
        MisfitKind::Missing(_) | MisfitKind::MaybeMissing(_) => {
            Some("build it field by field: `{ name: … }`".into())
        }
        MisfitKind::Extra(_) => {
            Some("name the fields to pass on: `{ name: x.name }`, or declare the field".into())
        }
    })
}

fn dotted(path: &str, field: &str) -> String {
    if path.is_empty() {
        field.to_owned()
    } else {
        format!("{path}.{field}")
    }
}

fn declared_here(finding: Diagnostic, want: Want<'_>) -> Diagnostic {
    match want.declared {
        Some(span) => finding.label(span, format!("declared as `{}` here", want.ty)),
        None => finding,
    }
}

/// How to make the one type of the other, if there is a way.
fn conversion(got: &Ty, want: &Ty) -> Option<String> {
    let function = match (got, want) {
        (Ty::Enum(_), Ty::Enum(_)) | (Ty::String, Ty::Enum(_)) => return Some(one_of(want)),
        (Ty::Int | Ty::Uint | Ty::String | Ty::Enum(_), Ty::Double) => "double",
        (Ty::Double | Ty::Uint | Ty::String | Ty::Enum(_) | Ty::Timestamp, Ty::Int) => "int",
        (Ty::Int | Ty::Double | Ty::String | Ty::Enum(_), Ty::Uint) => "uint",
        (
            Ty::Int | Ty::Uint | Ty::Double | Ty::Bool | Ty::Bytes | Ty::Timestamp | Ty::Duration,
            Ty::String,
        ) => "string",
        (Ty::String | Ty::Enum(_), Ty::Timestamp) => "timestamp",
        (Ty::String | Ty::Enum(_), Ty::Duration) => "duration",
        (Ty::String | Ty::Enum(_), Ty::Bytes) => "bytes",
        (Ty::String | Ty::Enum(_), Ty::Bool) => "bool",
        _ => return None,
    };
    Some(format!("convert it: `{function}(…)`"))
}

fn one_of(want: &Ty) -> String {
    format!("it must be one of {want}: choose with `match`, or `x == \"…\" ? … : …`")
}

/// A constant that does not fit a declared type.
pub(in crate::types) fn wrong_constant(
    expr: &Expr,
    literal: &Literal,
    got: &Ty,
    want: Want<'_>,
    target: &Ty,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let title = match (literal, target) {
        (Literal::String(text), Ty::Enum(_)) => format!("{text:?} is not one of `{target}`"),
        _ => format!("{} stands where `{}` is declared", a(got), want.ty),
    };
    let help = match (literal, target) {
        (Literal::String(text), Ty::Enum(values)) => {
            checker.guess(text, values.iter().map(String::as_str))
        }
        (Literal::Null, _) => Some("leave the field out, or declare the type as `… | null`".into()),
        (Literal::Double(n), Ty::Int) if n.fract() == 0.0 => Some(format!("write `{n:.0}`")),
        (Literal::Int(n), Ty::Uint) => Some(format!("write `{n}u`")),
        (Literal::Int(_) | Literal::Uint(_) | Literal::Double(_), Ty::String) => {
            Some("put it into quotes".into())
        }
        (Literal::String(text), Ty::Int | Ty::Uint | Ty::Double) if text.parse::<f64>().is_ok() => {
            Some(format!("write it without quotes: `{text}`"))
        }
        (Literal::String(text), Ty::Bool) if matches!(text.as_str(), "true" | "false") => {
            Some(format!("write it without quotes: `{text}`"))
        }
        _ => conversion(got, checker.table.resolve(target)),
    };
    let finding =
        Diagnostic::new(Code::MISMATCH, expr.span, title).at(format!("this is {}", a(got)));
    declared_here(finding, want).maybe_help(help)
}

/// A constant outside the limits of its type.
pub(in crate::types) fn out_of_limits(expr: &Expr, problem: &str, want: Want<'_>) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::OUT_OF_LIMITS,
        expr.span,
        "this constant is outside the declared limits",
    );
    let finding = finding.at(problem);
    match want.declared {
        Some(span) => finding.label(span, "the limits are declared here"),
        None => finding,
    }
}

/// An optional where its value is needed.
pub(in crate::types) fn optional(expr: &Expr, ty: &Ty, checker: &Checker<'_, '_>) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::EMPTY_OPTIONAL,
        expr.span,
        "this optional may be empty, but a value is needed",
    )
    .at(format!("this is {}", a(ty)));
    let path = super::facts::path(expr).unwrap_or_else(|| "x".into());
    match skipped_by(expr, checker) {
        Some(span) => finding
            .label(span, "this handler lets the journey go on without a value")
            .help(format!("end the handler with `complete` or `fail`, or say what stands in: `{path}.orValue(…)`")),
        None => finding.help(format!("say what stands in: `{path}.orValue(…)`, or ask first: `{path}.hasValue()`")),
    }
}

/// Something done with a value that may be null.
pub(in crate::types) fn maybe_null(
    expr: &Expr,
    what: &str,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::MAYBE_NULL,
        expr.span,
        format!("this value may be null: you cannot {what}"),
    )
    .at("may be null");
    let help = match super::facts::path(expr) {
        Some(path) => format!("ask first: `if {path} != null {{ … }}`, or `{path} != null && …`"),
        None => "bind it with `let`, then ask `x != null`".into(),
    };
    with_origin(finding, expr, checker).help(help)
}

/// Two branches of `? :` that have nothing in common.
pub(in crate::types) fn two_types(
    then: &Expr,
    a_ty: &Ty,
    otherwise: &Expr,
    b_ty: &Ty,
) -> Diagnostic {
    let title = format!("one branch is {}, the other {}", a(a_ty), a(b_ty));
    Diagnostic::new(Code::MISMATCH, then.span.to(otherwise.span), title)
        .label(then.span, format!("this is {}", a(a_ty)))
        .label(otherwise.span, format!("this is {}", a(b_ty)))
        .help("convert one of them, or wrap both in `dyn(…)` if that is meant")
}

/// A condition that is not a bool.
pub(in crate::types) fn not_a_condition(
    expr: &Expr,
    ty: &Ty,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let resolved = checker.table.resolve(ty);
    let finding = Diagnostic::new(
        Code::NOT_A_CONDITION,
        expr.span,
        format!("a condition is a `bool`, not {}", a(ty)),
    );
    let help = match resolved {
        Ty::String | Ty::Enum(_) => "compare it: `x != \"\"`",
        Ty::Int | Ty::Uint => "compare it: `x != 0`",
        Ty::List(_) | Ty::Map(..) => "ask for its size: `size(x) > 0`",
        Ty::Nullable(_) => "compare it: `x != null`",
        Ty::Optional(inner) if matches!(checker.table.resolve(inner), Ty::Bool) => {
            "say what counts when it is absent: `x.orValue(false)`"
        }
        Ty::Optional(_) => "ask whether it is there: `x.hasValue()`",
        _ => "compare it with something",
    };
    with_origin(finding.at(format!("this is {}", a(ty))), expr, checker).help(help)
}

/// `-` or `!` on something else.
pub(in crate::types) fn bad_operand(
    op: UnaryOp,
    operand: &Expr,
    ty: &Ty,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    match ty {
        Ty::Optional(_) => return optional(operand, ty, checker),
        Ty::Nullable(_) => return maybe_null(operand, "negate it", checker),
        _ => {}
    }
    let (sign, wanted) = if op == UnaryOp::Not {
        ("!", "a bool")
    } else {
        ("-", "an int or a double")
    };
    let finding = Diagnostic::new(
        Code::BAD_OPERANDS,
        operand.span,
        format!("`{sign}` takes {wanted}, not {}", a(ty)),
    );
    with_origin(finding, operand, checker)
}

/// An operator between types it is not for.
pub(in crate::types) fn bad_operands(
    op: BinaryOp,
    span: Span,
    left: &Side<'_>,
    right: &Side<'_>,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let (x, y) = (
        checker.table.widen(&left.ty),
        checker.table.widen(&right.ty),
    );
    for (side, ty, other) in [(left, &x, &y), (right, &y, &x)] {
        let Some(expr) = side.expr else { continue };
        match ty {
            Ty::Optional(_) if !matches!(other, Ty::Optional(_)) => {
                return optional(expr, ty, checker);
            }
            Ty::Nullable(_) => {
                return maybe_null(expr, &format!("use `{}` on it", op.sign()), checker);
            }
            _ => {}
        }
    }
    let mut finding = Diagnostic::new(
        Code::BAD_OPERANDS,
        span,
        unrelated(op, (left, &x), (right, &y)),
    )
    .label(left.span, format!("this is {}", a(&x)))
    .label(right.span, format!("this is {}", a(&y)));
    for expr in [left.expr, right.expr].into_iter().flatten() {
        finding = with_origin(finding, expr, checker);
    }
    let help = mend((left.expr, &x), (right.expr, &y))
        .or_else(|| mend((right.expr, &y), (left.expr, &x)))
        .or_else(|| misspelt(left.expr?, &right.ty, checker))
        .or_else(|| misspelt(right.expr?, &left.ty, checker));
    finding.maybe_help(help)
}

/// Why an operator does not go between two sides.
fn unrelated(op: BinaryOp, (left, x): (&Side<'_>, &Ty), (right, y): (&Side<'_>, &Ty)) -> String {
    let equality = matches!(op, BinaryOp::Eq | BinaryOp::Ne);
    match (equality, x, y) {
        (true, Ty::Null, other) | (true, other, Ty::Null) => format!("{} is never null", a(other)),
        (true, x, y) if x == y => {
            format!("`{}` and `{}` have no value in common", left.ty, right.ty)
        }
        (true, ..) => format!("{} never equals {}", a(x), a(y)),
        (false, ..) if op == BinaryOp::In => format!(
            "`in` looks into a list or map of the same type, not {}",
            a(y)
        ),
        (false, ..) => format!("`{}` does not go between {} and {}", op.sign(), a(x), a(y)),
    }
}

/// How to bring the first side to the type of the second.
fn mend((expr, ty): (Option<&Expr>, &Ty), (other, wanted): (Option<&Expr>, &Ty)) -> Option<String> {
    let constant = other.is_some_and(is_literal);
    match (expr.map(|e| &e.kind), ty, wanted) {
        (Some(ExprKind::Literal(Literal::Int(n))), _, Ty::Double) => Some(format!("write `{n}.0`")),
        (Some(ExprKind::Literal(Literal::Int(n))), _, Ty::Uint) => Some(format!("write `{n}u`")),
        (_, Ty::Int, Ty::Uint) if !constant => Some("convert one of them: `int(…)`".into()),
        (_, Ty::Int, Ty::Double) if !constant => {
            Some("convert one of them: `double(…)` or `int(…)`".into())
        }
        (_, Ty::Int, Ty::Double) => Some("convert it: `double(…)`".into()),
        (_, Ty::Int | Ty::Uint | Ty::Double | Ty::Bool, Ty::String) => {
            Some("make it a text: `string(…)`, or write `` `… ${x} …` ``".into())
        }
        (_, Ty::String, Ty::Timestamp) => Some("convert it: `timestamp(…)`".into()),
        (_, Ty::String, Ty::Duration) => Some("convert it: `duration(…)`".into()),
        _ => None,
    }
}

/// A guess for a constant that is not among the values of an enum.
fn misspelt(expr: &Expr, other: &Ty, checker: &Checker<'_, '_>) -> Option<String> {
    match (&expr.kind, checker.table.resolve(other)) {
        (ExprKind::Literal(Literal::String(text)), Ty::Enum(values)) => {
            checker.guess(text, values.iter().map(String::as_str))
        }
        _ => None,
    }
}

fn is_literal(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Literal(_))
}

/// A protobuf message.
pub(in crate::types) fn no_messages(name: &Name) -> Diagnostic {
    Diagnostic::new(
        Code::UNKNOWN_TYPE,
        name.span,
        format!("there is no message type `{}`", name.node),
    )
    .help("write an object: `{ field: value }`")
}
