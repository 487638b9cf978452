//! Stretches: what is stored with what the turn has changed, in the order of the index.

use super::{Current, Done, Halt, Need, Turn};
use crate::program::{Edge, Scan};
use crate::state::key::{encode, end, present};
use crate::state::table::{Table, with_version};
use crate::state::{Key, Place, Range};
use crate::value::{Str, Value};
use std::collections::BTreeSet;

/// A part of an index, or of the keys.
pub(super) struct Stretch<'a> {
    pub(super) index: Option<&'a Str>,
    pub(super) from: Key,
    pub(super) to: Key,
    pub(super) descending: bool,
    pub(super) max: u16,
}

impl Turn {
    pub(super) fn find(
        &self,
        table: Table<'_>,
        scan: Scan,
        descending: bool,
        args: &[Value],
    ) -> Done<Value> {
        let found = self.stretch(table, &stretch(table, scan, descending, args)?)?;
        let found = found.into_iter();
        let found = found.map(|row| with_version(&row.record, row.version));
        Ok(found.collect::<Vec<_>>().into())
    }

    /// How many there are: what they say is not read.
    pub(super) fn count(&self, table: Table<'_>, scan: Scan, args: &[Value]) -> Done<Value> {
        let stretch = stretch(table, scan, false, args)?;
        let own = self.own(table, &stretch)?.len();
        let range = range(table, &stretch, self.changed(table).count());
        let stored = self.counted.get(&range);
        let stored = stored.ok_or(Halt::Need(Need::Keys(range)))?;
        let changed: BTreeSet<&Key> = self.changed(table).map(|(place, _)| &place.key).collect();
        let others = stored.iter().filter(|(key, _)| !changed.contains(key));
        let count = others.count().saturating_add(own).min(stretch.max.into());
        Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// The records of a stretch as the turn will leave them.
    pub(super) fn stretch(&self, table: Table<'_>, stretch: &Stretch<'_>) -> Done<Vec<Current>> {
        let own = self.own(table, stretch)?;
        // What the turn has changed may be among what is stored: there must be enough without it.
        let range = range(table, stretch, self.changed(table).count());
        let stored = self.ranges.get(&range);
        let stored = stored.ok_or(Halt::Need(Need::Range(range)))?;
        let mut rows = Vec::with_capacity(stored.len() + own.len());
        for row in stored {
            let place = Place {
                space: table.space.clone(),
                key: row.key.clone(),
            };
            if !self.changes.contains_key(&place) {
                let record = row.record()?.clone();
                let value = table.value(stretch.index, &record)?;
                let version = row.version;
                rows.push(((value, place.key), Current { version, record }));
            }
        }
        rows.extend(own);
        rows.sort_by(|(a, _), (b, _)| a.cmp(b));
        if stretch.descending {
            rows.reverse();
        }
        rows.truncate(stretch.max.into());
        Ok(rows.into_iter().map(|(_, row)| row).collect())
    }

    /// Records of the stretch that the turn has written, with their places in it.
    fn own(&self, table: Table<'_>, stretch: &Stretch<'_>) -> Done<Vec<((Key, Key), Current)>> {
        let mut own = Vec::new();
        for (place, record) in self.changed(table) {
            let Some(record) = record else { continue };
            let value = table.value(stretch.index, record)?;
            if (&stretch.from..&stretch.to).contains(&&value) {
                let current = Current {
                    version: self.next_version(place),
                    record: record.clone(),
                };
                own.push(((value, place.key.clone()), current));
            }
        }
        Ok(own)
    }

    /// What the turn has changed in a table.
    pub(super) fn changed(
        &self,
        table: Table<'_>,
    ) -> impl Iterator<Item = (&Place, Option<&Value>)> {
        let first = Place {
            space: table.space.clone(),
            key: Key::new(),
        };
        self.changes
            .range(first..)
            .take_while(move |(place, _)| place.space == *table.space)
            .map(|(place, pending)| (place, pending.record.as_ref()))
    }
}

/// The part of an index, or of the keys, that a scan goes through.
fn stretch<'a>(
    table: Table<'a>,
    scan: Scan,
    descending: bool,
    args: &[Value],
) -> Done<Stretch<'a>> {
    let (from, to) = bounds(scan, args)?;
    let index = scan.index.and_then(|at| table.indexes.get(usize::from(at)));
    Ok(Stretch {
        index: index.map(|index| &index.name),
        from,
        to,
        descending,
        max: scan.max,
    })
}

fn range(table: Table<'_>, stretch: &Stretch<'_>, changed: usize) -> Range {
    Range {
        space: table.space.clone(),
        index: stretch.index.cloned(),
        from: stretch.from.clone(),
        to: Some(stretch.to.clone()),
        descending: stretch.descending,
        max: u32::from(stretch.max).saturating_add(u32::try_from(changed).unwrap_or(u32::MAX)),
    }
}

/// From where to where a scan goes.
fn bounds(scan: Scan, args: &[Value]) -> Done<(Key, Key)> {
    let (equal, bounds) = args.split_at(usize::from(scan.equal).min(args.len()));
    let mut bounds = bounds.iter();
    let mut bound = |edge| match edge {
        Edge::Open => None,
        Edge::Inclusive | Edge::Exclusive => bounds.next(),
    };
    let (lower, upper) = (bound(scan.lower), bound(scan.upper));
    let behind = |bound| encode(equal.iter().chain([bound]));
    let prefix = encode(equal)?;
    let from = match lower {
        Some(bound) if scan.lower == Edge::Exclusive => end(behind(bound)?),
        Some(bound) => behind(bound)?,
        // What is absent is not less than anything.
        None if upper.is_some() => present(prefix.clone()),
        None => prefix.clone(),
    };
    let to = match upper {
        Some(bound) if scan.upper == Edge::Inclusive => end(behind(bound)?),
        Some(bound) => behind(bound)?,
        None => end(prefix),
    };
    Ok((from, to))
}
