//! Many at once, a file that is not ours, a disk without space.

use super::{Engine, Refused, block_on, commit, get, open, place, row, write};
use crate::data::Folder;
use crate::state::sqlite::batch::{Desk, Job, Room};
use crate::state::sqlite::open as connect;
use crate::state::{Disk, Health};
use journey_machine::state::{Change, Commit, Seen};
use std::path::Path;
use std::sync::Arc;

fn put(key: u8, data: &[u8]) -> Change {
    Change::Put(place("things", key), row(data))
}

fn error(folder: &Path) -> String {
    let folder = Arc::new(Folder::open(folder).unwrap());
    Disk::open(folder).unwrap_err().to_string()
}

#[test]
fn a_row_inserted_again_is_not_the_one_that_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    write(&engine, commit(vec![], vec![put(1, b"a")])).unwrap();
    let seen = get(&engine, &place("things", 1)).unwrap();
    write(
        &engine,
        commit(vec![], vec![Change::Delete(place("things", 1))]),
    )
    .unwrap();
    write(&engine, commit(vec![], vec![put(1, b"b")])).unwrap();
    let now = get(&engine, &place("things", 1)).unwrap();
    assert_eq!((seen.version, now.version), (1, 1));
    let late = commit(
        vec![Seen::Row(place("things", 1), seen.stamp)],
        vec![put(1, b"c")],
    );
    assert_eq!(write(&engine, late), Err(Refused::Conflict));
    assert_eq!(get(&engine, &place("things", 1)).unwrap().data, b"b");
}

/// Each adds to a number what it read: every addition that was acknowledged is in it, none is in it twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_addition_is_lost_among_many() {
    for room in [Room::default(), super::NONE] {
        add_among_many(room).await;
    }
}

async fn add_among_many(room: Room) {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(super::open_with(folder.path(), room));
    let adders = (0..16).map(|_| tokio::spawn(add(Arc::clone(&engine), 20)));
    let added = futures_util::future::join_all(adders).await;
    let acknowledged: u64 = added.into_iter().map(Result::unwrap).sum();
    let found = engine
        .row(&place("things", 1), super::at(0))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found.data, acknowledged.to_string().into_bytes());
    assert_eq!(found.version, acknowledged);
    assert!(acknowledged >= 20, "somebody is always first");
}

async fn add(engine: Arc<Disk>, attempts: usize) -> u64 {
    let mut acknowledged = 0;
    for _ in 0..attempts {
        let found = engine.row(&place("things", 1), super::at(0)).await.unwrap();
        let number = found
            .as_ref()
            .map_or("0", |f| std::str::from_utf8(&f.data).unwrap());
        let next = number.parse::<u64>().unwrap() + 1;
        let stamp = found.as_ref().map_or(0, |f| f.stamp);
        let seen = vec![Seen::Row(place("things", 1), stamp)];
        let turn = commit(seen, vec![put(1, next.to_string().as_bytes())]);
        match engine.commit(turn).await {
            Ok(()) => acknowledged += 1,
            Err(refused) => assert_eq!(refused, Refused::Conflict),
        }
    }
    acknowledged
}

#[test]
fn a_file_of_a_newer_version_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let file = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
    file.pragma_update(None, "user_version", 99).unwrap();
    drop(file);
    let error = error(folder.path());
    assert!(
        error.contains("written by a newer journey (format 99, this one knows 3)"),
        "{error}"
    );
}

#[test]
fn a_file_that_is_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("state.db"), [b'x'; 8_192]).unwrap();
    let damaged = error(folder.path());
    assert!(damaged.contains("its content is damaged"), "{damaged}");
    std::fs::remove_file(folder.path().join("state.db")).unwrap();
    let other = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
    other.execute_batch("CREATE TABLE other (x)").unwrap();
    drop(other);
    let other = error(folder.path());
    assert!(
        other.contains("it is not a state file of journey"),
        "{other}"
    );
}

/// What format 2 had instead of this one's.
const FORMAT_2: &str = "
    ALTER TABLE row RENAME TO later;
    DROP INDEX row_key;
    DROP INDEX row_expires;
    CREATE TABLE row (
        space INTEGER NOT NULL, key BLOB NOT NULL, version INTEGER NOT NULL, stamp INTEGER NOT NULL, expires INTEGER,
        entries BLOB NOT NULL, data BLOB NOT NULL, PRIMARY KEY (space, key)
    ) WITHOUT ROWID;
    CREATE INDEX row_expires ON row (expires) WHERE expires IS NOT NULL;
    INSERT INTO row SELECT space, key, version, stamp, expires, entries, data FROM later;
    DROP TABLE later;
    PRAGMA user_version = 2;
";
/// What format 1 had not.
const FORMAT_1: &str = "DROP TABLE journal; PRAGMA user_version = 1;";

#[test]
fn a_file_of_a_former_version_is_taken_over() {
    for former in [vec![FORMAT_2], vec![FORMAT_2, FORMAT_1]] {
        let folder = tempfile::tempdir().unwrap();
        let engine = open(folder.path());
        write(&engine, passing(b"old")).unwrap();
        drop(engine);
        let file = rusqlite::Connection::open(folder.path().join("state.db")).unwrap();
        file.execute_batch(&former.concat()).unwrap();
        drop(file);
        let engine = open(folder.path());
        write(&engine, commit(vec![], vec![put(2, b"new")])).unwrap();
        let found = [1, 2].map(|key| get(&engine, &place("things", key)).unwrap());
        assert_eq!(found.map(|found| found.data), [b"stays".as_slice(), b"new"]);
        drop(engine);
        let engine = open(folder.path());
        assert_eq!(get(&engine, &place("things", 2)).unwrap().data, b"new");
        let swept = [5, 5, 5].map(|now| block_on(engine.sweep(super::at(now))).unwrap());
        assert_eq!(swept, [200, 50, 0]);
    }
}

#[test]
fn what_only_the_journal_of_a_former_version_has_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let connection = connect::writer(&folder.path().join("state.db")).unwrap();
    let mut desk = Desk::open(connection, Room::default()).unwrap();
    let written = desk.run(&[Job::Commit(commit(vec![], vec![put(1, b"a")]))]);
    assert_eq!(written, [Ok(0)]);
    desk.connection().execute_batch(FORMAT_2).unwrap();
    drop(desk);
    let engine = open(folder.path());
    assert_eq!(get(&engine, &place("things", 1)).unwrap().data, b"a");
}

#[test]
fn the_file_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    write(&engine, commit(vec![], vec![put(1, b"a")])).unwrap();
    for file in ["state.db", "state.db-wal", "state.db-shm"] {
        let mode = std::fs::metadata(folder.path().join(file))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn without_space_nothing_is_written_and_with_space_all_works_again() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let connection = connect::writer(&folder.path().join("state.db")).unwrap();
    let mut desk = Desk::open(connection, Room::default()).unwrap();
    let mut run = |pages: i64, changes: Vec<Change>| {
        desk.connection()
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
        desk.run(&[Job::Commit(commit(vec![], changes))])
    };
    assert_eq!(run(20, vec![put(1, b"small")]), [Ok(0)]);
    let large = || vec![put(1, b"changed"), put(2, &[7; 200_000])];
    assert_eq!(run(20, large()), [Err(Refused::Full)]);
    assert_eq!(run(20, vec![put(3, b"small")]), [Ok(0)]);
    assert_eq!(run(1_000, large()), [Ok(0)]);
    drop(desk);
    let engine = open(folder.path());
    let first = get(&engine, &place("things", 1)).unwrap();
    assert_eq!((first.version, &*first.data), (2, b"changed".as_slice()));
    assert_eq!(engine.health(), Health::Ready);
}

#[test]
fn what_has_expired_is_deleted_a_few_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let engine = open(folder.path());
    write(&engine, passing(b"old")).unwrap();
    drop(engine);
    let engine = open(folder.path());
    let swept = [4, 5, 5, 5].map(|now| block_on(engine.sweep(super::at(now))).unwrap());
    assert_eq!(swept, [0, 200, 50, 0]);
    assert_eq!(get(&engine, &place("things", 1)).unwrap().data, b"stays");
}

/// 250 rows that expire at 5, and one that stays.
fn passing(data: &[u8]) -> Commit {
    let old = |key: u16| {
        let mut old = row(data);
        old.expires = Some(super::at(5));
        let mut place = place("things", 0);
        place.key = key.to_be_bytes().to_vec();
        Change::Put(place, old)
    };
    Commit {
        now: super::at(0),
        seen: vec![],
        changes: (0..250).map(old).chain([put(1, b"stays")]).collect(),
    }
}

#[test]
fn space_of_what_is_deleted_is_given_back() {
    let folder = tempfile::tempdir().unwrap();
    let size = || {
        let file = std::fs::metadata(folder.path().join("state.db"));
        file.unwrap().len()
    };
    let engine = open(folder.path());
    write(&engine, passing(&[7; 40_000])).unwrap();
    drop(engine);
    let full = size();
    let engine = open(folder.path());
    while let 1.. = block_on(engine.sweep(super::at(5))).unwrap() {}
    drop(engine);
    assert!(full > 10_000_000 && size() < full / 2, "{full} {}", size());
    let engine = open(folder.path());
    assert_eq!(get(&engine, &place("things", 1)).unwrap().data, b"stays");
}
