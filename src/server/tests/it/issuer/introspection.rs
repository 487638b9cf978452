//! An issuer that is asked for each token.

use super::{AUDIENCE, kind, literal, load, validate};
use crate::standin::{Reaction, StandIn};
use journey_machine::manifest::{Issuer, KeySource};
use journey_machine::schema::TypeId;
use journey_machine::value::{ErrorKind, Value};
use journey_server::clock;
use serde_json::json;

fn introspected(url: &str) -> Issuer {
    Issuer {
        name: "idp".into(),
        keys: KeySource::Introspection {
            url: literal(format!("{url}/introspect")),
            client_id: literal("a b"),
            client_secret: literal("c:d"),
        },
        issuer: Some(literal("https://idp.example")),
        audience: literal(AUDIENCE),
        algorithms: Vec::new(),
        claims: TypeId(1),
        leeway: 30_000,
        internal: true,
    }
}

#[tokio::test]
async fn an_issuer_is_asked_for_each_token() {
    let now = clock::now();
    let table = [
        (
            200,
            json!({ "active": true, "sub": "u", "exp": now + 60 }),
            None,
        ),
        (
            200,
            json!({ "active": true, "sub": "u", "exp": now + 60, "iss": "https://idp.example", "aud": [AUDIENCE] }),
            None,
        ),
        (
            200,
            json!({ "active": false }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": "true", "sub": "u", "exp": now + 60 }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "sub": "u", "exp": now + 60 }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "exp": now + 60 }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "sub": "u" }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "sub": "u", "exp": now - 60 }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "sub": "u", "exp": now + 60, "nbf": now + 60 }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "sub": "u", "exp": now + 60, "iss": "https://other.example" }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "sub": "u", "exp": now + 60, "aud": "other" }),
            Some(ErrorKind::InvalidToken),
        ),
        (
            200,
            json!({ "active": true, "sub": 1, "exp": now + 60 }),
            Some(ErrorKind::InvalidToken),
        ),
        (200, json!("no object"), Some(ErrorKind::InvalidToken)),
        (
            401,
            json!({ "active": true, "sub": "u", "exp": now + 60 }),
            Some(ErrorKind::KeysUnavailable),
        ),
    ];
    let answers: Vec<_> = table
        .iter()
        .map(|(status, body, _)| (*status, body.to_string()))
        .collect();
    let server =
        StandIn::start(move |n, _| Reaction::Json(answers[n].0, answers[n].1.clone())).await;
    let issuers = load(introspected(&server.url()), None).unwrap();
    for (_, body, expected) in &table {
        let outcome = validate(&issuers, &Value::string("opaque+/=")).await;
        assert_eq!(kind(&outcome), *expected, "{body}");
    }
    let asked = server.asked();
    assert_eq!(asked.len(), table.len(), "nothing is remembered");
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        asked[0].body,
        "token=opaque%2B%2F%3D&token_type_hint=access_token"
    );
    assert_eq!(asked[0].headers["authorization"], "Basic YSUyMGI6YyUzQWQ=");
    let long = Value::string("x".repeat(9_000));
    assert_eq!(
        kind(&validate(&issuers, &long).await),
        Some(ErrorKind::InvalidToken)
    );
    assert_eq!(
        server.asked().len(),
        table.len(),
        "too long to be asked about"
    );
}
