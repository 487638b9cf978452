//! ID tokens that must not sign anybody in.

use super::provider::{Provider, rsa};
use super::world::CLIENT;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_server::clock;
use journey_server::token::sign_hs256;
use serde_json::{Value, json};

/// Makes an ID token of claims.
pub(super) type Sign = fn(&Provider, &Value) -> String;

/// What a forger does, which claims they change, those of null being left out, and how they sign.
type Forgery = (&'static str, Value, Sign);

/// Tokens that the provider has signed, but not for this sign-in.
pub(super) fn of_claims(other: &str) -> Vec<Forgery> {
    let (now, right): (_, Sign) = (clock::now(), Provider::sign);
    vec![
        ("nonce of another sign-in", json!({ "nonce": "n" }), right),
        ("no nonce", json!({ "nonce": null }), right),
        (
            "another iss",
            json!({ "iss": "https://evil.example" }),
            right,
        ),
        ("iss of another provider", json!({ "iss": other }), right),
        ("no iss", json!({ "iss": null }), right),
        ("iss as a list", json!({ "iss": [other] }), right),
        ("another aud", json!({ "aud": "evil.example" }), right),
        ("no aud", json!({ "aud": null }), right),
        (
            "aud without us",
            json!({ "aud": ["evil.example", "other"] }),
            right,
        ),
        ("another azp", json!({ "azp": "evil.example" }), right),
        (
            "two in aud, and no azp",
            json!({ "aud": [CLIENT, "evil.example"] }),
            right,
        ),
        (
            "expired",
            json!({ "iat": now - 7_200, "exp": now - 3_600 }),
            right,
        ),
        ("exp as text", json!({ "exp": "2100-01-01" }), right),
        ("no exp", json!({ "exp": null }), right),
        (
            "issued tomorrow",
            json!({ "iat": now + 86_400, "exp": now + 90_000 }),
            right,
        ),
        ("no sub", json!({ "sub": null }), right),
    ]
}

/// Tokens that say what they should, and that the provider has not signed.
pub(super) fn of_signatures() -> Vec<Forgery> {
    vec![
        ("alg none", json!({}), |_, claims| {
            unsigned("none", claims, "")
        }),
        ("alg NONE", json!({}), |_, claims| {
            unsigned("NONE", claims, "")
        }),
        ("alg none with a signature", json!({}), |_, claims| {
            unsigned("none", claims, "c2ln")
        }),
        (
            "HS256 with the public key as PEM",
            json!({}),
            |provider, claims| symmetric(provider, &provider.public_pem, claims),
        ),
        (
            "HS256 with the public key as JWK",
            json!({}),
            |provider, claims| symmetric(provider, &provider.key.jwk().to_string(), claims),
        ),
        ("HS256 with the modulus", json!({}), |provider, claims| {
            let jwk = provider.key.jwk();
            symmetric(provider, jwk["n"].as_str().expect("a modulus"), claims)
        }),
        (
            "another key under its name",
            json!({}),
            |provider, claims| {
                let signed = rsa().0.sign_as(provider.key.kid(), "JWT", claims);
                signed.expect("a token")
            },
        ),
        (
            "another key, and where to find it",
            json!({}),
            with_its_own_key,
        ),
        (
            "signature of another token",
            json!({ "sub": "1002" }),
            |provider, claims| {
                let honest = provider.sign(&json!({ "sub": "1001" }));
                let (_, signature) = honest.rsplit_once('.').expect("a signature");
                let forged = provider.sign(claims);
                let (signed, _) = forged.rsplit_once('.').expect("a signature");
                format!("{signed}.{signature}")
            },
        ),
        ("a logout token", json!({}), |provider, claims| {
            provider.key.sign("logout+jwt", claims).expect("a token")
        }),
    ]
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

fn unsigned(alg: &str, claims: &Value, signature: &str) -> String {
    let header = json!({ "alg": alg, "typ": "JWT" });
    format!("{}.{}.{signature}", encoded(&header), encoded(claims))
}

/// Signed with what everybody knows, in the hope that it is taken for a shared secret.
fn symmetric(provider: &Provider, secret: &str, claims: &Value) -> String {
    let kid = Some(provider.key.kid());
    sign_hs256(secret, kid, "JWT", claims).expect("a token")
}

/// Its header brings the key it is to be verified by.
fn with_its_own_key(_: &Provider, claims: &Value) -> String {
    let (key, _) = rsa();
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": key.kid(), "jwk": key.jwk() });
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = key.signature(signed.as_bytes()).expect("a signature");
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
