//! Client actions over real sockets: the whole way, many at once, and what is left after a crash.

use super::http::{Answer, request};
use super::server::Server;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{fs, thread};

/// Clients that hammer one user.
const CLIENTS: usize = 64;
/// Actions that each of them reports.
const EACH: usize = 10;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("journeys")
}

/// The development client, with a risk access token.
#[derive(Clone)]
struct Caller {
    address: SocketAddr,
    id: String,
    token: String,
}

impl Caller {
    fn new(server: &Server) -> Self {
        let (id, secret) = server.client();
        let form = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={secret}&resource=https://risk.identity.security"
        );
        let address = server.address;
        let answer = request("POST", "/oidc/token").form(&form).send(address);
        let token = answer.json()["access_token"]
            .as_str()
            .expect("a token")
            .to_owned();
        Self { address, id, token }
    }

    /// A session token, or a secured one.
    fn session(&self, secured_for: Option<&str>) -> String {
        let mut body = json!({ "client_id": self.id });
        if let Some(action) = secured_for {
            body["secured_for"] = action.into();
        }
        let answer = request("POST", "/risk/v1/sdk/session")
            .json(&body)
            .send(self.address);
        assert_eq!(answer.status, 201, "{answer:?}");
        let said = answer.json();
        let name = secured_for.map_or("session_token", |_| "secured_session_token");
        said[name].as_str().expect("a session token").to_owned()
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        let request = request(method, &format!("/risk/v1{path}")).bearer(&self.token);
        request.json(body).send(self.address)
    }

    fn get(&self, path: &str) -> Answer {
        let request = request("GET", &format!("/risk/v1{path}"));
        request.bearer(&self.token).send(self.address)
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// A record as an operator sees it.
fn record(data: &Path, store: &str, key: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_journey"))
        .args(["state", "show", store])
        .args(key)
        .arg("--data")
        .arg(data)
        .output()
        .expect("it runs");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"))
}

#[test]
fn an_action_is_reported_judged_and_followed_to_its_end() {
    let server = Server::start(&project());
    let caller = Caller::new(&server);
    let session = caller.session(None);
    let reported = caller.send(
        "POST",
        "/action/trigger-action?get_recommendation=true",
        &json!({
            "session_token": session, "action_type": "transaction", "user_id": "anna",
            "transaction_data": { "amount": 1200, "currency": "EUR" },
        }),
    );
    assert_eq!(reported.status, 201, "{reported:?}");
    let reported = reported.json();
    assert_eq!(
        reported["recommendation"]["recommendation"]["type"],
        "CHALLENGE"
    );
    let token = text(&reported["action_token"]);
    let asked = caller.get(&format!("/recommendation?action_token={token}"));
    assert_eq!(asked.json(), reported["recommendation"], "{asked:?}");

    let private = "078-05-1120-private";
    let result = json!({
        "action_token": token, "result": "success", "challenge_type": "totp", "private_user_identifier": private,
    });
    assert_eq!(caller.send("POST", "/action/result", &result).status, 201);
    let asked = caller.get(&format!("/recommendation?action_token={token}"));
    assert_eq!(asked.json()["recommendation"]["result"], "success");
    assert!(!asked.body.contains(private));

    let id = text(&reported["recommendation"]["id"]);
    let assign = |ids: &[&str]| {
        let body = json!({ "action_ids": ids, "assignee": "eve@shop.example" });
        caller.send("PUT", "/action/assignee", &body)
    };
    assert_eq!(assign(&[id, "nothing"]).status, 404);
    assert_eq!(
        assign(&[id]).json(),
        json!({ "success": true, "affectedActionsCount": 1 })
    );
    for entry in fs::read_dir(server.data.path())
        .expect("the data folder")
        .flatten()
    {
        let bytes = fs::read(entry.path()).unwrap_or_default();
        let found = bytes
            .windows(private.len())
            .any(|window| window == private.as_bytes());
        assert!(!found, "{} holds what is private", entry.path().display());
    }
}

#[test]
fn only_a_token_for_risk_calls_lets_in() {
    let server = Server::start(&project());
    let caller = Caller {
        token: server.token(),
        ..Caller::new(&server)
    };
    assert_eq!(caller.get("/recommendation?action_token=a").status, 401);
    let unsigned = Caller {
        token: "e30.e30.".to_owned(),
        ..caller
    };
    let refused = unsigned.send("PUT", "/action/assignee", &json!({}));
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json()["error_code"], "unauthorized");
}

#[test]
fn counts_are_exact_under_many_callers_and_after_a_crash() {
    let mut server = Server::start(&project());
    let caller = Caller::new(&server);
    let session = caller.session(None);
    let action = json!({ "session_token": session, "action_type": "login", "user_id": "anna" });
    let hammering: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (caller, action) = (caller.clone(), action.clone());
            thread::spawn(move || {
                let report = |_| {
                    caller
                        .send("POST", "/action/trigger-action", &action)
                        .status
                };
                (0..EACH)
                    .map(report)
                    .filter(|status| *status == 201)
                    .count()
            })
        })
        .collect();
    let stored: usize = hammering
        .into_iter()
        .map(|it| it.join().expect("it ends"))
        .sum();
    assert_eq!(stored, CLIENTS * EACH, "everybody's time comes");
    server.crash(&project());
    let again = caller.send(
        "POST",
        "/action/trigger-action?get_recommendation=true",
        &action,
    );
    let said = again.json();
    assert_eq!(
        said["recommendation"]["recommendation"]["type"], "DENY",
        "{said}"
    );
    let id = caller.id.clone();
    let data = Arc::clone(&server.data);
    server.stop();
    let user = record(data.path(), "risk_users", &[&id, "anna"]);
    let counts: Vec<i64> =
        serde_json::from_value(user["record"]["actions"].clone()).expect("counts");
    // A day by hours is the last of the two windows: its buckets hold all.
    let day: i64 = counts.iter().skip(3 + 12 + 3).sum();
    assert_eq!(day, i64::try_from(stored + 1).expect("few"));
}

#[test]
fn a_secured_token_is_good_for_one_of_many_at_once() {
    let server = Server::start(&project());
    let caller = Caller::new(&server);
    let session = caller.session(Some("login"));
    let action =
        json!({ "secured_session_token": session, "action_type": "login", "user_id": "anna" });
    let trying: Vec<_> = (0..16)
        .map(|_| {
            let (caller, action) = (caller.clone(), action.clone());
            thread::spawn(move || {
                caller
                    .send("POST", "/action/trigger-action", &action)
                    .status
            })
        })
        .collect();
    let statuses: Vec<u16> = trying
        .into_iter()
        .map(|it| it.join().expect("it ends"))
        .collect();
    let used = statuses.iter().filter(|status| **status == 201).count();
    assert_eq!(used, 1, "{statuses:?}");
    assert!(
        statuses.iter().all(|status| [201, 403].contains(status)),
        "{statuses:?}"
    );
}
