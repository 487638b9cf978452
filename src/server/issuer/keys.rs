//! An issuer's keys as we have them: fetched when first needed, refreshed now and then, kept while the issuer is away.
//!
//! One request at a time, in a task of its own: a caller who hangs up does not undo it for the others.

use super::source::{FetchError, Source};
use crate::limits::{KEYS_COOL_DOWN, KEYS_FRESH, KEYS_RETRY, KEYS_STALE};
use crate::outbound::Outbound;
use crate::token::{Algorithm, Fingerprint, KeySet};
use arc_swap::ArcSwapOption;
use journey_machine::value::Str;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::timeout_at;

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    issuer: Str,
    source: Source,
    algorithms: Vec<Algorithm>,
    client: Outbound,
    current: ArcSwapOption<Fetched>,
    /// When the last request began; locked while one is under way.
    flight: Arc<Mutex<Option<Instant>>>,
}

/// Keys, and when they came.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) set: KeySet,
    /// Counts the different sets of this issuer.
    pub(super) generation: u64,
    document: Fingerprint,
    at: Instant,
}

impl RemoteKeys {
    pub(super) fn new(
        issuer: Str,
        source: Source,
        algorithms: Vec<Algorithm>,
        client: Outbound,
    ) -> Self {
        let (current, flight) = (ArcSwapOption::empty(), Arc::default());
        Self {
            issuer,
            source,
            algorithms,
            client,
            current,
            flight,
        }
    }

    /// The keys we have. Old ones are refreshed in the background; too old ones are none.
    pub(super) fn known(self: &Arc<Self>) -> Option<Arc<Fetched>> {
        let keys = self.current.load_full()?;
        let age = keys.at.elapsed();
        if age >= KEYS_FRESH
            && let Ok(flight) = Arc::clone(&self.flight).try_lock_owned()
            && is_over(*flight, KEYS_COOL_DOWN)
        {
            drop(self.refresh(flight));
        }
        (age < KEYS_STALE).then_some(keys)
    }

    /// The keys, asked for if there are none; `None`: they cannot be had before `deadline`.
    pub(super) async fn wait(self: &Arc<Self>, deadline: Instant) -> Option<Arc<Fetched>> {
        match self.known() {
            Some(keys) => Some(keys),
            None => self.newer(None, KEYS_RETRY, deadline).await,
        }
    }

    /// Newer keys than `seen`, which lack the key a token names; `None`: there are none, or it is too soon to ask again.
    pub(super) async fn newer_than(
        self: &Arc<Self>,
        seen: &Fetched,
        deadline: Instant,
    ) -> Option<Arc<Fetched>> {
        self.newer(Some(seen.generation), KEYS_COOL_DOWN, deadline)
            .await
    }

    async fn newer(
        self: &Arc<Self>,
        seen: Option<u64>,
        pause: Duration,
        deadline: Instant,
    ) -> Option<Arc<Fetched>> {
        let found = || {
            self.current
                .load_full()
                .filter(|keys| keys.at.elapsed() < KEYS_STALE && Some(keys.generation) != seen)
        };
        let flight = timeout_at(deadline.into(), Arc::clone(&self.flight).lock_owned())
            .await
            .ok()?;
        // Whoever held the lock before us may have brought them.
        if found().is_none() && is_over(*flight, pause) {
            let refresh = self.refresh(flight);
            timeout_at(deadline.into(), refresh).await.ok()?.ok()?;
        }
        found()
    }

    fn refresh(
        self: &Arc<Self>,
        mut flight: OwnedMutexGuard<Option<Instant>>,
    ) -> tokio::task::JoinHandle<()> {
        let this = Arc::clone(self);
        *flight = Some(Instant::now());
        tokio::spawn(async move {
            match this.source.fetch(&this.client, &this.algorithms).await {
                Ok((set, document)) => this.replace(set, document),
                Err(error) => this.report(error),
            }
            drop(flight);
        })
    }

    fn replace(&self, set: KeySet, document: Fingerprint) {
        let generation = match self.current.load().as_ref() {
            Some(known) if known.document == document => known.generation,
            Some(known) => known.generation + 1,
            None => 0,
        };
        self.current.store(Some(Arc::new(Fetched {
            set,
            generation,
            document,
            at: Instant::now(),
        })));
    }

    fn report(&self, error: FetchError) {
        let kept = self.current.load().is_some();
        tracing::warn!(issuer = %self.issuer, %error, kept, "the keys of an issuer cannot be fetched");
    }
}

fn is_over(last: Option<Instant>, pause: Duration) -> bool {
    last.is_none_or(|at| at.elapsed() >= pause)
}
