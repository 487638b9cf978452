//! Reading: a row, a stretch, and what of either a commit rests on.

use super::names::Names;
use journey_machine::state::{Found, Key, Place, Range, Seen, Stamp};
use journey_machine::value::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Result, Row, params};

const FOUND: &str = "r.key, r.version, r.stamp, r.expires, r.data";
const STAMPED: &str = "r.key, r.stamp";

/// A row, if it is there at `now`.
pub(super) fn row(
    connection: &Connection,
    names: &Names,
    place: &Place,
    now: Timestamp,
) -> Result<Option<Found>> {
    let sql = "SELECT key, version, stamp, expires, data FROM row
        WHERE space = ?1 AND key = ?2 AND (expires IS NULL OR expires > ?3)";
    at(connection, sql, names, place, now, found)
}

/// The rows of a stretch that are there at `now`.
pub(super) fn range(
    connection: &Connection,
    names: &Names,
    range: &Range,
    now: Timestamp,
) -> Result<Vec<Found>> {
    stretch(connection, names, range, now, FOUND, found)
}

/// The same without what they say.
pub(super) fn keys(
    connection: &Connection,
    names: &Names,
    range: &Range,
    now: Timestamp,
) -> Result<Vec<(Key, Stamp)>> {
    stretch(connection, names, range, now, STAMPED, |row| {
        Ok((row.get(0)?, number(row, 1)?))
    })
}

/// Does it still hold at `now`?
pub(super) fn holds(
    connection: &Connection,
    names: &Names,
    seen: &Seen,
    now: Timestamp,
) -> Result<bool> {
    match seen {
        Seen::Row(place, stamp) => {
            let sql = "SELECT stamp FROM row WHERE space = ?1 AND key = ?2 AND (expires IS NULL OR expires > ?3)";
            let found = at(connection, sql, names, place, now, |row| number(row, 0))?;
            Ok(found.unwrap_or_default() == *stamp)
        }
        Seen::Range(range, rows) => Ok(keys(connection, names, range, now)? == *rows),
    }
}

fn at<T>(
    connection: &Connection,
    sql: &str,
    names: &Names,
    place: &Place,
    now: Timestamp,
    read: impl FnOnce(&Row<'_>) -> Result<T>,
) -> Result<Option<T>> {
    let Some(space) = names.space(&place.space) else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached(sql)?;
    let row = statement.query_row(params![space, place.key, now.millis()], read);
    row.optional()
}

fn stretch<T>(
    connection: &Connection,
    names: &Names,
    range: &Range,
    now: Timestamp,
    columns: &str,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let Some(space) = names.space(&range.space) else {
        return Ok(Vec::new());
    };
    let (from, to) = (&range.from, &range.to);
    let bounds = (from, to.as_ref(), now.millis(), i64::from(range.max));
    match &range.index {
        None => {
            let sql = select(columns, "row r", "r.key", range);
            let (from, to, now, max) = bounds;
            query(connection, &sql, params![space, from, to, now, max], read)
        }
        Some(index) => {
            let Some(index) = names.index(&range.space, index) else {
                return Ok(Vec::new());
            };
            let tables = "entry e CROSS JOIN row r ON r.space = ?6 AND r.key = e.key";
            let sql = select(columns, tables, "e.value", range);
            let (from, to, now, max) = bounds;
            query(
                connection,
                &sql,
                params![index, from, to, now, max, space],
                read,
            )
        }
    }
}

/// A bound that is missing is no condition, so that the database sees where to begin.
fn select(columns: &str, tables: &str, value: &str, range: &Range) -> String {
    let of = if range.index.is_some() {
        "e.idx"
    } else {
        "r.space"
    };
    let below = match range.to {
        Some(_) => format!(" AND {value} < ?3"),
        None => String::new(),
    };
    let order = if range.descending { "DESC" } else { "ASC" };
    let tie = match range.index {
        Some(_) => format!(", e.key {order}"),
        None => String::new(),
    };
    format!(
        "SELECT {columns} FROM {tables} WHERE {of} = ?1 AND {value} >= ?2{below} AND (r.expires IS NULL OR r.expires > ?4)
        ORDER BY {value} {order}{tie} LIMIT ?5"
    )
}

fn query<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.query_map(params, read)?.collect()
}

fn found(row: &Row<'_>) -> Result<Found> {
    let expires: Option<i64> = row.get(3)?;
    Ok(Found {
        key: row.get(0)?,
        version: number(row, 1)?,
        stamp: number(row, 2)?,
        expires: expires.and_then(Timestamp::from_millis),
        data: row.get(4)?,
    })
}

/// A count: SQL knows signed numbers only.
pub(super) fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}
