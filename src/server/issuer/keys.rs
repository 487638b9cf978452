//! An issuer's keys as we have them: fetched when first needed, refreshed now and then, kept while the issuer is away.

use super::source::Source;
use crate::limits::{KEYS_COOL_DOWN, KEYS_FRESH, KEYS_RETRY, KEYS_STALE};
use crate::outbound::Outbound;
use crate::shared::Shared;
use crate::token::{Algorithm, Fingerprint, KeySet};
use journey_machine::value::Str;
use std::future::Future;
use std::sync::Arc;
use std::time;
use tokio::time::Instant;

/// The keys of one issuer.
#[derive(Debug)]
pub(super) struct RemoteKeys {
    shared: Arc<Shared<Fetched>>,
    place: Arc<Place>,
}

/// Where they come from.
#[derive(Debug)]
struct Place {
    issuer: Str,
    source: Source,
    algorithms: Vec<Algorithm>,
    client: Outbound,
}

/// Keys, and when they came.
#[derive(Debug)]
pub(super) struct Fetched {
    pub(super) set: KeySet,
    /// Stands for the document they came in.
    pub(super) document: Fingerprint,
    at: Instant,
}

impl RemoteKeys {
    pub(super) fn new(
        issuer: Str,
        source: Source,
        algorithms: Vec<Algorithm>,
        client: Outbound,
    ) -> Self {
        let place = Arc::new(Place {
            issuer,
            source,
            algorithms,
            client,
        });
        Self {
            shared: Arc::default(),
            place,
        }
    }

    /// The keys we have. Old ones are refreshed in the background; too old ones are none.
    pub(super) fn known(&self) -> Option<Arc<Fetched>> {
        let keys = self.shared.get()?;
        if keys.at.elapsed() >= KEYS_FRESH {
            self.shared.renew_aside(KEYS_COOL_DOWN, self.fetch());
        }
        usable(&keys).then_some(keys)
    }

    /// The keys, asked for if there are none; `None`: they cannot be had before `deadline`.
    pub(super) async fn wait(&self, deadline: time::Instant) -> Option<Arc<Fetched>> {
        match self.known() {
            Some(keys) => Some(keys),
            None => {
                self.shared
                    .renew(usable, KEYS_RETRY, deadline, self.fetch())
                    .await
            }
        }
    }

    /// Other keys than `seen`, which lack the key a token names; `None`: there are none, or it is too soon to ask again.
    pub(super) async fn newer_than(
        &self,
        seen: &Fetched,
        deadline: time::Instant,
    ) -> Option<Arc<Fetched>> {
        let newer = |keys: &Fetched| usable(keys) && keys.document != seen.document;
        self.shared
            .renew(newer, KEYS_COOL_DOWN, deadline, self.fetch())
            .await
    }

    fn fetch(&self) -> impl Future<Output = Option<Fetched>> + Send + 'static {
        let place = Arc::clone(&self.place);
        async move {
            match place.source.fetch(&place.client, &place.algorithms).await {
                Ok((set, document)) => Some(Fetched {
                    set,
                    document,
                    at: Instant::now(),
                }),
                Err(error) => {
                    tracing::warn!(issuer = %place.issuer, %error, "the keys of an issuer cannot be fetched");
                    None
                }
            }
        }
    }
}

fn usable(keys: &Fetched) -> bool {
    keys.at.elapsed() < KEYS_STALE
}
