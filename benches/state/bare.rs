//! The same step by hand: tables made for it, group commit on one thread, checkpoints on another. No interface, no index
//! entries of a general kind, no versions of what was read.

use super::{BYTES, Steps};
use rusqlite::{Connection, params};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tokio::sync::oneshot;

const TABLES: &str = "
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0;
    CREATE TABLE record (id INTEGER PRIMARY KEY, version INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE TABLE task (id INTEGER PRIMARY KEY, due INTEGER NOT NULL, data BLOB NOT NULL);
    CREATE INDEX task_due ON task (due);
";

type Item = (u64, u64, oneshot::Sender<()>);

pub(super) struct Bare {
    queue: Sender<Item>,
}

impl Bare {
    pub(super) fn open(folder: &Path) -> Self {
        let path = folder.join("bare.db");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch(TABLES).unwrap();
        let (queue, items) = channel();
        std::thread::spawn(move || write(connection, &items));
        let copier = Connection::open(&path).unwrap();
        std::thread::spawn(move || copy(&copier));
        Self { queue }
    }
}

impl Steps for Bare {
    async fn step(&self, client: u64, step: u64) {
        let (answer, done) = oneshot::channel();
        self.queue.send((client, step, answer)).unwrap();
        done.await.unwrap();
    }
}

fn write(mut connection: Connection, items: &Receiver<Item>) {
    while let Ok(first) = items.recv() {
        let batch: Vec<Item> = std::iter::once(first).chain(items.try_iter()).collect();
        let transaction = connection.transaction().unwrap();
        for (client, step, _) in &batch {
            one(&transaction, *client, *step);
        }
        transaction.commit().unwrap();
        for (_, _, answer) in batch {
            let _ = answer.send(());
        }
    }
}

fn one(connection: &Connection, client: u64, step: u64) {
    let data = vec![step.to_le_bytes()[0]; BYTES];
    let mut find = connection
        .prepare_cached("SELECT version FROM record WHERE id = ?1")
        .unwrap();
    let id = client.cast_signed();
    let version: i64 = find.query_row([id], |row| row.get(0)).unwrap_or_default();
    let mut put = connection
        .prepare_cached("REPLACE INTO record VALUES (?1, ?2, ?3)")
        .unwrap();
    put.execute(params![id, version + 1, data]).unwrap();
    let mut start = connection
        .prepare_cached("INSERT INTO task (due, data) VALUES (?1, ?2)")
        .unwrap();
    start.execute(params![step.cast_signed(), data]).unwrap();
}

fn copy(connection: &Connection) {
    loop {
        std::thread::sleep(Duration::from_millis(500));
        let done = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        done.unwrap();
    }
}
