//! What every request must be before anyone looks at where it wants to go.

use crate::bytes::ByteSet;
use crate::limits::{MAX_HEADER_LINE, MAX_TARGET};
use crate::problem::Kind;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Version};

/// Is it a request we answer at all?
pub(crate) fn check(parts: &Parts) -> Result<Seen<'_>, Kind> {
    if parts.method == Method::CONNECT || parts.method == Method::TRACE {
        return Err(Kind::NotImplemented);
    }
    let target = parts.uri.path_and_query();
    if target.is_some_and(|target| target.as_str().len() > MAX_TARGET) {
        return Err(Kind::TargetTooLong);
    }
    let seen = Seen::of(&parts.headers)?;
    host(parts, &seen)?;
    match seen.expect {
        Some(expected) if !expected.as_bytes().eq_ignore_ascii_case(b"100-continue") => {
            Err(Kind::ExpectationFailed)
        }
        _ => Ok(seen),
    }
}

/// Of the header what every request is asked for: to walk over it once is quicker than to search it for each.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Seen<'h> {
    host: Option<&'h HeaderValue>,
    hosts: usize,
    expect: Option<&'h HeaderValue>,
    content_type: Option<&'h HeaderValue>,
    /// The body is compressed, or its type is said twice.
    is_odd: bool,
}

impl<'h> Seen<'h> {
    fn of(headers: &'h HeaderMap) -> Result<Self, Kind> {
        let mut seen = Self::default();
        for (name, value) in headers {
            if name.as_str().len() + value.len() + 2 > MAX_HEADER_LINE {
                return Err(Kind::HeadersTooLarge);
            }
            if *name == HOST {
                seen.host = Some(value);
                seen.hosts += 1;
            } else if *name == CONTENT_TYPE {
                seen.is_odd |= seen.content_type.replace(value).is_some();
            } else if *name == EXPECT {
                seen.expect = seen.expect.or(Some(value));
            } else if *name == CONTENT_ENCODING {
                seen.is_odd |= !value.as_bytes().eq_ignore_ascii_case(b"identity");
            }
        }
        Ok(seen)
    }

    /// The one content type of a body that is not compressed.
    pub(crate) fn content_type(&self) -> Option<&'h HeaderValue> {
        self.content_type.filter(|_| !self.is_odd)
    }
}

/// One host, well-formed, the same wherever it is named. HTTP/1.0 may leave it out.
fn host(parts: &Parts, seen: &Seen<'_>) -> Result<(), Kind> {
    if seen.hosts > 1 {
        return Err(Kind::Malformed);
    }
    match (seen.host, parts.uri.authority()) {
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

const IN_HOST: ByteSet =
    ByteSet::of(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_:[]");

/// A host with an optional port: no user, no escapes, nothing two parsers might read differently.
fn is_authority(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| IN_HOST.has(*byte))
}
