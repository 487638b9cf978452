//! Fingerprints of data, with and without a key.

use super::Pattern::{Bool, Bytes, String};
use super::{Builtin, Cost, Outcome, function};
use crate::value::{EvalError, Value};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};

pub(super) const ALL: &[Builtin] = &[
    Builtin {
        name: "crypto.hmac_sha256",
        docs: "The HMAC (RFC 2104) with SHA-256 of a message: the key comes first.",
        overloads: &[
            function(&[Bytes, Bytes], Bytes),
            function(&[String, String], Bytes),
        ],
        examples: &[(
            "hex.encode(crypto.hmac_sha256('Jefe', 'what do ya want for nothing?'))",
            "'5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'",
        )],
        cost: Cost::Whole,
        call: |args| match args {
            [Value::Bytes(key), Value::Bytes(message)] => hmac(key, message),
            [Value::String(key), Value::String(message)] => {
                hmac(key.as_bytes(), message.as_bytes())
            }
            _ => Err(EvalError::no_such_overload()),
        },
    },
    Builtin {
        name: "crypto.is_hmac_sha256",
        docs: "Is this the HMAC (RFC 2104) with SHA-256 of a message? The key comes first, then the message. How long it takes \
               tells nothing of where it differs.",
        overloads: &[
            function(&[Bytes, Bytes, Bytes], Bool),
            function(&[String, String, Bytes], Bool),
        ],
        examples: &[
            (
                "crypto.is_hmac_sha256('key', 'message', crypto.hmac_sha256('key', 'message'))",
                "true",
            ),
            (
                "crypto.is_hmac_sha256('key', 'message', crypto.hmac_sha256('key', 'other'))",
                "false",
            ),
        ],
        cost: Cost::Whole,
        call: |args| match args {
            [Value::Bytes(key), Value::Bytes(message), Value::Bytes(tag)] => {
                is_hmac(key, message, tag)
            }
            [
                Value::String(key),
                Value::String(message),
                Value::Bytes(tag),
            ] => is_hmac(key.as_bytes(), message.as_bytes(), tag),
            _ => Err(EvalError::no_such_overload()),
        },
    },
    Builtin {
        name: "crypto.sha256",
        docs: "The SHA-256 of bytes, or of a string in UTF-8.",
        overloads: &[function(&[Bytes], Bytes), function(&[String], Bytes)],
        examples: &[(
            "hex.encode(crypto.sha256('abc'))",
            "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'",
        )],
        cost: Cost::Whole,
        call: |args| match args {
            [Value::Bytes(bytes)] => Ok(sha256(bytes)),
            [Value::String(text)] => Ok(sha256(text.as_bytes())),
            _ => Err(EvalError::no_such_overload()),
        },
    },
];

fn sha256(bytes: &[u8]) -> Value {
    Sha256::digest(bytes).to_vec().into()
}

fn hmac(key: &[u8], message: &[u8]) -> Outcome {
    let tag = keyed(key)?.chain_update(message).finalize();
    Ok(tag.into_bytes().to_vec().into())
}

fn is_hmac(key: &[u8], message: &[u8], tag: &[u8]) -> Outcome {
    let found = keyed(key)?.chain_update(message).verify_slice(tag);
    Ok(found.is_ok().into())
}

fn keyed(key: &[u8]) -> Result<Hmac<Sha256>, EvalError> {
    Hmac::new_from_slice(key).map_err(|_| EvalError::evaluation("this key cannot be used"))
}
