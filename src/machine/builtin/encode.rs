//! Text forms of bytes, and text that is safe in a URL.

use super::Pattern::{Bytes, String};
use super::{Builtin, Cost, Outcome, function};
use crate::value::{EvalError, Value};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// Writes padding, reads with and without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
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
        call: decode,
    },
    Builtin {
        name: "base64.encode",
        docs: "The bytes as base64 text, padded.",
        overloads: &[function(&[Bytes], String)],
        examples: &[("base64.encode(b'hello')", "'aGVsbG8='")],
        cost: Cost::Whole,
        call: encode,
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

fn encode(args: &[Value]) -> Outcome {
    let [Value::Bytes(bytes)] = args else {
        return Err(EvalError::no_such_overload());
    };
    Ok(BASE64.encode(bytes).into())
}

fn decode(args: &[Value]) -> Outcome {
    let [Value::String(text)] = args else {
        return Err(EvalError::no_such_overload());
    };
    BASE64
        .decode(text.as_bytes())
        .map(Value::from)
        .map_err(|_| EvalError::fixed("invalid base64"))
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
