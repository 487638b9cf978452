//! Asking an issuer whether a token is good (RFC 7662): for tokens that only it can read, or that it may revoke. Nothing
//! is remembered, as it may say otherwise the next time.

use crate::limits::INTROSPECTION;
use crate::outbound::{self, Outbound, until};
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::{StatusCode, Uri};
use journey_machine::http::push_pair;
use journey_machine::value::Str;
use std::time::Instant;

/// Where it is asked, and what it knows us by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Place {
    pub(super) url: Uri,
    pub(super) credentials: HeaderValue,
}

/// An issuer that is asked.
#[derive(Debug)]
pub(super) struct Introspection {
    issuer: Str,
    place: Place,
    client: Outbound,
}

impl Introspection {
    pub(super) fn new(issuer: Str, place: Place, client: Outbound) -> Self {
        Self {
            issuer,
            place,
            client,
        }
    }

    /// What it says of a token; `None`: it could not be asked.
    pub(super) async fn ask(&self, token: &str, deadline: Instant) -> Option<Bytes> {
        let mut body = String::new();
        push_pair("token", token, &mut body);
        push_pair("token_type_hint", "access_token", &mut body);
        let mut request = outbound::form(&self.place.url, body);
        let credentials = self.place.credentials.clone();
        request.headers_mut().insert(AUTHORIZATION, credentials);
        let error = match self
            .client
            .send(request, until(INTROSPECTION, deadline))
            .await
        {
            Ok(answer) if answer.status() == StatusCode::OK => return Some(answer.into_body()),
            Ok(_) => "the answer is not 200".to_owned(),
            Err(failure) => failure.to_string(),
        };
        tracing::warn!(issuer = %self.issuer, error, "an issuer cannot be asked for a token");
        None
    }
}
