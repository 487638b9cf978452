//! Private keys: made, stored as PKCS #8, used to sign.

use super::{Algorithm, PublicKey};
use aws_lc_rs::digest::SHA256_OUTPUT_LEN;
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Value, json};
use std::fmt;
use zeroize::Zeroizing;

/// A key that signs tokens by one algorithm: `RS256`, `ES256` or `EdDSA`.
pub struct SigningKey {
    kid: String,
    algorithm: Algorithm,
    pair: Pair,
}

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("kid", &self.kid)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// Equal keys have equal ids.
impl PartialEq for SigningKey {
    fn eq(&self, other: &Self) -> bool {
        self.kid == other.kid
    }
}

impl SigningKey {
    /// The algorithms we sign with.
    pub const ALGORITHMS: [Algorithm; 3] = [Algorithm::ES256, Algorithm::RS256, Algorithm::EdDSA];

    /// A new key; `None` if the algorithm is not one we sign with, or the system has no randomness.
    #[must_use]
    pub fn generate(algorithm: Algorithm) -> Option<Self> {
        let pair = match algorithm {
            Algorithm::RS256 => Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).ok()?),
            Algorithm::ES256 => {
                Pair::Ec(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?)
            }
            Algorithm::EdDSA => Pair::Ed(Ed25519KeyPair::generate().ok()?),
            Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512
            | Algorithm::ES384 => return None,
        };
        Some(Self::new(algorithm, pair))
    }

    /// The key that [`SigningKey::to_pkcs8`] wrote.
    #[must_use]
    pub fn from_pkcs8(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        let pair = match algorithm {
            Algorithm::RS256 => Pair::Rsa(RsaKeyPair::from_pkcs8(der).ok()?),
            Algorithm::ES256 => {
                Pair::Ec(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).ok()?)
            }
            Algorithm::EdDSA => Pair::Ed(Ed25519KeyPair::from_pkcs8(der).ok()?),
            Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512
            | Algorithm::ES384 => return None,
        };
        Some(Self::new(algorithm, pair))
    }

    /// A private key in PKCS #8 as PEM, of any algorithm we sign with.
    #[must_use]
    pub fn from_pem(pem: &str) -> Option<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).ok()?;
        let mut algorithms = Self::ALGORITHMS.into_iter();
        algorithms.find_map(|algorithm| Self::from_pkcs8(algorithm, der.secret_pkcs8_der()))
    }

    /// The private key as PKCS #8.
    #[must_use]
    pub fn to_pkcs8(&self) -> Option<Zeroizing<Vec<u8>>> {
        let der = match &self.pair {
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)
                .ok()?
                .as_ref()
                .to_vec(),
            Pair::Ec(pair) => pair.to_pkcs8v1().ok()?.as_ref().to_vec(),
            Pair::Ed(pair) => pair.to_pkcs8v1().ok()?.as_ref().to_vec(),
        };
        Some(Zeroizing::new(der))
    }

    fn new(algorithm: Algorithm, pair: Pair) -> Self {
        let kid = thumbprint(&members(&pair));
        Self {
            kid,
            algorithm,
            pair,
        }
    }

    /// Its id: the thumbprint of its public part (RFC 7638), so that equal keys have equal ids.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its algorithm.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its public part, as a member of a JWK set.
    #[must_use]
    pub fn jwk(&self) -> Value {
        let mut jwk = members(&self.pair);
        if let Value::Object(members) = &mut jwk {
            members.insert("kid".into(), self.kid.as_str().into());
            members.insert("use".into(), "sig".into());
            members.insert("alg".into(), self.algorithm.name().into());
        }
        jwk
    }

    /// Its public part, ready to verify.
    #[must_use]
    pub fn public(&self) -> Option<PublicKey> {
        PublicKey::from_jwk(&self.jwk(), &[self.algorithm])
    }

    /// A token of `typ` with these claims; `None` if the library refuses to sign.
    #[must_use]
    pub fn sign(&self, typ: &str, claims: &Value) -> Option<String> {
        self.sign_as(&self.kid, typ, claims)
    }

    /// The same, with another id of the key: who verifies it may call it by a name of their own.
    #[must_use]
    pub fn sign_as(&self, kid: &str, typ: &str, claims: &Value) -> Option<String> {
        let header = json!({ "alg": self.algorithm.name(), "kid": kid, "typ": typ });
        compact(&header, claims, |message| self.signature(message))
    }

    /// The signature of `message`.
    #[must_use]
    pub fn signature(&self, message: &[u8]) -> Option<Vec<u8>> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Pair::Ec(pair) => Some(pair.sign(&random, message).ok()?.as_ref().to_vec()),
            Pair::Ed(pair) => Some(pair.try_sign(message).ok()?.as_ref().to_vec()),
        }
    }
}

/// A token signed by a shared secret, for those who ask for one; ours never are, and none is accepted. `None`: the secret
/// is shorter than the hash.
#[must_use]
pub fn sign_hs256(secret: &str, kid: Option<&str>, typ: &str, claims: &Value) -> Option<String> {
    if secret.len() < SHA256_OUTPUT_LEN {
        return None;
    }
    let mut header = json!({ "alg": "HS256", "typ": typ });
    if let (Some(kid), Some(members)) = (kid, header.as_object_mut()) {
        members.insert("kid".into(), kid.into());
    }
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    compact(&header, claims, |message| {
        Some(hmac::sign(&key, message).as_ref().to_vec())
    })
}

/// The compact form of a signed token.
fn compact(
    header: &Value,
    claims: &Value,
    sign: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> Option<String> {
    let mut token = format!("{}.{}", encode(header), encode(claims));
    let signature = sign(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Some(token)
}

fn encode(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// The required members of the public JWK, which `serde_json` keeps in the order a thumbprint needs: by name.
fn members(pair: &Pair) -> Value {
    let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    match pair {
        Pair::Rsa(pair) => {
            let parts = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
            json!({ "e": text(&parts.e), "kty": "RSA", "n": text(&parts.n) })
        }
        Pair::Ec(pair) => {
            // An uncompressed point: a tag of one byte, then two coordinates of equal length.
            let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
            let (x, y) = point.split_at(point.len() / 2);
            json!({ "crv": "P-256", "kty": "EC", "x": text(x), "y": text(y) })
        }
        Pair::Ed(pair) => {
            json!({ "crv": "Ed25519", "kty": "OKP", "x": text(pair.public_key().as_ref()) })
        }
    }
}

fn thumbprint(members: &Value) -> String {
    URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(
        &aws_lc_rs::digest::SHA256,
        members.to_string().as_bytes(),
    ))
}
