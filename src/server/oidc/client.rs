//! Which client asks for a token: by secret in the form or the header, or by an assertion it has signed.

use super::TOKEN;
use super::error::TokenError;
use super::form::Form;
use crate::authenticate::ClientAuth;
use crate::clients::Registered;
use crate::credentials;
use crate::limits::{ASSERTION_LIFETIME, LEEWAY};
use crate::token::{Claims, Expected, Jws, KeySet, Refusal, Seconds, TypePolicy};
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use journey_machine::http;
use journey_machine::value::{Str, Value};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client that proves to be one, by exactly one method.
pub(super) fn authenticate<'a>(
    auth: &'a ClientAuth,
    headers: &HeaderMap,
    form: &Form<'_>,
    now: Seconds,
) -> Result<&'a Registered, TokenError> {
    let header = headers.contains_key(AUTHORIZATION);
    let client = match (
        header,
        form.get("client_secret"),
        form.get("client_assertion"),
    ) {
        (true, None, None) => by_header(auth, headers)?,
        (false, Some(secret), None) => by_secret(auth, form.get("client_id"), secret)?,
        (false, None, Some(assertion)) => by_assertion(auth, form, assertion, now)?,
        (false, None, None) => return Err(TokenError::Client("no client authentication")),
        _ => {
            return Err(TokenError::Request(
                "the client authenticates in more than one way",
            ));
        }
    };
    match form.get("client_id") {
        Some(id) if id != client.id => Err(TokenError::Request(
            "the client_id is not the authenticated client's",
        )),
        _ => Ok(client),
    }
}

/// `client_secret_basic`: id and secret are form-encoded before they are joined (RFC 6749 §2.3.1).
fn by_header<'a>(auth: &'a ClientAuth, headers: &HeaderMap) -> Result<&'a Registered, TokenError> {
    let malformed = TokenError::Client("basic credentials malformed");
    let (id, secret) = credentials::basic(headers).map_err(|_| malformed)?;
    let id = http::decode(&id, true).ok_or(malformed)?;
    let secret = http::decode(secret.expose(), true).ok_or(malformed)?;
    auth.clients()
        .with_secret(&id, &secret)
        .ok_or(TokenError::Client("wrong id or secret"))
}

/// `client_secret_post`
fn by_secret<'a>(
    auth: &'a ClientAuth,
    id: Option<&str>,
    secret: &str,
) -> Result<&'a Registered, TokenError> {
    let id = id.ok_or(TokenError::Request("the client_id is missing"))?;
    auth.clients()
        .with_secret(id, secret)
        .ok_or(TokenError::Client("wrong id or secret"))
}

/// `private_key_jwt` (RFC 7523): meant for us, short-lived, used once.
fn by_assertion<'a>(
    auth: &'a ClientAuth,
    form: &Form<'_>,
    assertion: &str,
    now: Seconds,
) -> Result<&'a Registered, TokenError> {
    if form.get("client_assertion_type") != Some(ASSERTION_TYPE) {
        return Err(TokenError::Request(
            "the client_assertion_type is missing or another one",
        ));
    }
    let refused = |refusal: Refusal| TokenError::Client(refusal.reason());
    let jws = Jws::parse(assertion).map_err(refused)?;
    let client = jws.claimed_subject().and_then(|id| auth.clients().get(&id));
    let client = client.ok_or(TokenError::Client("assertion of an unknown client"))?;
    let key = client
        .key()
        .ok_or(TokenError::Client("the client has no key"))?;
    let claims =
        check(auth.url(), &jws, &KeySet::new(vec![key]), &client.id, now).map_err(refused)?;
    match claims.all.get("jti") {
        Some(Value::String(jti)) if !jti.is_empty() => {
            let until = claims.expires.saturating_add(LEEWAY);
            let first = auth.replays.first_use(&client.id, jti, until, now);
            if first {
                Ok(client)
            } else {
                Err(TokenError::Client("assertion used before"))
            }
        }
        _ => Err(TokenError::Client("assertion without jti")),
    }
}

fn check(
    url: &str,
    jws: &Jws<'_>,
    keys: &KeySet,
    client: &str,
    now: Seconds,
) -> Result<Claims, Refusal> {
    let key = keys
        .find(jws.kid.as_deref(), jws.algorithm)
        .ok_or(Refusal::UnknownKey)?;
    let expected = Expected {
        issuers: &[Str::from(client)],
        audiences: &[Str::from(url), Str::from(format!("{url}{TOKEN}"))],
        lifetime: ASSERTION_LIFETIME,
        leeway: LEEWAY,
        types: TypePolicy::Assertion,
    };
    Claims::check(jws, jws.verify(key)?, &expected, now)
}
