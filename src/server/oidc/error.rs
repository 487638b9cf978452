//! How a token request fails (RFC 6749 §5.2, RFC 8707 §2).

use super::reply;
use crate::respond::Reply;
use hyper::StatusCode;
use hyper::header::{HeaderValue, WWW_AUTHENTICATE};
use serde_json::json;

/// A refused token request. Its text goes to the caller: it says what to change, nothing about other clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// A parameter is missing, unusable or there twice.
    Request(&'static str),
    /// Not a form.
    MediaType,
    /// No proof of being a client, several, or a wrong one. The log says which.
    Client(&'static str),
    /// Another `grant_type`.
    GrantType,
    /// A refresh token that is not good, or not any more, or not for this client.
    Grant,
    /// A token that cannot be revoked.
    TokenType,
    /// A scope the client may not have.
    Scope,
    /// A resource the client may not have a token for.
    Target,
    /// The token could not be signed.
    Server,
    /// State cannot be read or written now.
    Unavailable,
}

impl TokenError {
    pub(super) fn answer(self) -> Reply {
        let (status, code, description) = self.parts();
        let body = json!({ "error": code, "error_description": description });
        let mut reply = reply(body.to_string(), "no-store");
        *reply.status_mut() = status;
        if let Self::Client(reason) = self {
            tracing::info!(reason, "a token request is refused");
            let challenge = HeaderValue::from_static("Basic realm=\"oidc\", charset=\"UTF-8\"");
            reply.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        reply
    }

    /// The status, the `error` and the `error_description`.
    pub(crate) fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::Request(what) => (StatusCode::BAD_REQUEST, "invalid_request", what),
            Self::MediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "invalid_request",
                "the body must be application/x-www-form-urlencoded, not compressed",
            ),
            Self::Client(_) => (
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "client authentication failed",
            ),
            Self::GrantType => (
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "the grant_type must be client_credentials or refresh_token",
            ),
            Self::Grant => (
                StatusCode::BAD_REQUEST,
                "invalid_grant",
                "the refresh token is not valid",
            ),
            Self::TokenType => (
                StatusCode::BAD_REQUEST,
                "unsupported_token_type",
                "an access token of a client cannot be revoked: it ends by itself",
            ),
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "temporarily_unavailable",
                "tokens cannot be kept now",
            ),
            Self::Scope => (
                StatusCode::BAD_REQUEST,
                "invalid_scope",
                "one of these scopes is not for the client, or was not granted",
            ),
            Self::Target => (
                StatusCode::BAD_REQUEST,
                "invalid_target",
                "the resource is not for the client, or was not granted",
            ),
            Self::Server => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "server_error",
                "no token can be issued now",
            ),
        }
    }
}
