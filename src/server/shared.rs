//! Something many callers need and one of them fetches: keys of an issuer, the access token of a connection.
//!
//! One request at a time, in a task of its own: a caller who hangs up does not undo it for the others.

use arc_swap::ArcSwapOption;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{self, Duration};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

/// A value that is fetched when it is needed.
pub struct Shared<T> {
    current: ArcSwapOption<T>,
    /// When the last request ended; locked while one is under way.
    flight: Arc<Mutex<Option<Instant>>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self {
            current: ArcSwapOption::empty(),
            flight: Arc::default(),
        }
    }
}

impl<T> fmt::Debug for Shared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("present", &self.current.load().is_some())
            .finish()
    }
}

impl<T: Send + Sync + 'static> Shared<T> {
    /// What was fetched last.
    #[must_use]
    pub fn get(&self) -> Option<Arc<T>> {
        self.current.load_full()
    }

    /// A `good` value: the one that is there, or else what `fetch` brings, unless the last request is not yet
    /// `pause` ago. `None`: there is none before `deadline`.
    pub async fn renew(
        self: &Arc<Self>,
        good: impl Fn(&T) -> bool,
        pause: Duration,
        deadline: time::Instant,
        fetch: impl Future<Output = Option<T>> + Send + 'static,
    ) -> Option<Arc<T>> {
        let found = || self.get().filter(|value| good(value));
        let flight = timeout_at(deadline.into(), Arc::clone(&self.flight).lock_owned())
            .await
            .ok()?;
        // Whoever held the lock before us may have brought it.
        if found().is_none() && is_over(*flight, pause) {
            timeout_at(deadline.into(), self.start(flight, fetch))
                .await
                .ok()?
                .ok()?;
        }
        found()
    }

    /// Fetches a new value while callers go on with the old one.
    pub fn renew_aside(
        self: &Arc<Self>,
        pause: Duration,
        fetch: impl Future<Output = Option<T>> + Send + 'static,
    ) {
        if let Ok(flight) = Arc::clone(&self.flight).try_lock_owned()
            && is_over(*flight, pause)
        {
            drop(self.start(flight, fetch));
        }
    }

    /// Forgets `value`, unless there is another one already.
    pub fn forget(&self, value: &Arc<T>) {
        self.current.compare_and_swap(value, None);
    }

    fn start(
        self: &Arc<Self>,
        mut flight: OwnedMutexGuard<Option<Instant>>,
        fetch: impl Future<Output = Option<T>> + Send + 'static,
    ) -> JoinHandle<()> {
        let this = Arc::clone(self);
        tokio::spawn(async move {
            if let Some(value) = fetch.await {
                this.current.store(Some(Arc::new(value)));
            }
            // From its end on: whoever waited for a request that failed late does not begin another one at once.
            *flight = Some(Instant::now());
        })
    }
}

fn is_over(last: Option<Instant>, pause: Duration) -> bool {
    last.is_none_or(|at| at.elapsed() >= pause)
}
