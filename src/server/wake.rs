//! How the task of a connection is woken. One that takes the last piece of a body wakes itself, to read on what has been
//! read to its end: that would be one poll in two.

use std::cell::Cell;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

/// What wakes the task of a connection, made once for the task: all that its parts keep is a pointer to it.
#[derive(Debug)]
pub(crate) struct Relay {
    task: Waker,
    quiet: Waker,
}

/// Wakes a task, unless that is hushed.
#[derive(Debug)]
struct Quiet(Waker);

/// What this thread does, as far as it matters to who is woken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    /// Anything else.
    Other,
    /// It polls a connection, in whose task its requests run: those of HTTP/2 have tasks of their own.
    Connection,
    /// It polls a connection that is not to be woken.
    Hushed,
    /// The same, and the connection would have been woken.
    Missed,
}

thread_local! {
    static DOING: Cell<Doing> = const { Cell::new(Doing::Other) };
}

/// Goes back to what was done before, however this ends.
struct Until(Doing);

impl Until {
    fn enter(doing: Doing) -> Self {
        Self(DOING.replace(doing))
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        DOING.set(self.0);
    }
}

impl Relay {
    pub(crate) fn to(task: &Waker) -> Self {
        Self {
            task: task.clone(),
            quiet: Waker::from(Arc::new(Quiet(task.clone()))),
        }
    }

    pub(crate) fn leads_to(&self, task: &Waker) -> bool {
        self.task.will_wake(task)
    }
}

impl Wake for Quiet {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        match DOING.get() {
            Doing::Hushed | Doing::Missed => DOING.set(Doing::Missed),
            Doing::Other | Doing::Connection => self.0.wake_by_ref(),
        }
    }
}

/// Polls a connection with its relay.
pub(crate) fn connection<T>(relay: &Relay, poll: impl FnOnce(&mut Context<'_>) -> T) -> T {
    let _until = Until::enter(Doing::Connection);
    poll(&mut Context::from_waker(&relay.quiet))
}

/// Polls a part of a request. Its connection is woken by that only if `wakes` says so of the rest.
pub(crate) fn quietly<P, T>(
    part: &mut P,
    context: &mut Context<'_>,
    poll: impl FnOnce(&mut P, &mut Context<'_>) -> Poll<T>,
    wakes: impl FnOnce(&P) -> bool,
) -> Poll<T> {
    if DOING.get() != Doing::Connection {
        return poll(part, context);
    }
    let until = Until::enter(Doing::Hushed);
    let polled = poll(part, context);
    let missed = DOING.get() == Doing::Missed;
    drop(until);
    if missed && wakes(part) {
        context.waker().wake_by_ref();
    }
    polled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }

    /// How often the task is woken, by a part that wakes it while it is polled.
    fn woken(inside: bool, wakes: bool) -> usize {
        let count = Arc::<Count>::default();
        let relay = Relay::to(&Waker::from(Arc::clone(&count)));
        let poll = |context: &mut Context<'_>| {
            let part = |_: &mut (), context: &mut Context<'_>| {
                context.waker().wake_by_ref();
                Poll::Ready(())
            };
            quietly(&mut (), context, part, |()| wakes)
        };
        let polled = if inside {
            connection(&relay, poll)
        } else {
            poll(&mut Context::from_waker(&relay.quiet))
        };
        assert!(polled.is_ready());
        count.0.load(Relaxed)
    }

    #[test]
    fn a_connection_is_hushed_only_while_it_is_polled_and_only_if_nothing_is_left() {
        assert_eq!(woken(true, false), 0);
        assert_eq!(woken(true, true), 1);
        assert_eq!(woken(false, false), 1, "as in a task of its own");
    }
}
