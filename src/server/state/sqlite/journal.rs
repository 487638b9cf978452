//! The journal: what a batch has written, row by row as it is then, on the disk before anybody is answered. The tables follow
//! later, many batches at once; after a crash what they have not is here.

use super::entries;
use super::layer::{Content, Held, Layer};
use crate::limits::JOURNAL_ROW;
use rusqlite::types::Type;
use rusqlite::{Connection, Error, Result};
use std::sync::Arc;

/// Numbers are 8 bytes, little-endian.
const WIDTH: usize = 8;
const GONE: u8 = 0;
const THERE: u8 = 1;
const EXPIRES: u8 = 2;

/// Writes rows of the journal.
#[derive(Debug)]
pub(super) struct Pen {
    /// The number of the last row. No number is given twice, even when the journal has become empty: what is deleted up to
    /// a number are never rows that came later.
    last: i64,
    /// Room for one row, used again: made anew for each, it would cost as much as all else that is done to the row.
    bytes: Vec<u8>,
}

impl Pen {
    /// Goes on behind what is written down.
    pub(super) fn open(connection: &Connection) -> Result<Self> {
        let sql = "SELECT coalesce(max(id), 0) FROM journal";
        Ok(Self {
            last: connection.query_row(sql, [], |row| row.get(0))?,
            bytes: Vec::new(),
        })
    }

    /// The number of the last row that it has written, or would have, had the transaction been committed.
    pub(super) fn last(&self) -> i64 {
        self.last
    }

    /// Writes down all that a layer has.
    pub(super) fn append(&mut self, connection: &Connection, layer: &Layer) -> Result<()> {
        self.bytes.clear();
        for (space, key, content) in layer.unsettled() {
            encode(&mut self.bytes, space, key, content);
            if self.bytes.len() >= JOURNAL_ROW {
                self.insert(connection)?;
            }
        }
        if self.bytes.is_empty() {
            return Ok(());
        }
        self.insert(connection)
    }

    fn insert(&mut self, connection: &Connection) -> Result<()> {
        self.last = self.last.saturating_add(1);
        let sql = "INSERT INTO journal (id, data) VALUES (?1, ?2)";
        let mut statement = connection.prepare_cached(sql)?;
        statement.execute((self.last, &self.bytes))?;
        self.bytes.clear();
        // A single row may have been far larger than the others.
        self.bytes.shrink_to(2 * JOURNAL_ROW);
        Ok(())
    }
}

/// All that is written down, the last word about each row.
pub(super) fn load(connection: &Connection) -> Result<Layer> {
    let mut layer = Layer::default();
    let mut statement = connection.prepare("SELECT data FROM journal ORDER BY id")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        decode(row.get_ref(0)?.as_blob()?, &mut layer).ok_or_else(damaged)?;
    }
    Ok(layer)
}

/// Deletes the first rows, up to one; the tables have what they say. At most `max`: whether there were so many.
pub(super) fn cut(connection: &Connection, upto: i64, max: u32) -> Result<bool> {
    let sql = "DELETE FROM journal WHERE id IN (SELECT id FROM journal WHERE id <= ?1 ORDER BY id LIMIT ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.execute((upto, max))? == usize::try_from(max).unwrap_or_default())
}

fn encode(bytes: &mut Vec<u8>, space: i64, key: &[u8], content: &Content) {
    bytes.extend_from_slice(&space.to_le_bytes());
    text(bytes, key);
    let Some(held) = content else {
        bytes.push(GONE);
        return;
    };
    bytes.push(if held.expires.is_some() {
        EXPIRES
    } else {
        THERE
    });
    bytes.extend_from_slice(&held.version.to_le_bytes());
    bytes.extend_from_slice(&held.stamp.to_le_bytes());
    if let Some(expires) = held.expires {
        bytes.extend_from_slice(&expires.to_le_bytes());
    }
    text(bytes, &entries::encode(&held.entries));
    text(bytes, &held.data);
}

fn text(bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.extend_from_slice(&(text.len() as u64).to_le_bytes());
    bytes.extend_from_slice(text);
}

fn decode(mut bytes: &[u8], layer: &mut Layer) -> Option<()> {
    let rest = &mut bytes;
    while !rest.is_empty() {
        let space = i64::from_le_bytes(take(rest)?);
        let key = take_text(rest)?.to_owned();
        let [form] = take(rest)?;
        let content = (form != GONE).then(|| take_held(rest, form == EXPIRES).map(Arc::new));
        layer.write(
            (space, key),
            match content {
                Some(held) => Some(held?),
                None => None,
            },
            false,
        );
    }
    Some(())
}

fn take_held(rest: &mut &[u8], expires: bool) -> Option<Held> {
    Some(Held {
        version: u64::from_le_bytes(take(rest)?),
        stamp: u64::from_le_bytes(take(rest)?),
        expires: match expires {
            true => Some(i64::from_le_bytes(take(rest)?)),
            false => None,
        },
        entries: entries::decode(take_text(rest)?),
        data: take_text(rest)?.to_owned(),
        record: None,
    })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (first, others) = rest.split_first_chunk()?;
    *rest = others;
    Some(*first)
}

fn take_text<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(u64::from_le_bytes(take::<WIDTH>(rest)?)).ok()?;
    let (text, others) = rest.split_at_checked(length)?;
    *rest = others;
    Some(text)
}

fn damaged() -> Error {
    let why = "a row of the journal is damaged".into();
    Error::FromSqlConversionFailure(0, Type::Blob, why)
}
