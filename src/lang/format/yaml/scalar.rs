//! Scalars of the YAML form: plain where that is safe, else in the quotes that need fewest escapes.

use crate::format::doc::{Doc, concat, nest, text};
use crate::format::spell::is_invisible;
use std::fmt::Write;

/// Where a scalar stands: inside `{ }` and `[ ]` fewer are plain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Block,
    Flow,
}

/// A text. What some reader of YAML takes for a number, a boolean or a date stands in quotes.
pub(super) fn string(value: &str, context: Context) -> String {
    if is_plain(value, context) && !is_ambiguous(value) {
        value.to_owned()
    } else {
        quoted(value)
    }
}

/// Words of the language, an expression, a type: what they are is known from where they stand.
pub(super) fn words(value: &str, context: Context) -> String {
    if is_plain(value, context) {
        value.to_owned()
    } else {
        quoted(value)
    }
}

fn quoted(value: &str) -> String {
    let double = value.contains(['"', '\\']);
    if !double || value.chars().any(needs_escape) {
        return double_quoted(value);
    }
    format!("'{}'", value.replace('\'', "''"))
}

fn double_quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if needs_escape(c) => {
                // Writing to a text cannot fail.
                let _ = match u32::from(c) {
                    code @ 0..=0xFFFF => write!(out, "\\u{code:04x}"),
                    code => write!(out, "\\U{code:08x}"),
                };
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn needs_escape(c: char) -> bool {
    c.is_control() || is_invisible(c) || matches!(c, '\u{FFFE}' | '\u{FFFF}')
}

/// Would YAML read this, without quotes, as itself?
pub(super) fn is_plain(value: &str, context: Context) -> bool {
    let flow = context == Context::Flow;
    let mut chars = value.chars();
    let Some(first) = chars.next() else {
        return false;
    };
    let second = chars.next();
    let opens = match first {
        '-' | '?' | ':' => second.is_none_or(|c| c == ' ' || (flow && ",[]{}".contains(c))),
        _ => ",[]{}#&*!|>'\"%@`".contains(first) || first.is_whitespace(),
    };
    let brackets = flow && value.contains([',', '[', ']', '{', '}']);
    let colon = value.contains(": ") || value.ends_with(':') || (flow && value.contains(':'));
    let marks = value.starts_with("---") || value.starts_with("...");
    let rest = value.contains(" #") || value.ends_with(' ') || value.chars().any(needs_escape);
    !(opens || brackets || colon || marks || rest)
}

/// Would some reader of YAML take this for something other than a text?
fn is_ambiguous(value: &str) -> bool {
    const WORDS: [&str; 11] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "~", "<<",
    ];
    let digits = value.trim_start_matches(['+', '-', '.']);
    let special = value.trim_start_matches(['+', '-']).to_ascii_lowercase();
    digits.starts_with(|c: char| c.is_ascii_digit())
        || [".inf", ".nan"].contains(&special.as_str())
        || WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// A text of several lines as it is, below `|`; `None` where that would not be read as the same.
pub(super) fn literal_block(value: &str) -> Option<Doc> {
    let (body, mark) = match value.strip_suffix('\n') {
        Some(body) => (body, "|"),
        None => (value, "|-"),
    };
    let strange =
        |line: &str| line.chars().any(needs_escape) || (!line.is_empty() && line.trim().is_empty());
    let edges = body.starts_with([' ', '\n']) || body.ends_with('\n');
    if !value.contains('\n') || body.is_empty() || edges || body.split('\n').any(strange) {
        return None;
    }
    let lines = body
        .split('\n')
        .flat_map(|line| [Doc::HardLine, text(line)]);
    Some(below(mark, concat(lines)))
}

/// `|-` and what stands below it, from its line break on.
pub(super) fn below(mark: &str, doc: Doc) -> Doc {
    concat([text(mark), nest(doc), Doc::Seal])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_quoted_where_they_must_be() {
        let block = |value| string(value, Context::Block);
        for plain in [
            "approve",
            "a b",
            "it's",
            "${ a[0] }",
            "GET /a/{id}",
            "list<int>",
            "a:b",
            "-x",
            "a#b",
            "é",
        ] {
            assert_eq!(block(plain), plain);
        }
        for (value, expected) in [
            ("", "\"\""),
            ("no", "\"no\""),
            ("012", "\"012\""),
            ("a: b", "\"a: b\""),
            ("a #b", "\"a #b\""),
            ("\"a\" | \"b\"", "'\"a\" | \"b\"'"),
            ("'a' \"b\"", "'''a'' \"b\"'"),
            ("'a'", "\"'a'\""),
            ("a\tb", "\"a\\tb\""),
            ("- a", "\"- a\""),
            ("...", "\"...\""),
        ] {
            assert_eq!(block(value), expected);
        }
        assert_eq!(string("${ a }", Context::Flow), "\"${ a }\"");
    }
}
