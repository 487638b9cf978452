//! Diagnostics resolved against their sources, and as plain text: the same for machines and for test cases.

use super::{Code, Diagnostic, Diagnostics, Label, Severity};
use crate::source::{Position, Sources};
use journey_machine::span::Span;
use std::fmt::{self, Write};

/// A place with its words, resolved to a path and positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// Path of the file.
    pub file: &'a str,
    /// Where it begins.
    pub start: Position,
    /// One past where it ends.
    pub end: Position,
    /// What it says; may be empty.
    pub text: &'a str,
}

/// A diagnostic with its places resolved: what every output format is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown<'a> {
    /// Its code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// What is wrong.
    pub message: &'a str,
    /// Where.
    pub primary: Place<'a>,
    /// Further places, in order.
    pub labels: Vec<Place<'a>>,
    /// What to do.
    pub help: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// Resolves the places of a diagnostic.
    #[must_use]
    pub fn new(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Self {
        Self {
            code: diagnostic.code,
            severity: diagnostic.severity(),
            message: &diagnostic.message,
            primary: Place::new(&diagnostic.primary, sources),
            labels: diagnostic
                .labels
                .iter()
                .map(|label| Place::new(label, sources))
                .collect(),
            help: diagnostic.help.as_deref(),
        }
    }
}

impl<'a> Place<'a> {
    /// Resolves a place.
    #[must_use]
    pub fn new(label: &'a Label, sources: &'a Sources) -> Self {
        let Span { file, start, end } = label.span;
        Self {
            file: sources.get(file).map_or("", |source| source.path.as_str()),
            start: sources.position(file, start),
            end: sources.position(file, end),
            text: &label.text,
        }
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            start,
            end,
            text,
        } = self;
        write!(f, "{file}:{}:{}-", start.line, start.column)?;
        if start.line != end.line {
            write!(f, "{}:", end.line)?;
        }
        write!(f, "{}", end.column)?;
        if text.is_empty() {
            Ok(())
        } else {
            write!(f, " {text}")
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}: {}", self.code, self.severity, self.message)?;
        writeln!(f, "  at {}", self.primary)?;
        for label in &self.labels {
            writeln!(f, "   - {label}")?;
        }
        self.help
            .iter()
            .try_for_each(|help| writeln!(f, "  help: {help}"))
    }
}

/// All findings as plain text, deterministic.
#[must_use]
pub fn plain(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics.iter() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{}", Shown::new(diagnostic, sources));
    }
    if diagnostics.dropped() > 0 {
        let _ = writeln!(text, "and {} more", diagnostics.dropped());
    }
    text
}
