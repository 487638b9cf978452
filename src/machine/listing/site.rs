//! What an effect asks for, in words.

use crate::manifest::{Manifest, StoreId};
use crate::program::{Edge, EffectSite, Program, Scan, StateSite};
use crate::value::Str;
use std::fmt::{self, Display, Formatter};

/// An effect's site, as listings write it.
#[derive(Debug)]
pub struct Site<'a>(pub &'a Program, pub &'a EffectSite);

impl Display for Site<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        site(f, &self.0.manifest, self.1)
    }
}

fn site(f: &mut Formatter<'_>, manifest: &Manifest, site: &EffectSite) -> fmt::Result {
    match site {
        EffectSite::Call(id) => {
            let name = name(&manifest.operations, id.0, |operation| &operation.name);
            write!(f, "call {name}")
        }
        EffectSite::Validate(id) => {
            let name = name(&manifest.issuers, id.0, |issuer| &issuer.name);
            write!(f, "validate {name}")
        }
        EffectSite::Emit(name) => write!(f, "emit {name}"),
        EffectSite::State(site) => state(f, manifest, *site),
        EffectSite::Sleep => f.write_str("sleep"),
        EffectSite::Wait(id) => {
            let name = name(&manifest.signals, id.0, |signal| &signal.name);
            write!(f, "wait {name}")
        }
        EffectSite::Read => f.write_str("read"),
    }
}

fn state(f: &mut Formatter<'_>, manifest: &Manifest, site: StateSite) -> fmt::Result {
    let store = |id: StoreId| name(&manifest.stores, id.0, |store| &store.name);
    match site {
        StateSite::Insert(id) => write!(f, "insert {}", store(id)),
        StateSite::Get { store: id, index } => {
            write!(f, "get {}", store(id))?;
            by(f, manifest, id.0, index)
        }
        StateSite::Update { store: id, at } => {
            write!(f, "update {}{}", store(id), word(at, " at"))
        }
        StateSite::Delete { store: id, at } => {
            write!(f, "delete {}{}", store(id), word(at, " at"))
        }
        StateSite::Find {
            scan: stretch,
            descending,
        } => {
            write!(f, "find {}", store(stretch.store))?;
            scan(f, manifest, stretch)?;
            f.write_str(word(descending, " descending"))
        }
        StateSite::Count(stretch) => {
            write!(f, "count {}", store(stretch.store))?;
            scan(f, manifest, stretch)
        }
        StateSite::Start { task, after, key } => {
            let task = name(&manifest.tasks, task.0, |task| &task.name);
            let (after, key) = (word(after, " after"), word(key, " key"));
            write!(f, "start {task}{after}{key}")
        }
        StateSite::Signal(id) => {
            let name = name(&manifest.signals, id.0, |signal| &signal.name);
            write!(f, "signal {name}")
        }
    }
}

fn word(there: bool, word: &'static str) -> &'static str {
    if there { word } else { "" }
}

fn name<T>(table: &[T], index: u16, name: impl Fn(&T) -> &Str) -> &str {
    table
        .get(usize::from(index))
        .map_or("?", |entry| name(entry))
}

fn by(f: &mut Formatter<'_>, manifest: &Manifest, store: u16, index: Option<u16>) -> fmt::Result {
    let indexes = manifest
        .stores
        .get(usize::from(store))
        .map_or(&[][..], |store| &store.indexes);
    index.map_or(Ok(()), |index| {
        write!(f, " by {}", name(indexes, index, |index| &index.name))
    })
}

fn scan(f: &mut Formatter<'_>, manifest: &Manifest, scan: Scan) -> fmt::Result {
    by(f, manifest, scan.store.0, scan.index)?;
    write!(f, " equal {}", scan.equal)?;
    f.write_str(edge(scan.lower, " >=", " >"))?;
    f.write_str(edge(scan.upper, " <=", " <"))?;
    write!(f, " max {}", scan.max)
}

fn edge(edge: Edge, inclusive: &'static str, exclusive: &'static str) -> &'static str {
    match edge {
        Edge::Open => "",
        Edge::Inclusive => inclusive,
        Edge::Exclusive => exclusive,
    }
}
