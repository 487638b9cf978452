//! How constants are spelt: as the source did where that still says the same, else in one canonical way.

use crate::ast::{Expr, ExprKind, Form, Ids, Literal};
use crate::diagnostic::Diagnostics;
use crate::expr;
use crate::source::SpanMap;
use journey_machine::span::FileId;
use std::fmt::Write;

/// The constant an expression is, spelt for one of the forms.
pub(super) fn constant(expr: &Expr, literal: &Literal, source: &str, target: Form) -> String {
    let written = written(expr, source);
    let means_it = |spelling: &str| {
        let one_line = target == Form::Text || !spelling.contains('\n');
        one_line && !spelling.starts_with('`') && means(spelling, literal)
    };
    if means_it(written) {
        return written.to_owned();
    }
    // In a quoted scalar of YAML the quotes of an expression are written as YAML wants it.
    let in_single = written.replace("''", "'");
    let in_double = written.replace("\\\"", "\"").replace("\\\\", "\\");
    let unquoted = [in_single, in_double]
        .into_iter()
        .find(|spelling| means_it(spelling));
    unquoted.unwrap_or_else(|| canonical(literal, target))
}

/// What stands in the source, without parentheses around it.
pub(super) fn written<'a>(expr: &Expr, source: &'a str) -> &'a str {
    let written = source.get(expr.span.start as usize..expr.span.end as usize);
    written.map(without_parentheses).unwrap_or_default()
}

fn without_parentheses(written: &str) -> &str {
    let mut inner = written.trim();
    while let Some(rest) = inner
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        inner = rest.trim();
    }
    inner
}

/// Is this a spelling of the constant?
pub(super) fn means(written: &str, literal: &Literal) -> bool {
    let map = SpanMap::verbatim(FileId::default(), 0);
    let mut findings = Diagnostics::new();
    if written.is_empty() || written.starts_with(['{', '[']) {
        return false;
    }
    let read = expr::parse_expression(written, &map, &mut Ids::default(), &mut findings);
    findings.is_empty() && matches!(&read.kind, ExprKind::Literal(read) if read == literal)
}

pub(super) fn canonical(literal: &Literal, target: Form) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(value) => value.to_string(),
        Literal::Int(value) => value.to_string(),
        Literal::Uint(value) => format!("{value}u"),
        Literal::Double(value) => format!("{value:?}"),
        Literal::String(value) if target == Form::Text && is_long_text(value) => long_text(value),
        Literal::String(value) => quoted(value),
        Literal::Bytes(value) => bytes(value),
    }
}

/// Texts of several lines that can stand between three quotes as they are.
fn is_long_text(value: &str) -> bool {
    let plain = |c: char| c == '\n' || !c.is_control();
    value.trim_end_matches('\n').contains('\n') && value.chars().all(plain)
}

fn long_text(value: &str) -> String {
    let escaped = value
        .replace('\\', "\\\\")
        .replace("\"\"\"", "\\\"\\\"\\\"");
    match escaped.strip_suffix('"') {
        Some(rest) => format!("\"\"\"{rest}\\\"\"\"\""),
        None => format!("\"\"\"{escaped}\"\"\""),
    }
}

/// `"…"`
pub(super) fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        escaped(c, '"', &mut out);
    }
    out.push('"');
    out
}

/// A literal part of a text in backticks.
pub(super) fn template_part(value: &str) -> String {
    let mut out = String::new();
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => out.push('\n'),
            '$' if chars.peek() == Some(&'{') => out.push_str("\\$"),
            _ => escaped(c, '`', &mut out),
        }
    }
    out
}

fn escaped(c: char, quote: char, out: &mut String) {
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\\' => out.push_str("\\\\"),
        _ if c == quote => out.extend(['\\', c]),
        _ if c.is_control() || is_invisible(c) => {
            // Writing to a text cannot fail.
            let _ = match u32::from(c) {
                code @ 0..=0xFFFF => write!(out, "\\u{code:04x}"),
                code => write!(out, "\\U{code:08x}"),
            };
        }
        _ => out.push(c),
    }
}

/// Characters that do not show, or turn the direction of what follows.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

fn bytes(value: &[u8]) -> String {
    let mut out = String::from("b\"");
    for byte in value {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(*byte)]),
            b' '..=b'~' => out.push(char::from(*byte)),
            _ => {
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}

/// A limit's number: whole ones without a point.
pub(super) fn number(value: f64) -> String {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() > EXACT {
        format!("{value:e}")
    } else {
        value.to_string()
    }
}

/// Letters, digits and `_`, no digit first.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
