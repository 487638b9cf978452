//! Regular expressions: each is compiled once here, so that none can be refused or too costly when it runs, and what
//! compiling those of one file may take is limited.

use super::infer::Checker;
use super::report;
use crate::ast::{Expr, Limit, Spanned};
use crate::limits::{KEPT_PATTERNS, MAX_PATTERNS};
use journey_machine::builtin::pattern::{self, PatternError, Regex};
use journey_machine::builtin::windows::are_windows;
use journey_machine::span::{FileId, Span};
use std::collections::BTreeMap;

/// What was found out about patterns, and what those of the current file took.
#[derive(Debug, Default)]
pub(super) struct Patterns {
    /// Those that were compiled: what is wrong with each, if anything.
    known: BTreeMap<Key, Option<PatternError>>,
    /// The latest of them, for constants that have to match.
    kept: BTreeMap<Key, Regex>,
    /// About how many bytes these take.
    room: usize,
    file: Option<FileId>,
    taken: usize,
    /// Was one refused because there are too many?
    refused: bool,
}

/// A pattern as it is written.
type Key = (String, Whole);

/// Is a pattern to match all of a text?
type Whole = bool;

/// Does a constant match?
pub(super) enum Fits {
    Yes,
    No,
    /// The patterns of its file take too much to find out.
    Unknown,
}

/// Why there is no pattern.
pub(super) enum Refused {
    /// It is wrong.
    Wrong(PatternError),
    /// The file has too many; the first one that is refused says so.
    TooMany { first: bool },
}

impl Patterns {
    /// Finds out what is wrong with a pattern.
    fn check(&mut self, written: &str, whole: Whole, place: Span) -> Result<(), Refused> {
        let key = (written.to_owned(), whole);
        if !self.known.contains_key(&key) {
            self.compile(&key, place)?;
        }
        match self.known.get(&key) {
            Some(Some(error)) => Err(Refused::Wrong(error.clone())),
            _ => Ok(()),
        }
    }

    fn compile(&mut self, key: &Key, place: Span) -> Result<(), Refused> {
        let (written, whole) = key;
        let weight = self.charge(written, place)?;
        let compiled = if *whole {
            pattern::compile_whole(written)
        } else {
            pattern::compile(written)
        };
        self.known
            .insert(key.clone(), compiled.as_ref().err().cloned());
        if let Ok(regex) = compiled {
            self.keep(key, regex, weight);
        }
        Ok(())
    }

    /// What a pattern will take, if its file may take so much.
    fn charge(&mut self, written: &str, place: Span) -> Result<usize, Refused> {
        if self.file != Some(place.file) {
            (self.file, self.taken, self.refused) = (Some(place.file), 0, false);
        }
        let weight = pattern::weight(written);
        self.taken = self.taken.saturating_add(weight);
        if self.taken > MAX_PATTERNS {
            let first = !std::mem::replace(&mut self.refused, true);
            return Err(Refused::TooMany { first });
        }
        Ok(weight)
    }

    fn keep(&mut self, key: &Key, regex: Regex, weight: usize) {
        if self.room.saturating_add(weight) > KEPT_PATTERNS {
            self.kept.clear();
            self.room = 0;
        }
        self.room += weight;
        self.kept.insert(key.clone(), regex);
    }

    /// Does a text match a pattern of its type? It does, if the pattern is refused where it stands.
    pub(super) fn fits(&mut self, text: &str, written: &str, place: Span) -> Fits {
        let key = (written.to_owned(), true);
        let wrong = self.known.get(&key).is_some_and(Option::is_some);
        if !wrong && !self.kept.contains_key(&key) && self.compile(&key, place).is_err() {
            return Fits::Unknown;
        }
        match self.kept.get(&key) {
            Some(regex) if !regex.is_match(text) => Fits::No,
            _ => Fits::Yes,
        }
    }
}

impl Checker<'_, '_> {
    /// Patterns among the limits of a type.
    pub(super) fn limit_patterns(&mut self, limits: &[Spanned<Limit>]) {
        for limit in limits {
            if let Limit::Pattern(written) = &limit.node {
                let compiled = self.patterns.check(written, true, limit.span).err();
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
            let compiled = self.patterns.check(written, false, pattern.span).err();
            let finding = compiled.and_then(|why| report::bad_pattern(pattern.span, why));
            finding.into_iter().for_each(|f| self.report(f));
        }
    }
}
