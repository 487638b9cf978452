//! Where an issuer's keys come from: its key set, found directly or through its discovery document.

use crate::discovery::{Discovery, FetchError, get};
use crate::outbound::{Outbound, absolute};
use crate::token::{Algorithm, Fingerprint, KeySet};
use hyper::Uri;

/// Where to ask.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// The discovery document.
    Discovery(Discovery),
    /// The key set.
    Jwks(Uri),
}

impl Source {
    /// The keys that can be used for `algorithms`, and what stands for the document they came in.
    pub(super) async fn fetch(
        &self,
        client: &Outbound,
        algorithms: &[Algorithm],
    ) -> Result<(KeySet, Fingerprint), FetchError> {
        let jwks = match self {
            Self::Jwks(uri) => uri.clone(),
            Self::Discovery(discovery) => {
                let found = discovery.endpoint(client, "jwks_uri").await?;
                absolute(&found).map_err(|_| FetchError::Endpoint)?
            }
        };
        let document = get(client, jwks).await?;
        let keys = KeySet::from_jwks(&document, algorithms).filter(|keys| !keys.is_empty());
        Ok((keys.ok_or(FetchError::KeySet)?, Fingerprint::of(&document)))
    }
}
