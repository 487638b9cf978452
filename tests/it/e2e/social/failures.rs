//! Providers that fail: each failure has its status and its code, in time, and says nothing of what was sent or answered.

use super::provider::Provider;
use super::world::{CLIENT, PROVIDERS, SECRETS, SHOP, assert_error, begin, call, sign_in, verify};
use crate::e2e::server::{Server, free_port};
use crate::e2e::standin::{Asked, StandIn, answer, json};
use serde_json::json;
use std::thread;
use std::time::{Duration, Instant};

/// The longest a call of `verify` may take: the deadline of its journey.
const DEADLINE: Duration = Duration::from_secs(20);

/// A code that is seen again if it leaks.
const CODE: &str = "kept-code-of-a-user";

fn html(_: &Asked) -> Vec<u8> {
    answer(200, "text/html", b"<html>kept inside</html>")
}

/// 5 MB of a JSON that never gets to its point.
fn large(_: &Asked) -> Vec<u8> {
    let mut body = br#"{"access_token":"kept inside","id_token":""#.to_vec();
    body.resize(5_000_000, b' ');
    answer(200, "application/json", &body)
}

fn broken(_: &Asked) -> Vec<u8> {
    json(
        500,
        &json!({ "error": "kept inside", "trace": "at kept.py:1" }),
    )
}

fn silent(_: &Asked) -> Vec<u8> {
    Vec::new()
}

/// A kind of failure, and what becomes of it.
struct Failure {
    name: &'static str,
    /// `None`: nobody listens.
    provider: Option<StandIn>,
    status: u16,
    error: &'static str,
}

fn failures() -> Vec<Failure> {
    let failure = |name, provider, status, error| Failure {
        name,
        provider,
        status,
        error,
    };
    let (down, slow) = ("external_provider_error", "external_provider_timeout");
    vec![
        failure("down", None, 502, down),
        failure("HTML", Some(StandIn::start(html)), 502, down),
        failure("5 MB", Some(StandIn::start(large)), 502, down),
        failure("500", Some(StandIn::start(broken)), 502, down),
        failure("slow", Some(StandIn::start(silent)), 504, slow),
    ]
}

impl Failure {
    fn url(&self) -> String {
        let nobody = || format!("http://{}", free_port());
        self.provider.as_ref().map_or_else(nobody, StandIn::url)
    }

    /// Nothing of what was sent, answered or configured is in the log.
    fn assert_kept(&self, server: &Server, token: &str) {
        let log = server.log();
        for kept in SECRETS
            .iter()
            .chain(&[CODE, "kept inside", "kept.py", "PRIVATE KEY", token])
        {
            assert!(!log.contains(kept), "{}: {kept} is in {log}", self.name);
        }
        for asked in self.provider.iter().flat_map(StandIn::asked) {
            for sent in sent(&asked) {
                assert!(!log.contains(&sent), "{}: {sent} is in {log}", self.name);
            }
        }
    }
}

/// What of a request nobody else may know: long values of its form, its query and its credentials.
fn sent(asked: &Asked) -> Vec<String> {
    let body = String::from_utf8_lossy(&asked.body).into_owned();
    let query = asked.path.split_once('?').map_or("", |(_, query)| query);
    let pairs = [body.as_str(), query].join("&");
    let values = pairs.split('&').filter_map(|pair| pair.split_once('='));
    let values = values.filter(|(name, value)| {
        !["grant_type", "client_id", "redirect_uri", "fields"].contains(name) && value.len() > 8
    });
    let mut sent: Vec<_> = values.map(|(_, value)| value.to_owned()).collect();
    sent.extend(asked.headers.get("authorization").cloned());
    sent
}

/// Brings a code to every provider at once; each has to fail so, and in time.
fn bring(server: &Server, failure: &Failure, providers: &[&'static str]) {
    let token = server.token();
    thread::scope(|scope| {
        for provider in providers {
            let token = &token;
            scope.spawn(move || {
                let begun = begin(server, token, provider, SHOP);
                let start = Instant::now();
                let answer = verify(server, token, &begun, CODE);
                let what = format!("{provider}: {}", failure.name);
                assert_error(&answer, failure.status, failure.error, &what);
                assert!(start.elapsed() < DEADLINE, "{what}: after the deadline");
                let leak = ["kept", "127.0.0.1", begun.state.as_str()];
                assert!(
                    !leak.iter().any(|text| answer.body.contains(text)),
                    "{answer:?}"
                );
                let log = server.log();
                assert!(!log.contains(&begun.state), "{what}: the state is in {log}");
            });
        }
    });
    failure.assert_kept(server, &token);
}

#[test]
fn a_provider_that_does_not_exchange_the_code() {
    let (google, apple) = (Provider::start(), Provider::start());
    for failure in failures() {
        let url = failure.url();
        let others = [
            ("CONFIG_GOOGLE_TOKEN_URL", url.as_str()),
            ("CONFIG_APPLE_TOKEN_URL", &url),
            ("CONFIG_FACEBOOK_GRAPH_URL", &url),
            ("CONFIG_TIKTOK_TOKEN_URL", &url),
        ];
        let server = sign_in(SHOP, &google, &apple, &others);
        bring(&server, &failure, &PROVIDERS);
        let log = server.log();
        assert!(
            log.contains("google_oauth.token"),
            "the log names the call: {log}"
        );
    }
}

#[test]
fn a_provider_that_does_not_say_who_has_signed_in() {
    let (google, apple) = (Provider::start(), Provider::start());
    let granted = StandIn::start(|asked| match asked.path.split('?').next() {
        Some("/token" | "/v26.0/oauth/access_token") => json(
            200,
            &json!({ "access_token": "kept-token-of-a-user", "open_id": "1001" }),
        ),
        _ => Vec::new(),
    });
    let tiktok = format!("{}/token", granted.url());
    for failure in failures() {
        let others = [
            ("CONFIG_TIKTOK_TOKEN_URL", tiktok.as_str()),
            ("CONFIG_TIKTOK_USER_URL", &failure.url()),
        ];
        let server = sign_in(SHOP, &google, &apple, &others);
        bring(&server, &failure, &["tiktok"]);
    }
    let slow = failures().pop().expect("the last one");
    let facebook = granted.url();
    let others = [("CONFIG_FACEBOOK_GRAPH_URL", facebook.as_str())];
    let server = sign_in(SHOP, &google, &apple, &others);
    bring(&server, &slow, &["facebook"]);
    assert!(!server.log().contains("kept-token-of-a-user"));
}

#[test]
fn a_provider_whose_endpoints_or_keys_cannot_be_had() {
    let (google, apple) = (Provider::start(), Provider::start());
    for failure in failures() {
        let url = failure.url();
        let others = [
            ("CONFIG_GOOGLE_ISSUER", url.as_str()),
            ("CONFIG_APPLE_KEYS_URL", &url),
        ];
        let server = sign_in(SHOP, &google, &apple, &others);
        let token = server.token();
        let body = json!({ "redirect_uri": format!("{SHOP}/back/google") });
        let start = call(&server, &token, "google/start", &body);
        assert_error(&start, failure.status, failure.error, failure.name);
        let begun = begin(&server, &token, "apple", SHOP);
        let claims = apple.claims(CLIENT, begun.nonce());
        let code = apple.code(begun.challenge(), apple.sign(&claims));
        let answer = verify(&server, &token, &begun, &code);
        assert_error(&answer, 502, "external_provider_error", failure.name);
        failure.assert_kept(&server, &token);
    }
}
