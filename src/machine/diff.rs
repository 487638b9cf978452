//! What changed between two versions of a program, for those who call it, those whom it calls, and what it has stored.
//!
//! Code is not compared: what a journey does with its input may change without a word here.

mod durable;
mod journeys;
mod types;
mod upstream;

use crate::program::Parts;
use crate::value::Str;
use std::collections::BTreeMap;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What changed: `journey NAME`, `store NAME`, `operation CONNECTION.NAME`, …
    pub of: String,
    /// Where in it, may be empty.
    pub place: String,
    /// How: a sentence without its subject.
    pub what: String,
    /// What follows from that.
    pub why: &'static str,
    /// Does something fail that worked?
    pub breaking: bool,
}

/// All changes from one version to the next: journeys, what is stored, what is called, settings; each sorted by name.
#[must_use]
pub fn changes(old: &Parts, new: &Parts) -> Vec<Change> {
    let mut report = Report {
        old,
        new,
        of: String::new(),
        changes: Vec::new(),
    };
    report.journeys();
    report.durable();
    report.upstream();
    report.changes
}

/// The changes found so far.
struct Report<'p> {
    old: &'p Parts,
    new: &'p Parts,
    /// What is being compared.
    of: String,
    changes: Vec<Change>,
}

impl Report<'_> {
    fn add(&mut self, breaking: bool, place: &str, what: impl Into<String>, why: &'static str) {
        self.changes.push(Change {
            of: self.of.clone(),
            place: place.to_owned(),
            what: what.into(),
            why,
            breaking,
        });
    }

    fn breaks(&mut self, place: &str, what: impl Into<String>, why: &'static str) {
        self.add(true, place, what, why);
    }

    fn fits(&mut self, place: &str, what: impl Into<String>, why: &'static str) {
        self.add(false, place, what, why);
    }
}

/// What stands under a name in the old version and in the new one, sorted by name.
fn by_name<'p, T>(
    old: &'p [T],
    new: &'p [T],
    name: impl Fn(&'p T) -> String,
) -> BTreeMap<String, (Option<&'p T>, Option<&'p T>)> {
    let mut all: BTreeMap<String, (Option<&T>, Option<&T>)> = BTreeMap::new();
    for item in old {
        all.entry(name(item)).or_default().0 = Some(item);
    }
    for item in new {
        all.entry(name(item)).or_default().1 = Some(item);
    }
    all
}

/// What one list has that the other lacks.
fn without<'p>(some: &'p [Str], others: &[Str]) -> Option<String> {
    let missing = some.iter().filter(|item| !others.contains(item));
    let names: Vec<&str> = missing.map(|item: &'p Str| item.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}
