//! Which record keeps which upload: a row for each, that comes and goes with the record. An upload none of whose rows is
//! left may be deleted.

use super::key::{encode, end, present};
use super::table::Table;
use super::{Codec, Entry, Key, Place, Range, Row};
use crate::value::{EvalError, Map, Str, Timestamp, Value};
use std::collections::BTreeSet;

/// Where these rows lie.
pub const UPLOADS: Str = Str::new_static("$blob");
/// The index of those whose record expires, by when it does.
const BY_END: Str = Str::new_static("end");

/// The ids of the uploads that a record holds.
#[must_use]
pub fn held(table: &Table<'_>, record: &Value) -> BTreeSet<Str> {
    let mut held = BTreeSet::new();
    let (Some((shape, fields)), Some(types)) = (table.fields, table.types) else {
        return held;
    };
    for name in table.blobs {
        let field = shape.slot(name).and_then(|slot| fields.get(slot));
        if let (Some(field), Some(value)) = (field, record.get(name)) {
            types.each_upload(field.schema, value, &mut |blob| {
                held.insert(blob.id);
            });
        }
    }
    held
}

/// Where it stands that the record at a place keeps an upload.
///
/// # Errors
/// The id of the upload is too long.
pub fn place(upload: &Str, owner: &Place) -> Result<Place, EvalError> {
    let mut key = encode([&upload.clone().into(), &owner.space.clone().into()])?;
    key.extend_from_slice(&owner.key);
    Ok(Place {
        space: UPLOADS,
        key,
    })
}

/// The row that says so; `None`: it cannot be written.
#[must_use]
pub fn row(
    upload: &Str,
    place: &Place,
    ends: Option<Timestamp>,
    codec: &impl Codec,
) -> Option<Row> {
    let record: Map = [("id", Value::from(upload.clone()))].into_iter().collect();
    let value = ends.map(|ends| encode([&Value::Timestamp(ends)]));
    let entry = |value| Entry {
        index: BY_END,
        value,
        unique: false,
    };
    Some(Row {
        data: codec.seal(place, &[], &record.into())?,
        record: None,
        entries: value.transpose().ok()?.map(entry).into_iter().collect(),
        expires: None,
    })
}

/// The rows of an upload: none, and nobody keeps it. At most one is asked for.
///
/// # Errors
/// As [`place`].
pub fn owners(upload: &Str) -> Result<Range, EvalError> {
    let from = encode([&upload.clone().into()])?;
    Ok(Range {
        space: UPLOADS,
        index: None,
        to: Some(end(from.clone())),
        from,
        descending: false,
        max: 1,
    })
}

/// The first rows whose records have expired by then.
///
/// # Errors
/// The time cannot stand in a key.
pub fn ended(now: Timestamp, max: u32) -> Result<Range, EvalError> {
    Ok(Range {
        space: UPLOADS,
        index: Some(BY_END),
        from: present(Key::new()),
        to: Some(encode([&Value::Timestamp(now)])?),
        descending: false,
        max,
    })
}
