//! Where a redirect leads.

use std::fmt;

/// Characters that may stand in an authority of ours: no user, nothing that readers of URLs understand in two ways.
const PLAIN: &str = "-._~:[]";

/// Scheme, host and port of an `http` or `https` URL, as browsers compare them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin of an absolute URL; `None`: it is none, or one that could be read in two ways.
    #[must_use]
    pub fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let scheme = scheme.to_ascii_lowercase();
        let default = match scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            _ => return None,
        };
        let host = authority.strip_suffix(default).unwrap_or(&authority);
        let plain = |c: char| c.is_ascii_alphanumeric() || PLAIN.contains(c);
        let fits = !host.is_empty() && !host.starts_with(':') && host.chars().all(plain);
        fits.then(|| Self(format!("{scheme}://{host}")))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// May a redirect lead there? To a path of the same server always, to another origin only if it is declared.
#[must_use]
pub fn may_redirect(location: &str, declared: &[Origin]) -> bool {
    // Browsers leave tabs and line ends out, and take a backslash for a slash.
    let hidden = |c: char| c.is_control() || c == '\\';
    match location.as_bytes() {
        _ if location.contains(hidden) => false,
        [b'/', b'/', ..] => false,
        [b'/' | b'?' | b'#', ..] => true,
        _ => Origin::of(location).is_some_and(|origin| declared.contains(&origin)),
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, may_redirect};

    #[test]
    fn paths_and_declared_origins_are_let_through() {
        let declared = [
            Origin::of("https://App.example.com:443/base").unwrap(),
            Origin::of("http://[::1]:81").unwrap(),
        ];
        for location in [
            "/",
            "/a?b#c",
            "?a",
            "#a",
            "/a//b",
            "/a:b",
            "https://app.example.com",
            "HTTPS://APP.example.com:443/x",
            "https://app.example.com?x",
            "http://[::1]:81/x",
        ] {
            assert!(may_redirect(location, &declared), "{location:?}");
        }
    }

    #[test]
    fn nothing_else_is() {
        let declared = [Origin::of("https://app.example.com").unwrap()];
        for location in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "\t//evil.example",
            " https://app.example.com",
            "https:app.example.com",
            "https:/app.example.com",
            "https:///app.example.com",
            "https://evil.example",
            "https://app.example.com.evil.example",
            "https://app.example.com@evil.example/",
            "https://app.example.com\\@evil.example",
            "https://evil.example#@app.example.com",
            "https://app.example.com:444/",
            "http://app.example.com",
            "https://app%2eexample.com",
            "https://app.example.com\u{ff0f}.evil.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "javascript://app.example.com/%0aalert(1)",
            "evil",
            "evil/path",
            "app.example.com",
        ] {
            assert!(!may_redirect(location, &declared), "{location:?}");
        }
    }
}
