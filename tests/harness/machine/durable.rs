//! Listings to stores, tasks, signals, and to what effects ask for.

use super::assemble::function;
use super::cursor::{Cursor, Read};
use journey_machine::manifest::{
    IssuerId, OperationId, Pauses, Signal, SignalId, Store, StoreId, StoreIndex, Task, TaskId,
};
use journey_machine::program::{Edge, EffectSite, Parts, Scan, StateSite};
use journey_machine::schema::{Field, Schema, TypeId};
use journey_machine::value::Str;
use std::sync::Arc;

/// A declaration whose functions have their places.
pub(crate) fn declare(parts: &mut Parts, mut line: Cursor<'_>) -> Read<()> {
    match line.word() {
        "store" => {
            let store = store(parts, line)?;
            parts.manifest.stores.push(store);
        }
        "task" => {
            let task = task(parts, line)?;
            parts.manifest.tasks.push(task);
        }
        "signal" => parts.manifest.signals.push(Signal {
            name: line.word().into(),
            payload: TypeId(0),
        }),
        _ => {}
    }
    Ok(())
}

/// `NAME {id, status} key {id} unique INDEX {status} index INDEX {status} retain 1000 labelled {status} blobs {status}`
fn store(parts: &mut Parts, mut line: Cursor<'_>) -> Read<Store> {
    let (name, fields) = (line.word().into(), line.names()?);
    line.expect("key")?;
    let mut store = Store {
        name,
        docs: Str::default(),
        record: record(parts, &fields),
        key: names(&mut line)?,
        indexes: Vec::new(),
        retain: None,
        labelled: Vec::new(),
        blobs: Vec::new(),
    };
    while !line.is_empty() {
        match line.word() {
            kind @ ("unique" | "index") => store.indexes.push(StoreIndex {
                name: line.word().into(),
                fields: names(&mut line)?,
                unique: kind == "unique",
            }),
            "retain" => store.retain = Some(line.number()?),
            "labelled" => store.labelled = names(&mut line)?,
            "blobs" => store.blobs = names(&mut line)?,
            other => return Err(format!("no `{other}` of a store")),
        }
    }
    Ok(store)
}

fn names(line: &mut Cursor<'_>) -> Read<Vec<Str>> {
    Ok(line.names()?.into_iter().map(Into::into).collect())
}

/// An object type of fields of any type.
fn record(parts: &mut Parts, fields: &[&str]) -> TypeId {
    parts.types.0.push(Schema::Object {
        shape: Arc::new(fields.iter().copied().collect()),
        fields: fields
            .iter()
            .map(|_| Field {
                schema: TypeId(0),
                optional: true,
                default: None,
            })
            .collect(),
        open: false,
    });
    TypeId(parts.types.0.len() as u16 - 1)
}

/// `NAME runs FUNCTION {a} attempts 3 backoff 1..2 timeout 5 keep 6`
fn task(parts: &Parts, mut line: Cursor<'_>) -> Read<Task> {
    let name = line.word().into();
    line.expect("runs")?;
    let function = function(parts, line.word())?;
    let params = names(&mut line)?;
    line.expect("attempts")?;
    let attempts = line.number()?;
    let pauses = pauses(&mut line)?;
    line.expect("timeout")?;
    let timeout = line.number()?;
    line.expect("keep")?;
    Ok(Task {
        name,
        docs: Str::default(),
        function,
        params: params.into_iter().map(|name| (name, TypeId(0))).collect(),
        attempts,
        pauses,
        timeout,
        keep: line.number()?,
    })
}

fn pauses(line: &mut Cursor<'_>) -> Read<Pauses> {
    if line.take("after") {
        return Ok(Pauses::List(line.between("[", "]", Cursor::number)?));
    }
    line.expect("backoff")?;
    let min = line.number()?;
    line.expect("..")?;
    Ok(Pauses::Backoff {
        min,
        max: line.number()?,
    })
}

/// Where something of this name stands in its table.
fn place<T>(table: &[T], name: &str, of: impl Fn(&T) -> &Str) -> Read<u16> {
    let found = table.iter().position(|entry| of(entry) == name);
    found
        .map(|index| index as u16)
        .ok_or(format!("no `{name}`"))
}

/// What an effect asks for.
pub(crate) fn site(parts: &Parts, line: &mut Cursor<'_>) -> Read<EffectSite> {
    let manifest = &parts.manifest;
    Ok(match line.word() {
        "call" => EffectSite::Call(OperationId(place(
            &manifest.operations,
            line.word(),
            |it| &it.name,
        )?)),
        "validate" => {
            EffectSite::Validate(IssuerId(place(&manifest.issuers, line.word(), |it| {
                &it.name
            })?))
        }
        "emit" => EffectSite::Emit(line.word().into()),
        "sleep" => EffectSite::Sleep,
        "wait" => EffectSite::Wait(signal(parts, line)?),
        "read" => EffectSite::Read,
        kind => EffectSite::State(state(parts, kind, line)?),
    })
}

fn signal(parts: &Parts, line: &mut Cursor<'_>) -> Read<SignalId> {
    place(&parts.manifest.signals, line.word(), |it| &it.name).map(SignalId)
}

fn state(parts: &Parts, kind: &str, line: &mut Cursor<'_>) -> Read<StateSite> {
    match kind {
        "start" => {
            let task = TaskId(place(&parts.manifest.tasks, line.word(), |it| &it.name)?);
            let (after, key) = (line.take("after"), line.take("key"));
            return Ok(StateSite::Start { task, after, key });
        }
        "signal" => return signal(parts, line).map(StateSite::Signal),
        _ => {}
    }
    let store = StoreId(place(&parts.manifest.stores, line.word(), |it| &it.name)?);
    Ok(match kind {
        "insert" => StateSite::Insert(store),
        "get" => StateSite::Get {
            store,
            index: by(parts, store, line)?,
        },
        "update" => StateSite::Update {
            store,
            at: line.take("at"),
        },
        "delete" => StateSite::Delete {
            store,
            at: line.take("at"),
        },
        "find" => StateSite::Find {
            scan: scan(parts, store, line)?,
            descending: line.take("descending"),
        },
        "count" => StateSite::Count(scan(parts, store, line)?),
        _ => return Err(format!("no effect `{kind}`")),
    })
}

fn by(parts: &Parts, store: StoreId, line: &mut Cursor<'_>) -> Read<Option<u16>> {
    if !line.take("by") {
        return Ok(None);
    }
    let store = parts.manifest.stores.get(usize::from(store.0));
    let indexes = store.map_or(&[][..], |store| &store.indexes);
    place(indexes, line.word(), |index| &index.name).map(Some)
}

fn scan(parts: &Parts, store: StoreId, line: &mut Cursor<'_>) -> Read<Scan> {
    let index = by(parts, store, line)?;
    line.expect("equal")?;
    let equal = line.number()?;
    let (lower, upper) = (edge(line, ">=", ">"), edge(line, "<=", "<"));
    line.expect("max")?;
    Ok(Scan {
        store,
        index,
        equal,
        lower,
        upper,
        max: line.number()?,
    })
}

fn edge(line: &mut Cursor<'_>, inclusive: &str, exclusive: &str) -> Edge {
    if line.take(inclusive) {
        Edge::Inclusive
    } else if line.take(exclusive) {
        Edge::Exclusive
    } else {
        Edge::Open
    }
}
