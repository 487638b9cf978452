//! What a connection needs to be let in, with its settings filled in.

use super::reserved::is_reserved;
use crate::outbound::absolute;
use crate::secret::Secret;
use crate::settings::Settings;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use journey_machine::http::encode;
use journey_machine::manifest::{ConnectionAuth, Text};
use journey_machine::value::Str;

/// How calls of a connection are authorised.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Access {
    /// Not at all.
    None,
    /// By the same header every time.
    Header(HeaderName, HeaderValue),
    /// By a token of the client credentials grant.
    Token(Grant),
}

/// What a token is asked for with.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Grant {
    pub(super) url: Uri,
    pub(super) credentials: HeaderValue,
    pub(super) scope: Option<Str>,
}

impl Access {
    pub(super) fn new(auth: &ConnectionAuth, settings: &Settings) -> Result<Self, String> {
        let text = |text: &Text, what: &str| {
            settings
                .text(text)
                .ok_or_else(|| format!("its {what} is not set to a text"))
        };
        Ok(match auth {
            ConnectionAuth::None => Self::None,
            ConnectionAuth::Basic { username, password } => {
                let (username, password) =
                    (text(username, "user name")?, text(password, "password")?);
                if username.contains(':') {
                    return Err("its user name holds a colon".into());
                }
                Self::Header(AUTHORIZATION, basic(&username, &password)?)
            }
            ConnectionAuth::Bearer(token) => {
                Self::Header(AUTHORIZATION, bearer(&text(token, "bearer token")?)?)
            }
            ConnectionAuth::Header { name, value } => {
                let header = HeaderName::from_bytes(name.as_bytes())
                    .ok()
                    .filter(|_| !is_reserved(name));
                let header =
                    header.ok_or_else(|| format!("`{name}` cannot be the header of its key"))?;
                Self::Header(header, sensitive(&Secret::new(text(value, "key")?))?)
            }
            ConnectionAuth::ClientCredentials {
                token_url,
                client_id,
                client_secret,
                scope,
            } => {
                let url = absolute(&text(token_url, "token_url")?);
                let url = url.map_err(|error| format!("its token_url {error}"))?;
                let (id, secret) = (
                    text(client_id, "client_id")?,
                    text(client_secret, "client_secret")?,
                );
                // Form-encoded before they are joined (RFC 6749 §2.3.1).
                let (mut encoded_id, mut encoded_secret) = (String::new(), String::new());
                encode(&id, &mut encoded_id);
                encode(&secret, &mut encoded_secret);
                let credentials = basic(&encoded_id, Secret::new(encoded_secret).expose())?;
                let scope = scope
                    .as_ref()
                    .map(|scope| text(scope, "scope"))
                    .transpose()?;
                Self::Token(Grant {
                    url,
                    credentials,
                    scope,
                })
            }
        })
    }
}

fn basic(username: &str, password: &str) -> Result<HeaderValue, String> {
    let pair = Secret::new(format!("{username}:{password}"));
    sensitive(&Secret::new(format!(
        "Basic {}",
        STANDARD.encode(pair.expose())
    )))
}

/// `Bearer` and the token.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, String> {
    sensitive(&Secret::new(format!("Bearer {token}")))
}

/// A header value that is never printed.
fn sensitive(text: &Secret) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_str(text.expose());
    let mut value =
        value.map_err(|_| "its credentials have characters that a header cannot carry")?;
    value.set_sensitive(true);
    Ok(value)
}
