//! The server's own issuer: `POST /oidc/token`, `/oidc/revoke` and `/oidc/introspect`, `GET /oidc/jwks`, `GET /.well-known/openid-configuration`.

mod client;
mod error;
mod family;
mod form;
mod grant;
mod known;
mod user;

pub(crate) use error::TokenError;
pub use user::Grant;

use crate::authenticate::ClientAuth;
use crate::clock;
use crate::request::Head;
use crate::respond::Reply;
use crate::state::State;
use crate::token::{Algorithm, SigningKey};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

const TOKEN: &str = "/oidc/token";
const KEYS: &str = "/oidc/jwks";
const REVOCATION: &str = "/oidc/revoke";
const INTROSPECTION: &str = "/oidc/introspect";
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Tokens for client credentials, or for a refresh token.
    Token,
    /// Ends a user's tokens.
    Revocation,
    /// Says what is known of a token.
    Introspection,
    /// The public keys.
    Keys,
    /// The discovery document.
    Discovery,
}

impl Endpoint {
    /// Every endpoint with its method and path. The router adds them to a project's own; only `POST` ones have a body.
    pub const ALL: [(Self, &'static str, &'static str); 5] = [
        (Self::Token, "POST", TOKEN),
        (Self::Revocation, "POST", REVOCATION),
        (Self::Introspection, "POST", INTROSPECTION),
        (Self::Keys, "GET", KEYS),
        (Self::Discovery, "GET", DISCOVERY),
    ];
}

impl ClientAuth {
    /// The answer of an endpoint. `body` is at most [`crate::limits::MAX_TOKEN_REQUEST`] bytes long.
    pub async fn serve(
        &self,
        state: &State,
        endpoint: Endpoint,
        head: &Head,
        body: &[u8],
    ) -> Reply {
        let now = clock::now();
        match endpoint {
            Endpoint::Token => private(grant::granted(self, state, head, body, now).await),
            Endpoint::Revocation => {
                let revoked = self.revoke(state, head, body, now).await;
                private(revoked.map(|()| json!({})))
            }
            Endpoint::Introspection => private(self.introspect(state, head, body, now).await),
            Endpoint::Keys => published(self.keys().jwks().to_owned()),
            Endpoint::Discovery => published(discovery(self.url())),
        }
    }
}

fn discovery(url: &str) -> String {
    let methods = [
        "client_secret_basic",
        "client_secret_post",
        "private_key_jwt",
    ];
    let algorithms = Algorithm::ALL.map(Algorithm::name);
    json!({
        "issuer": url,
        "token_endpoint": format!("{url}{TOKEN}"),
        "revocation_endpoint": format!("{url}{REVOCATION}"),
        "introspection_endpoint": format!("{url}{INTROSPECTION}"),
        "jwks_uri": format!("{url}{KEYS}"),
        "grant_types_supported": ["client_credentials", "refresh_token"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "id_token_signing_alg_values_supported": SigningKey::ALGORITHMS.map(Algorithm::name),
    })
    .to_string()
}

/// What only the caller may keep.
fn private(answer: Result<Value, TokenError>) -> Reply {
    match answer {
        Ok(answer) => reply(answer.to_string(), "no-store"),
        Err(error) => error.answer(),
    }
}

fn published(json: String) -> Reply {
    reply(json, "public, max-age=300")
}

fn reply(json: String, cache: &'static str) -> Reply {
    let mut reply = Reply::new(json.into());
    reply
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static(cache));
    reply
}
