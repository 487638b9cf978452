//! Stores as a program declares them, beside what was stored under its former declarations.
//!
//! With each store lies a description: its declaration and the types of its records. A program whose records would not fit is
//! refused. Where only index entries or labels differ, the records are written anew before anything is served.

use super::{Refused, State, Unavailable};
use crate::clock;
use crate::config::StartError;
use journey_machine::manifest::{Store, StoreId};
use journey_machine::program::Program;
use journey_machine::schema::{Misfit, Types, fits};
use journey_machine::state::table::Table;
use journey_machine::state::{Change, Codec, Commit, Found, Place, Row, Seen};
use journey_machine::value::{Str, Timestamp, Value};
use journey_machine::wire::{store_from_bytes, store_to_bytes};

pub(super) const SPACE: Str = Str::new_static("$store");

/// May records be written anew, to build indexes and to seal what is labelled now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rebuild {
    /// Nobody else writes.
    Yes,
    /// Runs of the former program still write as it says.
    No,
}

/// A store whose description is not the one of the program.
struct Changed<'a> {
    store: &'a Store,
    table: Table<'a>,
    description: Vec<u8>,
    rebuild: bool,
}

/// Takes over the records of a former program, or refuses to.
///
/// # Errors
/// A sentence for each store whose records do not fit.
pub(super) async fn check(
    state: &State,
    program: &Program,
    rebuild: Rebuild,
) -> Result<(), StartError> {
    let (mut changed, mut faults) = (Vec::new(), Vec::new());
    for (index, store) in (0..).zip(&program.manifest.stores) {
        let Some(table) = Table::of(program, StoreId(index)) else {
            continue;
        };
        match compare(state, store, &program.types, table).await {
            Ok(found) => changed.extend(found),
            Err(fault) => faults.push(fault),
        }
    }
    if rebuild == Rebuild::No {
        let waiting = changed.iter().filter(|changed| changed.rebuild);
        faults.extend(waiting.map(|changed| {
            let name = &changed.store.name;
            format!("store {name} has other indexes or labels than before: they are built at the next start")
        }));
    }
    if faults.is_empty() {
        take_over(state, &changed)
            .await
            .map_err(|fault| faults.push(fault))
            .ok();
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(StartError::Project(faults))
    }
}

/// What there is to do for a store; `None`: nothing.
async fn compare<'a>(
    state: &State,
    store: &'a Store,
    types: &Types,
    table: Table<'a>,
) -> Result<Option<Changed<'a>>, String> {
    let description = store_to_bytes(store, types);
    let row = state.engine.row(&place(store), clock::timestamp()).await;
    let found = row.map_err(|error| unreadable(&store.name, error))?;
    let mut rebuild = false;
    if let Some(found) = found {
        if found.data == description {
            return Ok(None);
        }
        let (was, of) = store_from_bytes(&found.data).ok_or_else(|| foreign(store))?;
        let fits = fits((&of, was.record), (types, store.record));
        fits.map_err(|misfit| changed_record(store, &misfit))?;
        if was.key != store.key {
            return Err(changed_key(store));
        }
        rebuild = was.indexes != store.indexes || was.labelled != store.labelled;
    }
    Ok(Some(Changed {
        store,
        table,
        description,
        rebuild,
    }))
}

async fn take_over(state: &State, changed: &[Changed<'_>]) -> Result<(), String> {
    for changed in changed {
        if changed.rebuild {
            tracing::info!(store = %changed.store.name, "its records are written anew, as its indexes or labels have changed");
            rewrite(state, &changed.table, clock::timestamp()).await?;
        }
        let row = Row {
            data: changed.description.clone(),
            record: None,
            entries: Vec::new(),
            expires: None,
        };
        let change = Change::Put(place(changed.store), row);
        let noted = commit(state, clock::timestamp(), Vec::new(), vec![change]).await;
        noted.map_err(|refused| unwritable(&changed.store.name, refused))?;
    }
    Ok(())
}

/// Writes all records anew that are there at `now`, some at a time. Whatever interrupts it, it is done again from the
/// beginning. The time stands still meanwhile: a record that expires between being read and being written is no conflict.
pub(super) async fn rewrite(
    state: &State,
    table: &Table<'_>,
    now: Timestamp,
) -> Result<(), String> {
    let (name, mut after) = (table.space, None);
    loop {
        let page = state.page_at(name, after.as_ref(), now).await;
        let page = page.map_err(|error| unreadable(name, error))?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.key.clone());
        let (mut seen, mut changes) = (Vec::new(), Vec::new());
        for found in page {
            let place = Place {
                space: name.clone(),
                key: found.key.clone(),
            };
            let row = anew(state, table, &place, &found);
            seen.push(Seen::Row(place.clone(), found.stamp));
            changes.push(Change::Rewrite(place, row.ok_or_else(|| damaged(name))?));
        }
        let written = commit(state, now, seen, changes).await;
        written.map_err(|refused| unwritable(name, refused))?;
    }
}

fn anew(state: &State, table: &Table<'_>, place: &Place, found: &Found) -> Option<Row> {
    let record: Value = state.open(place, &found.data)?;
    Some(Row {
        data: state.seal(place, table.labelled, &record)?,
        record: None,
        entries: table.entries(&record).ok()?,
        expires: found.expires,
    })
}

async fn commit(
    state: &State,
    now: Timestamp,
    seen: Vec<Seen>,
    changes: Vec<Change>,
) -> Result<(), Refused> {
    state.engine.commit(Commit { now, seen, changes }).await
}

pub(super) fn place(store: &Store) -> Place {
    Place {
        space: SPACE,
        key: store.name.as_bytes().to_vec(),
    }
}

fn changed_record(store: &Store, misfit: &Misfit) -> String {
    let what = match misfit.path.as_str() {
        "" => "the record".to_owned(),
        path => format!("field {path}"),
    };
    let (name, why) = (&store.name, &misfit.why);
    format!(
        "store {name} holds records that do not fit its declaration any more: {what} {why}. {}",
        remedy(name)
    )
}

fn changed_key(store: &Store) -> String {
    let name = &store.name;
    format!(
        "store {name} holds records under another key. {}",
        remedy(name)
    )
}

fn remedy(name: &str) -> String {
    format!(
        "Declare another store for the new form, or export the records (`journey state export {name}`), delete them (`journey state delete {name}`), and import them changed"
    )
}

fn foreign(store: &Store) -> String {
    let name = &store.name;
    format!(
        "store {name} was described by another version of journey. {}",
        remedy(name)
    )
}

fn damaged(name: &Str) -> String {
    format!("store {name} holds a record that cannot be read")
}

fn unreadable(name: &Str, error: Unavailable) -> String {
    format!("store {name}: {error}; the log says why")
}

fn unwritable(name: &Str, refused: Refused) -> String {
    match refused {
        Refused::Conflict => format!(
            "store {name} holds records that have the same value in a `unique` line: change or delete one of them, or make it an `index`"
        ),
        Refused::Busy | Refused::Full | Refused::Failed => format!("store {name}: {refused}"),
    }
}

#[cfg(test)]
mod tests;
