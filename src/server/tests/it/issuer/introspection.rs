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
        issuer: vec![literal("https://idp.example")],
        audience: literal(AUDIENCE),
        algorithms: Vec::new(),
        claims: TypeId(1),
        leeway: 30_000,
        internal: true,
    }
}

/// What the issuer says of a good token, with some of it changed; null: left out.
fn answer(changes: &serde_json::Value) -> String {
    let mut answer = json!({ "active": true, "sub": "u", "exp": clock::now() + 60 });
    for (name, value) in changes.as_object().unwrap() {
        answer[name] = value.clone();
    }
    let members = answer.as_object_mut().unwrap();
    members.retain(|_, value| !value.is_null());
    answer.to_string()
}

#[tokio::test]
async fn the_claims_of_an_answer_are_checked() {
    let now = clock::now();
    let table = [
        (json!({}), true),
        (
            json!({ "iss": "https://idp.example", "aud": [AUDIENCE] }),
            true,
        ),
        (json!({ "active": false }), false),
        (json!({ "active": "true" }), false),
        (json!({ "active": null }), false),
        (json!({ "sub": null }), false),
        (json!({ "sub": 1 }), false),
        (json!({ "exp": null }), false),
        (json!({ "exp": now - 60 }), false),
        (json!({ "nbf": now + 60 }), false),
        (json!({ "iss": "https://other.example" }), false),
        (json!({ "aud": "other" }), false),
    ];
    let answers: Vec<String> = table.iter().map(|(changes, _)| answer(changes)).collect();
    let server = StandIn::start(move |n, _| Reaction::Json(200, answers[n].clone())).await;
    let issuers = load(introspected(&server.url()), None).unwrap();
    for (changes, good) in &table {
        let outcome = validate(&issuers, &Value::string("opaque")).await;
        let expected = (!good).then_some(ErrorKind::InvalidToken);
        assert_eq!(kind(&outcome), expected, "{changes}");
    }
}

#[tokio::test]
async fn an_issuer_is_asked_for_each_token() {
    let server = StandIn::start(|n, _| match n {
        0 | 1 => Reaction::Json(200, answer(&json!({}))),
        2 => Reaction::Json(200, "[]".into()),
        _ => Reaction::Json(401, answer(&json!({}))),
    })
    .await;
    let issuers = load(introspected(&server.url()), None).unwrap();
    let refused = [
        None,
        None,
        Some(ErrorKind::InvalidToken),
        Some(ErrorKind::KeysUnavailable),
    ];
    for expected in refused {
        let outcome = validate(&issuers, &Value::string("opaque+/=")).await;
        assert_eq!(kind(&outcome), expected);
    }
    let asked = server.asked();
    assert_eq!(asked.len(), 4, "nothing is remembered");
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        asked[0].body,
        "token=opaque%2B%2F%3D&token_type_hint=access_token"
    );
    assert_eq!(asked[0].headers["authorization"], "Basic YSUyMGI6YyUzQWQ=");
    let long = Value::string("x".repeat(9_000));
    let outcome = validate(&issuers, &long).await;
    assert_eq!(kind(&outcome), Some(ErrorKind::InvalidToken));
    assert_eq!(server.asked().len(), 4, "too long to be asked about");
}
