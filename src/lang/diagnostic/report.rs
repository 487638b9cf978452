//! A diagnostic as miette wants it: with its source and, for places in other files, related reports.

use super::{Diagnostic, Label, Severity};
use crate::source::Sources;
use journey_machine::span::{FileId, Span};
use miette::{LabeledSpan, NamedSource, SourceCode};
use std::fmt;

/// A diagnostic with the texts of its sources.
#[derive(Debug)]
pub struct Report {
    message: String,
    code: Option<String>,
    severity: Severity,
    help: Option<String>,
    source: Option<NamedSource<String>>,
    labels: Vec<LabeledSpan>,
    related: Vec<Self>,
}

impl Report {
    /// Looks up the sources of a diagnostic.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let file = diagnostic.primary.span.file;
        let (here, elsewhere): (Vec<_>, Vec<_>) = diagnostic
            .labels
            .iter()
            .partition(|label| label.span.file == file);
        let primary = LabeledSpan::new_primary_with_span(
            words(&diagnostic.primary),
            range(diagnostic.primary.span),
        );
        Self {
            message: diagnostic.message.clone(),
            code: Some(diagnostic.code.to_string()),
            severity: diagnostic.severity(),
            help: diagnostic.help.clone(),
            source: source(sources, file),
            labels: std::iter::once(primary)
                .chain(here.into_iter().map(labelled))
                .collect(),
            related: elsewhere
                .into_iter()
                .map(|label| Self::related(label, diagnostic.severity(), sources))
                .collect(),
        }
    }

    fn related(label: &Label, severity: Severity, sources: &Sources) -> Self {
        Self {
            message: label.text.clone(),
            code: None,
            severity,
            help: None,
            source: source(sources, label.span.file),
            labels: vec![LabeledSpan::new_primary_with_span(None, range(label.span))],
            related: Vec::new(),
        }
    }
}

fn source(sources: &Sources, file: FileId) -> Option<NamedSource<String>> {
    sources
        .get(file)
        .map(|source| NamedSource::new(&source.path, source.text.clone()))
}

fn labelled(label: &Label) -> LabeledSpan {
    LabeledSpan::new_with_span(words(label), range(label.span))
}

fn words(label: &Label) -> Option<String> {
    Some(label.text.clone()).filter(|text| !text.is_empty())
}

fn range(span: Span) -> std::ops::Range<usize> {
    span.start as usize..span.end as usize
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code
            .as_ref()
            .map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help
            .as_ref()
            .map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn miette::Diagnostic> + 'a>> {
        Some(Box::new(
            self.related
                .iter()
                .map(|report| report as &dyn miette::Diagnostic),
        ))
    }
}
