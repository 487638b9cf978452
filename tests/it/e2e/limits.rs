//! Rate limits: who is let in, what the others learn, and whom a proxy may speak for.

use super::http::{Answer, Request, request};
use super::server::{Server, project};
use serde_json::json;

const JOURNEYS: &str = r#"
limit polls { rate 1 per 1h }
limit callers { rate 2 per 1h }
limit bodies { rate 1 per 1h burst 2 }
errors plain {
  shape { error_code: error.code, says: error.message }
}
journey poll {
  endpoint GET "/poll/{id}"
  errors plain
  limit polls by client.id, input.id
  input { path id: string }
  answers { 200 }
  complete 200 text input.id
}
journey called {
  endpoint GET "/called"
  auth none "a test"
  limit callers by request.ip
  answers { 200 }
  complete 200 text request.ip
}
journey sent {
  endpoint POST "/sent"
  auth none "a test"
  limit bodies
  input { body { name: string } }
  answers { 204 }
  complete 204
}
"#;

#[test]
fn each_key_has_its_own_share() {
    let folder = project(JOURNEYS);
    let server = Server::start(folder.path());
    let token = server.token();
    let poll = |id: &str| {
        let poll = request("GET", &format!("/poll/{id}")).bearer(&token);
        poll.send(server.address)
    };
    let first = poll("a");
    assert_eq!(first.status, 200, "{first:?}");
    assert_eq!(first.header("ratelimit"), Some(r#""polls";r=0;t=3600"#));
    assert_eq!(
        first.header("ratelimit-policy"),
        Some(r#""polls";q=1;w=3600"#)
    );
    let refused = poll("a");
    assert_eq!(refused.status, 429, "{refused:?}");
    assert_eq!(refused.json()["error_code"], "rate_limited");
    let wait: u64 = refused
        .header("retry-after")
        .expect("it says when")
        .parse()
        .expect("seconds");
    assert!((3_500..=3_600).contains(&wait), "{refused:?}");
    assert!(
        refused
            .header("ratelimit")
            .is_some_and(|it| it.starts_with(r#""polls";r=0;t="#))
    );
    assert_eq!(poll("b").status, 200);
    let nobody = request("GET", "/poll/c").send(server.address);
    assert_eq!(nobody.status, 401, "who is not let in uses nothing up");
    assert_eq!(poll("c").status, 200);
}

#[test]
fn a_body_that_comes_too_often_is_not_read() {
    let folder = project(JOURNEYS);
    let server = Server::start(folder.path());
    let send = |body| request("POST", "/sent").json(&body).send(server.address);
    assert_eq!(send(json!({"name": 1})).status, 400, "a wrong body counts");
    assert_eq!(send(json!({"name": "a"})).status, 204);
    assert_eq!(send(json!({"name": 1})).status, 429);
}

/// Calls by way of a proxy that says whom it speaks for.
fn for_caller(server: &Server, from: &str) -> Answer {
    let called: Request = request("GET", "/called").header("X-Forwarded-For", from);
    called.send(server.address)
}

#[test]
fn only_a_trusted_proxy_speaks_for_callers() {
    let folder = project(JOURNEYS);
    let trusting = Server::with(folder.path(), &["--trust-proxy", "127.0.0.0/8"]);
    for caller in ["192.0.2.1", "192.0.2.2", "2001:db8::1"] {
        let answers = [(); 3].map(|()| for_caller(&trusting, caller));
        assert_eq!(answers.each_ref().map(|it| it.status), [200, 200, 429]);
        assert_eq!(answers[0].body, caller);
    }
    let neighbour = for_caller(&trusting, "2001:db8::ffff:2");
    assert_eq!(neighbour.status, 429, "one network is one caller");
    assert_eq!(for_caller(&trusting, "2001:db8:0:1::1").status, 200);

    let wary = Server::start(folder.path());
    let callers = ["192.0.2.1", "192.0.2.2", "192.0.2.3"];
    let answers = callers.map(|caller| for_caller(&wary, caller).status);
    assert_eq!(answers, [200, 200, 429]);
}
