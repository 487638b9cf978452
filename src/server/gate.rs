//! What every request must be before anyone looks at where it wants to go.

use crate::limits::{MAX_HEADER_LINE, MAX_TARGET};
use crate::problem::Kind;
use hyper::header::{EXPECT, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Version};

/// Is it a request we answer at all?
pub(crate) fn check(parts: &Parts) -> Result<(), Kind> {
    if parts.method == Method::CONNECT || parts.method == Method::TRACE {
        return Err(Kind::NotImplemented);
    }
    let target = parts.uri.path_and_query();
    if target.is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        return Err(Kind::TargetTooLong);
    }
    let lines = Lines::of(&parts.headers)?;
    host(parts, &lines)?;
    match lines.expect {
        Some(expected) if !expected.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(Kind::ExpectationFailed)
        }
        _ => Ok(()),
    }
}

/// Of the header what is looked at here: to walk over it once is quicker than to search it for each.
#[derive(Default)]
struct Lines<'h> {
    host: Option<&'h HeaderValue>,
    hosts: usize,
    expect: Option<&'h HeaderValue>,
}

impl<'h> Lines<'h> {
    fn of(headers: &'h HeaderMap) -> Result<Self, Kind> {
        let mut lines = Self::default();
        for (name, value) in headers {
            if name.as_str().len() + value.len() + 2 > MAX_HEADER_LINE {
                return Err(Kind::HeadersTooLarge);
            }
            if *name == HOST {
                lines.host = Some(value);
                lines.hosts += 1;
            } else if *name == EXPECT {
                lines.expect = lines.expect.or(Some(value));
            }
        }
        Ok(lines)
    }
}

/// One host, well-formed, the same wherever it is named. HTTP/1.0 may leave it out.
fn host(parts: &Parts, lines: &Lines<'_>) -> Result<(), Kind> {
    if lines.hosts > 1 {
        return Err(Kind::Malformed);
    }
    match (lines.host, parts.uri.authority()) {
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
