//! What is known of each open connection, and the end of those that take too long: to begin, to send a head, to be
//! used again, to take what is written. One watch looks after all of them, so that a connection needs no timer.

mod guard;

pub(crate) use guard::Guard;

use crate::limits::{FIRST_BYTE, HEADERS, IDLE, MAX_CONNECTIONS, TICK, WRITE_STALL};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What a connection should do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Order {
    Go,
    /// End when the requests under way are answered.
    Drain,
    /// End now.
    Stop,
}

/// Where a connection is in its life.
const FRESH: u8 = 0;
const HEAD: u8 = 1;
const BUSY: u8 = 2;
const QUIET: u8 = 3;

/// One connection, as its task and the watch see it. Times are those of the watch, in milliseconds.
#[derive(Debug)]
pub(crate) struct Activity {
    clock: Arc<AtomicU64>,
    phase: AtomicU8,
    since: AtomicU64,
    /// Since when a write waits; 0: none does.
    stalled: AtomicU64,
    /// Requests at work; HTTP/2 may have several.
    active: AtomicU32,
    multiplexed: AtomicBool,
    order: AtomicU8,
    /// Its task, once it has begun.
    task: Mutex<Option<Waker>>,
}

impl Activity {
    fn new(clock: &Arc<AtomicU64>) -> Self {
        Self {
            clock: Arc::clone(clock),
            phase: AtomicU8::new(FRESH),
            since: AtomicU64::new(clock.load(Relaxed)),
            stalled: AtomicU64::new(0),
            active: AtomicU32::new(0),
            multiplexed: AtomicBool::new(false),
            order: AtomicU8::new(Order::Go as u8),
            task: Mutex::default(),
        }
    }

    fn enter(&self, phase: u8) {
        self.since.store(self.clock.load(Relaxed), Relaxed);
        self.phase.store(phase, Relaxed);
    }

    /// A request has begun. HTTP/2 has other things to send than heads, so bytes alone say nothing there.
    pub(crate) fn begin(&self, multiplexed: bool) {
        self.active.fetch_add(1, Relaxed);
        self.multiplexed.store(multiplexed, Relaxed);
        self.phase.store(BUSY, Relaxed);
    }

    /// A request is answered.
    pub(crate) fn end(&self) {
        if self.active.fetch_sub(1, Relaxed) == 1 {
            self.enter(QUIET);
        }
    }

    /// Is a request at work that has the connection for itself?
    fn is_at_work(&self) -> bool {
        self.active.load(Relaxed) != 0 && !self.multiplexed.load(Relaxed)
    }

    fn has_read(&self) {
        let waiting = matches!(self.phase.load(Relaxed), FRESH | QUIET);
        if waiting && !self.multiplexed.load(Relaxed) {
            self.enter(HEAD);
        }
    }

    fn has_stalled(&self) {
        if self.stalled.load(Relaxed) == 0 {
            self.stalled.store(self.clock.load(Relaxed).max(1), Relaxed);
        }
    }

    fn has_written(&self) {
        if self.stalled.load(Relaxed) != 0 {
            self.stalled.store(0, Relaxed);
            self.since.store(self.clock.load(Relaxed), Relaxed);
        }
    }

    /// Has it used up its time?
    fn is_overdue(&self, now: u64) -> bool {
        let passed =
            |since: u64, limit: Duration| u128::from(now.saturating_sub(since)) > limit.as_millis();
        let stalled = self.stalled.load(Relaxed);
        if stalled != 0 && passed(stalled, WRITE_STALL) {
            return true;
        }
        let since = self.since.load(Relaxed);
        match self.phase.load(Relaxed) {
            FRESH => passed(since, FIRST_BYTE),
            HEAD => passed(since, HEADERS),
            QUIET => stalled == 0 && passed(since, IDLE),
            _ => false,
        }
    }

    fn tell(&self, order: Order) {
        self.order.fetch_max(order as u8, Relaxed);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        task.iter().for_each(Waker::wake_by_ref);
    }

    /// Its task is this one: it is woken when its orders change.
    pub(crate) fn belongs_to(&self, task: &Waker) {
        *self.task.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.clone());
    }

    /// What the connection should do now.
    pub(crate) fn order(&self) -> Order {
        match self.order.load(Relaxed) {
            0 => Order::Go,
            1 => Order::Drain,
            _ => Order::Stop,
        }
    }
}

/// All open connections.
#[derive(Debug, Default)]
pub(crate) struct Connections {
    open: Mutex<BTreeMap<u64, Arc<Activity>>>,
    next: AtomicU64,
    clock: Arc<AtomicU64>,
    draining: AtomicBool,
    emptied: Notify,
}

impl Connections {
    /// A further connection; `None`: there are too many.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<Entered> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= MAX_CONNECTIONS {
            return None;
        }
        let (id, activity) = (
            self.next.fetch_add(1, Relaxed),
            Arc::new(Activity::new(&self.clock)),
        );
        open.insert(id, Arc::clone(&activity));
        drop(open);
        if self.draining.load(Relaxed) {
            activity.tell(Order::Drain);
        }
        Some(Entered {
            all: Arc::clone(self),
            id,
            activity,
        })
    }

    /// Ends connections that are overdue, for ever.
    pub(crate) async fn watch(&self) {
        let started = Instant::now();
        let mut ticks = tokio::time::interval(TICK);
        loop {
            ticks.tick().await;
            let now = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.clock.store(now, Relaxed);
            self.each(|activity| {
                if activity.is_overdue(now) {
                    activity.tell(Order::Stop);
                }
            });
        }
    }

    /// Lets all connections end by themselves within `limit`, then ends the others. How many those were.
    pub(crate) async fn drain(&self, limit: Duration) -> usize {
        self.draining.store(true, Relaxed);
        self.each(|activity| activity.tell(Order::Drain));
        let in_time = tokio::time::timeout(limit, self.empty()).await;
        let cut = if in_time.is_ok() { 0 } else { self.count() };
        self.stop();
        cut
    }

    /// Ends all connections now.
    pub(crate) fn stop(&self) {
        self.each(|activity| activity.tell(Order::Stop));
    }

    async fn empty(&self) {
        loop {
            let emptied = self.emptied.notified();
            if self.count() == 0 {
                return;
            }
            emptied.await;
        }
    }

    fn count(&self) -> usize {
        self.open
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .len()
    }

    fn each(&self, visit: impl Fn(&Activity)) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().for_each(|activity| visit(activity));
    }
}

/// A connection that counts; it no longer does when this is dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    all: Arc<Connections>,
    id: u64,
    pub(crate) activity: Arc<Activity>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let mut open = self.all.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&self.id);
        if open.is_empty() {
            self.all.emptied.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Does a connection end by itself within a number of seconds after what happens to it?
    fn ends(seconds: u64, happens: impl FnOnce(&Activity)) -> bool {
        let clock = Arc::new(AtomicU64::new(1_000));
        let activity = Activity::new(&clock);
        happens(&activity);
        activity.is_overdue(1_000 + seconds * 1_000 + 1)
    }

    #[test]
    fn each_way_to_be_slow_has_its_limit() {
        let request = |activity: &Activity| {
            activity.has_read();
            activity.begin(false);
            activity.end();
        };
        assert!(ends(10, |_| {}) && !ends(9, |_| {}), "nothing comes");
        assert!(
            ends(10, Activity::has_read) && !ends(9, Activity::has_read),
            "half a head"
        );
        assert!(
            ends(60, request) && !ends(59, request),
            "nothing more comes"
        );
        assert!(
            !ends(3_600, |activity| activity.begin(false)),
            "a request has limits of its own"
        );
        let stalled = |activity: &Activity| {
            request(activity);
            activity.has_stalled();
        };
        assert!(
            ends(30, stalled) && !ends(29, stalled),
            "the answer is not taken"
        );
    }

    #[test]
    fn bytes_alone_do_not_begin_a_head_on_a_multiplexed_connection() {
        let pinged = |activity: &Activity| {
            activity.begin(true);
            activity.end();
            activity.has_read();
        };
        assert!(!ends(59, pinged) && ends(60, pinged));
    }

    #[test]
    fn the_head_of_a_request_is_not_prolonged_by_its_bytes() {
        let clock = Arc::new(AtomicU64::new(0));
        let activity = Activity::new(&clock);
        for second in 0..=11 {
            clock.store(second * 1_000, Relaxed);
            activity.has_read();
        }
        assert!(activity.is_overdue(11_000));
    }
}
