//! An engine as simple as can be.

use crate::state::{Change, Codec, Commit, Found, Key, Place, Range, Row, Seen, Stamp, Version};
use crate::value::{Str, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Engine {
    rows: BTreeMap<Place, (Row, Version, Stamp)>,
    stamps: Stamp,
    /// Records, by the number that stands for them in a row.
    records: RefCell<Vec<Value>>,
}

impl Codec for Engine {
    fn open(&self, _: &Place, data: &[u8]) -> Option<Value> {
        let number = u64::from_be_bytes(data.try_into().ok()?);
        self.records
            .borrow()
            .get(usize::try_from(number).ok()?)
            .cloned()
    }

    fn seal(&self, _: &Place, _: &[Str], record: &Value) -> Option<Vec<u8>> {
        let mut records = self.records.borrow_mut();
        records.push(record.clone());
        Some((records.len() as u64 - 1).to_be_bytes().into())
    }
}

impl Engine {
    pub(super) fn row(&self, place: &Place) -> Option<Found> {
        let (row, version, stamp) = self.rows.get(place)?;
        Some(Found {
            key: place.key.clone(),
            version: *version,
            stamp: *stamp,
            data: row.data.clone(),
            record: row.record.clone(),
            expires: row.expires,
        })
    }

    pub(super) fn range(&self, range: &Range) -> Vec<Found> {
        let mut places: Vec<(Key, &Place)> = Vec::new();
        for (place, (row, ..)) in &self.rows {
            let values = row
                .entries
                .iter()
                .filter(|entry| Some(&entry.index) == range.index.as_ref());
            let value = match &range.index {
                None => Some(&place.key),
                Some(_) => values.map(|entry| &entry.value).next(),
            };
            places.extend(value.map(|value| (value.clone(), place)));
        }
        let to = range.to.clone().unwrap_or(vec![0xff]);
        places.retain(|(value, _)| (&range.from..&to).contains(&value));
        places.sort();
        if range.descending {
            places.reverse();
        }
        places.truncate(range.max as usize);
        places
            .into_iter()
            .filter_map(|(_, place)| self.row(place))
            .collect()
    }

    pub(super) fn keys(&self, range: &Range) -> Vec<(Key, Stamp)> {
        let found = self.range(range).into_iter();
        found.map(|row| (row.key, row.stamp)).collect()
    }

    /// Is it written?
    pub(super) fn commit(&mut self, commit: Commit) -> bool {
        let holds = commit.seen.iter().all(|seen| match seen {
            Seen::Row(place, stamp) => self.row(place).map_or(0, |row| row.stamp) == *stamp,
            Seen::Range(range, rows) => self.keys(range) == *rows,
        });
        if holds {
            commit
                .changes
                .into_iter()
                .for_each(|change| self.change(change));
        }
        holds
    }

    fn change(&mut self, change: Change) {
        self.stamps += 1;
        match change {
            Change::Put(place, row) | Change::Rewrite(place, row) => {
                let version = self.rows.get(&place).map_or(0, |(_, version, _)| *version) + 1;
                self.rows.insert(place, (row, version, self.stamps));
            }
            Change::Delete(place) => drop(self.rows.remove(&place)),
        }
    }

    /// All records with their versions, in the order of their keys.
    pub(super) fn records(&self) -> Vec<(Value, u64)> {
        let rows = self.rows.iter();
        rows.map(|(place, (row, version, _))| (self.open(place, &row.data).unwrap(), *version))
            .collect()
    }
}
