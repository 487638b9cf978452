//! Records: listed, shown, exported, deleted.

use super::{Open, line, unreadable, unwritten};
use crate::output::{self, Exit, Outcome, Problem};
use journey_machine::schema::{Decoder, Faults, Path, Schema, TypeId};
use journey_machine::state::table::Table;
use journey_machine::state::{Change, Codec, Found, Key, Place};
use journey_machine::value::{self, List, Map, Str, Value};
use journey_server::clock;
use journey_server::state::{Described, State};

impl Open {
    /// Stores, and how many records each has.
    pub(super) fn list(&self) -> Outcome {
        let stores = self.stores()?;
        for table in stores.iter().filter_map(Described::table) {
            let mut count = 0_u64;
            self.each(table.space, |page| {
                count += page.len() as u64;
                Ok(())
            })?;
            output::print(format!("{} {count}\n", table.space));
        }
        Ok(Exit::Clean)
    }

    /// The keys of a store, each a line of JSON.
    pub(super) fn keys(&self, store: &str) -> Outcome {
        let described = self.store(store)?;
        let table = described.table().ok_or_else(unreadable)?;
        self.each(table.space, |page| {
            for found in page {
                let record = State::visible(&found.data).ok_or_else(unreadable)?;
                let fields = table
                    .key
                    .iter()
                    .filter_map(|name| Some((name.as_str(), record.get(name)?.clone())));
                output::print(line(&fields.collect::<Map>().into()));
            }
            Ok(())
        })?;
        Ok(Exit::Clean)
    }

    pub(super) fn show(&self, store: &str, key: &[String], reveal: bool) -> Outcome {
        let described = self.store(store)?;
        let place = place(&described, key)?;
        let found = self
            .runtime
            .block_on(self.state.engine.row(&place, clock::timestamp()));
        match found.map_err(|error| Problem::new(error.to_string()))? {
            Some(found) => output::print(self.exported(&described, found, reveal)?),
            None => return Err(missing(store)),
        }
        Ok(Exit::Clean)
    }

    pub(super) fn export(&self, store: Option<&str>, reveal: bool) -> Outcome {
        let stores = match store {
            Some(store) => vec![self.store(store)?],
            None => self.stores()?,
        };
        for described in &stores {
            let table = described.table().ok_or_else(unreadable)?;
            self.each(table.space, |page| {
                for found in page {
                    output::print(self.exported(described, found, reveal)?);
                }
                Ok(())
            })?;
        }
        Ok(Exit::Clean)
    }

    pub(super) fn delete(&self, store: &str, key: &[String]) -> Outcome {
        if key.is_empty() {
            let what = Problem::new("the key of the record is missing");
            return Err(
                what.help("give the fields of its key, or --all for all records of the store")
            );
        }
        let described = self.store(store)?;
        let (table, place) = (
            described.table().ok_or_else(unreadable)?,
            place(&described, key)?,
        );
        let found = self
            .runtime
            .block_on(self.state.engine.row(&place, clock::timestamp()));
        let found = found.map_err(|error| Problem::new(error.to_string()))?;
        let found = found.ok_or_else(|| missing(store))?;
        let gone = self.state.deletion(&table, &found);
        self.write(gone.ok_or_else(unreadable)?)?;
        self.clean_uploads()
    }

    /// Deletes all records, then what is known of the store.
    pub(super) fn clear(&self, store: &str) -> Outcome {
        let described = self.store(store)?;
        let table = described.table().ok_or_else(unreadable)?;
        self.each(table.space, |page| {
            let gone = page.iter().map(|found| self.state.deletion(&table, found));
            let gone: Option<Vec<_>> = gone.collect();
            self.write(gone.ok_or_else(unreadable)?.concat())
        })?;
        let description = described.place().ok_or_else(unreadable)?;
        self.write(vec![Change::Delete(description)])?;
        self.clean_uploads()
    }

    /// Uploads of records that are gone go too.
    pub(super) fn clean_uploads(&self) -> Outcome {
        let cleaned = self.runtime.block_on(self.state.clean_uploads());
        cleaned.map_err(|error| Problem::new(format!("uploads that nobody keeps: {error}")))?;
        Ok(Exit::Clean)
    }

    pub(super) fn write(&self, changes: Vec<Change>) -> Result<(), Problem> {
        let written = self.runtime.block_on(self.state.write(changes));
        written.map_err(unwritten)
    }

    /// All rows of a space, some at a time.
    pub(super) fn each(
        &self,
        space: &Str,
        mut visit: impl FnMut(Vec<Found>) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut after: Option<Key> = None;
        loop {
            let page = self
                .runtime
                .block_on(self.state.page(space, after.as_ref()));
            let page = page.map_err(|error| Problem::new(error.to_string()))?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after = Some(last.key.clone());
            visit(page)?;
        }
    }

    /// A record as a line: `{"store": …, "version": …, "record": {…}}`, and the names of the fields it hides.
    fn exported(
        &self,
        described: &Described,
        found: Found,
        reveal: bool,
    ) -> Result<Vec<u8>, Problem> {
        let table = described.table().ok_or_else(unreadable)?;
        let record = match reveal {
            true => self.state.open(&at(&table, found.key), &found.data),
            false => State::visible(&found.data),
        };
        let record = record.ok_or_else(unreadable)?;
        let hides = |name: &Str| !reveal && record.get(name).is_some();
        let hidden: Vec<Value> = table
            .labelled
            .iter()
            .filter(|name| hides(name))
            .cloned()
            .map(Value::from)
            .collect();
        let version = Value::Int(i64::try_from(found.version).unwrap_or(i64::MAX));
        let mut members = vec![
            ("store", Value::from(table.space.clone())),
            ("version", version),
        ];
        if !hidden.is_empty() {
            members.push(("hidden", List::from(hidden.clone()).into()));
        }
        members.push(("record", without(&record, &hidden)));
        Ok(line(&members.into_iter().collect::<Map>().into()))
    }
}

pub(super) fn at(table: &Table<'_>, key: Key) -> Place {
    Place {
        space: table.space.clone(),
        key,
    }
}

/// Where the record lies whose key a person has typed.
fn place(described: &Described, key: &[String]) -> Result<Place, Problem> {
    let table = described.table().ok_or_else(unreadable)?;
    if key.len() != table.key.len() {
        let fields: Vec<&str> = table.key.iter().map(Str::as_str).collect();
        return Err(Problem::new(format!(
            "the key of {} is: {}",
            table.space,
            fields.join(", ")
        )));
    }
    let decoder = Decoder::new(described.types()).map_err(|e| Problem::new(e.to_string()))?;
    let fields = table.key.iter().zip(key).map(|(name, text)| {
        let mut faults = Faults::new();
        let schema = field(described, name).ok_or_else(unreadable)?;
        let value = decoder.text(schema, text, &Path::root("key"), &mut faults);
        match faults.list().first() {
            Some(fault) => Err(Problem::new(format!("{name} {}", fault.message))),
            None => Ok(value),
        }
    });
    let fields = fields.collect::<Result<Vec<Value>, Problem>>()?;
    table
        .place(&fields)
        .map_err(|error| Problem::new(error.to_string()))
}

fn field(described: &Described, name: &Str) -> Option<TypeId> {
    let Schema::Object { shape, fields, .. } = described.types().get(described.store()?.record)?
    else {
        return None;
    };
    Some(fields.get(shape.slot(name)?)?.schema)
}

fn without(record: &Value, hidden: &[Value]) -> Value {
    let hides = |key: &value::Key| hidden.iter().any(|name| name.as_str() == key.as_str());
    let shown = record
        .as_map()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !hides(key));
    let shown: Map = shown
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    shown.into()
}

fn missing(store: &str) -> Problem {
    Problem::new(format!("store {store} has no record with this key"))
}
