//! Single records: insert, get, update, delete.

use super::read::Stretch;
use super::{Current, Done, Turn, first, limit};
use crate::limits::MAX_RECORD_BYTES;
use crate::state::Place;
use crate::state::key::{encode, end};
use crate::state::table::{Table, field, with_version};
use crate::value::{ErrorKind, EvalError, Str, Value};

impl Turn {
    pub(super) fn insert(&mut self, table: Table<'_>, record: &Value) -> Done<Value> {
        let record = table.settled(record);
        let place = table.place_of(&record)?;
        if self.is_taken(&place)? {
            return Err(conflict("there is a record with this key").into());
        }
        self.write(table, place, &record, None)
    }

    pub(super) fn get(&self, table: Table<'_>, index: Option<u16>, by: &[Value]) -> Done<Value> {
        let Some(index) = index else {
            let current = self.expect(&table.place(by)?)?;
            return Ok(with_version(&current.record, current.version));
        };
        let index = table.indexes.get(usize::from(index));
        let name = index.map(|index| &index.name);
        let found = self.first_of(table, name, by)?.ok_or_else(missing)?;
        Ok(with_version(&found.record, found.version))
    }

    pub(super) fn update(&mut self, table: Table<'_>, args: &[Value], at: bool) -> Done<Value> {
        let (by, rest) = args.split_at(table.key.len().min(args.len()));
        let place = table.place(by)?;
        let current = self.expected(&place, rest.get(1).filter(|_| at))?;
        let changes = first(rest);
        let moved = table
            .key
            .iter()
            .zip(by)
            .find(|(name, old)| changes.get(name).is_some_and(|new| new != *old));
        if let Some((name, _)) = moved {
            return Err(
                EvalError::evaluation(format!("`{name}` is of the key: it cannot change")).into(),
            );
        }
        let mut record = current.record.as_map().cloned().unwrap_or_default();
        for (key, value) in changes.as_map().into_iter().flatten() {
            record.insert(key.clone(), value.clone());
        }
        let record = table.settled(&record.into());
        self.write(table, place, &record, Some(&current.record))
    }

    pub(super) fn delete(&mut self, table: Table<'_>, args: &[Value], at: bool) -> Done<Value> {
        let (by, rest) = args.split_at(table.key.len().min(args.len()));
        let place = table.place(by)?;
        self.expected(&place, rest.first().filter(|_| at))?;
        self.remove(table, place);
        Ok(Value::Null)
    }

    /// Puts a record whose unique values no other one has, in place of `old`.
    pub(super) fn write(
        &mut self,
        table: Table<'_>,
        place: Place,
        record: &Value,
        old: Option<&Value>,
    ) -> Done<Value> {
        if record.weight() > MAX_RECORD_BYTES {
            return Err(limit("a record is too large").into());
        }
        for index in table.indexes.iter().filter(|index| index.unique) {
            let new = values(&index.fields, record);
            let kept = old.is_some_and(|old| values(&index.fields, old) == new);
            if kept || new.iter().any(Value::is_null) {
                continue;
            }
            if self.first_of(table, Some(&index.name), &new)?.is_some() {
                return Err(conflict("there is a record with this unique value").into());
            }
        }
        self.put(table, place, record)
    }

    /// The first record with these first fields of an index.
    pub(super) fn first_of(
        &self,
        table: Table<'_>,
        index: Option<&Str>,
        by: &[Value],
    ) -> Done<Option<Current>> {
        if by.iter().any(Value::is_null) {
            return Err(EvalError::fixed("a field of the index is absent").into());
        }
        let from = encode(by)?;
        let stretch = Stretch {
            index,
            to: end(from.clone()),
            from,
            descending: false,
            max: 1,
        };
        Ok(self.stretch(table, &stretch)?.into_iter().next())
    }

    fn expect(&self, place: &Place) -> Done<Current> {
        let current = self.current(place)?;
        Ok(current.ok_or_else(missing)?)
    }

    fn expected(&self, place: &Place, at: Option<&Value>) -> Done<Current> {
        let current = self.expect(place)?;
        let same = at.is_none_or(|at| at.as_u64() == Some(current.version));
        if same {
            Ok(current)
        } else {
            Err(conflict("the record has another version").into())
        }
    }
}

fn values(fields: &[Str], record: &Value) -> Vec<Value> {
    fields
        .iter()
        .map(|name| field(record, name).clone())
        .collect()
}

fn missing() -> EvalError {
    EvalError::new(ErrorKind::Missing, "there is no such record")
}

fn conflict(why: &'static str) -> EvalError {
    EvalError::new(ErrorKind::Conflict, why)
}
