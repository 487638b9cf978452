//! A diagnostic as miette wants it: with its source and, for places in other files, related reports.

use super::{Diagnostic, Label, Severity};
use crate::source::{Position, Sources};
use journey_machine::span::Span;
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

/// Bytes of the widest line that is shown; miette cannot draw lines of any width.
const WIDEST: usize = 1_000;

impl Report {
    /// Looks up the sources of a diagnostic.
    #[must_use]
    pub fn new(diagnostic: &Diagnostic, sources: &Sources) -> Self {
        let file = diagnostic.primary.span.file;
        let (here, elsewhere): (Vec<_>, Vec<_>) = diagnostic
            .labels
            .iter()
            .partition(|label| label.span.file == file);
        let severity = diagnostic.severity();
        let report = Self::shown(
            &diagnostic.message,
            severity,
            &diagnostic.primary,
            &here,
            sources,
        );
        Self {
            code: Some(diagnostic.code.to_string()),
            help: diagnostic.help.clone(),
            related: elsewhere
                .into_iter()
                .map(|label| {
                    let place = Label {
                        span: label.span,
                        text: String::new(),
                    };
                    Self::shown(&label.text, severity, &place, &[], sources)
                })
                .collect(),
            ..report
        }
    }

    /// A message with its places in one file. Where a line is too wide to be shown, its place is said in words.
    fn shown(
        message: &str,
        severity: Severity,
        primary: &Label,
        others: &[&Label],
        sources: &Sources,
    ) -> Self {
        let file = primary.span.file;
        let mut report = Self {
            message: message.to_owned(),
            code: None,
            severity,
            help: None,
            source: None,
            labels: Vec::new(),
            related: Vec::new(),
        };
        let path = sources.get(file).map_or("", |source| source.path.as_str());
        if !fits(primary.span, sources) || !others.iter().all(|label| fits(label.span, sources)) {
            let Position { line, column } = sources.position(file, primary.span.start);
            report.message = format!("{message} (at {path}:{line}:{column})");
            return report;
        }
        // Drawn around parts that have something to say, a place that has nothing to say would push them aside.
        let speaks = |label: &&&Label| {
            let inside =
                primary.span.start <= label.span.start && label.span.end <= primary.span.end;
            inside && primary.text.is_empty() && !label.text.is_empty()
        };
        let main = others.iter().find(speaks).copied().unwrap_or(primary);
        let others = others
            .iter()
            .filter(|label| !std::ptr::eq(**label, main))
            .map(|label| LabeledSpan::new_with_span(words(label), range(label.span, sources)));
        let main = LabeledSpan::new_primary_with_span(words(main), range(main.span, sources));
        report.labels = std::iter::once(main).chain(others).collect();
        report.source = sources
            .get(file)
            .map(|source| NamedSource::new(path, source.text.clone()));
        report
    }
}

/// Are the line of a place and its neighbours, which are shown with it, narrow enough?
fn fits(span: Span, sources: &Sources) -> bool {
    let line = sources.position(span.file, span.start).line;
    (line.saturating_sub(1)..=line + 1).all(|line| sources.line(span.file, line).len() <= WIDEST)
}

/// The bytes of a place on its first line: what goes on for pages is not shown in full.
fn range(span: Span, sources: &Sources) -> std::ops::Range<usize> {
    let (start, end) = (span.start as usize, span.end as usize);
    let text = sources
        .get(span.file)
        .and_then(|source| source.text.get(start..end))
        .unwrap_or_default();
    start..start + text.find('\n').unwrap_or(text.len())
}

fn words(label: &Label) -> Option<String> {
    Some(label.text.clone()).filter(|text| !text.is_empty())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use crate::source::Source;
    use journey_machine::span::FileId;

    #[test]
    fn wide_lines_are_named_and_not_drawn() {
        let text = format!("ok\n{}\nfine", "x".repeat(100_000));
        let sources = Sources::new(vec![Source {
            path: "a.journey".into(),
            text,
        }]);
        let at = |start, end| {
            Report::new(
                &Diagnostic::new(Code::UNEXPECTED, Span::new(FileId(0), start, end), "bad"),
                &sources,
            )
        };
        assert_eq!(at(70_003, 90_000).to_string(), "bad (at a.journey:2:70001)");
        assert!(at(70_003, 90_000).labels.is_empty());
        let narrow = Sources::new(vec![Source {
            path: "b".into(),
            text: "one\ntwo\nthree".into(),
        }]);
        let report = Report::new(
            &Diagnostic::new(Code::UNEXPECTED, Span::new(FileId(0), 4, 13), "bad"),
            &narrow,
        );
        assert_eq!(
            report
                .labels
                .iter()
                .map(LabeledSpan::len)
                .collect::<Vec<_>>(),
            [3]
        );
    }
}
