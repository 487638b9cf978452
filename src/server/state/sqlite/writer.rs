//! The thread that writes. While the disk works on one batch the next gathers: the more turns there are, the more share a wait.
//! Where those who make turns have the same core, they go on before a batch is closed, as far as they come: a thread that
//! is woken would take the core from them at once, and write each turn by itself.

use super::batch::{Desk, Job, Verdict};
use super::checkpoint::Checkpoints;
use super::ticket::{self, Promise};
use crate::limits::{
    BATCH_TURNS, PROBE_PAUSE, SETTLE_PAUSE, SETTLE_STEP, SETTLED_LAST, SETTLED_ROWS, WAITING_TURNS,
};
use crate::state::{Health, Refused};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// A job, and who waits for it.
type Item = (Job, Promise);

/// The way to the thread that writes; dropping it ends the thread, after all that waits has been written.
#[derive(Debug)]
pub(super) struct Writer {
    queue: Option<SyncSender<Item>>,
    thread: Option<JoinHandle<()>>,
    health: Arc<Mutex<Health>>,
}

impl Writer {
    /// Starts the thread.
    pub(super) fn start(desk: Desk, checkpoints: Checkpoints) -> io::Result<Self> {
        let (queue, jobs) = sync_channel(WAITING_TURNS);
        let health = Arc::default();
        let work = Work {
            desk,
            checkpoints,
            jobs,
            health: Arc::clone(&health),
        };
        let thread = thread::Builder::new().name("state".to_owned());
        let thread = thread.spawn(move || work.run())?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
            health,
        })
    }

    /// What becomes of a job. It is done even if nobody waits for this any more.
    pub(super) fn send(&self, job: Job) -> impl Future<Output = Verdict> + use<> {
        let (promise, ticket) = ticket::ticket();
        let sent = match &self.queue {
            Some(queue) => queue.try_send((job, promise)).is_ok(),
            None => false,
        };
        async move {
            if !sent {
                return Err(Refused::Busy);
            }
            ticket.await
        }
    }

    pub(super) fn health(&self) -> Health {
        *self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that writes state ended by a panic");
        }
    }
}

/// What the thread has.
struct Work {
    desk: Desk,
    checkpoints: Checkpoints,
    jobs: Receiver<Item>,
    health: Arc<Mutex<Health>>,
}

impl Work {
    fn run(mut self) {
        while let Some(items) = self.gather() {
            let (jobs, waiting): (Vec<_>, Vec<_>) = items.into_iter().unzip();
            let verdicts = self.desk.run(&jobs);
            self.note(&verdicts);
            let rest = ticket::answer(waiting, verdicts);
            thread::yield_now();
            rest.wake();
            self.checkpoints.written(self.desk.connection());
        }
        // Whoever opens the file has all of it in the tables; if it cannot be, it is in the journal.
        while self.desk.is_behind() && self.desk.settle(SETTLED_LAST) {}
    }

    /// All that waits; `None` at the end.
    fn gather(&mut self) -> Option<Vec<Item>> {
        let first = match self.jobs.try_recv() {
            Ok(item) => item,
            Err(TryRecvError::Empty) => self.wait()?,
            Err(TryRecvError::Disconnected) => return None,
        };
        let more = self.jobs.try_iter().take(BATCH_TURNS - 1);
        Some(std::iter::once(first).chain(more).collect())
    }

    /// The next that comes. While the disk fails, a probe from time to time; `None` at the end.
    fn wait(&mut self) -> Option<Item> {
        let mut pause = SETTLE_PAUSE;
        let item = loop {
            let wait = match self.health() {
                Health::Full | Health::Failed => PROBE_PAUSE,
                Health::Ready if self.desk.is_behind() => pause,
                Health::Ready => break self.jobs.recv().ok()?,
            };
            match self.jobs.recv_timeout(wait) {
                Ok(item) => break item,
                Err(RecvTimeoutError::Timeout) if self.health() == Health::Ready => {
                    self.settle();
                    pause = SETTLE_STEP;
                }
                Err(RecvTimeoutError::Timeout) => return Some((Job::Probe, ticket::ticket().0)),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        };
        thread::yield_now();
        Some(item)
    }

    /// Nobody writes: the tables follow.
    fn settle(&mut self) {
        if !self.desk.settle(SETTLED_ROWS) {
            self.note(&[Err(Refused::Failed)]);
        }
        self.checkpoints.written(self.desk.connection());
    }

    /// Takes down whether the disk works. What could not be written may lie in the log nonetheless, and would count after a
    /// crash; the next write, however small, undoes that.
    fn note(&mut self, verdicts: &[Verdict]) {
        let found = health(verdicts);
        let before = std::mem::replace(&mut *self.lock(), found);
        match (before, found) {
            (Health::Ready, Health::Ready) => {}
            (_, Health::Ready) => tracing::info!("state can be written again"),
            (_, Health::Full | Health::Failed) => {
                self.desk.run(&[Job::Probe]);
            }
        }
    }

    fn health(&self) -> Health {
        *self.lock()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn health(verdicts: &[Verdict]) -> Health {
    let failed = verdicts.iter().find_map(|verdict| match verdict {
        Err(Refused::Full) => Some(Health::Full),
        Err(Refused::Failed) => Some(Health::Failed),
        Ok(_) | Err(Refused::Conflict | Refused::Busy) => None,
    });
    failed.unwrap_or_default()
}
