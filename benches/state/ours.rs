//! The engine as a turn uses it.

use super::{BYTES, CLIENTS, Steps};
use journey_machine::state::{Change, Commit, Entry, Place, Row, Seen};
use journey_machine::value::{Str, Timestamp};
use journey_server::data::Folder;
use journey_server::state::{Disk, Engine};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

pub(super) struct Ours {
    folder: PathBuf,
    engine: Arc<Disk>,
}

impl Ours {
    pub(super) fn open(folder: &Path) -> Self {
        let locked = Folder::open(folder).unwrap();
        Self {
            folder: folder.to_owned(),
            engine: Arc::new(Disk::open(Arc::new(locked)).unwrap()),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) async fn read(&self, key: u64) {
        self.engine
            .row(&place("record", key), Timestamp::EPOCH)
            .await
            .unwrap();
    }

    /// Reads a second, as many readers at once as there are threads.
    pub(super) async fn reads(&self, length: Duration) -> f64 {
        let (begin, count) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let readers = (0..2).map(|reader| {
            let (engine, count) = (Arc::clone(&self.engine), Arc::clone(&count));
            tokio::spawn(async move {
                for i in reader.. {
                    let place = place("record", i % CLIENTS);
                    engine.row(&place, Timestamp::EPOCH).await.unwrap().unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                    if i % 64 == 0 && begin.elapsed() > length {
                        break;
                    }
                }
            })
        });
        for reader in readers.collect::<Vec<_>>() {
            reader.await.unwrap();
        }
        count.load(Ordering::Relaxed) as f64 / begin.elapsed().as_secs_f64()
    }

    pub(super) async fn fill(&self, records: u64) {
        for hundred in 0..records / 100 {
            let keys = (0..100).map(|i| CLIENTS + hundred * 100 + i);
            let changes = keys.map(|key| Change::Put(place("record", key), row(key, Vec::new())));
            self.commit(Vec::new(), changes.collect()).await;
        }
    }

    pub(super) fn megabytes(&self) -> f64 {
        let files = std::fs::read_dir(&self.folder).unwrap();
        let bytes = files.map(|file| file.unwrap().metadata().unwrap().len());
        bytes.sum::<u64>() as f64 / 1e6
    }

    async fn commit(&self, seen: Vec<Seen>, changes: Vec<Change>) {
        let commit = Commit {
            now: Timestamp::EPOCH,
            seen,
            changes,
        };
        self.engine.commit(commit).await.unwrap();
    }
}

impl Steps for Ours {
    async fn step(&self, client: u64, step: u64) {
        let (record, task) = (place("record", client), place("$run", (step << 8) + client));
        let found = self.engine.row(&record, Timestamp::EPOCH).await.unwrap();
        let stamp = found.map_or(0, |found| found.stamp);
        let due = Entry {
            index: Str::from("due"),
            value: step.to_be_bytes().to_vec(),
            unique: false,
        };
        let changes = vec![
            Change::Put(record.clone(), row(step, Vec::new())),
            Change::Put(task, row(step, vec![due])),
        ];
        self.commit(vec![Seen::Row(record, stamp)], changes).await;
    }
}

fn place(space: &str, key: u64) -> Place {
    Place {
        space: Str::from(space),
        key: key.to_be_bytes().to_vec(),
    }
}

fn row(number: u64, entries: Vec<Entry>) -> Row {
    Row {
        data: vec![number.to_le_bytes()[0]; BYTES],
        record: None,
        entries,
        expires: None,
    }
}
