//! Fingerprints of data, with and without a key.

use super::Pattern::{Bytes, String};
use super::{Builtin, Cost, function};
use crate::value::{EvalError, Value};
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
            [Value::Bytes(key), Value::Bytes(message)] => Ok(hmac(key, message)),
            [Value::String(key), Value::String(message)] => {
                Ok(hmac(key.as_bytes(), message.as_bytes()))
            }
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
            [Value::Bytes(bytes)] => Ok(sha256(&[bytes])),
            [Value::String(text)] => Ok(sha256(&[text.as_bytes()])),
            _ => Err(EvalError::no_such_overload()),
        },
    },
];

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

fn digest(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

fn sha256(parts: &[&[u8]]) -> Value {
    digest(parts).to_vec().into()
}

fn hmac(key: &[u8], message: &[u8]) -> Value {
    let short = digest(&[key]);
    let key = if key.len() > BLOCK { &short } else { key };
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = digest(&[&padded(0x36), message]);
    sha256(&[&padded(0x5c), &inner])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, cases 1 and 6: a short key, and one longer than a block.
    #[test]
    fn an_hmac_is_as_the_rfc_says() {
        let hex = |value: Value| {
            let Value::Bytes(bytes) = value else {
                return std::string::String::new();
            };
            bytes
                .iter()
                .map(|b| format!("{b:02x}"))
                .collect::<std::string::String>()
        };
        assert_eq!(
            hex(hmac(&[0x0b; 20], b"Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        let message = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(hmac(&[0xaa; 131], message)),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }
}
