//! Tokens and the keys they are checked with: any text is refused or read, and what is not signed never verifies.
#![no_main]
use journey_server::token::{Algorithm, Claims, Expected, Jws, KeySet, PublicKey, SigningKey, TypePolicy};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static KEY: LazyLock<PublicKey> = LazyLock::new(|| {
    let key = SigningKey::generate(Algorithm::EdDSA).expect("a key can be made");
    key.public().expect("it has a public half")
});

const NOW: i64 = 1_800_000_000;

fuzz_target!(|bytes: &[u8]| {
    let expected = Expected {
        issuers: &["https://issuer.example".into()],
        audiences: &["https://api.example".into()],
        lifetime: 3_600,
        leeway: 30,
        types: TypePolicy::Any,
    };
    let _ = KeySet::from_jwks(bytes, &[Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA]);
    if let Ok(claims) = Claims::introspected(bytes, &expected, NOW) {
        let _ = claims.check_client();
        assert!(claims.expires > NOW - expected.leeway);
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let _ = SigningKey::from_pem(text);
    if let Ok(jws) = Jws::parse(text) {
        assert!(jws.verify(&KEY).is_err());
        let _ = (jws.claimed_subject(), jws.claimed_audience());
        let payload = text.split('.').nth(1).unwrap_or_default();
        let _ = Claims::check(&jws, payload.as_bytes(), &expected, NOW);
    }
});
