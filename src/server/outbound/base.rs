//! The fixed part of a URL: scheme, host, port and path prefix, parsed once.

use hyper::Uri;
use hyper::http::uri::{Authority, PathAndQuery, Scheme};

/// An absolute `http` or `https` URL without user, query and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    scheme: Scheme,
    authority: Authority,
    /// Its path, as it is written.
    path: String,
}

/// Why a text is no base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// Not a URL at all.
    #[error("is not an absolute http or https URL")]
    Malformed,
    /// It has a user or a password.
    #[error("holds a user name or a password; say them with `auth`")]
    User,
    /// It has a query or a fragment.
    #[error("has a query or a fragment")]
    Query,
}

/// An absolute `http` or `https` URL without user and fragment.
///
/// # Errors
/// `text` is no such URL.
pub fn absolute(text: &str) -> Result<Uri, BaseError> {
    // The library's parser drops fragments without a word.
    if text.contains('#') {
        return Err(BaseError::Query);
    }
    let uri: Uri = text.parse().map_err(|_| BaseError::Malformed)?;
    let known = uri
        .scheme()
        .is_some_and(|s| *s == Scheme::HTTP || *s == Scheme::HTTPS);
    match uri.authority() {
        Some(authority) if authority.as_str().contains('@') => Err(BaseError::User),
        Some(authority) if known && !authority.host().is_empty() => Ok(uri),
        _ => Err(BaseError::Malformed),
    }
}

impl Base {
    /// Parses `text`.
    ///
    /// # Errors
    /// It is no such URL.
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let parts = absolute(text)?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return Err(BaseError::Malformed);
        };
        if text.contains('?') {
            return Err(BaseError::Query);
        }
        let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
        Ok(Self {
            scheme,
            authority,
            path: path.to_owned(),
        })
    }

    /// Is it spoken to over TLS?
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The URL of a path below this base, or, without a path, its own, whose last slash counts; `None` if `path` is no path
    /// with an optional query.
    #[must_use]
    pub fn join(&self, path: &str) -> Option<Uri> {
        let own = match path.starts_with('/') {
            true => self.path.trim_end_matches('/'),
            false => &self.path,
        };
        let path = format!("{own}{path}");
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(if path.is_empty() { "/" } else { &path })
            .build()
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Base, BaseError};

    #[test]
    fn a_base_is_an_absolute_url_and_nothing_more() {
        for text in [
            "",
            "/a",
            "localhost",
            "http:127.0.0.1",
            "ftp://a/",
            "http://",
            "http://a b/",
            "//a/b",
            "http:///a",
        ] {
            assert_eq!(Base::parse(text), Err(BaseError::Malformed), "{text}");
        }
        assert_eq!(Base::parse("http://u:p@a/"), Err(BaseError::User));
        assert_eq!(Base::parse("http://a/?b"), Err(BaseError::Query));
        assert_eq!(Base::parse("http://a/#b"), Err(BaseError::Query));
    }

    #[test]
    fn paths_are_joined_with_one_slash() {
        for (base, path, whole) in [
            ("https://a", "/b?c=d", "https://a/b?c=d"),
            ("https://a/", "/b", "https://a/b"),
            ("http://a:81/v1/", "/b", "http://a:81/v1/b"),
            ("http://[::1]:81/v1", "", "http://[::1]:81/v1"),
            ("http://a", "", "http://a/"),
            ("http://a/token", "", "http://a/token"),
            ("http://a/token/", "?b=c", "http://a/token/?b=c"),
        ] {
            assert_eq!(
                Base::parse(base).unwrap().join(path).unwrap().to_string(),
                whole
            );
        }
    }
}
