//! What an engine has to be: a map.

use super::{at, entry, place};
use journey_machine::state::{Change, Row};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const SPACES: [&str; 2] = ["people", "$run"];

/// A space, by its number, and a key of one byte.
pub(super) type At = (usize, u8);

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Content {
    pub(super) name: u8,
    pub(super) group: u8,
    pub(super) expires: Option<i64>,
}

#[derive(Clone, Debug)]
pub(super) struct Stored {
    pub(super) content: Content,
    pub(super) version: u64,
    /// Which write it was; as a stamp, but counted by the model.
    pub(super) write: u64,
}

/// By the keys, by the group, by the name, which is unique.
#[derive(Clone, Copy, Debug)]
pub(super) enum By {
    Key,
    Group,
    Name,
}

#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) space: usize,
    pub(super) by: By,
    pub(super) from: u8,
    pub(super) to: Option<u8>,
    pub(super) descending: bool,
    pub(super) max: u32,
}

/// What a turn does to a row.
#[derive(Clone, Debug)]
pub(super) enum Write {
    Put(Content),
    /// In another form, with the version that it has.
    Rewrite(Content),
    Delete,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) now: i64,
    rows: BTreeMap<At, Stored>,
    writes: u64,
}

/// What a turn saw, in the words of the model: writes by their number, 0 for no row.
#[derive(Clone, Debug)]
pub(super) enum Saw {
    Row(At, u64),
    Stretch(Stretch, Vec<(u8, u64)>),
}

impl Content {
    pub(super) fn row(&self) -> Row {
        Row {
            data: self.data(),
            record: None,
            entries: vec![
                entry("group", self.group, false),
                entry("name", self.name, true),
            ],
            expires: self.expires.map(at),
        }
    }

    pub(super) fn data(&self) -> Vec<u8> {
        format!("{self:?}").into_bytes()
    }
}

impl Write {
    pub(super) fn change(&self, at: At) -> Change {
        let place = place(SPACES[at.0], at.1);
        match self {
            Self::Put(content) => Change::Put(place, content.row()),
            Self::Rewrite(content) => Change::Rewrite(place, content.row()),
            Self::Delete => Change::Delete(place),
        }
    }

    fn content(&self) -> Option<&Content> {
        match self {
            Self::Put(content) | Self::Rewrite(content) => Some(content),
            Self::Delete => None,
        }
    }
}

impl Model {
    pub(super) fn row(&self, at: At) -> Option<&Stored> {
        self.rows.get(&at).filter(|row| self.lives(row))
    }

    pub(super) fn stretch(&self, stretch: &Stretch) -> Vec<(u8, &Stored)> {
        let rows = self.rows.iter().filter(|(at, row)| {
            let value = stretch.by.value(at.1, row);
            at.0 == stretch.space
                && self.lives(row)
                && value >= stretch.from
                && stretch.to.is_none_or(|to| value < to)
        });
        let mut rows: Vec<(u8, &Stored)> = rows.map(|(at, row)| (at.1, row)).collect();
        rows.sort_by_key(|(key, row)| (stretch.by.value(*key, row), *key));
        if stretch.descending {
            rows.reverse();
        }
        rows.truncate(stretch.max as usize);
        rows
    }

    /// Writes a turn, if it may be written.
    pub(super) fn commit(&mut self, saw: &[Saw], changes: &BTreeMap<At, Write>) -> bool {
        if !saw.iter().all(|saw| self.holds(saw)) || !self.is_unique(changes) {
            return false;
        }
        self.writes += 1;
        for (at, new) in changes {
            let grown = u64::from(!matches!(new, Write::Rewrite(_)));
            let version = self.row(*at).map_or(0, |row| row.version) + grown;
            let write = self.writes;
            match new.content().cloned() {
                Some(content) => {
                    let row = Stored {
                        content,
                        version,
                        write,
                    };
                    self.rows.insert(*at, row)
                }
                None => self.rows.remove(at),
            };
        }
        true
    }

    /// Rows that are there for somebody.
    pub(super) fn living(&self) -> usize {
        self.rows.values().filter(|row| self.lives(row)).count()
    }

    fn lives(&self, row: &Stored) -> bool {
        row.content.expires.is_none_or(|time| time > self.now)
    }

    fn holds(&self, saw: &Saw) -> bool {
        match saw {
            Saw::Row(at, write) => self.row(*at).map_or(0, |row| row.write) == *write,
            Saw::Stretch(stretch, rows) => {
                let now = self.stretch(stretch);
                now.into_iter()
                    .map(|(key, row)| (key, row.write))
                    .eq(rows.iter().copied())
            }
        }
    }

    fn is_unique(&self, changes: &BTreeMap<At, Write>) -> bool {
        let kept = self
            .rows
            .iter()
            .filter(|(at, row)| !changes.contains_key(at) && self.lives(row));
        let mut taken: BTreeSet<_> = kept.map(|(at, row)| (at.0, row.content.name)).collect();
        let mut new = changes
            .iter()
            .filter_map(|(at, new)| Some((at.0, new.content()?.name)));
        new.all(|name| taken.insert(name))
    }
}

impl By {
    fn value(self, key: u8, row: &Stored) -> u8 {
        match self {
            Self::Key => key,
            Self::Group => row.content.group,
            Self::Name => row.content.name,
        }
    }

    pub(super) fn index(self) -> Option<&'static str> {
        match self {
            Self::Key => None,
            Self::Group => Some("group"),
            Self::Name => Some("name"),
        }
    }
}
