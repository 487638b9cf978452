//! What requests to other systems carry so that they are let in: header values that are never printed.

use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::HeaderValue;
use journey_machine::http::encode;

/// `Basic` with a name and a password.
///
/// # Errors
/// What they hold cannot stand in a header.
pub fn basic(username: &str, password: &str) -> Result<HeaderValue, String> {
    let pair = Secret::new(format!("{username}:{password}"));
    sensitive(&Secret::new(format!(
        "Basic {}",
        STANDARD.encode(pair.expose())
    )))
}

/// `Basic` with the id and the secret of a client of OAuth 2: form-encoded before they are joined (RFC 6749 §2.3.1).
///
/// # Errors
/// As [`basic`].
pub fn client(id: &str, secret: &str) -> Result<HeaderValue, String> {
    let (mut encoded_id, mut encoded_secret) = (String::new(), String::new());
    encode(id, &mut encoded_id);
    encode(secret, &mut encoded_secret);
    basic(&encoded_id, Secret::new(encoded_secret).expose())
}

/// `Bearer` and the token.
///
/// # Errors
/// What it holds cannot stand in a header.
pub fn bearer(token: &str) -> Result<HeaderValue, String> {
    sensitive(&Secret::new(format!("Bearer {token}")))
}

/// A header value that is never printed.
///
/// # Errors
/// It cannot stand in a header.
pub fn sensitive(text: &Secret) -> Result<HeaderValue, String> {
    let value = HeaderValue::from_str(text.expose());
    let mut value =
        value.map_err(|_| "its credentials have characters that a header cannot carry")?;
    value.set_sensitive(true);
    Ok(value)
}
