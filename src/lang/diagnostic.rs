//! What is wrong: facts with places, collected by every phase, sorted once, shown by the command line.

mod plain;
mod report;

use crate::limits::{MAX_DIAGNOSTICS, MAX_SAID};
use journey_machine::span::Span;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::codes::{Code, Severity};
pub use plain::{Place, Shown, plain};
pub use report::Report;

/// A further place that belongs to a diagnostic, with what it has to do with it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// Why it is shown.
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its code.
    pub code: Code,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The place, with what is wrong there; may be empty text.
    pub primary: Label,
    /// Further places; a path through a journey is one label a step, in order.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// The name that is said not to exist, if that is what is wrong.
    pub about: Option<String>,
}

impl Diagnostic {
    /// A finding at a place.
    #[must_use]
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        let primary = Label {
            span,
            text: String::new(),
        };
        Self {
            code,
            message: shortened(message.into()),
            primary,
            labels: Vec::new(),
            help: None,
            about: None,
        }
    }

    /// Says that there is nothing of this name.
    #[must_use]
    pub fn about(mut self, name: &str) -> Self {
        self.about = Some(name.to_owned());
        self
    }

    /// Says at the place itself what is wrong there.
    #[must_use]
    pub fn at(mut self, text: impl Into<String>) -> Self {
        self.primary.text = shortened(text.into());
        self
    }

    /// Adds a further place.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: shortened(text.into()),
        });
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(shortened(text.into()));
        self
    }

    /// Says what to do, if that is known.
    #[must_use]
    pub fn maybe_help(self, text: Option<impl Into<String>>) -> Self {
        match text {
            Some(text) => self.help(text),
            None => self,
        }
    }

    /// Error or warning.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }

    fn order(&self) -> (Span, Code, &str, &[Label]) {
        (self.primary.span, self.code, &self.message, &self.labels)
    }
}

/// What quotes a name or a number as long as a file: its beginning and its end.
fn shortened(text: String) -> String {
    if text.len() <= MAX_SAID {
        return text;
    }
    let begin = text.get(..text.floor_char_boundary(MAX_SAID / 2));
    let end = text.get(text.ceil_char_boundary(text.len() - MAX_SAID / 2)..);
    format!("{}…{}", begin.unwrap_or_default(), end.unwrap_or_default())
}

/// The sink of all phases.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    errors: bool,
    dropped: usize,
    unread: BTreeSet<String>,
}

impl Diagnostics {
    /// An empty sink.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a finding. Beyond [`MAX_DIAGNOSTICS`] it is counted only.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.errors |= diagnostic.severity() == Severity::Error;
        if self.list.len() < MAX_DIAGNOSTICS {
            self.list.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Takes all findings of another sink, those it only counted too.
    pub fn append(&mut self, other: Self) {
        self.dropped += other.dropped;
        self.errors |= other.errors;
        self.unread.extend(other.unread.iter().cloned());
        self.extend(other);
    }

    /// Was there an error?
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors
    }

    /// Has nothing been found?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many findings were kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// How many findings were not kept.
    #[must_use]
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    /// How many there were, kept or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.list.len() + self.dropped
    }

    /// The findings kept.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.list.iter()
    }

    /// Notes a part of a source that could not be read: what it names may be declared by it.
    pub fn unread(&mut self, part: &str) {
        let words = part.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let names = words.filter(|word| word.starts_with(|c: char| !c.is_ascii_digit()));
        self.unread.extend(names.map(str::to_owned));
    }

    /// Is a name mentioned by what could not be read?
    #[must_use]
    pub fn is_unread(&self, name: &str) -> bool {
        self.unread.contains(name)
    }

    /// Of findings with the same key the first by place stays, with the places of the others beside its own.
    pub fn merge<K: Ord>(&mut self, key: impl Fn(&Diagnostic) -> Option<K>) {
        self.sort();
        let mut places = BTreeMap::new();
        let mut kept: Vec<Diagnostic> = Vec::new();
        for finding in std::mem::take(&mut self.list) {
            let place = key(&finding).map(|key| *places.entry(key).or_insert(kept.len()));
            match place.and_then(|place| kept.get_mut(place)) {
                Some(first) => first.labels.push(Label {
                    span: finding.primary.span,
                    text: "the same here".to_owned(),
                }),
                None => kept.push(finding),
            }
        }
        self.list = kept;
    }

    /// Drops findings that are not worth saying.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.list.retain(keep);
    }

    /// Sorts by file, place and code, and drops what is said twice. Once, when all phases have run.
    pub fn sort(&mut self) {
        self.list.sort_by(|a, b| a.order().cmp(&b.order()));
        self.list.dedup();
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, findings: T) {
        findings.into_iter().for_each(|finding| self.push(finding));
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use journey_machine::span::FileId;

    #[test]
    fn what_is_said_is_not_as_long_as_what_is_quoted() {
        let quoted = format!("`{}` is too large", "é".repeat(MAX_SAID));
        let place = Span::new(FileId(0), 0, 0);
        let said = Diagnostic::new(Code::BAD_NUMBER, place, quoted.clone())
            .at(quoted.clone())
            .label(place, quoted.clone())
            .help(quoted);
        let label = said.labels.first().map(|label| &label.text);
        for text in [
            Some(&said.message),
            Some(&said.primary.text),
            label,
            said.help.as_ref(),
        ] {
            let text = text.unwrap();
            assert!(
                text.len() <= MAX_SAID + 3 && text.starts_with("`é"),
                "{text}"
            );
            assert!(text.ends_with("é` is too large"), "{text}");
        }
    }

    #[test]
    fn findings_are_sorted_deduplicated_and_limited() {
        let at = |file, start| {
            Diagnostic::new(Code::UNEXPECTED, Span::new(FileId(file), start, start), "x")
        };
        let mut sink = Diagnostics::new();
        sink.extend([at(1, 0), at(0, 5), at(0, 2), at(0, 5)]);
        sink.sort();
        let places: Vec<_> = sink
            .iter()
            .map(|d| (d.primary.span.file.0, d.primary.span.start))
            .collect();
        assert_eq!(places, [(0, 2), (0, 5), (1, 0)]);
        sink.extend((0..MAX_DIAGNOSTICS).map(|_| at(2, 0)));
        assert_eq!(
            (sink.len(), sink.dropped(), sink.has_errors()),
            (MAX_DIAGNOSTICS, 3, true)
        );
    }
}
