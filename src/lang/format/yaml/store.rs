//! Stores, heads of tasks, signals.

use super::named;
use super::out::{Out, dashed, entry, entry_at, flow_list, present};
use crate::ast::{IndexDecl, Millis, Name, SignalDecl, Spanned, Store, Task};
use crate::format::doc::{Doc, item};
use crate::format::expr::Writer;
use crate::format::text::{attempts_phrase, duration, names};

impl Writer<'_> {
    pub(super) fn yaml_store(&self, store: &Store) -> Vec<Doc> {
        let record = store.record.as_ref();
        let key = store.key.as_ref();
        present([
            Some(entry("store", Out::words(&store.name.node))),
            record.map(|ty| entry_at(ty.span, "record", self.yaml_type(ty))),
            key.map(|key| entry_at(key.span, "key", Out::words(&names(key)))),
            indexes("unique", &store.uniques),
            indexes("index", &store.indexes),
            time("retain", store.retain.as_ref()),
        ])
    }

    pub(super) fn yaml_task(&self, name: &Name, task: &Task) -> Vec<Doc> {
        let attempts = task.attempts.as_ref().map(|attempts| {
            let phrase = Out::words(&attempts_phrase(&attempts.node));
            entry_at(attempts.span, "attempts", phrase)
        });
        present([
            Some(entry("task", Out::words(&name.node))),
            self.yaml_signature(&task.params),
            attempts,
            time("timeout", task.timeout.as_ref()),
            time("keep", task.keep.as_ref()),
        ])
    }

    pub(super) fn yaml_signal(&self, signal: &SignalDecl) -> Vec<Doc> {
        let carries = signal.ty.as_ref();
        present([
            named("signal", Some(&signal.name)),
            carries.map(|ty| entry_at(ty.span, "carries", self.yaml_type(ty))),
        ])
    }
}

fn time(word: &str, time: Option<&Spanned<Millis>>) -> Option<Doc> {
    time.map(|time| entry_at(time.span, word, Out::words(&duration(time.node))))
}

/// One stands behind the key, several are a list.
fn indexes(word: &str, indexes: &[IndexDecl]) -> Option<Doc> {
    let (first, last) = (indexes.first()?, indexes.last()?);
    if indexes.len() == 1 {
        return Some(entry_at(first.span, word, Out::words(&names(first))));
    }
    let span = first.span.to(last.span);
    let outs = indexes.iter().map(|index| Out::words(&names(index)));
    let flow = flow_list(outs.collect::<Vec<_>>().iter());
    let items = indexes.iter().map(|index| {
        let words = Out::words(&names(index)).alone();
        item(index.span, dashed(words))
    });
    Some(entry_at(span, word, Out::list(span, flow, items.collect())))
}
