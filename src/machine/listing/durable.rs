//! Stores, tasks and signals, a line each.

use super::literal::between;
use crate::manifest::{Manifest, Pauses, Store, StoreIndex, Task};
use crate::program::Program;
use crate::schema::Schema;
use crate::value::Str;
use std::fmt::{self, Display, Formatter};

/// All that outlives a run.
pub(super) fn declarations(f: &mut Formatter<'_>, program: &Program) -> fmt::Result {
    let Manifest {
        stores,
        tasks,
        signals,
        ..
    } = &program.manifest;
    stores.iter().try_for_each(|it| store(f, program, it))?;
    tasks.iter().try_for_each(|it| task(f, program, it))?;
    signals
        .iter()
        .try_for_each(|signal| writeln!(f, "signal {}", signal.name))
}

fn store(f: &mut Formatter<'_>, program: &Program, store: &Store) -> fmt::Result {
    write!(f, "store {} ", store.name)?;
    if let Some(Schema::Object { shape, .. }) = program.types.0.get(usize::from(store.record.0)) {
        between(f, '{', shape.names(), '}', |f, name| f.write_str(name))?;
    }
    fields(f, " key ", &store.key)?;
    store.indexes.iter().try_for_each(|it| index(f, it))?;
    if let Some(retain) = store.retain {
        write!(f, " retain {retain}")?;
    }
    if !store.labelled.is_empty() {
        fields(f, " labelled ", &store.labelled)?;
    }
    if !store.blobs.is_empty() {
        fields(f, " blobs ", &store.blobs)?;
    }
    writeln!(f)
}

fn index(f: &mut Formatter<'_>, index: &StoreIndex) -> fmt::Result {
    let kind = if index.unique { "unique" } else { "index" };
    write!(f, " {kind} {} ", index.name)?;
    fields(f, "", &index.fields)
}

fn fields(f: &mut Formatter<'_>, word: &str, fields: &[Str]) -> fmt::Result {
    f.write_str(word)?;
    between(f, '{', fields.iter(), '}', |f, name| f.write_str(name))
}

fn task(f: &mut Formatter<'_>, program: &Program, task: &Task) -> fmt::Result {
    write!(
        f,
        "task {} runs {} ",
        task.name, program[task.function].name
    )?;
    between(f, '{', task.params.iter(), '}', |f, (name, _)| {
        f.write_str(name)
    })?;
    write!(f, " attempts {} ", task.attempts)?;
    match &task.pauses {
        Pauses::List(pauses) => {
            f.write_str("after ")?;
            between(f, '[', pauses.iter(), ']', |f, pause| pause.fmt(f))?;
        }
        Pauses::Backoff { min, max } => write!(f, "backoff {min}..{max}")?,
    }
    writeln!(f, " timeout {} keep {}", task.timeout, task.keep)
}
