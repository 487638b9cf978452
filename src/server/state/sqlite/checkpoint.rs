//! Checkpoints: what was committed to the log is copied into the file, so that the log can begin anew.
//!
//! A thread copies beside the writing and the reading. As the log grows meanwhile, it seldom gets to its end; so when the log
//! has grown long, the thread copies until little is left, and the writer, between two batches, copies that and begins the
//! log anew. Its file is written over, not cut, which would take longer than the copying.

use crate::limits::{CHECKPOINT_PAUSE, CHECKPOINT_ROUNDS, LEFT_PAGES, LOG_PAGES};
use rusqlite::{Connection, Result};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// The writer's end; dropping it ends the thread.
#[derive(Debug)]
pub(super) struct Checkpoints {
    news: Option<SyncSender<()>>,
    signs: Arc<Signs>,
    thread: Option<JoinHandle<()>>,
}

/// What the two threads tell each other without waking.
#[derive(Debug, Default)]
struct Signs {
    /// The thread knows that something was written, and has not begun to copy it.
    due: AtomicBool,
    /// The writer is to copy the rest of the log and begin it anew.
    long: AtomicBool,
}

impl Checkpoints {
    /// Starts the thread.
    pub(super) fn start(connection: Connection) -> io::Result<Self> {
        let (news, written) = sync_channel(1);
        let signs = Arc::<Signs>::default();
        let shared = Arc::clone(&signs);
        let thread = thread::Builder::new().name("state-checkpoint".to_owned());
        let thread = thread.spawn(move || run(&connection, &written, &shared))?;
        Ok(Self {
            news: Some(news),
            signs,
            thread: Some(thread),
        })
    }

    /// Something was written by `writer`; it has no transaction open.
    pub(super) fn written(&self, writer: &Connection) {
        if self.signs.long.swap(false, Ordering::Relaxed) {
            note(checkpoint(writer, "RESTART"));
        }
        if let Some(news) = &self.news
            && !self.signs.due.swap(true, Ordering::AcqRel)
        {
            // There is room: the thread takes the news before it says that it wants others.
            let _ = news.try_send(());
        }
    }
}

impl Drop for Checkpoints {
    fn drop(&mut self) {
        drop(self.news.take());
        if let Some(thread) = self.thread.take() {
            // It has nothing to say: a checkpoint that was not made is made when the file is opened.
            let _ = thread.join();
        }
    }
}

fn run(connection: &Connection, written: &Receiver<()>, signs: &Signs) {
    while written.recv().is_ok() && pause(written) {
        signs.due.store(false, Ordering::Release);
        // The writer would have to wait for what is copied here.
        if signs.long.load(Ordering::Relaxed) {
            continue;
        }
        let mut log = note(checkpoint(connection, "PASSIVE"));
        let behind = |log: &Option<Log>| log.as_ref().is_some_and(Log::is_behind);
        for _ in 0..CHECKPOINT_ROUNDS {
            if !behind(&log) {
                break;
            }
            log = note(checkpoint(connection, "PASSIVE"));
        }
        let long = &signs.long;
        long.store(log.is_some_and(|log| log.is_long()), Ordering::Relaxed);
    }
}

/// The log after a checkpoint, in pages.
struct Log {
    pages: i64,
    copied: i64,
}

impl Log {
    fn is_long(&self) -> bool {
        self.pages > LOG_PAGES
    }

    /// Is so much left that the writer should not be the one to copy it?
    fn is_behind(&self) -> bool {
        self.is_long() && self.pages.saturating_sub(self.copied) > LEFT_PAGES
    }
}

/// Lets a while pass, so that pages written again and again are copied once; `false`: the writer has ended.
fn pause(written: &Receiver<()>) -> bool {
    written.recv_timeout(CHECKPOINT_PAUSE) != Err(RecvTimeoutError::Disconnected)
}

fn checkpoint(connection: &Connection, mode: &str) -> Result<Log> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    connection.query_row(&sql, [], |row| {
        Ok(Log {
            pages: row.get(1)?,
            copied: row.get(2)?,
        })
    })
}

/// A checkpoint that fails is made later; the log keeps everything until then.
fn note(done: Result<Log>) -> Option<Log> {
    done.inspect_err(|error| tracing::warn!(%error, "the log of state cannot be copied yet"))
        .ok()
}
