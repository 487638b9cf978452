//! What is said of doubtful expressions.

use crate::ast::Expr;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::types::Ty;

/// A comparison whose result is known.
pub(super) fn always(expr: &Expr, result: bool) -> Diagnostic {
    let title = format!("this is always {result}, whatever the data is");
    Diagnostic::new(Code::ALWAYS_SAME, expr.span, title)
        .help("remove it, or compare with what you meant")
}

/// Two parts of a test that decide it together.
pub(super) fn at_odds(expr: &Expr, and: bool, one: &Expr, other: &Expr) -> Diagnostic {
    let (title, help) = if and {
        let title = "this is always false: two parts of it never hold at once";
        (
            title,
            "correct one of them, or write `||` if either will do",
        )
    } else {
        let title = "this is always true: of two parts of it one always holds";
        (
            title,
            "correct one of them, or write `&&` if both are meant",
        )
    };
    Diagnostic::new(Code::ALWAYS_SAME, expr.span, title)
        .label(one.span, "this")
        .label(other.span, "and this")
        .help(help)
}

/// `has` of a field that is always there.
pub(super) fn always_there(expr: &Expr) -> Diagnostic {
    let title = "this is always true: the field is declared as always there";
    Diagnostic::new(Code::ALWAYS_SAME, expr.span, title)
        .help("remove the test, or declare the field as optional: `name?: …`")
}

/// An item that can never be found.
pub(super) fn stranger(wanted: &Expr, ty: &Ty, item: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::ALWAYS_SAME,
        item.span,
        "what is looked for never equals this item",
    )
    .label(wanted.span, format!("this is a `{ty}`"))
    .help("remove the item, or correct it")
}

/// An arm that is never reached.
pub(super) fn never_taken(arm: &Expr, condition: &Expr) -> Diagnostic {
    Diagnostic::new(Code::DEAD_VALUE, arm.span, "this value is never taken")
        .label(condition.span, "this decides it")
        .help("remove it, or correct the condition")
}
