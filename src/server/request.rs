//! What a caller sends.

use crate::limits::MAX_REQUEST_ID;
use crate::random;
use hyper::header::HeaderName;
use hyper::http::request::Parts;
use journey_machine::value::Str;
use std::net::IpAddr;

/// Names a request, to its caller and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request without its body.
#[derive(Debug)]
pub struct Head {
    /// Method, target, version and headers.
    pub parts: Parts,
    /// Who is at the other end of the connection.
    pub peer: IpAddr,
    /// Names the request in logs and answers.
    pub id: Str,
}

impl Head {
    /// The head of a request from `peer`, with the id the caller gave it, if that is one.
    #[inline]
    #[must_use]
    pub fn new(parts: Parts, peer: IpAddr) -> Self {
        // Looked at one by one: there are few, and the name is hashed for nothing where none has it.
        let mut headers = parts.headers.iter();
        let given = headers
            .find(|(name, _)| **name == REQUEST_ID)
            .and_then(|(_, id)| id.to_str().ok());
        let id = given
            .filter(|id| is_id(id))
            .map_or_else(random::id, Str::from);
        Self { parts, peer, id }
    }
}

/// Nothing that could mean something in a log or a header.
fn is_id(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_REQUEST_ID).contains(&text.len()) && text.bytes().all(plain)
}
