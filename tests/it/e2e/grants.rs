//! Tokens for users: issued by a journey, refreshed, looked at, revoked.

use super::http::{Answer, request};
use super::server::{Server, project};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::sync::Arc;

const JOURNEYS: &str = r#"
connection tokens {
  base "embedded:tokens"
  operation issue(body grant: Grant) POST "/tokens" {
    200 { access_token: string, id_token: string, refresh_token: string, session_id: string, ... }
    400 { error: string, error_description: string }
  }
  operation sign(body jwt: { claims: map<string, dyn>, typ?: string }) POST "/jwt" {
    200 { jwt: string }
    400 { error: string, error_description: string }
  }
}
type Grant {
  client: string
  user: string
  amr: list<string>
  id_token: map<string, dyn>
  resource?: string
  scope?: string
}
journey issue {
  input {
    body {
      user: string = "ada"
      id_token: map<string, dyn> = {}
      resource?: string
      scope?: string
    }
  }
  answers {
    200 dyn
    400 dyn
    503
  }
  let grant = {
    client: client.id,
    user: input.user,
    amr: ["pwd"],
    id_token: input.id_token,
    resource?: input.?resource,
    scope?: input.?scope
  }
  call tokens.issue(grant: grant) as tokens {
    on 400 as why { complete 400 json why }
    on failure { complete 503 }
  }
  complete 200 json tokens
}
journey sign {
  input {
    body {
      claims: map<string, dyn>
      typ?: string
    }
  }
  answers {
    200 dyn
    400 dyn
    503
  }
  call tokens.sign(jwt: { claims: input.claims, typ?: input.?typ }) as signed {
    on 400 as why { complete 400 json why }
    on failure { complete 503 }
  }
  complete 200 json signed
}
"#;

fn journey(server: &Server, name: &str, body: &Value) -> Answer {
    let path = format!("/journeys/{name}");
    let call = request("POST", &path).bearer(&server.token()).json(body);
    call.send(server.address)
}

fn issued(server: &Server) -> Value {
    let answer = journey(server, "issue", &json!({}));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn oidc(server: &Server, path: &str, form: &str) -> Answer {
    let (client, secret) = server.client();
    let form = format!("client_id={client}&client_secret={secret}&{form}");
    let answer = request("POST", path).form(&form).send(server.address);
    assert_eq!(
        answer.header("cache-control"),
        Some("no-store"),
        "{answer:?}"
    );
    answer
}

fn refresh(server: &Server, token: &Value) -> Answer {
    refresh_for(server, token, "")
}

/// A refresh with further parameters.
fn refresh_for(server: &Server, token: &Value, more: &str) -> Answer {
    let token = token.as_str().expect("a refresh token");
    oidc(
        server,
        "/oidc/token",
        &format!("grant_type=refresh_token&refresh_token={token}{more}"),
    )
}

fn revoke(server: &Server, token: &Value) -> Answer {
    let token = token.as_str().expect("a token");
    oidc(server, "/oidc/revoke", &format!("token={token}"))
}

fn is_active(server: &Server, token: &Value) -> bool {
    let token = token.as_str().expect("a token");
    let known = oidc(server, "/oidc/introspect", &format!("token={token}"));
    assert_eq!(known.status, 200, "{known:?}");
    known.json()["active"] == true
}

pub(super) fn claims(token: &Value) -> Value {
    let token = token.as_str().expect("a token");
    let part = token.split('.').nth(1).expect("a payload");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn a_refresh_token_is_good_once_and_outlives_a_crash() {
    let project = project(JOURNEYS);
    let mut server = Server::start(project.path());
    for unknown in ["a.b", "a", "a.b.c.d", ".", "x.\u{e9}"] {
        let answer = refresh(&server, &json!(unknown));
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (400, &json!("invalid_grant")),
            "{unknown}"
        );
    }
    let first = issued(&server);
    assert!(is_active(&server, &first["access_token"]));
    assert!(is_active(&server, &first["refresh_token"]));
    let second = refresh(&server, &first["refresh_token"]);
    assert_eq!(second.status, 200, "{second:?}");
    let second = second.json();
    assert_eq!(second["session_id"], first["session_id"]);
    let times = [&first, &second].map(|tokens| claims(&tokens["id_token"])["auth_time"].clone());
    assert_eq!(times[0], times[1]);
    server.crash(project.path());
    let third = refresh(&server, &second["refresh_token"]);
    assert_eq!(third.status, 200, "{third:?}");
    let third = third.json();
    let again = refresh(&server, &second["refresh_token"]);
    assert_eq!(again.status, 400, "used twice: {again:?}");
    for name in ["refresh_token", "access_token"] {
        assert!(
            !is_active(&server, &third[name]),
            "{name} outlives its family"
        );
    }
    assert_eq!(refresh(&server, &third["refresh_token"]).status, 400);
}

#[test]
fn a_refresh_asks_for_what_was_granted_or_less() {
    let project = project(JOURNEYS);
    let server = Server::start(project.path());
    let body = json!({ "resource": "https://api.example", "scope": "openid read write" });
    let first = journey(&server, "issue", &body).json();
    for (more, status, error) in [
        ("&resource=https://other.example", 400, "invalid_target"),
        ("&resource=https://api.example/", 400, "invalid_target"),
        ("&scope=read+admin", 400, "invalid_scope"),
        ("&scope=read++write", 400, "invalid_scope"),
        ("&scope=read&scope=write", 400, "invalid_request"),
        ("&refresh_token=a.b", 400, "invalid_request"),
        ("&client_secret=", 400, "invalid_request"),
    ] {
        let answer = refresh_for(&server, &first["refresh_token"], more);
        assert_eq!(
            (answer.status, &answer.json()["error"]),
            (status, &json!(error)),
            "{more}"
        );
    }
    // None of these used the token up.
    let mut token = first["refresh_token"].clone();
    for (more, scope) in [
        ("&scope=read", "read"),
        ("&scope=", "openid read write"),
        (
            "&scope=write+read&resource=https://api.example",
            "write read",
        ),
        ("&unknown=1", "openid read write"),
    ] {
        let answer = refresh_for(&server, &token, more);
        assert_eq!(answer.status, 200, "{more}: {answer:?}");
        let answer = answer.json();
        let access = claims(&answer["access_token"]);
        assert_eq!(
            (&answer["scope"], &access["scope"], &access["aud"]),
            (&json!(scope), &json!(scope), &json!("https://api.example")),
            "{more}"
        );
        token = answer["refresh_token"].clone();
    }
}

#[test]
fn what_the_client_may_not_reach_any_more_gets_no_tokens() {
    let project = project(JOURNEYS);
    let mut server = Server::start(project.path());
    let body = json!({ "resource": "https://api.example" });
    let first = journey(&server, "issue", &body).json();
    change_clients(&server, |clients| {
        clients[0]["resources"] = json!(["https://other.example"]);
    });
    server.crash(project.path());
    let answer = refresh(&server, &first["refresh_token"]);
    assert_eq!(answer.json()["error"], "invalid_target", "{answer:?}");
    change_clients(&server, |clients| {
        clients[0]["resources"] = json!(["https://api.example"]);
    });
    server.crash(project.path());
    let answer = refresh(&server, &first["refresh_token"]);
    assert_eq!(answer.status, 200, "it was not used up: {answer:?}");
}

/// Changes the registered clients, as an operator would while the server is down.
fn change_clients(server: &Server, change: impl FnOnce(&mut Vec<Value>)) {
    let path = server.data.path().join("clients.json");
    let stored = fs::read(&path).expect("clients");
    let mut stored: Value = serde_json::from_slice(&stored).expect("JSON");
    change(stored["clients"].as_array_mut().expect("a list"));
    fs::write(&path, stored.to_string()).expect("written");
}

#[test]
fn of_many_who_bring_a_refresh_token_at_once_one_is_first_and_none_stays() {
    let project = project(JOURNEYS);
    let server = Server::start(project.path());
    let first = issued(&server);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| refresh(&server, &first["refresh_token"])))
            .collect();
        let ended = racers
            .into_iter()
            .map(|racer| racer.join().expect("an answer"));
        ended.collect()
    });
    let good: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status == 200)
        .collect();
    assert_eq!(good.len(), 1, "{answers:?}");
    assert_eq!(
        refresh(&server, &good[0].json()["refresh_token"]).status,
        400
    );
}

#[test]
fn a_revoked_token_ends_all_of_its_sign_in() {
    let project = project(JOURNEYS);
    let server = Server::start(project.path());
    for name in ["access_token", "refresh_token"] {
        let (tokens, others) = (issued(&server), issued(&server));
        assert_eq!(revoke(&server, &tokens[name]).status, 200);
        assert!(!is_active(&server, &tokens["access_token"]));
        assert_eq!(refresh(&server, &tokens["refresh_token"]).status, 400);
        assert!(
            is_active(&server, &others["access_token"]),
            "another sign-in"
        );
        assert_eq!(revoke(&server, &tokens[name]).status, 200, "again");
    }
    let own = revoke(&server, &json!(server.token()));
    assert_eq!(
        (own.status, &own.json()["error"]),
        (400, &json!("unsupported_token_type"))
    );
    assert_eq!(revoke(&server, &json!("nonsense")).status, 200);
    let stranger = request("POST", "/oidc/revoke")
        .form("token=a")
        .send(server.address);
    assert_eq!(stranger.status, 401, "{stranger:?}");
}

#[test]
fn tokens_of_one_client_are_not_anothers() {
    let project = project(JOURNEYS);
    let mut server = Server::start(project.path());
    let tokens = issued(&server);
    // The same secret, another client, who may reach nothing.
    change_clients(&server, |clients| {
        let mut other = clients[0].clone();
        other["id"] = json!("other");
        other["resources"] = json!([]);
        clients.push(other);
    });
    server.crash(project.path());
    let (_, secret) = server.client();
    let other = |path: &str, form: String| {
        let form = format!("client_id=other&client_secret={secret}&{form}");
        request("POST", path).form(&form).send(server.address)
    };
    let text = |name: &str| tokens[name].as_str().expect("a token").to_owned();
    let stolen = format!(
        "grant_type=refresh_token&refresh_token={}",
        text("refresh_token")
    );
    assert_eq!(
        other("/oidc/token", stolen).json()["error"],
        "invalid_grant"
    );
    for name in ["refresh_token", "access_token"] {
        let known = other("/oidc/introspect", format!("token={}", text(name)));
        assert_eq!(known.json(), json!({ "active": false }));
        assert_eq!(
            other("/oidc/revoke", format!("token={}", text(name))).status,
            200
        );
        assert!(
            is_active(&server, &tokens[name]),
            "{name} was ended by a stranger"
        );
    }
}

#[test]
fn journeys_cannot_make_what_is_the_servers() {
    let project = project(JOURNEYS);
    let server = Server::start(project.path());
    let (client, _) = server.client();
    for body in [
        json!({ "user": client }),
        json!({ "user": "" }),
        json!({ "id_token": { "sub": "eve" } }),
        json!({ "id_token": { "aud": "x" } }),
    ] {
        assert_eq!(journey(&server, "issue", &body).status, 400, "{body}");
    }
    let large = json!({ "id_token": { "a": "x".repeat(9_000) } });
    assert_eq!(
        journey(&server, "issue", &large).status,
        400,
        "larger than any token"
    );
    for body in [
        json!({ "claims": { "iss": "https://eve.example" } }),
        json!({ "claims": {}, "typ": "at+jwt" }),
        json!({ "claims": {}, "typ": "application/AT+JWT" }),
    ] {
        assert_eq!(journey(&server, "sign", &body).status, 400, "{body}");
    }
    let signed = journey(&server, "sign", &json!({ "claims": { "sub": "ada" } }));
    assert_eq!(signed.status, 200, "{signed:?}");
    let claims = claims(&signed.json()["jwt"]);
    assert_eq!(claims["iss"], format!("http://{}", server.address));
}

#[test]
fn after_rekey_what_was_granted_opens_by_the_new_data_key() {
    const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let project = project(JOURNEYS);
    let server = Server::start(project.path());
    let (tokens, (client, secret)) = (issued(&server), server.client());
    let data = Arc::clone(&server.data);
    server.stop();
    let mut rekey = Command::new(env!("CARGO_BIN_EXE_journey"));
    rekey.args(["state", "rekey", "--data"]).arg(data.path());
    let output = rekey
        .env("JOURNEY_DATA_KEYS", KEY)
        .output()
        .expect("it runs");
    assert!(output.status.success(), "{output:?}");
    fs::remove_file(data.path().join("data-keys.json")).expect("the former key");
    let variables = [("JOURNEY_DATA_KEYS", KEY)];
    let server = Server::on(data, project.path(), &[], &variables);
    let token = tokens["refresh_token"].as_str().expect("a token");
    let form = format!(
        "client_id={client}&client_secret={secret}&grant_type=refresh_token&refresh_token={token}"
    );
    let refreshed = request("POST", "/oidc/token")
        .form(&form)
        .send(server.address);
    assert_eq!(refreshed.status, 200, "{refreshed:?}");
}
