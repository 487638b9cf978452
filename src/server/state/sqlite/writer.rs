//! The thread that writes. While the disk works on one batch the next gathers: the more turns there are, the more share a wait.

use super::batch::{Desk, Job, Verdict};
use super::checkpoint::Checkpoints;
use crate::limits::{BATCH_TURNS, PROBE_PAUSE, SETTLE_PAUSE, SETTLE_STEP, SETTLED_LAST, SETTLED_ROWS, WAITING_TURNS};
use crate::state::{Health, Refused};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tokio::sync::oneshot;

/// A job, and who waits for it.
type Item = (Job, oneshot::Sender<Verdict>);

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
        let (answer, verdict) = oneshot::channel();
        let sent = match &self.queue {
            Some(queue) => queue.try_send((job, answer)).is_ok(),
            None => false,
        };
        async move {
            if !sent {
                return Err(Refused::Busy);
            }
            verdict.await.unwrap_or(Err(Refused::Failed))
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
            for (waiting, verdict) in waiting.into_iter().zip(verdicts) {
                // Whoever waited may have hung up; what was to be written is written.
                let _ = waiting.send(verdict);
            }
            self.checkpoints.written(self.desk.connection());
        }
        // Whoever opens the file has all of it in the tables; if it cannot be, it is in the journal.
        while self.desk.is_behind() && self.desk.settle(SETTLED_LAST) {}
    }

    /// All that waits. While the disk fails, a probe from time to time; `None` at the end.
    fn gather(&mut self) -> Option<Vec<Item>> {
        let mut pause = SETTLE_PAUSE;
        let first = loop {
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
                Err(RecvTimeoutError::Timeout) => break (Job::Probe, oneshot::channel().0),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        };
        let more = self.jobs.try_iter().take(BATCH_TURNS - 1);
        Some(std::iter::once(first).chain(more).collect())
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
