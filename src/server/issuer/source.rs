//! Where an issuer's keys come from: its key set, found directly or through its discovery document.

use crate::limits::KEYS_FETCH;
use crate::outbound::{Failure, Outbound, absolute};
use crate::token::{Algorithm, Fingerprint, KeySet};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::ACCEPT;
use hyper::{Request, StatusCode, Uri};
use serde::Deserialize;
use tokio::time::Instant;

const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Where to ask.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// The discovery document of `issuer`.
    Discovery { document: Uri, issuer: String },
    /// The key set.
    Jwks(Uri),
}

/// Why keys cannot be had, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    #[error("{0}")]
    Failure(#[from] Failure),
    #[error("the answer is not 200")]
    Status,
    #[error("the discovery document is not one")]
    Document,
    #[error("the discovery document is another issuer's")]
    Issuer,
    #[error("the discovery document names no usable key set URL")]
    KeySetUrl,
    #[error("the key set is not one, or has no usable key")]
    KeySet,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

impl Source {
    /// The discovery document of the issuer at `url`, given as the issuer's URL or the document's.
    pub(super) fn discovery(url: &str, issuer: Option<&str>) -> Option<Self> {
        let base = url.strip_suffix(WELL_KNOWN).unwrap_or(url);
        let document = absolute(&format!("{}{WELL_KNOWN}", base.trim_end_matches('/'))).ok()?;
        Some(Self::Discovery {
            document,
            issuer: issuer.unwrap_or(base).to_owned(),
        })
    }

    /// The keys that can be used for `algorithms`, and what stands for the document they came in.
    pub(super) async fn fetch(
        &self,
        client: &Outbound,
        algorithms: &[Algorithm],
    ) -> Result<(KeySet, Fingerprint), FetchError> {
        let jwks = match self {
            Self::Jwks(uri) => uri.clone(),
            Self::Discovery { document, issuer } => discover(client, document, issuer).await?,
        };
        let document = get(client, jwks).await?;
        let keys = KeySet::from_jwks(&document, algorithms).filter(|keys| !keys.is_empty());
        Ok((keys.ok_or(FetchError::KeySet)?, Fingerprint::of(&document)))
    }
}

async fn discover(client: &Outbound, document: &Uri, issuer: &str) -> Result<Uri, FetchError> {
    let found = get(client, document.clone()).await?;
    let found: Discovery = serde_json::from_slice(&found).map_err(|_| FetchError::Document)?;
    if found.issuer != issuer {
        return Err(FetchError::Issuer);
    }
    let uri = absolute(&found.jwks_uri).map_err(|_| FetchError::KeySetUrl)?;
    // What came over TLS must not lead to what does not.
    if uri.scheme() == document.scheme() || uri.scheme_str() == Some("https") {
        Ok(uri)
    } else {
        Err(FetchError::KeySetUrl)
    }
}

async fn get(client: &Outbound, uri: Uri) -> Result<Bytes, FetchError> {
    let mut request = Request::new(Full::default());
    *request.uri_mut() = uri;
    request.headers_mut().insert(
        ACCEPT,
        hyper::header::HeaderValue::from_static("application/json"),
    );
    let until = (Instant::now() + KEYS_FETCH).into_std();
    let answer = client.send(request, until).await?;
    if answer.status() == StatusCode::OK {
        Ok(answer.into_body())
    } else {
        Err(FetchError::Status)
    }
}
