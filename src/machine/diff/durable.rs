//! What is stored: by the rules that the runtime has at its start.

use super::{Report, by_name};
use crate::manifest::Store;
use crate::schema::{Misfit, TypeId, Way, misfits};

const REFUSED: &str = "the server does not start while such records are stored";

impl Report<'_> {
    pub(super) fn durable(&mut self) {
        let (old, new) = (&self.old.manifest, &self.new.manifest);
        for (name, pair) in by_name(&old.stores, &new.stores, |store| store.name.to_string()) {
            self.of = format!("store {name}");
            match pair {
                (Some(was), Some(is)) => self.store(was, is),
                (Some(_), None) => self.breaks("", "is gone", "its records cannot be reached"),
                _ => self.fits("", "is new", "nothing is stored in it yet"),
            }
        }
        for (name, pair) in by_name(&old.signals, &new.signals, |signal| signal.name.to_string()) {
            self.of = format!("signal {name}");
            match pair {
                (Some(was), Some(is)) => {
                    self.stored(was.payload, is.payload, "signals that wait cannot be read")
                }
                (Some(_), None) => self.fits("", "is gone", "runs under way keep their program"),
                _ => self.fits("", "is new", "nobody waits for it yet"),
            }
        }
        for (name, pair) in by_name(&old.tasks, &new.tasks, |task| task.name.to_string()) {
            self.of = format!("task {name}");
            match pair {
                (Some(_), Some(_)) => {}
                (Some(_), None) => self.fits("", "is gone", "runs under way keep their program"),
                _ => self.fits("", "is new", "nothing has been started"),
            }
        }
    }

    fn store(&mut self, was: &Store, is: &Store) {
        self.stored(was.record, is.record, REFUSED);
        if was.key != is.key {
            let what = format!("was ({}), is ({})", was.key.join(", "), is.key.join(", "));
            self.breaks("key", what, REFUSED);
        }
        if was.retain != is.retain {
            self.fits(
                "retain",
                "is another",
                "it holds from the next write of a record on",
            );
        }
        if was.labelled != is.labelled {
            self.fits(
                "labels",
                "are others",
                "records are written anew at the start",
            );
        }
        for (name, pair) in by_name(&was.indexes, &is.indexes, |index| index.name.to_string()) {
            let at = format!("index {name}");
            match pair {
                (Some(was), Some(is)) if was == is => {}
                (Some(_), None) => {
                    self.fits(&at, "is gone", "records are written anew at the start")
                }
                (_, Some(is)) if is.unique => {
                    self.breaks(
                        &at,
                        "has to be unique now",
                        "records of equal values are refused",
                    );
                }
                _ => self.fits(&at, "is built", "records are written anew at the start"),
            }
        }
    }

    /// What was written under one type and is read under another.
    fn stored(&mut self, old: TypeId, new: TypeId, why: &'static str) {
        let (was, is) = ((&self.old.types, old), (&self.new.types, new));
        let lost = misfits(was, is, Way::Stored);
        let other = misfits(is, was, Way::Stored);
        let more = other
            .iter()
            .any(|found| lost.iter().all(|lost| lost.path != found.path));
        for Misfit { path, why: how } in lost {
            self.breaks(&path, how.to_string(), why);
        }
        if more {
            self.fits("", "takes more than before", "what is stored fits");
        }
    }
}
