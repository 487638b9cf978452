//! Text forms of bytes, and text that is safe in a URL.

use super::Pattern::{Bytes, String};
use super::{Builtin, Cost, Outcome, function};
use crate::hex::hex;
use crate::value::{EvalError, Value};
use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Writes padding, reads with and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Writes no padding, reads with and without.
const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "base64.decode",
        docs: "The bytes that a base64 text stands for; padding may be left out.",
        overloads: &[function(&[String], Bytes)],
        examples: &[
            ("base64.decode('aGVsbG8=')", "b'hello'"),
            ("base64.decode('aGVsbG8')", "b'hello'"),
        ],
        cost: Cost::Whole,
        call: |args| decoded(&BASE64, args, "invalid base64"),
    },
    Builtin {
        name: "base64.encode",
        docs: "The bytes as base64 text, padded.",
        overloads: &[function(&[Bytes], String)],
        examples: &[("base64.encode(b'hello')", "'aGVsbG8='")],
        cost: Cost::Whole,
        call: |args| encoded(args, |bytes| BASE64.encode(bytes)),
    },
    Builtin {
        name: "base64url.decode",
        docs: "The bytes that a base64url text stands for; padding may be left out.",
        overloads: &[function(&[String], Bytes)],
        examples: &[("base64url.decode('-_8')", "b'\\xfb\\xff'")],
        cost: Cost::Whole,
        call: |args| decoded(&BASE64_URL, args, "invalid base64url"),
    },
    Builtin {
        name: "base64url.encode",
        docs: "The bytes as base64url text, without padding, as JSON Web Tokens and PKCE have it.",
        overloads: &[function(&[Bytes], String)],
        examples: &[("base64url.encode(b'\\xfb\\xff')", "'-_8'")],
        cost: Cost::Whole,
        call: |args| encoded(args, |bytes| BASE64_URL.encode(bytes)),
    },
    Builtin {
        name: "hex.encode",
        docs: "The bytes as hexadecimal digits, in lower case.",
        overloads: &[function(&[Bytes], String)],
        examples: &[("hex.encode(b'\\x00\\xfe')", "'00fe'")],
        cost: Cost::Whole,
        call: |args| encoded(args, hex),
    },
    Builtin {
        name: "url.encode",
        docs: "The string percent-encoded, so that it can stand anywhere in a URL as one piece of data.",
        overloads: &[function(&[String], String)],
        examples: &[("url.encode('a b/c?d=é')", "'a%20b%2Fc%3Fd%3D%C3%A9'")],
        cost: Cost::Whole,
        call: url_encode,
    },
];

/// Bytes as text.
fn encoded(args: &[Value], text: impl Fn(&[u8]) -> std::string::String) -> Outcome {
    let [Value::Bytes(bytes)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(text(bytes).into())
}

fn decoded(engine: &GeneralPurpose, args: &[Value], invalid: &'static str) -> Outcome {
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    engine
        .decode(text.as_bytes())
        .map(Value::from)
        .map_err(|_| EvalError::fixed(invalid))
}

/// RFC 3986: all but unreserved characters.
fn url_encode(args: &[Value]) -> Outcome {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    let mut encoded = std::string::String::with_capacity(text.len() + 16);
    let hex = |digit: u8| HEX.get(usize::from(digit)).map_or('0', |&byte| byte.into());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            encoded.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    Ok(encoded.into())
}
