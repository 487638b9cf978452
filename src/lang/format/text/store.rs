//! Stores, heads of tasks, signals.

use super::braces;
use super::journey::duration;
use crate::ast::{Attempts, IndexDecl, Millis, Pauses, SignalDecl, Spanned, Store, Task};
use crate::format::doc::{Doc, concat, documented, item, nothing, text};
use crate::format::expr::Writer;

impl Writer<'_> {
    pub(super) fn store(&self, store: &Store) -> Doc {
        let record = store.record.as_ref().map(|ty| {
            let body = concat([text("record "), self.type_of(ty)]);
            item(ty.span, body)
        });
        let key = store.key.iter().map(|key| index("key", key));
        let uniques = store.uniques.iter().map(|one| index("unique", one));
        let indexes = store.indexes.iter().map(|one| index("index", one));
        let retain = store.retain.as_ref().map(|time| time_line("retain", time));
        let items = record.into_iter().chain(key).chain(uniques).chain(indexes);
        let head = text(format!("store {} ", store.name.node));
        let body = braces(store.span, items.chain(retain).collect());
        documented(store.span, &store.docs, concat([head, body]))
    }

    pub(super) fn signal(&self, signal: &SignalDecl) -> Doc {
        let carries = signal
            .ty
            .as_ref()
            .map_or_else(nothing, |ty| concat([text(" "), self.type_of(ty)]));
        let head = text(format!("signal {}", signal.name.node));
        documented(signal.span, &signal.docs, concat([head, carries]))
    }
}

/// What stands before the steps of a task.
pub(super) fn task_items(task: &Task) -> Vec<Doc> {
    let attempts = task.attempts.as_ref().map(|attempts| {
        let line = format!("attempts {}", attempts_phrase(&attempts.node));
        item(attempts.span, text(line))
    });
    let timeout = task.timeout.as_ref().map(|time| time_line("timeout", time));
    let keep = task.keep.as_ref().map(|time| time_line("keep", time));
    [attempts, timeout, keep].into_iter().flatten().collect()
}

fn index(word: &str, index: &IndexDecl) -> Doc {
    item(index.span, text(format!("{word} {}", names(index))))
}

fn time_line(word: &str, time: &Spanned<Millis>) -> Doc {
    item(time.span, text(format!("{word} {}", duration(time.node))))
}

/// `status, created`
pub(in crate::format) fn names(index: &IndexDecl) -> String {
    let names: Vec<&str> = index.fields.iter().map(|name| name.node.as_str()).collect();
    names.join(", ")
}

/// `4 after 5m, 10m, 15m`
pub(in crate::format) fn attempts_phrase(attempts: &Attempts) -> String {
    let count = attempts.count;
    match &attempts.pauses {
        None => count.to_string(),
        Some(Pauses::Backoff(short, long)) => {
            format!("{count} backoff {}..{}", duration(*short), duration(*long))
        }
        Some(Pauses::After(times)) => {
            let times: Vec<String> = times.iter().map(|time| duration(*time)).collect();
            format!("{count} after {}", times.join(", "))
        }
    }
}
