//! The server's own issuer: `POST /oidc/token`, `GET /oidc/jwks`, `GET /.well-known/openid-configuration`.

mod client;
mod error;
mod form;
mod grant;

use crate::authenticate::ClientAuth;
use crate::clock;
use crate::request::Head;
use crate::respond::Reply;
use crate::token::{Algorithm, SigningKey};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use serde_json::json;

const TOKEN: &str = "/oidc/token";
const KEYS: &str = "/oidc/jwks";
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// What it offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// A token for client credentials.
    Token,
    /// The public keys.
    Keys,
    /// The discovery document.
    Discovery,
}

impl Endpoint {
    /// Every endpoint with its method and path. The router adds them to a project's own; only `POST` ones have a body.
    pub const ALL: [(Self, &'static str, &'static str); 3] = [
        (Self::Token, "POST", TOKEN),
        (Self::Keys, "GET", KEYS),
        (Self::Discovery, "GET", DISCOVERY),
    ];
}

impl ClientAuth {
    /// The answer of an endpoint. `body` is at most [`crate::limits::MAX_TOKEN_REQUEST`] bytes long.
    #[must_use]
    pub fn serve(&self, endpoint: Endpoint, head: &Head, body: &[u8]) -> Reply {
        match endpoint {
            Endpoint::Token => grant::answer(self, head, body, clock::now()),
            Endpoint::Keys => published(self.keys().jwks().to_owned()),
            Endpoint::Discovery => published(discovery(self.url())),
        }
    }
}

fn discovery(url: &str) -> String {
    json!({
        "issuer": url,
        "token_endpoint": format!("{url}{TOKEN}"),
        "jwks_uri": format!("{url}{KEYS}"),
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": Algorithm::ALL.map(Algorithm::name),
        "id_token_signing_alg_values_supported": SigningKey::ALGORITHMS.map(Algorithm::name),
    })
    .to_string()
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
