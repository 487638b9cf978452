//! Requests that their receiver can verify: signed by the scheme of Standard Webhooks.
//!
//! `webhook-id` names the message, however often it is sent; `webhook-timestamp` says when this attempt was made;
//! `webhook-signature` holds, for each key, `v1,` and the HMAC-SHA256 of `id.timestamp.body` in base64.

use crate::clock;
use crate::limits::SIGNATURE_KEY;
use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

/// Names a message, by which a receiver knows it again.
pub(super) const ID: &str = "webhook-id";
pub(super) const TIMESTAMP: &str = "webhook-timestamp";
pub(super) const SIGNATURE: &str = "webhook-signature";

/// A key in base64 begins with this.
const ENCODED: &str = "whsec_";

/// The keys that requests of a connection are signed by: more than one while one takes the other's place.
#[derive(Clone, PartialEq)]
pub(super) struct Keys(Vec<Zeroizing<Vec<u8>>>);

impl std::fmt::Debug for Keys {
    /// How many: a key is never printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keys({})", self.0.len())
    }
}

impl Keys {
    /// Keys with white space between them: `whsec_` and base64, or any other text, which is its bytes.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let keys = text.split_ascii_whitespace().map(key);
        let keys = keys.collect::<Option<Vec<_>>>().filter(|k| !k.is_empty());
        keys.map(Self).ok_or_else(|| {
            format!(
                "its signature keys are not usable: each is `{ENCODED}` and base64, or another text, of {SIGNATURE_KEY} bytes or more, with spaces between them"
            )
        })
    }

    /// Signs an attempt: the id stands in the headers already.
    pub(super) fn sign(&self, headers: &mut HeaderMap, body: &[u8]) {
        let at = clock::now().to_string();
        let id = headers.get(ID).map(HeaderValue::as_bytes);
        let signed = [id.unwrap_or_default(), b".", at.as_bytes(), b".", body].concat();
        let signatures = self.0.iter().map(|key| signature(key, &signed));
        let signatures = signatures.collect::<Vec<_>>().join(" ");
        for (name, text) in [(TIMESTAMP, at), (SIGNATURE, signatures)] {
            // Digits and base64 can stand in a header.
            let value = HeaderValue::try_from(text).ok();
            headers.extend(value.map(|value| (HeaderName::from_static(name), value)));
        }
    }
}

/// What is signed has a dot behind the id: with one in it, two messages could be signed alike.
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && !text.contains('.')
}

fn key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = match text.strip_prefix(ENCODED) {
        Some(encoded) => STANDARD.decode(encoded).ok()?,
        None => text.as_bytes().to_vec(),
    };
    Some(Zeroizing::new(bytes)).filter(|bytes| bytes.len() >= SIGNATURE_KEY)
}

fn signature(key: &[u8], signed: &[u8]) -> String {
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), signed);
    format!("v1,{}", STANDARD.encode(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the scheme's own libraries: key, message, signature.
    #[test]
    fn it_is_the_signature_of_the_scheme() {
        let key = key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signed = br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#;
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signature(&key, signed), expected);
    }

    #[test]
    fn keys_are_long_enough_and_never_printed() {
        let raw = "a raw key has no spaces".replace(' ', "-") + "-";
        let both = format!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n {raw}");
        let keys = Keys::parse(&both).unwrap();
        assert_eq!((keys.0.len(), keys.0[1].as_slice()), (2, raw.as_bytes()));
        assert_eq!(format!("{keys:?}"), "Keys(2)");
        for wrong in [
            "",
            " ",
            "short",
            "whsec_AAEC",
            "whsec_?",
            raw.trim_start_matches("a-raw"),
        ] {
            let error = Keys::parse(wrong).unwrap_err();
            assert!(wrong.trim().is_empty() || !error.contains(wrong), "{error}");
        }
    }
}
