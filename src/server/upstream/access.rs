//! What a connection needs to be let in, with its settings filled in.

use super::reserved::is_reserved;
use crate::outbound::{absolute, credentials};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::token::SigningKey;
use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use journey_machine::manifest::{ConnectionAuth, Text};
use journey_machine::value::Str;
use std::sync::Arc;

/// How calls of a connection are authorised.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Access {
    /// Not at all.
    None,
    /// By the same header every time.
    Header(HeaderName, HeaderValue),
    /// By an access token, which is asked for.
    Token(Grant),
}

/// What a token is asked for with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grant {
    pub(super) url: Uri,
    pub(super) proof: Proof,
    pub(super) scope: Option<Str>,
}

/// What the token endpoint knows us by.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Proof {
    /// The id and the secret of a client.
    Client(HeaderValue),
    /// A signed assertion, which is the grant itself.
    Assertion(Assertion),
}

/// What an assertion says, and the key that signs it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Assertion {
    pub(super) issuer: Str,
    pub(super) subject: Str,
    pub(super) audience: Str,
    pub(super) key_id: Str,
    pub(super) key: Arc<SigningKey>,
}

impl Access {
    pub(super) fn new(auth: &ConnectionAuth, settings: &Settings) -> Result<Self, String> {
        let text = |text: &Text, what: &str| {
            settings
                .text(text)
                .ok_or_else(|| format!("its {what} is not set to a text"))
        };
        let optional = |found: Option<&Text>, what: &str| found.map(|t| text(t, what)).transpose();
        Ok(match auth {
            ConnectionAuth::None => Self::None,
            ConnectionAuth::Basic { username, password } => {
                let (username, password) =
                    (text(username, "user name")?, text(password, "password")?);
                if username.contains(':') {
                    return Err("its user name holds a colon".into());
                }
                Self::Header(AUTHORIZATION, credentials::basic(&username, &password)?)
            }
            ConnectionAuth::Bearer(token) => Self::Header(
                AUTHORIZATION,
                credentials::bearer(&text(token, "bearer token")?)?,
            ),
            ConnectionAuth::Header { name, value } => {
                let value = credentials::sensitive(&Secret::new(text(value, "key")?))?;
                Self::Header(key_header(name)?, value)
            }
            ConnectionAuth::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
            } => {
                let (id, secret) = (
                    text(client_id, "client_id")?,
                    text(client_secret, "client_secret")?,
                );
                Self::Token(Grant {
                    url: token_endpoint(&text(token_url, "token_url")?)?,
                    proof: Proof::Client(credentials::client(&id, &secret)?),
                    scope: optional(scope.as_ref(), "scope")?,
                })
            }
            ConnectionAuth::JwtBearer {
                token_url,
                issuer,
                subject,
                audience,
                key,
                key_id,
                scope,
            } => {
                let (url, issuer) = (text(token_url, "token_url")?, text(issuer, "issuer")?);
                let key = signing_key(&text(key, "key")?)?;
                let assertion = Assertion {
                    subject: optional(subject.as_ref(), "subject")?.unwrap_or(issuer.clone()),
                    audience: optional(audience.as_ref(), "audience")?.unwrap_or(url.clone()),
                    key_id: optional(key_id.as_ref(), "key_id")?.unwrap_or(key.kid().into()),
                    key: Arc::new(key),
                    issuer,
                };
                Self::Token(Grant {
                    url: token_endpoint(&url)?,
                    proof: Proof::Assertion(assertion),
                    scope: optional(scope.as_ref(), "scope")?,
                })
            }
        })
    }
}

fn token_endpoint(url: &str) -> Result<Uri, String> {
    absolute(url).map_err(|error| format!("its token_url {error}"))
}

fn key_header(name: &str) -> Result<HeaderName, String> {
    let header = HeaderName::from_bytes(name.as_bytes()).ok();
    let header = header.filter(|_| !is_reserved(name));
    header.ok_or_else(|| format!("`{name}` cannot be the header of its key"))
}

fn signing_key(pem: &str) -> Result<SigningKey, String> {
    let known = "its key is no RSA, P-256 or Ed25519 private key in PKCS #8 as PEM";
    SigningKey::from_pem(pem).ok_or_else(|| known.to_owned())
}
