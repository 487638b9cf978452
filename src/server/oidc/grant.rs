//! Tokens for client credentials (RFC 6749 §4.4, RFC 8707, RFC 9068), and for a refresh token (§6).

use super::client::authenticate;
use super::error::TokenError;
use super::form::Form;
use crate::authenticate::ClientAuth;
use crate::clients::Registered;
use crate::limits::TOKEN_LIFETIME;
use crate::random;
use crate::request::Head;
use crate::state::State;
use crate::token::Seconds;
use serde_json::{Value, json};

/// The answer to a request for tokens.
pub(super) async fn granted(
    auth: &ClientAuth,
    state: &State,
    head: &Head,
    body: &[u8],
    now: Seconds,
) -> Result<Value, TokenError> {
    let headers = &head.parts.headers;
    let form = Form::parse(headers, body)?;
    let grant_type = form
        .get("grant_type")
        .ok_or(TokenError::Request("the grant_type is missing"))?;
    let client = authenticate(auth, headers, &form, now)?;
    match grant_type {
        "client_credentials" => credentials(auth, client, &form, now),
        "refresh_token" => auth.refresh(state, client, &form, now).await,
        _ => Err(TokenError::GrantType),
    }
}

fn credentials(
    auth: &ClientAuth,
    client: &Registered,
    form: &Form<'_>,
    now: Seconds,
) -> Result<Value, TokenError> {
    let audience = audience(auth.url(), client, form.get("resource"))?;
    let scope = client.grant(form.get("scope")).ok_or(TokenError::Scope)?;
    issue(auth, client, audience, &scope, now).ok_or(TokenError::Server)
}

/// Whom the token is for: us, or a resource the client may reach.
pub(super) fn audience<'a>(
    url: &'a str,
    client: &Registered,
    resource: Option<&'a str>,
) -> Result<&'a str, TokenError> {
    match resource {
        None => Ok(url),
        Some(resource) if resource == url => Ok(url),
        Some(resource) if is_absolute(resource) && client.may_reach(resource) => Ok(resource),
        Some(_) => Err(TokenError::Target),
    }
}

/// An absolute URI without fragment (RFC 8707 §2).
fn is_absolute(uri: &str) -> bool {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && uri.bytes().all(|b| b.is_ascii_graphic() && b != b'#')
}

fn issue(
    auth: &ClientAuth,
    client: &Registered,
    audience: &str,
    scope: &str,
    now: Seconds,
) -> Option<Value> {
    let claims = json!({
        "iss": auth.url(),
        "sub": client.id,
        "client_id": client.id,
        "aud": audience,
        "iat": now,
        "exp": now.saturating_add(TOKEN_LIFETIME),
        "jti": random::text::<16>()?,
        "scope": scope,
    });
    let token = auth.keys().current().sign("at+jwt", &claims)?;
    Some(json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": TOKEN_LIFETIME,
        "scope": scope,
    }))
}
