//! Wycheproof's JSON Web Signatures against our signature layer.

use journey_server::token::{Algorithm, Jws, PublicKey, SigningKey};
use serde::Deserialize;

#[derive(Deserialize)]
struct Vector {
    #[serde(rename = "tcId")]
    id: u32,
    result: String,
    comment: String,
    jwk: serde_json::Value,
    jws: String,
}

/// Valid by the vectors, refused by us: a PS384 token under a key that is pinned to PS256, and the algorithm `ES521`,
/// which does not exist.
const STRICTER: [u32; 4] = [346, 347, 350, 351];

fn accepts(vector: &Vector) -> bool {
    let key = PublicKey::from_jwk(&vector.jwk, &Algorithm::ALL);
    key.is_some_and(|key| Jws::parse(&vector.jws).is_ok_and(|jws| jws.verify(&key).is_ok()))
}

#[test]
fn signatures_are_judged_as_by_wycheproof() {
    let vectors = include_str!("../../../../tests/fixtures/jose/wycheproof-jws.jsonl");
    let (mut wrong, mut accepted) = (Vec::new(), 0);
    for line in vectors.lines() {
        let vector: Vector = serde_json::from_str(line).unwrap();
        // Symmetric keys are refused: who could verify with them could also sign.
        let expected = vector.result == "valid"
            && vector.jwk["kty"] != "oct"
            && !STRICTER.contains(&vector.id);
        let found = accepts(&vector);
        accepted += usize::from(found);
        if found != expected {
            wrong.push(format!(
                "{}: {} ({})",
                vector.id, vector.comment, vector.result
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(accepted, 32, "keys and signatures that are good");
}

#[test]
fn a_token_with_any_letter_changed_is_refused() {
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let token = key
        .sign("at+jwt", &serde_json::json!({ "sub": "client" }))
        .unwrap();
    let public = key.public().unwrap();
    let accepts = |token: &str| Jws::parse(token).is_ok_and(|jws| jws.verify(&public).is_ok());
    assert!(accepts(&token));
    for at in 0..token.len() {
        for letter in ["A", "B", "_", "=", ".", " ", ""] {
            let changed = format!("{}{letter}{}", &token[..at], &token[at + 1..]);
            assert!(changed == token || !accepts(&changed), "{changed}");
        }
    }
}
