//! Results of tests on their way out: for people, as one JSON document, as JUnit XML.

use super::world::Difference;
use clap::ValueEnum;
use serde_json::{Value as Json, json};
use std::fmt::Write;
use std::time::Duration;

/// Formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A line a test, and what differs.
    Human,
    /// One document.
    Json,
    /// JUnit XML, as CI systems read it.
    Junit,
}

/// A test, played.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    /// Path of its specification.
    pub(super) file: String,
    pub(super) name: String,
    pub(super) line: usize,
    pub(super) differences: Vec<Difference>,
    pub(super) updated: bool,
    pub(super) took: Duration,
}

impl Outcome {
    pub(super) fn passed(&self) -> bool {
        self.differences.is_empty() || self.updated
    }
}

pub(super) fn show(outcomes: &[Outcome], format: Format) -> String {
    match format {
        Format::Human => human(outcomes),
        Format::Json => format!("{:#}\n", document(outcomes)),
        Format::Junit => junit(outcomes),
    }
}

fn human(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    let mut file = "";
    for outcome in outcomes {
        if outcome.file != file {
            file = &outcome.file;
            push(&mut text, format_args!("{file}\n"));
        }
        let mark = match (outcome.passed(), outcome.updated) {
            (true, false) => "ok     ",
            (true, true) => "updated",
            (false, _) => "FAILED ",
        };
        push(&mut text, format_args!("  {mark} {}\n", outcome.name));
        if !outcome.passed() {
            differences(&mut text, outcome);
        }
    }
    let failed = failures(outcomes);
    let passed = outcomes.len() - failed;
    push(
        &mut text,
        format_args!("{passed} passed, {failed} failed\n"),
    );
    text
}

fn differences(text: &mut String, outcome: &Outcome) {
    for difference in &outcome.differences {
        push(
            text,
            format_args!(
                "          {}:{}: {}\n",
                outcome.file, outcome.line, difference.what
            ),
        );
        for line in difference.diff.lines() {
            push(text, format_args!("            {line}\n"));
        }
    }
}

fn failures(outcomes: &[Outcome]) -> usize {
    outcomes.iter().filter(|outcome| !outcome.passed()).count()
}

fn document(outcomes: &[Outcome]) -> Json {
    let test = |outcome: &Outcome| {
        let difference = |d: &Difference| json!({ "what": d.what, "diff": d.diff });
        json!({
            "file": outcome.file,
            "line": outcome.line,
            "name": outcome.name,
            "passed": outcome.passed(),
            "updated": outcome.updated,
            "differences": outcome.differences.iter().map(difference).collect::<Vec<_>>(),
        })
    };
    let failed = failures(outcomes);
    json!({
        "passed": outcomes.len() - failed,
        "failed": failed,
        "tests": outcomes.iter().map(test).collect::<Vec<_>>(),
    })
}

fn junit(outcomes: &[Outcome]) -> String {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    push(
        &mut text,
        format_args!(
            "<testsuites tests=\"{}\" failures=\"{}\">\n",
            outcomes.len(),
            failures(outcomes)
        ),
    );
    for suite in outcomes.chunk_by(|a, b| a.file == b.file) {
        let file = suite.first().map_or("", |outcome| outcome.file.as_str());
        let (tests, failed) = (suite.len(), failures(suite));
        push(
            &mut text,
            format_args!(
                "  <testsuite name=\"{}\" tests=\"{tests}\" failures=\"{failed}\">\n",
                escaped(file)
            ),
        );
        suite
            .iter()
            .for_each(|outcome| junit_case(&mut text, outcome));
        text.push_str("  </testsuite>\n");
    }
    text.push_str("</testsuites>\n");
    text
}

fn junit_case(text: &mut String, outcome: &Outcome) {
    let (name, file) = (escaped(&outcome.name), escaped(&outcome.file));
    let seconds = outcome.took.as_secs_f64();
    push(
        text,
        format_args!("    <testcase name=\"{name}\" classname=\"{file}\" time=\"{seconds:.6}\""),
    );
    if outcome.passed() {
        return text.push_str("/>\n");
    }
    text.push_str(">\n");
    for difference in &outcome.differences {
        let (what, diff) = (escaped(&difference.what), escaped(&difference.diff));
        push(
            text,
            format_args!("      <failure message=\"{what}\">{diff}</failure>\n"),
        );
    }
    text.push_str("    </testcase>\n");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            // XML 1.0 has no way to write other control characters.
            c if c.is_control() => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

fn push(text: &mut String, args: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = text.write_fmt(args);
}
