//! What becomes of a job, told to whoever waits for it. All who wait for one batch are woken by a single call from outside
//! their event loop, which costs more than all else of an answer: the first of them wakes the others.

use super::batch::Verdict;
use crate::state::Refused;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Resolves to the verdict.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Mutex<State>>);

/// The end of whoever does the job; dropping it is a verdict, too.
#[derive(Debug)]
pub(super) struct Promise(Arc<Mutex<State>>);

/// Those of a batch who have a verdict and were not woken yet.
#[derive(Debug, Default)]
pub(super) struct Rest(Mutex<Vec<Waker>>);

#[derive(Debug)]
enum State {
    Open(Option<Waker>),
    Done(Verdict, Arc<Rest>),
}

/// The two ends.
pub(super) fn ticket() -> (Promise, Ticket) {
    let state = Arc::new(Mutex::new(State::Open(None)));
    (Promise(Arc::clone(&state)), Ticket(state))
}

/// Gives all their verdicts and wakes one. Whoever calls wakes the [`Rest`] after a moment: the one who was woken may not
/// come to it.
pub(super) fn answer(promises: Vec<Promise>, verdicts: Vec<Verdict>) -> Arc<Rest> {
    let rest = Arc::<Rest>::default();
    let pairs = promises.into_iter().zip(verdicts);
    let mut wakers = pairs.filter_map(|(promise, verdict)| promise.settle(verdict, &rest));
    let first = wakers.next();
    let others = wakers.collect();
    *lock(&rest.0) = others;
    if let Some(first) = first {
        first.wake();
    }
    rest
}

impl Promise {
    /// The first verdict counts.
    fn settle(&self, verdict: Verdict, rest: &Arc<Rest>) -> Option<Waker> {
        let mut state = lock(&self.0);
        let State::Open(waker) = &mut *state else {
            return None;
        };
        let waker = waker.take();
        *state = State::Done(verdict, Arc::clone(rest));
        waker
    }
}

impl Drop for Promise {
    fn drop(&mut self) {
        if let Some(waker) = self.settle(Err(Refused::Failed), &Arc::default()) {
            waker.wake();
        }
    }
}

impl Rest {
    pub(super) fn wake(&self) {
        let wakers = std::mem::take(&mut *lock(&self.0));
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Future for Ticket {
    type Output = Verdict;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Verdict> {
        let (verdict, rest) = match &mut *lock(&self.0) {
            State::Open(waker) => {
                *waker = Some(context.waker().clone());
                return Poll::Pending;
            }
            State::Done(verdict, rest) => (*verdict, Arc::clone(rest)),
        };
        rest.wake();
        Poll::Ready(verdict)
    }
}

impl Drop for Ticket {
    /// Whoever waited may have been the one to wake the others.
    fn drop(&mut self) {
        let rest = match &*lock(&self.0) {
            State::Open(_) => return,
            State::Done(_, rest) => Arc::clone(rest),
        };
        rest.wake();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::task::{ArcWake, waker};
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl ArcWake for Count {
        fn wake_by_ref(count: &Arc<Self>) {
            count.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(ticket: &mut Ticket, count: &Arc<Count>) -> Poll<Verdict> {
        let waker = waker(Arc::clone(count));
        Pin::new(ticket).poll(&mut Context::from_waker(&waker))
    }

    /// Tickets that somebody waits for, answered, and how often somebody was woken so far.
    fn answered(tickets: usize) -> (Vec<Ticket>, Arc<Rest>, Arc<Count>) {
        let count = Arc::<Count>::default();
        let (promises, mut tickets): (Vec<_>, Vec<_>) = (0..tickets).map(|_| ticket()).unzip();
        for ticket in &mut tickets {
            assert_eq!(poll(ticket, &count), Poll::Pending);
        }
        let verdicts = (0..tickets.len()).map(Ok).collect();
        (tickets, answer(promises, verdicts), count)
    }

    fn woken(count: &Count) -> usize {
        count.0.load(Ordering::Relaxed)
    }

    #[test]
    fn the_first_one_woken_wakes_the_others_once() {
        let (mut tickets, rest, count) = answered(5);
        assert_eq!(woken(&count), 1);
        for (number, ticket) in tickets.iter_mut().enumerate() {
            assert_eq!(poll(ticket, &count), Poll::Ready(Ok(number)));
        }
        rest.wake();
        assert_eq!(woken(&count), 5);
    }

    #[test]
    fn the_others_are_woken_if_the_first_one_has_hung_up_or_does_nothing() {
        let (mut tickets, _, count) = answered(5);
        tickets.remove(0);
        assert_eq!(woken(&count), 5);
        let (_tickets, rest, count) = answered(5);
        rest.wake();
        assert_eq!(woken(&count), 5);
    }

    #[test]
    fn a_job_nobody_does_has_failed() {
        let count = Arc::<Count>::default();
        let (promise, mut ticket) = ticket();
        assert_eq!(poll(&mut ticket, &count), Poll::Pending);
        drop(promise);
        assert_eq!(poll(&mut ticket, &count), Poll::Ready(Err(Refused::Failed)));
        assert_eq!(woken(&count), 1);
    }
}
