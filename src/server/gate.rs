//! What every request must be before anyone looks at where it wants to go.

use crate::limits::{MAX_HEADER_LINE, MAX_TARGET};
use crate::problem::Kind;
use hyper::header::{EXPECT, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Version};

/// Is it a request we answer at all?
pub(crate) fn check(parts: &Parts) -> Result<(), Kind> {
    if parts.method == Method::CONNECT || parts.method == Method::TRACE {
        return Err(Kind::NotImplemented);
    }
    sizes(parts)?;
    host(parts)?;
    match parts.headers.get(EXPECT) {
        Some(expected) if !expected.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(Kind::ExpectationFailed)
        }
        _ => Ok(()),
    }
}

fn sizes(parts: &Parts) -> Result<(), Kind> {
    let target = parts
        .uri
        .path_and_query()
        .map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET {
        return Err(Kind::TargetTooLong);
    }
    let fits = |(name, value): (&hyper::header::HeaderName, &HeaderValue)| {
        name.as_str().len() + value.len() + 2 <= MAX_HEADER_LINE
    };
    if parts.headers.iter().all(fits) {
        Ok(())
    } else {
        Err(Kind::HeadersTooLarge)
    }
}

/// One host, well-formed, the same wherever it is named. HTTP/1.0 may leave it out.
fn host(parts: &Parts) -> Result<(), Kind> {
    let mut lines = parts.headers.get_all(HOST).iter();
    let (host, second) = (lines.next(), lines.next());
    if second.is_some() {
        return Err(Kind::Malformed);
    }
    match (host, parts.uri.authority()) {
        (Some(host), _) if !is_authority(host.as_bytes()) => Err(Kind::Malformed),
        (_, Some(authority)) if !is_authority(authority.as_str().as_bytes()) => {
            Err(Kind::Malformed)
        }
        (Some(host), Some(authority))
            if !host
                .as_bytes()
                .eq_ignore_ascii_case(authority.as_str().as_bytes()) =>
        {
            Err(Kind::Misdirected)
        }
        (None, None) if parts.version > Version::HTTP_10 => Err(Kind::Malformed),
        (None, Some(_)) if parts.version == Version::HTTP_11 => Err(Kind::Malformed),
        _ => Ok(()),
    }
}

/// A host with an optional port: no user, no escapes, nothing two parsers might read differently.
fn is_authority(text: &[u8]) -> bool {
    let plain = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
    };
    !text.is_empty() && text.iter().all(plain)
}
