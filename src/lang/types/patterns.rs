//! Regular expressions: each is compiled once here, so that none can be refused or too costly when it runs, and what
//! compiling those of one file may take is limited.

use super::infer::Checker;
use super::report;
use crate::ast::{Expr, Limit, Spanned};
use crate::limits::MAX_PATTERNS;
use journey_machine::builtin::pattern::{self, PatternError, Regex};
use journey_machine::builtin::windows::are_windows;
use journey_machine::span::{FileId, Span};
use std::collections::BTreeMap;

/// Patterns by how they are written, anchored or not, and what those of the current file took.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    compiled: BTreeMap<(String, Whole), Result<Regex, PatternError>>,
    file: Option<FileId>,
    taken: usize,
    /// Was one refused because there are too many?
    refused: bool,
}

/// Is a pattern to match all of a text?
type Whole = bool;

/// Why there is no pattern.
pub(super) enum Refused {
    /// It is wrong.
    Wrong(PatternError),
    /// The file has too many; the first one that is refused says so.
    TooMany { first: bool },
}

impl Patterns {
    fn compile(&mut self, written: &str, whole: Whole, place: Span) -> Result<&Regex, Refused> {
        if self.file != Some(place.file) {
            (self.file, self.taken, self.refused) = (Some(place.file), 0, false);
        }
        let key = (written.to_owned(), whole);
        if !self.compiled.contains_key(&key) {
            let compiled = self.compile_new(written, whole)?;
            self.compiled.insert(key.clone(), compiled);
        }
        match self.compiled.get(&key) {
            Some(Ok(regex)) => Ok(regex),
            Some(Err(error)) => Err(Refused::Wrong(error.clone())),
            None => Err(Refused::TooMany { first: false }),
        }
    }

    fn compile_new(
        &mut self,
        written: &str,
        whole: Whole,
    ) -> Result<Result<Regex, PatternError>, Refused> {
        self.taken = self.taken.saturating_add(pattern::weight(written));
        if self.taken > MAX_PATTERNS {
            let first = !std::mem::replace(&mut self.refused, true);
            return Err(Refused::TooMany { first });
        }
        Ok(if whole {
            pattern::compile_whole(written)
        } else {
            pattern::compile(written)
        })
    }

    /// Does a text match a pattern of its type? It does, if the pattern is refused where it stands.
    pub(super) fn fits(&mut self, text: &str, written: &str, place: Span) -> bool {
        let compiled = self.compile(written, true, place);
        compiled.map_or(true, |regex| regex.is_match(text))
    }
}

impl Checker<'_, '_> {
    /// Patterns among the limits of a type.
    pub(super) fn limit_patterns(&mut self, limits: &[Spanned<Limit>]) {
        for limit in limits {
            if let Limit::Pattern(written) = &limit.node {
                let compiled = self.patterns.compile(written, true, limit.span).err();
                let finding = compiled.and_then(|why| report::bad_limit_pattern(limit.span, why));
                finding.into_iter().for_each(|f| self.report(f));
            }
        }
    }

    /// The third argument of `windows.add`: what is kept must not depend on data.
    pub(super) fn constant_windows(&mut self, windows: Option<&&Expr>) {
        let Some(windows) = windows else { return };
        let written = windows.as_written_text();
        if !written.is_some_and(are_windows) {
            self.report(report::bad_windows(windows.span, written.is_some()));
        }
    }

    /// The second argument of `matches`, where it is a constant.
    pub(super) fn constant_pattern(&mut self, pattern: Option<&&Expr>) {
        let Some(pattern) = pattern else { return };
        if let Some(written) = pattern.as_written_text() {
            let compiled = self.patterns.compile(written, false, pattern.span).err();
            let finding = compiled.and_then(|why| report::bad_pattern(pattern.span, why));
            finding.into_iter().for_each(|f| self.report(f));
        }
    }
}
