//! A provider with OpenID Connect, as Google and Apple are, which gives whatever ID token it is told to.

use crate::e2e::standin::{Asked, StandIn, json};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_machine::http;
use journey_server::token::SigningKey;
use journey_server::{clock, random};
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// ID tokens by the code that brings them, once.
type Codes = Arc<Mutex<BTreeMap<String, Granted>>>;

/// What a code brings.
struct Granted {
    id_token: String,
    /// The challenge that the user came with (RFC 7636).
    challenge: Option<String>,
}

/// The provider.
pub(super) struct Provider {
    server: StandIn,
    /// What it signs with.
    pub(super) key: SigningKey,
    /// The public part of that.
    pub(super) public_pem: String,
    codes: Codes,
}

/// A new RSA key, and its public part as PEM.
pub(super) fn rsa() -> (SigningKey, String) {
    let pair = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
    let key = SigningKey::from_pem(&pair.serialize_pem()).expect("a key to sign with");
    (key, pair.public_key_pem())
}

impl Provider {
    pub(super) fn start() -> Self {
        let (key, public_pem) = rsa();
        let (codes, jwk) = (Codes::default(), key.jwk());
        let known = Arc::clone(&codes);
        let server = StandIn::start(move |asked| react(asked, &jwk, &known));
        Self {
            server,
            key,
            public_pem,
            codes,
        }
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// A code that brings this ID token to whom the challenge is of.
    pub(super) fn code(&self, challenge: Option<&str>, id_token: String) -> String {
        let code = random::text::<16>().expect("a code");
        let challenge = challenge.map(str::to_owned);
        let granted = Granted {
            id_token,
            challenge,
        };
        let mut codes = self.codes.lock().expect("the codes");
        codes.insert(code.clone(), granted);
        code
    }

    /// How often it was asked for tokens.
    pub(super) fn asked_for_tokens(&self) -> usize {
        let asked = self.server.asked().into_iter();
        asked.filter(|asked| asked.path == "/token").count()
    }

    /// What an ID token for this client says, if it is right.
    pub(super) fn claims(&self, client: &str, nonce: &str) -> Value {
        let now = clock::now();
        json!({
            "iss": self.url(), "sub": "1001", "aud": client, "nonce": nonce, "iat": now, "exp": now + 600, "email": "ada@example.com",
        })
    }

    /// An ID token as it should be.
    pub(super) fn sign(&self, claims: &Value) -> String {
        self.key.sign("JWT", claims).expect("a token")
    }
}

fn react(asked: &Asked, jwk: &Value, codes: &Codes) -> Vec<u8> {
    let own = format!("http://{}", asked.headers["host"]);
    match asked.path.as_str() {
        "/.well-known/openid-configuration" => json(
            200,
            &json!({
                "issuer": own, "authorization_endpoint": format!("{own}/auth"), "token_endpoint": format!("{own}/token"),
                "jwks_uri": format!("{own}/keys"),
            }),
        ),
        "/keys" => json(200, &json!({ "keys": [jwk] })),
        "/token" => {
            let granted = field(asked, "code").and_then(|code| codes.lock().ok()?.remove(&code));
            // A proof without a challenge is refused as well, lest somebody has taken the challenge away (RFC 9700 §4.8.2).
            let proof = field(asked, "code_verifier").map(|verifier| challenge(&verifier));
            match granted.filter(|granted| granted.challenge == proof) {
                Some(granted) => json(200, &json!({ "id_token": granted.id_token })),
                None => json(400, &json!({ "error": "invalid_grant" })),
            }
        }
        _ => json(404, &Value::Null),
    }
}

/// What belongs to a verifier.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// A field of a form.
fn field(asked: &Asked, name: &str) -> Option<String> {
    let form = std::str::from_utf8(&asked.body).ok()?;
    let mut pairs = http::pairs(form)?.into_iter();
    let (_, value) = pairs.find(|(found, _)| found == name)?;
    Some(value.into_owned())
}
