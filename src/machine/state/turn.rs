//! A turn: what a run has seen of what is stored, and what it will write, laid over it.
//!
//! It asks for nothing itself. An action is tried until it needs nothing more: each time it says which row or stretch it
//! has not seen, whoever drives the turn brings that, and tries again. So an engine may be anywhere.

mod read;
mod start;
mod store;
mod uploads;
#[cfg(test)]
mod tests;

use super::table::{Table, with_version};
use super::{Change, Commit, Entry, Found, Key, Place, Range, Row, Seen, Stamp, Version};
use crate::effect::Outcome;
use crate::limits::{MAX_TURN_CHANGES, MAX_TURN_READS};
use crate::program::{Parts, StateSite};
use crate::value::{ErrorKind, EvalError, Str, Timestamp, Value};
use std::collections::BTreeMap;
use uploads::Uploads;

/// Records as bytes. Whoever keeps them says how; labelled fields are sealed.
pub trait Codec {
    /// The record of a row; `None`: it cannot be read.
    fn open(&self, place: &Place, data: &[u8]) -> Option<Value>;
    /// The bytes of a record; `None`: it cannot be written.
    fn seal(&self, place: &Place, labelled: &[Str], record: &Value) -> Option<Vec<u8>>;
}

/// What an action must see before it can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Need {
    /// A row.
    Row(Place),
    /// A row that there should not be: whoever does not know may say so, as it is looked at again when the turn is written.
    Vacancy(Place),
    /// A stretch.
    Range(Range),
    /// Which rows a stretch has, not what they say.
    Keys(Range),
}

/// Why an action is not done.
enum Halt {
    Need(Need),
    Error(EvalError),
}

impl From<EvalError> for Halt {
    fn from(error: EvalError) -> Self {
        Self::Error(error)
    }
}

type Done<T> = Result<T, Halt>;

/// What a run has seen and will write.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    now: Timestamp,
    rows: BTreeMap<Place, Option<Stored>>,
    ranges: BTreeMap<Range, Vec<Stored>>,
    counted: BTreeMap<Range, Vec<(Key, Stamp)>>,
    changes: BTreeMap<Place, Pending>,
    /// Rows read so far.
    read: usize,
    /// Was something taken for granted? Then even a look at one place has to be looked at again.
    assumed: bool,
}

/// A record as it was read.
#[derive(Clone, Debug, PartialEq)]
struct Stored {
    key: Key,
    version: Version,
    stamp: Stamp,
    /// `None`: its bytes cannot be read.
    record: Option<Value>,
}

/// What becomes of a row.
#[derive(Clone, Debug, PartialEq)]
struct Pending {
    /// `None`: it is deleted.
    record: Option<Value>,
    uploads: Uploads,
    labelled: Vec<Str>,
    entries: Vec<Entry>,
    expires: Option<Timestamp>,
}

/// A record as the turn sees it.
struct Current {
    version: Version,
    record: Value,
}

impl Turn {
    /// A turn at this time that has seen nothing.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            now,
            rows: BTreeMap::new(),
            ranges: BTreeMap::new(),
            counted: BTreeMap::new(),
            changes: BTreeMap::new(),
            read: 0,
            assumed: false,
        }
    }

    /// Its time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Has it seen anything?
    #[must_use]
    pub fn has_seen(&self) -> bool {
        self.read > 0
    }

    /// Does what a site asks for, with its arguments. `program`: the hash of the program, which started tasks keep.
    ///
    /// # Errors
    /// What it has to see first.
    pub fn act(
        &mut self,
        parts: &Parts,
        program: &Str,
        site: StateSite,
        args: &[Value],
    ) -> Result<Outcome, Need> {
        finish(self.done(parts, program, site, args))
    }

    /// A row that was needed.
    pub fn saw_row(&mut self, place: Place, found: Option<Found>, codec: &impl Codec) {
        self.read += 1;
        let stored = found.map(|found| stored(&place.space, found, codec));
        self.rows.insert(place, stored);
    }

    /// There should be no such row: it is taken for granted.
    pub fn assume_vacant(&mut self, place: Place) {
        self.read += 1;
        self.assumed = true;
        self.rows.insert(place, None);
    }

    /// A stretch that was needed.
    pub fn saw_range(&mut self, range: Range, found: Vec<Found>, codec: &impl Codec) {
        self.read += 1 + found.len();
        let rows = found.into_iter();
        let rows = rows.map(|found| stored(&range.space, found, codec));
        let rows = rows.collect();
        self.ranges.insert(range, rows);
    }

    /// The rows of a stretch that were needed for their number.
    pub fn saw_keys(&mut self, range: Range, found: Vec<(Key, Stamp)>) {
        self.read += 1 + found.len();
        self.counted.insert(range, found);
    }

    /// Nothing is to be written after all; what was seen still has to hold together.
    pub fn discard(&mut self) {
        self.changes.clear();
    }

    /// What is to be written, or only looked at again; `None`: neither, as one look at one place is consistent by itself.
    ///
    /// # Errors
    /// A record that cannot be written.
    pub fn commit(&self, codec: &impl Codec) -> Result<Option<Commit>, EvalError> {
        let seen = self.rows.len() + self.ranges.len() + self.counted.len();
        if self.changes.is_empty() && seen < 2 && !self.assumed {
            return Ok(None);
        }
        let changes = self.changes.iter();
        let changes = changes.map(|(place, pending)| change(place, pending, codec));
        let mut changes: Vec<Change> = changes.collect::<Result<_, _>>()?;
        self.change_uploads(codec, &mut changes)?;
        Ok(Some(Commit {
            now: self.now,
            seen: self.seen(),
            changes,
        }))
    }

    fn seen(&self) -> Vec<Seen> {
        let rows = self.rows.iter().map(|(place, stored)| {
            Seen::Row(place.clone(), stored.as_ref().map_or(0, |row| row.stamp))
        });
        let ranges = self.ranges.iter().map(|(range, rows)| {
            let rows = rows.iter().map(|row| (row.key.clone(), row.stamp));
            Seen::Range(range.clone(), rows.collect())
        });
        let counted = self.counted.iter();
        let counted = counted.map(|(range, rows)| Seen::Range(range.clone(), rows.clone()));
        rows.chain(ranges).chain(counted).collect()
    }

    fn done(
        &mut self,
        parts: &Parts,
        program: &Str,
        site: StateSite,
        args: &[Value],
    ) -> Done<Value> {
        if self.read > MAX_TURN_READS || self.changes.len() > MAX_TURN_CHANGES {
            return Err(limit("a turn reads or writes too many records").into());
        }
        let table = |store| Table::of(parts, store).ok_or(Halt::Error(malformed()));
        match site {
            StateSite::Insert(store) => self.insert(table(store)?, first(args)),
            StateSite::Get { store, index } => self.get(table(store)?, index, args),
            StateSite::Update { store, at } => self.update(table(store)?, args, at),
            StateSite::Delete { store, at } => self.delete(table(store)?, args, at),
            StateSite::Find { scan, descending } => {
                self.find(table(scan.store)?, scan, descending, args)
            }
            StateSite::Count(scan) => self.count(table(scan.store)?, scan, args),
            StateSite::Start { task, after, key } => {
                let task = parts.manifest.tasks.get(usize::from(task.0));
                let task = task.ok_or_else(malformed)?;
                self.start(task, program, args, (after, key))
            }
            StateSite::Signal(signal) => {
                let signal = parts.manifest.signals.get(usize::from(signal.0));
                let signal = signal.ok_or_else(malformed)?;
                self.signal(&signal.name, args)
            }
        }
    }

    /// The record at a place, as the turn will leave it.
    fn current(&self, place: &Place) -> Done<Option<Current>> {
        let stored = self.rows.get(place);
        let stored = stored.ok_or_else(|| Halt::Need(Need::Row(place.clone())))?;
        let current = |version, record: &Value| Current {
            version,
            record: record.clone(),
        };
        if let Some(pending) = self.changes.get(place) {
            let record = pending.record.as_ref();
            return Ok(record.map(|record| current(self.next_version(place), record)));
        }
        let Some(row) = stored else { return Ok(None) };
        Ok(Some(current(row.version, row.record()?)))
    }

    /// The record becomes this. What stands there now has been seen.
    fn put(&mut self, table: Table<'_>, place: Place, record: &Value) -> Done<Value> {
        let pending = Pending {
            uploads: self.uploads(&table, &place, Some(record)),
            entries: table.entries(record)?,
            labelled: table.labelled.to_vec(),
            expires: table.expires(self.now),
            record: Some(record.clone()),
        };
        let version = self.next_version(&place);
        self.changes.insert(place, pending);
        Ok(with_version(record, version))
    }

    /// Is there a record? Where nothing was seen yet, there should be none.
    fn is_taken(&self, place: &Place) -> Done<bool> {
        if self.rows.contains_key(place) {
            return Ok(self.current(place)?.is_some());
        }
        Err(Halt::Need(Need::Vacancy(place.clone())))
    }

    /// The version that a row has once the turn is written.
    fn next_version(&self, place: &Place) -> Version {
        let stored = self.rows.get(place).and_then(Option::as_ref);
        stored.map_or(0, |row| row.version) + 1
    }

    /// The record is there no more. What was not stored before leaves no trace.
    fn remove(&mut self, table: Table<'_>, place: Place) {
        if matches!(self.rows.get(&place), Some(Some(_))) {
            let pending = Pending {
                record: None,
                uploads: self.uploads(&table, &place, None),
                labelled: Vec::new(),
                entries: Vec::new(),
                expires: None,
            };
            self.changes.insert(place, pending);
        } else {
            self.changes.remove(&place);
        }
    }
}

impl Stored {
    fn record(&self) -> Result<&Value, EvalError> {
        let unreadable = || EvalError::new(ErrorKind::Unavailable, "a stored record is unreadable");
        self.record.as_ref().ok_or_else(unreadable)
    }
}

fn stored(space: &Str, found: Found, codec: &impl Codec) -> Stored {
    let place = Place {
        space: space.clone(),
        key: found.key,
    };
    Stored {
        record: found.record.or_else(|| codec.open(&place, &found.data)),
        key: place.key,
        version: found.version,
        stamp: found.stamp,
    }
}

fn change(place: &Place, pending: &Pending, codec: &impl Codec) -> Result<Change, EvalError> {
    let Some(record) = &pending.record else {
        return Ok(Change::Delete(place.clone()));
    };
    let data = codec.seal(place, &pending.labelled, record);
    let row = Row {
        data: data.ok_or_else(|| EvalError::fixed("a record cannot be written"))?,
        record: pending.labelled.is_empty().then(|| record.clone()),
        entries: pending.entries.clone(),
        expires: pending.expires,
    };
    Ok(Change::Put(place.clone(), row))
}

fn finish<T>(done: Done<T>) -> Result<Result<T, EvalError>, Need> {
    match done {
        Ok(value) => Ok(Ok(value)),
        Err(Halt::Error(error)) => Ok(Err(error)),
        Err(Halt::Need(need)) => Err(need),
    }
}

fn first(args: &[Value]) -> &Value {
    args.first().unwrap_or(&Value::Null)
}

/// The verifier has seen that every site has its declaration.
fn malformed() -> EvalError {
    EvalError::fixed("the program does not declare it")
}

fn limit(what: &'static str) -> EvalError {
    EvalError::new(ErrorKind::LimitExceeded, what)
}
