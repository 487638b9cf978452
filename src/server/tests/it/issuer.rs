//! Tokens of declared issuers over real sockets: finding keys, rotation, absence, what is kept.

mod introspection;

use crate::standin::{Asked, Reaction, StandIn};
use journey_machine::effect::Outcome;
use journey_machine::manifest::{Issuer, IssuerId, KeySource, Manifest, Text};
use journey_machine::program::{Parts, Program};
use journey_machine::schema::{Decoder, Field, Schema, TypeId, Types};
use journey_machine::value::{ErrorKind, Shape, Str, Value};
use journey_server::clock;
use journey_server::config::StartError;
use journey_server::issuer::Issuers;
use journey_server::settings::Settings;
use journey_server::token::{Algorithm, SigningKey};
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

const IDP: IssuerId = IssuerId(0);
const AUDIENCE: &str = "https://api.example";

/// An identity provider whose keys can be changed and which can be switched off.
struct Idp {
    server: StandIn,
    state: Arc<Mutex<State>>,
}

struct State {
    keys: Vec<SigningKey>,
    away: bool,
    slow: Duration,
    issuer: Option<String>,
}

impl Idp {
    async fn start(keys: Vec<SigningKey>) -> Self {
        let state = Arc::new(Mutex::new(State {
            keys,
            away: false,
            slow: Duration::ZERO,
            issuer: None,
        }));
        let shown = Arc::clone(&state);
        let server = StandIn::start(move |_, asked| shown.lock().unwrap().react(asked)).await;
        Self { server, state }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "a `json!` stands in each call"
    )]
    fn token(&self, key: usize, changes: serde_json::Value) -> Value {
        let now = clock::now();
        let mut claims = json!({ "iss": self.server.url(), "sub": "u", "aud": AUDIENCE, "iat": now, "exp": now + 600 });
        claims
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        Value::string(
            self.state.lock().unwrap().keys[key]
                .sign("JWT", &claims)
                .unwrap(),
        )
    }

    fn asked_for_keys(&self) -> usize {
        self.server
            .asked()
            .iter()
            .filter(|a| a.target == "/keys")
            .count()
    }
}

impl State {
    fn react(&self, asked: &Asked) -> Reaction {
        let url = format!("http://{}", asked.headers["host"]);
        match asked.target.as_str() {
            _ if self.away => {
                Reaction::After(self.slow, Box::new(Reaction::Json(503, String::new())))
            }
            "/.well-known/openid-configuration" => {
                let issuer = self.issuer.as_ref().unwrap_or(&url);
                Reaction::Json(
                    200,
                    json!({ "issuer": issuer, "jwks_uri": format!("{url}/keys") }).to_string(),
                )
            }
            "/keys" => {
                let keys: Vec<_> = self.keys.iter().map(SigningKey::jwk).collect();
                Reaction::Json(200, json!({ "keys": keys }).to_string())
            }
            _ => Reaction::Json(404, String::new()),
        }
    }
}

fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).unwrap()
}

fn literal(text: impl AsRef<str>) -> Text {
    Text::Literal(Str::from(text.as_ref()))
}

fn declared(idp: &Idp) -> Issuer {
    Issuer {
        name: "idp".into(),
        keys: KeySource::Discovery(literal(idp.server.url())),
        issuer: Vec::new(),
        audience: literal(AUDIENCE),
        algorithms: vec!["ES256".into(), "EdDSA".into()],
        claims: TypeId(1),
        leeway: 30_000,
        internal: true,
    }
}

fn load(issuer: Issuer, previous: Option<&Issuers>) -> Result<Issuers, StartError> {
    let shape: Shape = ["sub", "amr"].into_iter().collect();
    let field = |schema, optional| Field {
        schema,
        optional,
        default: None,
    };
    let types = Types(vec![
        Schema::String {
            min: 0,
            max: 100,
            pattern: None,
        },
        Schema::Object {
            shape: Arc::new(shape),
            fields: vec![field(TypeId(0), false), field(TypeId(2), true)],
            open: true,
        },
        Schema::List {
            item: TypeId(0),
            min: 0,
            max: 10,
        },
    ]);
    let manifest = Manifest {
        issuers: vec![issuer],
        ..Manifest::default()
    };
    let program = Program::new(Parts {
        manifest,
        types,
        ..Parts::default()
    })
    .unwrap();
    let decoder = Arc::new(Decoder::new(&program.types).unwrap());
    Issuers::new(&program, &decoder, &Settings::default(), previous)
}

async fn validate(issuers: &Issuers, token: &Value) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(5);
    issuers.validate(IDP, token, deadline.into_std()).await
}

fn kind(outcome: &Outcome) -> Option<ErrorKind> {
    outcome.as_ref().err().map(|error| error.kind)
}

/// Lets time pass for the server, not for the sockets.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn keys_are_fetched_once_for_all() {
    let idp = Idp::start(vec![key(Algorithm::ES256), key(Algorithm::EdDSA)]).await;
    let issuers = load(declared(&idp), None).unwrap();
    assert!(idp.server.asked().is_empty(), "not before they are needed");
    let tokens: Vec<_> = (0..20)
        .map(|n| idp.token(n % 2, json!({ "amr": ["mfa"], "n": n })))
        .collect();
    for outcome in
        futures_util::future::join_all(tokens.iter().map(|token| validate(&issuers, token))).await
    {
        let claims = outcome.unwrap();
        assert_eq!(
            claims.get("amr").and_then(Value::as_list).map(|l| l.len()),
            Some(1)
        );
    }
    assert_eq!(
        idp.server.asked().len(),
        2,
        "the discovery document and the key set"
    );
}

#[tokio::test]
async fn what_is_no_token_of_the_issuer_is_invalid() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let other = Idp::start(vec![key(Algorithm::ES256)]).await;
    let issuers = load(declared(&idp), None).unwrap();
    let url = idp.server.url();
    for (token, what) in [
        (Value::Null, "no text"),
        (Value::string(""), "empty"),
        (Value::string("a.b.c"), "malformed"),
        (idp.token(0, json!({ "aud": "other" })), "audience"),
        (idp.token(0, json!({ "exp": 1 })), "expired"),
        (idp.token(0, json!({ "iss": "other" })), "issuer"),
        (
            idp.token(0, json!({ "amr": "mfa" })),
            "a claim of another type",
        ),
        (other.token(0, json!({ "iss": url })), "another's key"),
    ] {
        assert_eq!(
            kind(&validate(&issuers, &token).await),
            Some(ErrorKind::InvalidToken),
            "{what}"
        );
    }
}

#[tokio::test]
async fn a_rotated_key_is_found_and_a_removed_one_forgotten() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let issuers = load(declared(&idp), None).unwrap();
    let old = idp.token(0, json!({}));
    assert_eq!(kind(&validate(&issuers, &old).await), None);
    idp.set(|state| state.keys = vec![key(Algorithm::ES256)]);
    let new = idp.token(0, json!({}));
    assert_eq!(
        kind(&validate(&issuers, &new).await),
        Some(ErrorKind::InvalidToken),
        "too soon to ask again"
    );
    assert_eq!(idp.asked_for_keys(), 1);
    pass(Duration::from_secs(31)).await;
    assert_eq!(kind(&validate(&issuers, &new).await), None);
    assert_eq!(
        kind(&validate(&issuers, &old).await),
        Some(ErrorKind::InvalidToken),
        "verified before, but its key is gone"
    );
    assert_eq!(idp.asked_for_keys(), 2);
}

#[tokio::test]
async fn unknown_keys_are_asked_for_once_in_a_while() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let issuers = load(declared(&idp), None).unwrap();
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        None
    );
    pass(Duration::from_secs(31)).await;
    let stranger = Idp::start(vec![key(Algorithm::ES256)]).await;
    for n in 0..50 {
        let forged = stranger.token(0, json!({ "n": n }));
        assert_eq!(
            kind(&validate(&issuers, &forged).await),
            Some(ErrorKind::InvalidToken)
        );
    }
    assert_eq!(idp.asked_for_keys(), 2);
}

#[tokio::test]
async fn old_keys_serve_while_the_issuer_is_away() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let issuers = load(declared(&idp), None).unwrap();
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        None
    );
    idp.set(|state| state.away = true);
    for hours in [1, 11, 11] {
        pass(Duration::from_secs(hours * 3_600)).await;
        assert_eq!(
            kind(&validate(&issuers, &idp.token(0, json!({ "h": hours }))).await),
            None
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(idp.server.asked().len() > 4, "it was asked, in vain");
    pass(Duration::from_secs(2 * 3_600)).await;
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        Some(ErrorKind::KeysUnavailable)
    );
    idp.set(|state| state.away = false);
    pass(Duration::from_secs(2)).await;
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        None
    );
}

#[tokio::test]
async fn an_issuer_that_is_not_there_costs_one_request_a_second() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    idp.set(|state| (state.away, state.slow) = (true, Duration::from_millis(1_200)));
    let issuers = load(declared(&idp), None).unwrap();
    let token = idp.token(0, json!({}));
    for outcome in futures_util::future::join_all((0..20).map(|_| validate(&issuers, &token))).await
    {
        assert_eq!(kind(&outcome), Some(ErrorKind::KeysUnavailable));
    }
    assert_eq!(idp.server.asked().len(), 1);
}

#[tokio::test]
async fn a_discovery_document_must_be_the_issuers() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    idp.set(|state| state.issuer = Some("https://evil.example".into()));
    let issuers = load(declared(&idp), None).unwrap();
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        Some(ErrorKind::KeysUnavailable)
    );
    assert_eq!(idp.asked_for_keys(), 0);
}

#[tokio::test]
async fn private_addresses_need_internal() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let issuers = load(
        Issuer {
            internal: false,
            ..declared(&idp)
        },
        None,
    )
    .unwrap();
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        Some(ErrorKind::KeysUnavailable)
    );
    assert!(idp.server.asked().is_empty());
}

#[tokio::test]
async fn keys_survive_a_reload() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let issuers = load(declared(&idp), None).unwrap();
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        None
    );
    let reloaded = load(declared(&idp), Some(&issuers)).unwrap();
    assert_eq!(
        kind(&validate(&reloaded, &idp.token(0, json!({}))).await),
        None
    );
    assert_eq!(idp.asked_for_keys(), 1);
    let changed = load(
        Issuer {
            leeway: 0,
            ..declared(&idp)
        },
        Some(&reloaded),
    )
    .unwrap();
    assert_eq!(
        kind(&validate(&changed, &idp.token(0, json!({}))).await),
        None
    );
    assert_eq!(idp.asked_for_keys(), 2);
}

#[tokio::test]
async fn an_issuer_may_have_several_names() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let url = idp.server.url();
    let issuer = vec![literal(&url), literal("idp.example")];
    let issuers = load(
        Issuer {
            issuer,
            ..declared(&idp)
        },
        None,
    )
    .unwrap();
    for (iss, good) in [
        (url.as_str(), true),
        ("idp.example", true),
        ("IDP.example", false),
        ("idp.example/", false),
        ("", false),
    ] {
        let outcome = validate(&issuers, &idp.token(0, json!({ "iss": iss }))).await;
        assert_eq!(outcome.is_ok(), good, "{iss}");
    }
}

#[tokio::test]
async fn a_key_set_can_be_named_directly() {
    let idp = Idp::start(vec![key(Algorithm::ES256)]).await;
    let keys = KeySource::Jwks(literal(format!("{}/keys", idp.server.url())));
    let issuer = vec![literal(idp.server.url())];
    let issuers = load(
        Issuer {
            keys: keys.clone(),
            issuer,
            ..declared(&idp)
        },
        None,
    )
    .unwrap();
    assert_eq!(
        kind(&validate(&issuers, &idp.token(0, json!({}))).await),
        None
    );
    let error = load(
        Issuer {
            keys,
            ..declared(&idp)
        },
        None,
    )
    .unwrap_err()
    .to_string();
    assert!(error.contains("must say its `issuer`"), "{error}");
}
