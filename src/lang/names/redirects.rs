//! Redirects: whither a journey may send its callers. A target that is known now is checked now, any other when it is
//! answered.

use super::setting::{self, Text};
use super::{Names, connections};
use crate::ast::{Endpoint, Expr, ExprKind, Literal, TextPart};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use journey_machine::http::{Origin, may_redirect};

/// Checks the declared origins.
pub(super) fn check(names: &Names<'_>, endpoint: &Endpoint, out: &mut Diagnostics) {
    for origin in &endpoint.redirects {
        connections::check_url(names, origin, out);
    }
}

/// Checks the target of one redirect.
pub(super) fn check_target(endpoint: &Endpoint, target: &Expr, out: &mut Diagnostics) {
    let Some(beginning) = beginning(target) else {
        return;
    };
    let texts: Vec<_> = endpoint.redirects.iter().map(setting::text).collect();
    let literal = |text: &Option<Text<'_>>| {
        let Some(Text::Literal(text)) = text else {
            return None;
        };
        Origin::of(text)
    };
    let declared: Vec<Origin> = texts.iter().filter_map(literal).collect();
    // What a setting holds is known when the server starts.
    let open = declared.len() < texts.len() && Origin::of(beginning).is_some();
    if open || may_redirect(beginning, &declared) {
        return;
    }
    let message = "this redirect leads to an origin that the journey does not declare";
    let help = match Origin::of(beginning) {
        Some(origin) => {
            format!("declare it in the head: `redirects \"{origin}\"`, or lead to a path: `/done`")
        }
        None => {
            "lead to a path of this server, `/done`, or to an absolute http or https URL".to_owned()
        }
    };
    out.push(Diagnostic::new(Code::UNDECLARED_ORIGIN, target.span, message).help(help));
}

/// What a target is, or begins with: as much of it as says whither it leads.
fn beginning(target: &Expr) -> Option<&str> {
    if let ExprKind::Literal(Literal::String(text)) = &target.kind {
        return Some(text);
    }
    let ExprKind::Interpolation(parts) = &target.kind else {
        return None;
    };
    match parts.first()? {
        TextPart::Literal(text) if is_decided(text) => Some(text),
        TextPart::Literal(_) | TextPart::Value(_) => None,
    }
}

/// Does a text say whither it leads, whatever follows? A slash alone may become `//`.
fn is_decided(text: &str) -> bool {
    let path = text.split_once("://").map_or(text, |(_, rest)| rest);
    path.len() > 1 && path.contains(['/', '?', '#'])
}
