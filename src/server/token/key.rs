//! Public keys as JWK (RFC 7517): each is good for one algorithm, decided when it is read.

use super::Algorithm;
use crate::limits::MAX_KEYS;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::DecodingKey;
use serde::Deserialize;
use std::fmt;

const RSA_BITS: std::ops::RangeInclusive<usize> = 2_048..=8_192;

/// One key that verifies signatures of one algorithm.
#[derive(Clone)]
pub struct PublicKey {
    /// The id under which tokens name it.
    pub kid: Option<String>,
    /// The only algorithm it is used with.
    pub algorithm: Algorithm,
    pub(super) key: DecodingKey,
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The members of a JWK that matter; the others (certificates, thumbprints) are ignored.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl PublicKey {
    /// The key of a JWK, if it is one for signatures by one of the `allowed` algorithms. An RSA key that names no
    /// algorithm is pinned to the first allowed RSA algorithm.
    #[must_use]
    pub fn from_jwk(jwk: &serde_json::Value, allowed: &[Algorithm]) -> Option<Self> {
        let jwk = Jwk::deserialize(jwk).ok()?;
        let signs = jwk.usage.as_deref().is_none_or(|u| u == "sig")
            && jwk
                .key_ops
                .as_ref()
                .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        let algorithm = jwk.algorithm(allowed)?;
        if !signs || !allowed.contains(&algorithm) {
            return None;
        }
        let key = jwk.material(algorithm)?;
        Some(Self {
            kid: jwk.kid,
            algorithm,
            key,
        })
    }
}

impl Jwk {
    /// The algorithm the key is pinned to: its own `alg`, which must fit its type, or what its type leaves.
    fn algorithm(&self, allowed: &[Algorithm]) -> Option<Algorithm> {
        let fits = |a: &Algorithm| match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => a.is_rsa(),
            ("EC", Some("P-256")) => *a == Algorithm::ES256,
            ("EC", Some("P-384")) => *a == Algorithm::ES384,
            ("OKP", Some("Ed25519")) => *a == Algorithm::EdDSA,
            _ => false,
        };
        match self.alg.as_deref() {
            Some(name) => Algorithm::named(name).filter(fits),
            None => allowed.iter().copied().find(fits),
        }
    }

    fn material(&self, algorithm: Algorithm) -> Option<DecodingKey> {
        match algorithm {
            Algorithm::ES256 => self.point(32),
            Algorithm::ES384 => self.point(48),
            Algorithm::EdDSA => {
                let x = member(self.x.as_deref(), |x| x.len() == 32)?;
                DecodingKey::from_ed_components(x).ok()
            }
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => {
                let n = member(self.n.as_deref(), |n| RSA_BITS.contains(&bits(n)))?;
                let e = member(self.e.as_deref(), |e| !e.is_empty())?;
                DecodingKey::from_rsa_components(n, e).ok()
            }
        }
    }

    fn point(&self, size: usize) -> Option<DecodingKey> {
        let x = member(self.x.as_deref(), |x| x.len() == size)?;
        let y = member(self.y.as_deref(), |y| y.len() == size)?;
        DecodingKey::from_ec_components(x, y).ok()
    }
}

fn member(text: Option<&str>, good: impl Fn(&[u8]) -> bool) -> Option<&str> {
    text.filter(|text| URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| good(&bytes)))
}

/// Bits of a big-endian number.
fn bits(number: &[u8]) -> usize {
    let significant = number
        .iter()
        .position(|b| *b != 0)
        .map_or(&[][..], |at| number.get(at..).unwrap_or_default());
    let leading = significant
        .first()
        .map_or(0, |b| b.leading_zeros() as usize);
    significant.len() * 8 - leading
}

/// The keys of one issuer. A key id has meaning inside its set only.
#[derive(Clone, Debug, Default)]
pub struct KeySet(Vec<PublicKey>);

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// A set of these keys.
    #[must_use]
    pub fn new(keys: Vec<PublicKey>) -> Self {
        Self(keys)
    }

    /// The usable keys of a JWK set; `None` if it is no JWK set or has too many keys. Keys of other uses, types and
    /// algorithms are left out.
    #[must_use]
    pub fn from_jwks(json: &[u8], allowed: &[Algorithm]) -> Option<Self> {
        let set: Jwks = serde_json::from_slice(json).ok()?;
        (set.keys.len() <= MAX_KEYS).then(|| {
            Self(
                set.keys
                    .iter()
                    .filter_map(|jwk| PublicKey::from_jwk(jwk, allowed))
                    .collect(),
            )
        })
    }

    /// Is there no usable key?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key a token names. Without a name: the only key of the algorithm, if there is just one.
    #[must_use]
    pub fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&PublicKey> {
        let mut candidates = self.0.iter().filter(|key| match kid {
            Some(_) => key.kid.as_deref() == kid,
            None => key.algorithm == algorithm,
        });
        let found = candidates.next()?;
        candidates.next().is_none().then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{Algorithm, KeySet, PublicKey};
    use crate::token::SigningKey;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    fn rsa(bits: usize) -> Value {
        let mut modulus = vec![0xff; bits.div_ceil(8)];
        modulus[0] >>= (8 - bits % 8) % 8;
        modulus.insert(0, 0);
        json!({ "kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": "AQAB" })
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a `json!` stands in each call"
    )]
    fn with(mut jwk: Value, changes: Value) -> Value {
        for (name, value) in changes.as_object().unwrap() {
            jwk[name] = value.clone();
        }
        jwk
    }

    #[test]
    fn a_key_is_for_signatures_of_one_algorithm_or_left_out() {
        let ec = SigningKey::generate(Algorithm::ES256).unwrap().jwk();
        let ed = SigningKey::generate(Algorithm::EdDSA).unwrap().jwk();
        for (jwk, pinned) in [
            (ec.clone(), Some(Algorithm::ES256)),
            (
                with(ec.clone(), json!({ "alg": null })),
                Some(Algorithm::ES256),
            ),
            (
                with(ec.clone(), json!({ "use": null, "key_ops": ["verify"] })),
                Some(Algorithm::ES256),
            ),
            (with(ec.clone(), json!({ "use": "enc" })), None),
            (with(ec.clone(), json!({ "key_ops": ["encrypt"] })), None),
            (with(ec.clone(), json!({ "alg": "ES384" })), None),
            (with(ec.clone(), json!({ "alg": "RS256" })), None),
            (with(ec.clone(), json!({ "alg": "HS256" })), None),
            (with(ec.clone(), json!({ "alg": "none" })), None),
            (
                with(ec.clone(), json!({ "crv": "P-384", "alg": null })),
                None,
            ),
            (with(ec.clone(), json!({ "crv": "secp256k1" })), None),
            (with(ec.clone(), json!({ "x": "AAAA" })), None),
            (with(ec, json!({ "kty": "oct", "k": "AAAA" })), None),
            (ed.clone(), Some(Algorithm::EdDSA)),
            (with(ed, json!({ "crv": "X25519" })), None),
            (rsa(2_048), Some(Algorithm::PS256)),
            (rsa(2_047), None),
            (rsa(1_024), None),
            (rsa(8_193), None),
            (
                with(rsa(2_048), json!({ "alg": "RS256" })),
                Some(Algorithm::RS256),
            ),
            (with(rsa(2_048), json!({ "alg": "RS512" })), None),
            (with(rsa(2_048), json!({ "e": "" })), None),
            (json!({ "kty": "oct", "k": "AAAA", "alg": "HS256" }), None),
            (json!({}), None),
            (json!("key"), None),
        ] {
            let allowed = [
                Algorithm::PS256,
                Algorithm::RS256,
                Algorithm::ES256,
                Algorithm::EdDSA,
            ];
            let key = PublicKey::from_jwk(&jwk, &allowed);
            assert_eq!(key.map(|key| key.algorithm), pinned, "{jwk}");
        }
    }

    #[test]
    fn a_name_means_one_key() {
        let key = SigningKey::generate(Algorithm::ES256).unwrap();
        let jwks = |keys: Value| {
            KeySet::from_jwks(
                json!({ "keys": keys }).to_string().as_bytes(),
                &Algorithm::ALL,
            )
        };
        let one = jwks(json!([key.jwk(), { "kty": "unknown" }])).unwrap();
        assert!(one.find(Some(key.kid()), Algorithm::ES256).is_some());
        assert!(one.find(None, Algorithm::ES256).is_some());
        assert!(one.find(None, Algorithm::RS256).is_none());
        let twice = jwks(json!([key.jwk(), key.jwk()])).unwrap();
        assert!(twice.find(Some(key.kid()), Algorithm::ES256).is_none());
        assert!(twice.find(None, Algorithm::ES256).is_none());
        assert!(jwks(json!(vec![key.jwk(); 101])).is_none());
        assert!(jwks(json!({})).is_none());
    }
}
