//! Opening: the tables, how the file is used, whether it is ours.

use crate::limits::LOG_PAGES;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Result};
use std::io;
use std::path::Path;

/// The format of the tables below.
const FORMAT: i64 = 3;
/// Marks the file as ours, for whoever looks at it: "JRNY".
const APPLICATION: i64 = 0x4a52_4e59;
/// Bytes of a page.
const PAGE: i64 = 4_096;
/// Statements a connection keeps prepared: more than there are.
const STATEMENTS: usize = 64;

/// What was written and the tables do not have yet. New in format 2.
const JOURNAL: &str = "CREATE TABLE journal (id INTEGER PRIMARY KEY, data BLOB NOT NULL);";

/// `entries` lists the index entries of the row, so that they can be deleted with it. Keys lie in an index: where a search
/// for a key passed rows, it would read each of them that it compares with as a whole, however large.
const ROWS: &str = "
    CREATE TABLE row (
        id INTEGER PRIMARY KEY, space INTEGER NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, stamp INTEGER NOT NULL,
        expires INTEGER, entries BLOB NOT NULL, data BLOB NOT NULL
    );
    CREATE UNIQUE INDEX row_key ON row (space, key);
    CREATE INDEX row_expires ON row (expires) WHERE expires IS NOT NULL;
";

/// Formats 1 and 2 had the rows themselves in the order of their keys.
const FORMER_ROWS: &str = "
    INSERT INTO row (space, key, version, stamp, expires, entries, data)
        SELECT space, key, version, stamp, expires, entries, data FROM former ORDER BY space, key;
    DROP TABLE former;
";

/// Out of the way of [`ROWS`].
const ASIDE: &str = "DROP INDEX row_expires; ALTER TABLE row RENAME TO former;";

/// `stamp` counts commits.
const TABLES: &str = "
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE name (id INTEGER PRIMARY KEY, space TEXT NOT NULL, idx TEXT NOT NULL, UNIQUE (space, idx));
    CREATE TABLE entry (
        idx INTEGER NOT NULL, value BLOB NOT NULL, key BLOB NOT NULL, PRIMARY KEY (idx, value, key)
    ) WITHOUT ROWID;
    INSERT INTO meta VALUES ('stamp', 0);
";

/// The file gives free pages back when it is told to. A commit is on the disk when the log is. What is deleted is overwritten where that costs nothing. Checkpoints have a
/// thread of their own.
const WRITER: &str = "
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA secure_delete = FAST;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -16000;
";

/// For the statements of other connections of this process, which wait a moment for each other's locks.
const OTHER: &str = "
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -8000;
";

/// The connection that writes; makes the tables in an empty file.
pub(super) fn writer(path: &Path) -> Result<Connection, io::Error> {
    let connection = connect(path, WRITER).map_err(damaged)?;
    let longest = LOG_PAGES * PAGE;
    let limited = connection.pragma_update(None, "journal_size_limit", longest);
    limited.map_err(damaged)?;
    prepare(&connection)?;
    Ok(connection)
}

/// A further connection, to read or to copy the log into the file.
pub(super) fn other(path: &Path) -> Result<Connection> {
    connect(path, OTHER)
}

/// State that ends with the process.
pub(super) fn memory() -> Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    create(&connection)?;
    Ok(connection)
}

fn connect(path: &Path, settings: &str) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Otherwise a statement is planned anew for each value that is bound to it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(settings)?;
    Ok(connection)
}

fn prepare(connection: &Connection) -> io::Result<()> {
    let application = pragma(connection, "application_id")?;
    let format = pragma(connection, "user_version")?;
    let tables = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(damaged)?;
    match (application, format, tables) {
        (APPLICATION, FORMAT, _) => Ok(()),
        (APPLICATION, 1, _) => take_over(connection, JOURNAL),
        (APPLICATION, 2, _) => take_over(connection, ""),
        (0, 0, 0_i64) => create(connection).map_err(io::Error::other),
        (APPLICATION, newer, _) if newer > FORMAT => Err(io::Error::other(format!(
            "it was written by a newer journey (format {newer}, this one knows {FORMAT}); run that one, or restore a backup"
        ))),
        _ => Err(io::Error::other(
            "it is not a state file of journey; move it away to have a new one made",
        )),
    }
}

fn pragma(connection: &Connection, name: &str) -> io::Result<i64> {
    connection
        .pragma_query_value(None, name, |row| row.get(0))
        .map_err(damaged)
}

fn create(connection: &Connection) -> Result<()> {
    found(connection, &[TABLES, ROWS, JOURNAL].concat())
}

/// A file of a former format becomes one of this; `missing` is what that had not.
fn take_over(connection: &Connection, missing: &str) -> io::Result<()> {
    let tables = [missing, ASIDE, ROWS, FORMER_ROWS].concat();
    found(connection, &tables).map_err(io::Error::other)
}

/// Makes tables, and marks the file as one of this format.
fn found(connection: &Connection, tables: &str) -> Result<()> {
    connection.execute_batch(&format!(
        "BEGIN IMMEDIATE; {tables} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORMAT}; COMMIT;"
    ))
}

fn damaged(error: rusqlite::Error) -> io::Error {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    match error.sqlite_error_code() {
        Some(DatabaseCorrupt | NotADatabase) => io::Error::other(format!(
            "its content is damaged ({error}); restore it from a backup, or move it away to start with empty state"
        )),
        _ => io::Error::other(error),
    }
}
