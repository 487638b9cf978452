//! `UPDATE=1`: expectations rewritten in place. Only what differs is touched, so comments and matchers that still fit stay.

use super::plain::settle;
use super::spec::Expected;
use journey_lang::yaml::{Data, DataKind};
use journey_machine::value::Value;
use serde_json::Value as Json;

/// Columns that a line of a rewritten value may have.
const WIDTH: usize = 100;

/// A replacement of some bytes of a specification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edit {
    start: usize,
    end: usize,
    text: String,
}

/// Makes `expected` what `actual` is.
pub(super) fn rewrite(text: &str, expected: &Data, actual: &Json, edits: &mut Vec<Edit>) {
    if settle(expected, actual) == *actual {
        return;
    }
    match (&expected.kind, actual) {
        (DataKind::Map(entries), Json::Object(members))
            if entries.len() == members.len()
                && entries
                    .iter()
                    .all(|(name, _)| members.contains_key(&name.node)) =>
        {
            for (name, value) in entries {
                rewrite(
                    text,
                    value,
                    members.get(&name.node).unwrap_or(&Json::Null),
                    edits,
                );
            }
        }
        (DataKind::List(items), Json::Array(values)) if items.len() == values.len() => {
            for (item, value) in items.iter().zip(values) {
                rewrite(text, item, value, edits);
            }
        }
        _ => edits.push(replacement(text, expected, actual)),
    }
}

fn replacement(text: &str, expected: &Data, actual: &Json) -> Edit {
    let (start, end) = (offset(expected.span.start), offset(expected.span.end));
    let before = text.get(..start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let indent = line.chars().take_while(|c| *c == ' ').count();
    let glue = if before.ends_with(':') { " " } else { "" };
    Edit {
        start,
        end,
        text: format!("{glue}{}", flow(actual, indent + 2, line.chars().count())),
    }
}

/// Adds the answer to a case that expects none yet.
pub(super) fn add_answer(text: &str, expected: &Expected, actual: &Json) -> Edit {
    let at = offset(expected.end);
    let head = text.get(..at).unwrap_or_default().trim_end().len();
    let indent = " ".repeat(expected.column);
    Edit {
        start: head,
        end: head,
        text: format!(
            "\n{indent}answer: {}",
            flow(actual, expected.column + 2, expected.column + 8)
        ),
    }
}

/// The text with all edits.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for edit in edits {
        out.push_str(text.get(at..edit.start).unwrap_or_default());
        out.push_str(&edit.text);
        at = edit.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

fn offset(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// A value in YAML's flow form, over several lines where one would be too long; it closes in column `indent`.
fn flow(value: &Json, indent: usize, column: usize) -> String {
    let line = one_line(value);
    if column + line.chars().count() <= WIDTH {
        return line;
    }
    let inner = indent + 2;
    let rows: Vec<String> = match value {
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| {
                let name = scalar(name);
                let column = inner + name.chars().count() + 2;
                format!("{name}: {}", flow(value, inner, column))
            })
            .collect(),
        Json::Array(items) => items.iter().map(|item| flow(item, inner, inner)).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => return line,
    };
    let [open, close] = if value.is_array() {
        ["[", "]"]
    } else {
        ["{", "}"]
    };
    let (outer, inner) = (" ".repeat(indent), " ".repeat(inner));
    let rows: String = rows.iter().map(|row| format!("{inner}{row},\n")).collect();
    format!("{open}\n{rows}{outer}{close}")
}

fn one_line(value: &Json) -> String {
    match value {
        Json::Object(members) if members.is_empty() => "{}".into(),
        Json::Object(members) => {
            let all: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", scalar(name), one_line(value)))
                .collect();
            format!("{{ {} }}", all.join(", "))
        }
        Json::Array(items) => format!(
            "[{}]",
            items.iter().map(one_line).collect::<Vec<_>>().join(", ")
        ),
        Json::String(text) => scalar(text),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
    }
}

/// A text, plain where it cannot be taken for anything else.
fn scalar(text: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || "_-. ".contains(c);
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(' ')
        && text.chars().all(word)
        && !["true", "false", "null", "yes", "no", "on", "off"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else {
        Json::from(text).to_string()
    }
}

/// Is nothing written there?
pub(super) fn is_absent(data: Option<&Data>) -> bool {
    data.is_none_or(|data| {
        matches!(data.kind, DataKind::Scalar(Value::Null)) && data.span.start == data.span.end
    })
}
