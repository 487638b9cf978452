//! An issuer's discovery document (OpenID Connect Discovery 1.0): where its endpoints are.

use crate::limits::KEYS_FETCH;
use crate::outbound::{Failure, Outbound, absolute};
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{ACCEPT, HeaderValue};
use hyper::{Request, StatusCode, Uri};
use serde_json::Value;
use tokio::time::Instant;

const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// Where an issuer says where its endpoints are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Discovery {
    document: Uri,
    issuer: String,
}

/// Why a document of an issuer cannot be had, for the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FetchError {
    /// Nothing came.
    #[error("{0}")]
    Failure(#[from] Failure),
    /// Something else came.
    #[error("the answer is not 200")]
    Status,
    /// It is no object.
    #[error("the discovery document is not one")]
    Document,
    /// It says another `issuer`.
    #[error("the discovery document is another issuer's")]
    Issuer,
    /// It has no such member, or one that must not be followed.
    #[error("the discovery document names no usable URL")]
    Endpoint,
    /// A key set without any key.
    #[error("the key set is not one, or has no usable key")]
    KeySet,
}

impl Discovery {
    /// Of the issuer at `url`, given as the issuer's URL or the document's; `issuer` is what it calls itself, if that is
    /// something else. `None`: it is no URL.
    pub(crate) fn of(url: &str, issuer: Option<&str>) -> Option<Self> {
        let base = url.strip_suffix(WELL_KNOWN).unwrap_or(url);
        let document = absolute(&format!("{}{WELL_KNOWN}", base.trim_end_matches('/'))).ok()?;
        Some(Self {
            document,
            issuer: issuer.unwrap_or(base).to_owned(),
        })
    }

    /// What the issuer calls itself.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Does it come over TLS? Then all it leads to does.
    pub(crate) fn is_https(&self) -> bool {
        self.document.scheme_str() == Some("https")
    }

    /// The endpoint that the document names as `member`.
    pub(crate) async fn endpoint(
        &self,
        client: &Outbound,
        member: &str,
    ) -> Result<String, FetchError> {
        let found = get(client, self.document.clone()).await?;
        let found: Value = serde_json::from_slice(&found).map_err(|_| FetchError::Document)?;
        let text = |member| found.get(member).and_then(Value::as_str);
        if text("issuer").ok_or(FetchError::Document)? != self.issuer {
            return Err(FetchError::Issuer);
        }
        let endpoint = text(member).ok_or(FetchError::Endpoint)?;
        let uri = absolute(endpoint).map_err(|_| FetchError::Endpoint)?;
        // What came over TLS must not lead to what does not.
        match !self.is_https() || uri.scheme_str() == Some("https") {
            true => Ok(endpoint.to_owned()),
            false => Err(FetchError::Endpoint),
        }
    }
}

/// A document of an issuer.
pub(crate) async fn get(client: &Outbound, uri: Uri) -> Result<Bytes, FetchError> {
    let mut request = Request::new(Full::default());
    *request.uri_mut() = uri;
    let json = HeaderValue::from_static("application/json");
    request.headers_mut().insert(ACCEPT, json);
    let until = (Instant::now() + KEYS_FETCH).into_std();
    let answer = client.send(request, until).await?;
    if answer.status() == StatusCode::OK {
        Ok(answer.into_body())
    } else {
        Err(FetchError::Status)
    }
}
