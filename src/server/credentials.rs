//! The `Authorization` header, read strictly.

use crate::auth::Denied;
use crate::bytes::ByteSet;
use crate::secret::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;

const IN_TOKEN: ByteSet =
    ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

/// The token of `Authorization: Bearer`.
///
/// # Errors
/// There is none, or it is malformed.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Denied> {
    let token = of_scheme(headers, "bearer")?;
    if !token.is_empty() && token.bytes().all(|byte| IN_TOKEN.has(byte)) {
        Ok(token)
    } else {
        Err(Denied::Invalid("bearer token malformed"))
    }
}

/// The id and the secret of `Authorization: Basic`.
///
/// # Errors
/// There are none, or they are malformed.
pub fn basic(headers: &HeaderMap) -> Result<(String, Secret), Denied> {
    let malformed = Denied::Invalid("basic credentials malformed");
    let bytes = STANDARD
        .decode(of_scheme(headers, "basic")?)
        .map_err(|_| malformed)?;
    let text = Secret::new(String::from_utf8(bytes).map_err(|_| malformed)?);
    let (id, secret) = text.expose().split_once(':').ok_or(malformed)?;
    Ok((id.to_owned(), Secret::new(secret)))
}

fn of_scheme<'a>(headers: &'a HeaderMap, scheme: &str) -> Result<&'a str, Denied> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = lines.next().ok_or(Denied::Missing)?;
    if lines.next().is_some() {
        return Err(Denied::Invalid("several Authorization headers"));
    }
    let line = line
        .to_str()
        .map_err(|_| Denied::Invalid("Authorization header not ASCII"))?;
    match line.split_once(' ') {
        Some((name, rest)) if name.eq_ignore_ascii_case(scheme) => Ok(rest.trim_matches(' ')),
        _ => Err(Denied::Invalid("credentials of another scheme")),
    }
}
