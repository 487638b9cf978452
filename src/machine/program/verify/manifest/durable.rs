//! Stores, tasks and signals: their fields are those of their records, their functions take their parameters.

use super::super::tables::type_id;
use super::super::{Checked, Problem, VerifyError, ensure, entries, most};
use super::function;
use crate::limits::{MAX_ATTEMPTS, MAX_KEY_FIELDS, MAX_TABLE};
use crate::manifest::{Pauses, Store, Task};
use crate::program::Parts;
use crate::schema::{Schema, Types};
use crate::value::{Shape, Str};
use std::collections::BTreeSet;

pub(super) fn check(parts: &Parts) -> Result<(), VerifyError> {
    let manifest = &parts.manifest;
    entries("manifest.stores", &manifest.stores, |store| {
        self::store(&parts.types, store)
    })?;
    entries("manifest.tasks", &manifest.tasks, |task| {
        self::task(parts, task)
    })?;
    entries("manifest.signals", &manifest.signals, |signal| {
        type_id(&parts.types, signal.payload)
    })
}

fn store(types: &Types, store: &Store) -> Checked {
    type_id(types, store.record)?;
    ensure(
        !store.name.is_empty() && !store.name.starts_with('$'),
        "a store's name is empty, or of the runtime's own",
    )?;
    let Some(Schema::Object { shape, .. }) = types.0.get(usize::from(store.record.0)) else {
        return Err(Problem::Broken("a store of what is no object"));
    };
    ensure(
        shape.slot(VERSION).is_none(),
        "a record has a field `version` of its own",
    )?;
    keyed(shape, &store.key)?;
    most("indexes", store.indexes.len(), MAX_TABLE)?;
    store
        .indexes
        .iter()
        .try_for_each(|index| keyed(shape, &index.fields))?;
    let names = store.indexes.iter().map(|index| &index.name);
    distinct(names, "a store has two indexes of one name")?;
    known(shape, &store.labelled)?;
    known(shape, &store.blobs)
}

/// The field that counts the writes of a record.
const VERSION: &str = "version";

fn keyed(shape: &Shape, fields: &[Str]) -> Checked {
    ensure(!fields.is_empty(), "a key without fields")?;
    most("fields of a key", fields.len(), MAX_KEY_FIELDS)?;
    distinct(fields.iter(), "a key has a field twice")?;
    known(shape, fields)
}

fn known(shape: &Shape, fields: &[Str]) -> Checked {
    ensure(
        fields.iter().all(|field| shape.slot(field).is_some()),
        "a field that the record does not have",
    )
}

fn distinct<'a>(names: impl Iterator<Item = &'a Str>, broken: &'static str) -> Checked {
    let mut seen = BTreeSet::new();
    let mut names = names;
    ensure(names.all(|name| seen.insert(name)), broken)
}

fn task(parts: &Parts, task: &Task) -> Checked {
    let params = u16::try_from(task.params.len()).unwrap_or(u16::MAX);
    function(parts, task.function, params)?;
    task.params
        .iter()
        .try_for_each(|(_, schema)| type_id(&parts.types, *schema))?;
    ensure(
        (1..=MAX_ATTEMPTS).contains(&task.attempts),
        "a task without attempts, or with too many",
    )?;
    match &task.pauses {
        Pauses::List(pauses) => {
            ensure(
                !pauses.is_empty() || task.attempts == 1,
                "a task without pauses",
            )?;
            most("pauses", pauses.len(), MAX_TABLE)
        }
        Pauses::Backoff { min, max } => {
            ensure(min <= max, "a pause that is shorter than the shortest")
        }
    }
}
