//! The server's own issuer: `POST /oidc/token`, `GET /oidc/jwks`, `GET /.well-known/openid-configuration`.

use crate::request::Head;
use crate::respond::Reply;
use crate::token::ClientAuth;

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
        (Self::Token, "POST", "/oidc/token"),
        (Self::Keys, "GET", "/oidc/jwks"),
        (Self::Discovery, "GET", "/.well-known/openid-configuration"),
    ];
}

impl ClientAuth {
    /// The answer of an endpoint. `body` is at most [`crate::limits::MAX_TOKEN_REQUEST`] bytes long.
    pub async fn serve(&self, _endpoint: Endpoint, _head: &Head, _body: &[u8]) -> Reply {
        Reply::default()
    }
}
