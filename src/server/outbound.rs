//! Requests to other systems: where they may go, how long they may take, how much they may answer.
//!
//! - The host comes from a setting, is parsed once at start, and is dialled as parsed.
//! - Every address a host resolves to is looked at, and the address that was looked at is the one dialled.
//! - TLS is always verified, redirects are never followed, proxies from the environment never used,
//!   compressed answers never asked for.

mod address;
mod base;
mod connect;
pub mod credentials;
mod trust;

pub use address::Reach;
pub use base::{Base, BaseError, absolute};
pub use trust::Trust;

use crate::config::StartError;
use crate::limits::{
    MAX_HEADER_LIST, MAX_HEADERS, MAX_UPSTREAM_BODY, MAX_UPSTREAM_HEAD, UPSTREAM_IDLE,
    UPSTREAM_IDLE_CONNECTIONS,
};
use bytes::{Bytes, BytesMut};
use connect::{Connector, RefusedAddress};
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Incoming};
use hyper::header::HeaderValue;
use hyper::{Method, Request, Response, Uri, header};
use hyper_util::client::legacy;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

/// How a request failed, for the log: it names neither address nor answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// There was no answer in time.
    #[error("no answer in time")]
    Timeout,
    /// No connection, or it broke.
    #[error("the connection could not be made, or broke")]
    Unavailable,
    /// The host resolves to an address that is not allowed.
    #[error("the host resolves to an address that is not allowed; `internal` allows private ones")]
    Address,
    /// The answer is longer than [`MAX_UPSTREAM_BODY`].
    #[error("the answer is too large")]
    TooLarge,
    /// The answer is compressed, which was not asked for.
    #[error("the answer is compressed, which was not asked for")]
    Encoded,
}

/// A pool of connections to one system.
#[derive(Clone)]
pub struct Outbound(legacy::Client<Connector, Full<Bytes>>);

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Outbound")
    }
}

impl Outbound {
    /// A pool for requests that go no further than `reach`, to systems that `trust` knows.
    ///
    /// # Errors
    /// TLS cannot be set up.
    pub fn new(reach: Reach, trust: &Trust) -> Result<Self, StartError> {
        let connector = connect::connector(reach, trust)
            .map_err(|e| StartError::Project(vec![format!("TLS cannot be set up: {e}")]))?;
        let client = legacy::Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(UPSTREAM_IDLE)
            .pool_max_idle_per_host(UPSTREAM_IDLE_CONNECTIONS)
            .http1_max_buf_size(MAX_UPSTREAM_HEAD)
            .http1_max_headers(MAX_HEADERS)
            .http2_max_header_list_size(MAX_HEADER_LIST)
            .build(connector);
        Ok(Self(client))
    }

    /// Sends a request and reads the whole answer. Dropping the future gives both up.
    ///
    /// # Errors
    /// See [`Failure`].
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
        until: Instant,
    ) -> Result<Response<Bytes>, Failure> {
        let exchange = async {
            let answer = self
                .0
                .request(request)
                .await
                .map_err(|error| failure(&error))?;
            receive(answer).await
        };
        tokio::time::timeout_at(until.into(), exchange)
            .await
            .unwrap_or(Err(Failure::Timeout))
    }
}

/// A form for an endpoint of OAuth 2, whose answer is JSON.
#[must_use]
pub fn form(uri: &Uri, body: String) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(Bytes::from(body)));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri.clone();
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    request
}

/// The end of an attempt that may take `limit`, within `deadline`.
#[must_use]
pub fn until(limit: Duration, deadline: Instant) -> Instant {
    let end = tokio::time::Instant::now().checked_add(limit);
    end.map_or(deadline, |end| end.into_std().min(deadline))
}

/// Looks for our own refusal among the causes of the library's error.
fn failure(error: &legacy::Error) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = error.source();
    while let Some(error) = cause {
        let inner = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if error.is::<RefusedAddress>() || inner.is_some_and(|e| e.is::<RefusedAddress>()) {
            return Failure::Address;
        }
        cause = error.source();
    }
    Failure::Unavailable
}

async fn receive(answer: Response<Incoming>) -> Result<Response<Bytes>, Failure> {
    let (head, mut body) = answer.into_parts();
    let encoded = head
        .headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|e| !e.as_bytes().eq_ignore_ascii_case(b"identity"));
    if encoded {
        return Err(Failure::Encoded);
    }
    if body.size_hint().lower() > MAX_UPSTREAM_BODY as u64 {
        return Err(Failure::TooLarge);
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Failure::Unavailable)?;
        let data = frame.into_data().unwrap_or_default();
        if bytes.len() + data.len() > MAX_UPSTREAM_BODY {
            return Err(Failure::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(Response::from_parts(head, bytes.freeze()))
}
