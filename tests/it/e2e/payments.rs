//! The shipped payment journey, as a caller meets it.

use super::http::{Answer, request};
use super::server::Server;
use serde_json::{Value, json};
use std::path::Path;

fn server() -> Server {
    Server::start(Path::new("journeys"))
}

/// Calls the journey with the development client's token as all three tokens.
fn validate(server: &Server, amount: f64) -> Answer {
    let token = server.token();
    call(server, &token, &body(&token, amount))
}

fn call(server: &Server, token: &str, body: &Value) -> Answer {
    let target = format!("/v1/transactions/validate?clientId={}", server.client().0);
    request("POST", &target)
        .bearer(token)
        .json(body)
        .send(server.address)
}

fn body(external: &str, amount: f64) -> Value {
    json!({
        "external_access_token": external,
        "external_id_token": external,
        "transaction": {"id": "t-1", "amount": amount, "currency": "EUR", "at": "2026-11-22T10:00:00Z"},
    })
}

#[test]
fn small_amount_is_approved() {
    let server = server();
    let answer = validate(&server, 120.0);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json(), json!({"decision": "approve", "limit": 5000}));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[test]
fn large_amount_is_challenged() {
    let server = server();
    let answer = validate(&server, 1_000.01);
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.json(),
        json!({"decision": "challenge", "methods": ["passkey", "sms_otp"]})
    );
}

#[test]
fn the_yaml_twin_answers_the_same() {
    let server = server();
    let twin = Server::start(Path::new("examples/payment-yaml"));
    assert_eq!(validate(&twin, 120.0).body, validate(&server, 120.0).body);
    assert_eq!(
        validate(&twin, 5_000.0).body,
        validate(&server, 5_000.0).body
    );
}

#[test]
fn foreign_external_token_is_refused() {
    let server = server();
    let stranger = Server::start(Path::new("journeys"));
    let answer = call(&server, &server.token(), &body(&stranger.token(), 120.0));
    assert_eq!(answer.status, 401, "{answer:?}");
    assert_eq!(answer.json()["code"], "access_token_invalid");
    assert_eq!(
        answer.header("content-type"),
        Some("application/problem+json")
    );
}

#[test]
fn a_body_with_three_faults_lists_three() {
    let server = server();
    let token = server.token();
    let mut wrong = body(&token, 120.0);
    wrong["transaction"]["amount"] = json!("12");
    wrong["transaction"]["currency"] = json!("CHF");
    wrong["transaction"]
        .as_object_mut()
        .expect("an object")
        .remove("at");
    let answer = call(&server, &token, &wrong);
    assert_eq!(answer.status, 400, "{answer:?}");
    let faults = answer.json()["errors"].clone();
    let pointers: Vec<&str> = faults
        .as_array()
        .expect("faults")
        .iter()
        .filter_map(|f| f["pointer"].as_str())
        .collect();
    assert_eq!(
        pointers,
        [
            "/transaction/amount",
            "/transaction/currency",
            "/transaction/at"
        ],
        "{faults}"
    );
    assert!(
        !answer.body.contains("CHF"),
        "the offending value is not repeated: {answer:?}"
    );
}

#[test]
fn wrong_requests_have_their_statuses() {
    let server = server();
    let to = server.address;
    let token = server.token();
    let path = "/v1/transactions/validate";
    let cases = [
        (request("POST", "/nowhere").bearer(&token), 404),
        (request("GET", path).bearer(&token), 405),
        (request("POST", path).bearer(&token).form("a=b"), 415),
        (
            request("POST", path)
                .bearer(&token)
                .header("Content-Type", "application/json")
                .header("Content-Length", "9999999"),
            413,
        ),
        (request("POST", path).json(&json!({})), 401),
        (request("GET", &format!("/{}", "a".repeat(20_000))), 414),
    ];
    for (number, (request, status)) in cases.into_iter().enumerate() {
        let answer = request.send(to);
        assert_eq!(answer.status, status, "request {number}: {answer:?}");
    }
}

#[test]
fn health_is_on_the_admin_listener_only() {
    let server = server();
    assert_eq!(request("GET", "/healthz").send(server.admin).status, 200);
    assert_eq!(request("GET", "/readyz").send(server.admin).status, 200);
    assert_eq!(request("GET", "/readyz").send(server.address).status, 404);
}
