//! A compact JWS, read strictly, before anything in it is believed.

use super::{Algorithm, PublicKey, Refusal, Seconds};
use crate::limits::MAX_TOKEN;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_machine::json::read_json;
use journey_machine::value::{Key, Str, Value};
use std::sync::Arc;

/// Members that bring keys, certificates or processing with them. We never follow them, so we never accept them.
const FORBIDDEN: [&str; 8] = ["crit", "jku", "jwk", "x5u", "x5c", "b64", "zip", "enc"];

/// A token whose form is right. Its content is unverified.
#[derive(Debug)]
pub struct Jws<'a> {
    /// The algorithm it claims.
    pub algorithm: Algorithm,
    /// The key it claims.
    pub kid: Option<Str>,
    /// The type it claims.
    pub typ: Option<Str>,
    payload: Vec<u8>,
    signed: &'a str,
    signature: &'a str,
}

impl<'a> Jws<'a> {
    /// Reads `token`.
    ///
    /// # Errors
    /// `TooLarge`, `Malformed`, `Header`, `Algorithm`.
    pub fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > MAX_TOKEN {
            return Err(Refusal::TooLarge);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, payload) = signed.split_once('.').ok_or(Refusal::Malformed)?;
        // A fourth part would be a dot inside the payload, which base64url does not have.
        let header = Object::parse(&decode(header)?)?;
        let payload = decode(payload)?;
        if decode(signature)?.is_empty() {
            return Err(Refusal::Malformed);
        }
        if FORBIDDEN.iter().any(|name| header.get(name).is_some()) {
            return Err(Refusal::Header);
        }
        let text = |name| header.text(name).map_err(|_| Refusal::Malformed);
        let algorithm = Algorithm::named(text("alg")?.ok_or(Refusal::Malformed)?);
        let algorithm = algorithm.ok_or(Refusal::Algorithm)?;
        let (kid, typ) = (text("kid")?.cloned(), text("typ")?.cloned());
        Ok(Self {
            algorithm,
            kid,
            typ,
            payload,
            signed,
            signature,
        })
    }

    /// What the token says of its subject: unverified, good for nothing but to look up the key to verify it with.
    #[must_use]
    pub fn claimed_subject(&self) -> Option<Str> {
        self.claimed("sub")
    }

    /// The one whom the token says it is for: unverified too.
    #[must_use]
    pub fn claimed_audience(&self) -> Option<Str> {
        self.claimed("aud")
    }

    fn claimed(&self, name: &str) -> Option<Str> {
        let payload = Object::parse(&self.payload).ok()?;
        payload.text(name).ok()?.cloned()
    }

    /// The payload, if the signature is the key's and the algorithm is the one the key is pinned to.
    ///
    /// # Errors
    /// `Algorithm`, `Signature`.
    pub fn verify(&self, key: &PublicKey) -> Result<&[u8], Refusal> {
        if self.algorithm != key.algorithm {
            return Err(Refusal::Algorithm);
        }
        let verified = jsonwebtoken::crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            &key.key,
            key.algorithm.verifier(),
        );
        if matches!(verified, Ok(true)) {
            Ok(&self.payload)
        } else {
            Err(Refusal::Signature)
        }
    }
}

/// A JSON object without duplicate members, at any depth.
#[derive(Debug)]
pub(super) struct Object(Value);

impl Object {
    pub(super) fn parse(json: &[u8]) -> Result<Self, Refusal> {
        match read_json(json) {
            Ok(value @ Value::Map(_)) => Ok(Self(value)),
            _ => Err(Refusal::Malformed),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Result<Option<&Str>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::MistypedClaim),
        }
    }

    /// A `NumericDate`: a number, possibly with a fraction, never text.
    pub(super) fn seconds(&self, name: &str) -> Result<Option<Seconds>, Refusal> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Int(seconds)) => Ok(Some(*seconds)),
            Some(Value::Double(seconds)) if seconds.is_finite() => Ok(Some(whole(*seconds))),
            Some(_) => Err(Refusal::MistypedClaim),
        }
    }

    /// Sets a member that is not there.
    pub(super) fn default(&mut self, name: &str, text: &str) {
        if let Value::Map(members) = &mut self.0
            && members.get_str(name).is_none()
        {
            Arc::make_mut(members).insert(Key::from(name), Value::string(text));
        }
    }

    pub(super) fn into_value(self) -> Value {
        self.0
    }
}

/// The whole seconds of a time; what no clock will reach becomes the end of time.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "the cast saturates, as it should here"
)]
fn whole(seconds: f64) -> Seconds {
    seconds.floor() as Seconds
}

fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Malformed)
}
