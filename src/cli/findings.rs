//! Findings of the compiler on their way out: for people by miette, for machines as one JSON document.

use crate::output::{self, Exit};
use clap::{Args, ValueEnum};
use journey_lang::diagnostic::{Diagnostic, Diagnostics, Place, Report, Severity, Shown};
use journey_lang::source::Sources;
use miette::{GraphicalReportHandler, GraphicalTheme};
use serde_json::{Value, json};
use std::fmt::Write;
use std::io::IsTerminal;

/// How findings are reported; shared by all commands that compile.
#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// For people, or one JSON document for machines.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(crate) format: Format,
    /// Treat findings of this severity as errors.
    #[arg(long, value_enum)]
    deny: Option<Deny>,
}

/// Formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// With the source, on standard error.
    Human,
    /// One document, on standard output.
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

impl ReportArgs {
    /// Errors are findings; warnings are when they are denied.
    pub(crate) fn verdict(&self, diagnostics: &Diagnostics) -> Exit {
        let denied = self.deny == Some(Deny::Warnings) && diagnostics.iter().next().is_some();
        if diagnostics.has_errors() || denied {
            Exit::Findings
        } else {
            Exit::Clean
        }
    }

    /// Prints all findings of a project.
    pub(crate) fn print(&self, sources: &Sources, diagnostics: &Diagnostics) {
        match self.format {
            Format::Human => human(sources, diagnostics),
            Format::Json => output::print(document(sources, diagnostics, None)),
        }
    }
}

/// Prints findings for a person.
pub(crate) fn human(sources: &Sources, diagnostics: &Diagnostics) {
    let handler = handler();
    let mut text = String::new();
    for diagnostic in diagnostics.iter() {
        // Writing to a string cannot fail.
        let _ = handler.render_report(&mut text, &Report::new(diagnostic, sources));
    }
    text.push_str(&closing(diagnostics));
    output::eprint(text);
}

fn handler() -> GraphicalReportHandler {
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let theme = if colours {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    GraphicalReportHandler::new_themed(theme).with_links(false)
}

/// `2 errors, 1 warning; \`journey explain J0203\` says more`
fn closing(diagnostics: &Diagnostics) -> String {
    let Some(first) = diagnostics.iter().next() else {
        return String::new();
    };
    let count = |severity| {
        diagnostics
            .iter()
            .filter(|d| d.severity() == severity)
            .count()
    };
    let mut text = format!(
        "{}, {}",
        plural(count(Severity::Error), "error"),
        plural(count(Severity::Warning), "warning")
    );
    if diagnostics.dropped() > 0 {
        let _ = write!(text, ", {} more not shown", diagnostics.dropped());
    }
    format!("{text}; `journey explain {}` says more\n", first.code)
}

/// So many of something.
pub(crate) fn plural(count: usize, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// Findings as a document for machines; with costs, if they were asked for.
pub(crate) fn document(
    sources: &Sources,
    diagnostics: &Diagnostics,
    costs: Option<Value>,
) -> String {
    let finding = |d: &Diagnostic| {
        let shown = Shown::new(d, sources);
        json!({
            "code": shown.code.to_string(),
            "severity": shown.severity.to_string(),
            "message": shown.message,
            "at": place(&shown.primary),
            "labels": shown.labels.iter().map(place).collect::<Vec<_>>(),
            "help": shown.help,
        })
    };
    let findings: Vec<Value> = diagnostics.iter().map(finding).collect();
    let dropped = diagnostics.dropped();
    let document = match costs {
        Some(costs) => json!({ "findings": findings, "dropped": dropped, "costs": costs }),
        None => json!({ "findings": findings, "dropped": dropped }),
    };
    format!("{document:#}\n")
}

/// A place for machines.
pub(crate) fn place(place: &Place) -> Value {
    json!({
        "file": place.file,
        "line": place.start.line, "column": place.start.column,
        "end_line": place.end.line, "end_column": place.end.column,
        "text": place.text,
    })
}
