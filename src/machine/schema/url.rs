//! Which texts are absolute `http` and `https` URLs. Stricter than browsers: what two parsers might read
//! differently (backslashes, tabs, user names, percent-encoded hosts) is refused.

/// Is it an absolute `http` or `https` URL?
pub(super) fn is_url(text: &str) -> bool {
    let Some(rest) = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
    else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    is_authority(authority) && is_tail(tail.as_bytes())
}

fn is_authority(authority: &str) -> bool {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => {
                return is_port(port);
            }
            _ => return false,
        },
        None => authority.split_at(authority.find(':').unwrap_or(authority.len())),
    };
    is_host(host) && is_port(port)
}

fn is_host(host: &str) -> bool {
    let labels = host.strip_suffix('.').unwrap_or(host);
    labels.len() <= 253
        && labels.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        })
}

fn is_port(port: &str) -> bool {
    match port.strip_prefix(':') {
        None => port.is_empty(),
        Some(digits) => {
            digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok()
        }
    }
}

/// Path, query and fragment: characters of RFC 3986, every `%` followed by two hexadecimal digits.
fn is_tail(tail: &[u8]) -> bool {
    let mut rest = tail;
    while let Some((&byte, after)) = rest.split_first() {
        rest = match (byte, after) {
            (b'%', [a, b, after @ ..]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => after,
            (b'%' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}', _) => {
                return false;
            }
            (b'!'..=b'~', after) => after,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_url;

    #[test]
    fn only_what_every_parser_reads_alike_is_a_url() {
        for good in [
            "https://a.example",
            "http://a:8080/b?c=%20#d",
            "http://[::1]:80/",
            "https://xn--a.example./",
        ] {
            assert!(is_url(good), "{good}");
        }
        for bad in [
            "",
            "a.example",
            "ftp://a",
            "https://",
            "https:///a",
            "http:127.0.0.1",
            "http://a@b/",
            "http://a\\b/",
            "http://a b/",
            "http://a:/x",
            "http://a:65536/",
            "http://①.example/",
            "http://[::g]/",
            "http://a/%2",
            "http://a/\t",
            "http://%61/",
            "HTTP://a/",
        ] {
            assert!(!is_url(bad), "{bad}");
        }
    }
}
