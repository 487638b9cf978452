//! Findings that only echo another one: one mistake is said once.

use crate::ast::{Decl, File};
use crate::codes::{Code, Severity};
use crate::diagnostic::{Diagnostic, Diagnostics, Label};
use crate::names;
use journey_machine::span::{FileId, Span};
use std::collections::BTreeSet;

/// Drops what follows from something that was found, and says once what is the same in many places.
pub fn remove(files: &[File], diagnostics: &mut Diagnostics) {
    // Something that looks unused or always the same may be what is missing elsewhere.
    if diagnostics.has_errors() {
        diagnostics.retain(|finding| finding.severity() == Severity::Error);
    }
    drop_unread(diagnostics);
    drop_unended(diagnostics);
    drop_repeated(diagnostics);
    let within = Places::of(files);
    diagnostics.merge(|finding| same(finding, &within));
}

/// Something is said to be missing, or in the way.
const ABSENT: [Code; 11] = [
    Code::BAD_PATH,
    Code::INCOMPLETE_DECLARATION,
    Code::NO_INDEX,
    Code::MISSING_FIELD,
    Code::MISSING_ARGUMENT,
    Code::INCOMPLETE_PATH,
    Code::NOT_EXHAUSTIVE,
    Code::UNREACHABLE,
    Code::UNHANDLED_FAILURE,
    Code::UNHANDLED_OUTCOME,
    Code::UNDECLARED_STATUS,
];

/// What could not be read is not known to be missing.
fn drop_unread(diagnostics: &mut Diagnostics) {
    let files: BTreeSet<FileId> = diagnostics
        .iter()
        .filter(|finding| finding.code.is_syntax())
        .map(|finding| finding.primary.span.file)
        .collect();
    let kept = |finding: &Diagnostic| {
        let unread = files.contains(&finding.primary.span.file) && ABSENT.contains(&finding.code);
        let named = finding.about.as_deref();
        !unread && !named.is_some_and(|name| diagnostics.is_unread(name))
    };
    let keep: Vec<bool> = diagnostics.iter().map(kept).collect();
    let mut keep = keep.into_iter();
    diagnostics.retain(|_| keep.next().unwrap_or(true));
}

/// A text that does not end is not something unexpected as well.
fn drop_unended(diagnostics: &mut Diagnostics) {
    let texts = diagnostics.iter().filter(|d| d.code == Code::BAD_TEXT);
    let texts: BTreeSet<(FileId, u32)> = texts.map(start).collect();
    diagnostics.retain(|d| d.code != Code::UNEXPECTED || !texts.contains(&start(d)));
}

fn start(finding: &Diagnostic) -> (FileId, u32) {
    let place = finding.primary.span;
    (place.file, place.start)
}

/// A key of YAML that stands twice is not a name that stands twice as well.
fn drop_repeated(diagnostics: &mut Diagnostics) {
    let keys = diagnostics.iter().filter(|d| d.code == Code::REPEATED_ITEM);
    let keys: Vec<Span> = keys.map(|finding| finding.primary.span).collect();
    let within = |place: Span| {
        let around =
            |key: &Span| key.file == place.file && key.start <= place.start && place.end <= key.end;
        keys.iter().any(around)
    };
    diagnostics.retain(|d| d.code != Code::REPEATED_NAME || !within(d.primary.span));
}

/// Findings with the same words about the same thing are one mistake: the same other places, or the same name.
fn same(finding: &Diagnostic, within: &Places) -> Option<Same> {
    if finding.labels.is_empty() && finding.about.is_none() {
        return None;
    }
    // What steps bind is known in one journey only, everything else in all.
    let local = finding.code == Code::UNKNOWN_NAME;
    Some(Same {
        code: finding.code,
        message: finding.message.clone(),
        labels: finding.labels.clone(),
        journey: local.then(|| within.find(finding.primary.span)),
    })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Same {
    code: Code,
    message: String,
    labels: Vec<Label>,
    journey: Option<usize>,
}

/// Where journeys begin, in order.
struct Places(Vec<Span>);

impl Places {
    fn of(files: &[File]) -> Self {
        let journeys = names::decls(files).flat_map(Decl::journeys);
        let mut starts: Vec<Span> = journeys.map(|journey| journey.span).collect();
        starts.sort();
        Self(starts)
    }

    /// The number of the journey that a place is in.
    fn find(&self, place: Span) -> usize {
        self.0.partition_point(|start| *start <= place)
    }
}
