//! `embedded:tokens`: random texts, signed tokens, tokens for users.

use super::{Own, answered, refused};
use crate::clock;
use crate::limits::{MAX_RANDOM_TEXTS, MAX_TOKEN};
use crate::oidc::{Grant, TokenError};
use crate::random;
use crate::token::{Algorithm, SigningKey, sign_hs256};
use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use journey_machine::http;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

pub(super) async fn answer(own: Option<&Own>, request: &Parts, body: &[u8]) -> Response<Bytes> {
    let answer = match (&request.method, request.uri.path()) {
        (&Method::GET, "/random") => texts(request.uri.query().unwrap_or_default()),
        (&Method::POST, "/jwt") => parsed(body).and_then(|wanted| jwt(own, wanted)),
        (&Method::POST, "/tokens") => match parsed(body) {
            Ok(grant) => issue(own, grant).await,
            Err(error) => Err(error),
        },
        _ => {
            return refused(
                StatusCode::NOT_FOUND,
                "not_found",
                "there is no such operation",
            );
        }
    };
    match answer {
        Ok(answer) => answered(StatusCode::OK, &answer),
        Err(error) => {
            let (status, code, description) = error.parts();
            refused(status, code, description)
        }
    }
}

fn parsed<T: DeserializeOwned>(body: &[u8]) -> Result<T, TokenError> {
    serde_json::from_slice(body).map_err(|_| TokenError::Request("the body is not as it should be"))
}

/// So many texts nobody can foresee, each of 256 bits: 43 characters that need no encoding in a URL.
fn texts(query: &str) -> Result<Value, TokenError> {
    let pairs = http::pairs(query).unwrap_or_default();
    let count = match pairs.iter().find(|(name, _)| name == "count") {
        Some((_, count)) => count.parse().ok(),
        None => Some(1),
    };
    let count = count.filter(|count| (1..=MAX_RANDOM_TEXTS).contains(count));
    let count = count.ok_or(TokenError::Request("the count is not from 1 to 16"))?;
    let texts = (0..count).map(|_| random::text::<32>());
    let texts: Option<Vec<_>> = texts.collect();
    Ok(json!({ "values": texts.ok_or(TokenError::Server)? }))
}

/// What is to be signed, and by what: a private key (PEM), a secret for `HS256`, or the server's own key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    claims: Map<String, Value>,
    alg: Option<String>,
    key: Option<String>,
    kid: Option<String>,
    typ: Option<String>,
}

fn jwt(own: Option<&Own>, wanted: Wanted) -> Result<Value, TokenError> {
    let token = match (&wanted.key, &wanted.alg) {
        (Some(key), Some(alg)) => given(key, alg, &wanted)?,
        (None, None) => ours(own.ok_or(TokenError::Unavailable)?, wanted)?,
        _ => return Err(TokenError::Request("a key and its alg go together")),
    };
    if token.len() > MAX_TOKEN {
        return Err(TokenError::Request("the claims are too large"));
    }
    Ok(json!({ "jwt": token }))
}

/// Signed by a key that the journey brings.
fn given(key: &str, alg: &str, wanted: &Wanted) -> Result<String, TokenError> {
    let typ = wanted.typ.as_deref().unwrap_or("JWT");
    let (kid, claims) = (wanted.kid.as_deref(), Value::Object(wanted.claims.clone()));
    if alg == "HS256" {
        return sign_hs256(key, kid, typ, &claims).ok_or(TokenError::Request(
            "the key of HS256 has less than 32 bytes",
        ));
    }
    let key =
        SigningKey::from_pem(key).filter(|key| Algorithm::named(alg) == Some(key.algorithm()));
    let key = key.ok_or(TokenError::Request(
        "the key is no private key in PKCS #8 as PEM of this alg: ES256, RS256 or EdDSA",
    ))?;
    let token = key.sign_as(kid.unwrap_or(key.kid()), typ, &claims);
    token.ok_or(TokenError::Server)
}

/// Signed as the server: it says so itself, and no access token is made this way.
fn ours(own: &Own, wanted: Wanted) -> Result<String, TokenError> {
    let typ = wanted.typ.as_deref().unwrap_or("JWT");
    let essence = typ.to_ascii_lowercase();
    if essence.strip_prefix("application/").unwrap_or(&essence) == "at+jwt" {
        return Err(TokenError::Request("access tokens are issued, not signed"));
    }
    if wanted.kid.is_some() {
        return Err(TokenError::Request(
            "the kid of the server's own key is its own",
        ));
    }
    let mut claims = wanted.claims;
    let issuer = claims.entry("iss").or_insert_with(|| own.auth.url().into());
    if issuer != own.auth.url() {
        return Err(TokenError::Request(
            "the server signs in its own name: leave out iss",
        ));
    }
    let token = own.auth.keys().current().sign(typ, &Value::Object(claims));
    token.ok_or(TokenError::Server)
}

async fn issue(own: Option<&Own>, grant: Grant) -> Result<Value, TokenError> {
    let own = own.ok_or(TokenError::Unavailable)?;
    own.auth.issue(&own.state, grant, clock::now()).await
}
