//! The body of a token request: each parameter once.

use super::error::TokenError;
use hyper::HeaderMap;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE};
use journey_machine::http;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The parameters.
pub(super) struct Form<'a>(BTreeMap<Cow<'a, str>, Cow<'a, str>>);

impl<'a> Form<'a> {
    pub(super) fn parse(headers: &HeaderMap, body: &'a [u8]) -> Result<Self, TokenError> {
        if !is_form(headers) {
            return Err(TokenError::MediaType);
        }
        let text =
            std::str::from_utf8(body).map_err(|_| TokenError::Request("the body is not UTF-8"))?;
        let pairs = http::pairs(text).ok_or(TokenError::Request("the body is not a form"))?;
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs {
            if parameters.insert(name, value).is_some() {
                return Err(TokenError::Request("a parameter is given twice"));
            }
        }
        Ok(Self(parameters))
    }

    /// A parameter; an empty one counts as absent (RFC 6749 §3.2).
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(Cow::as_ref)
            .filter(|value| !value.is_empty())
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let essence = types
        .next()
        .and_then(|t| t.to_str().ok())
        .and_then(|t| t.split(';').next())
        .unwrap_or_default();
    essence
        .trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        && types.next().is_none()
        && !headers.contains_key(CONTENT_ENCODING)
}
