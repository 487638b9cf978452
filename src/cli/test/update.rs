//! `UPDATE=1`: expectations rewritten in place. Only what differs is touched, so comments and matchers that still fit stay.

use super::plain::settle;
use super::spec::Expected;
use journey_lang::yaml::{Data, DataKind};
use journey_machine::value::Value;
use serde_json::{Map, Value as Json};

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
    // What is not written stands where its key ends.
    let absent = start == end;
    let colon = text
        .get(start..)
        .and_then(|rest| rest.find(':'))
        .filter(|_| absent);
    let (start, glue) = colon.map_or((start, ""), |colon| (start + colon + 1, " "));
    let line = text
        .get(..start)
        .unwrap_or_default()
        .rsplit('\n')
        .next()
        .unwrap_or_default();
    let indent = line.chars().take_while(|c| " -".contains(*c)).count();
    let value = flow(actual, indent + 2, line.chars().count() + glue.len());
    Edit {
        start,
        end: end.max(start),
        text: format!("{glue}{value}"),
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
        Json::Object(members) => ordered(members)
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
            let all: Vec<String> = ordered(members)
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

/// The status of an answer comes first, all else by name.
fn ordered(members: &Map<String, Json>) -> impl Iterator<Item = (&String, &Json)> {
    let mut all: Vec<_> = members.iter().collect();
    all.sort_by_key(|(name, _)| (*name != "status", *name));
    all.into_iter()
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

#[cfg(test)]
mod tests {
    use super::*;
    use journey_lang::diagnostic::Diagnostics;
    use journey_lang::yaml::parse_data;
    use journey_machine::span::FileId;
    use serde_json::json;

    /// The text after an update of what stands under `answer`; it must then be what was asked for.
    fn updated(text: &str, actual: &Json) -> String {
        let read = |text: &str| parse_data(FileId(0), text, &mut Diagnostics::new()).unwrap();
        let mut edits = Vec::new();
        rewrite(text, read(text).get("answer").unwrap(), actual, &mut edits);
        let text = apply(text, edits);
        assert_eq!(
            settle(read(&text).get("answer").unwrap(), actual),
            *actual,
            "{text}"
        );
        text
    }

    #[test]
    fn only_what_differs_is_touched() {
        let text = "answer: # first\n  status: 200 # second\n  body: { id: \"${any}\", n: 1, list: [a, b] }\n";
        let actual = json!({ "status": 404, "body": { "id": "x", "n": 1, "list": ["a", "c d"] } });
        let expected = text.replace("200", "404").replace("[a, b]", "[a, c d]");
        assert_eq!(updated(text, &actual), expected);
    }

    #[test]
    fn whatever_is_written_is_read_again() {
        let long = "x".repeat(WIDTH);
        let actual = json!({
            "status": 200,
            "body": { "yes": "no", "0": "012", "a: b": "c #d", "list": [[], {}, [{ "long": long, "quote": "\"\n" }]], "null": null },
        });
        for text in [
            "answer:\n",
            "answer: 1\nother: 2\n",
            "answer:\n  a: 1\n  b:\n    - 2\nother: 2\n",
        ] {
            updated(text, &actual);
        }
    }
}
