//! Findings about rate limits.

use crate::ast::Expr;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::types::Ty;

/// Requests are told apart by what is no single value.
pub(in crate::types) fn not_a_limit_key(by: &Expr, ty: &Ty) -> Diagnostic {
    let help = match ty {
        Ty::Optional(_) => "say what counts where there is none: `.orValue(\"\")`",
        _ => "write a text, a number or a flag; several stand behind commas",
    };
    let title = "requests cannot be told apart by this";
    Diagnostic::new(Code::NOT_A_LIMIT_KEY, by.span, title)
        .at(format!("this is `{ty}`"))
        .help(help)
}
