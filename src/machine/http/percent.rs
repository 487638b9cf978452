//! Percent-encoding (RFC 3986) and the encoding of forms.

use crate::limits::MAX_PAIRS;
use std::borrow::Cow;

/// Decodes `%xx`, and `+` as a space in forms and queries; `None`: a `%` without two digits, or no UTF-8.
#[must_use]
pub fn decode(text: &str, form: bool) -> Option<Cow<'_, str>> {
    if !text
        .bytes()
        .any(|byte| byte == b'%' || (form && byte == b'+'))
    {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let (plain, next) = match (byte, after) {
            (b'%', [high, low, after @ ..]) => ((digit(*high)? << 4) | digit(*low)?, after),
            (b'%', _) => return None,
            (b'+', after) if form => (b' ', after),
            (byte, after) => (byte, after),
        };
        bytes.push(plain);
        rest = next;
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// The pairs of a query or a form; `None`: one of them cannot be decoded, or there are more than [`MAX_PAIRS`].
#[must_use]
pub fn pairs(text: &str) -> Option<Vec<(Cow<'_, str>, Cow<'_, str>)>> {
    let pair = |pair| {
        let (name, value) = str::split_once(pair, '=').unwrap_or((pair, ""));
        Some((decode(name, true)?, decode(value, true)?))
    };
    if text.bytes().filter(|byte| *byte == b'&').count() >= MAX_PAIRS {
        return None;
    }
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(pair)
        .collect()
}

/// Appends `text` so that nothing in it has a meaning in a URL: all but letters, digits, `-`, `.`, `_` and `~` is encoded.
pub fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let nibble = |value: u8| {
        DIGITS
            .get(usize::from(value))
            .copied()
            .map_or('0', char::from)
    };
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', nibble(byte >> 4), nibble(byte & 15)]);
        }
    }
}

/// Appends a pair of a query or a form.
pub fn push_pair(name: &str, value: &str, out: &mut String) {
    if !out.is_empty() {
        out.push('&');
    }
    encode(name, out);
    out.push('=');
    encode(value, out);
}
