//! Plain data to compare: what a run gave and what a specification expects, both as JSON.

use journey_lang::yaml::{Data, DataKind};
use journey_machine::json::write_json;
use journey_machine::value::{Timestamp, Value};
use serde_json::{Map, Value as Json};
use similar::TextDiff;

/// Says whether a value is of the kind.
type Matcher = fn(&Json) -> bool;

/// Texts in a specification that stand for any value of a kind.
const MATCHERS: [(&str, Matcher); 4] = [
    ("${any}", |value| !value.is_null()),
    ("${string}", Json::is_string),
    ("${timestamp}", |value| {
        value
            .as_str()
            .is_some_and(|text| Timestamp::parse(text).is_some())
    }),
    ("${uuid}", |value| value.as_str().is_some_and(is_uuid)),
];

/// A value as a caller would read it.
pub(super) fn plain(value: &Value) -> Json {
    let mut json = Vec::new();
    write_json(value, &mut json);
    serde_json::from_slice(&json).unwrap_or_default()
}

/// What is expected, with every matcher that fits replaced by what it fits: what then differs, differs.
pub(super) fn settle(expected: &Data, actual: &Json) -> Json {
    match (&expected.kind, actual) {
        (DataKind::Scalar(Value::String(text)), _) => {
            let fits = MATCHERS
                .iter()
                .any(|(name, fits)| text == name && fits(actual));
            if fits {
                actual.clone()
            } else {
                text.as_str().into()
            }
        }
        (DataKind::Scalar(value), _) => {
            let value = plain(value);
            // A number is the same however it is written.
            let same = value
                .as_f64()
                .is_some_and(|number| actual.as_f64() == Some(number));
            if same { actual.clone() } else { value }
        }
        (DataKind::List(items), _) => {
            let at = |index| actual.get(index).unwrap_or(&Json::Null);
            items
                .iter()
                .enumerate()
                .map(|(index, item)| settle(item, at(index)))
                .collect()
        }
        (DataKind::Map(entries), _) => {
            let at = |name: &str| actual.get(name).unwrap_or(&Json::Null);
            entries
                .iter()
                .map(|(name, value)| (name.node.clone(), settle(value, at(&name.node))))
                .collect()
        }
    }
}

/// Only those members of an object that are asked for.
pub(super) fn only(actual: &Json, expected: &Data) -> Json {
    let (Json::Object(members), DataKind::Map(wanted)) = (actual, &expected.kind) else {
        return actual.clone();
    };
    let kept: Map<String, Json> = wanted
        .iter()
        .filter_map(|(name, _)| Some((name.node.clone(), members.get(&name.node)?.clone())))
        .collect();
    kept.into()
}

/// How two values differ, line by line; `-` expected, `+` actual.
pub(super) fn diff(expected: &Json, actual: &Json) -> String {
    let (expected, actual) = (format!("{expected:#}\n"), format!("{actual:#}\n"));
    let diff = TextDiff::from_lines(expected.as_str(), actual.as_str());
    let text = diff.unified_diff().context_radius(2).to_string();
    text.lines()
        .filter(|line| !line.starts_with("@@"))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let lengths = groups.iter().map(|group| group.len());
    lengths.eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}
