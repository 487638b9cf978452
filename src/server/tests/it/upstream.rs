//! Calls of connections over real sockets: what becomes of answers, failures, limits and credentials.

use crate::standin::{Reaction, StandIn};
use journey_machine::effect::Outcome;
use journey_machine::manifest::*;
use journey_machine::program::{Parts, Program};
use journey_machine::schema::{Decoder, Field, Schema, TypeId, Types};
use journey_machine::value::{ErrorKind, Shape, Str, Value};
use journey_server::config::StartError;
use journey_server::settings::Settings;
use journey_server::upstream::Upstreams;
use std::sync::Arc;
use std::time::{Duration, Instant};

const GET: OperationId = OperationId(0);
const POST: OperationId = OperationId(1);
const ITEM: &str = r#"{"id":"1","more":true}"#;

fn literal(text: impl AsRef<str>) -> Text {
    Text::Literal(Str::from(text.as_ref()))
}

fn connection(base: &str) -> Connection {
    Connection {
        name: "shop".into(),
        base: literal(base),
        auth: ConnectionAuth::None,
        timeout: 300,
        retry: Retry::default(),
        breaker: None,
        concurrency: 8,
        internal: true,
    }
}

fn operation(name: &str, method: &str, idempotent: bool) -> Operation {
    let answer = |status, schema| AnswerType {
        status,
        schema,
        docs: "".into(),
    };
    Operation {
        name: name.into(),
        connection: ConnectionId(0),
        method: method.into(),
        path: vec![Segment::Literal("items".into()), Segment::Param(0)],
        params: vec![Param {
            name: "id".into(),
            wire: "id".into(),
            place: Place::Path,
            schema: TypeId(0),
            optional: false,
            default: None,
        }],
        body: BodyKind::None,
        idempotent,
        timeout: None,
        responses: vec![answer(200, Some(TypeId(1))), answer(404, None)],
    }
}

fn types() -> Types {
    let shape: Shape = ["id"].into_iter().collect();
    let id = Field {
        schema: TypeId(0),
        optional: false,
        default: None,
    };
    Types(vec![
        Schema::String {
            min: 0,
            max: 100,
            pattern: None,
        },
        Schema::Object {
            shape: Arc::new(shape),
            fields: vec![id],
            open: false,
        },
    ])
}

fn load(connection: Connection, previous: Option<&Upstreams>) -> Result<Upstreams, StartError> {
    let manifest = Manifest {
        connections: vec![connection],
        operations: vec![
            operation("shop.get", "GET", true),
            operation("shop.post", "POST", false),
        ],
        ..Manifest::default()
    };
    let program = Arc::new(
        Program::new(Parts {
            manifest,
            types: types(),
            ..Parts::default()
        })
        .unwrap(),
    );
    let decoder = Arc::new(Decoder::new(&program.types).unwrap());
    let secret = [("key".into(), Value::string("hunter2:h2"))].into();
    let settings = Settings {
        secret,
        ..Settings::default()
    };
    Upstreams::new(&program, &decoder, &settings, previous)
}

async fn call(upstreams: &Upstreams, operation: OperationId, limit: u64) -> Outcome {
    upstreams
        .call(
            operation,
            &[Value::string("a b/c")],
            Instant::now() + Duration::from_millis(limit),
        )
        .await
}

fn kind(outcome: &Outcome) -> Option<ErrorKind> {
    outcome.as_ref().err().map(|error| error.kind)
}

fn status(outcome: &Outcome) -> Option<i64> {
    outcome.as_ref().ok()?.get("status")?.as_i64()
}

#[tokio::test]
async fn an_answer_becomes_status_and_typed_body() {
    let shop = StandIn::start(|n, _| match n {
        0 => Reaction::Json(200, ITEM.into()),
        _ => Reaction::Json(404, "{}".into()),
    })
    .await;
    let upstreams = load(connection(&format!("{}/v1/", shop.url())), None).unwrap();
    let found = call(&upstreams, GET, 1_000).await.unwrap();
    assert_eq!(
        found.get("body").and_then(|b| b.get("id")),
        Some(&Value::string("1"))
    );
    assert_eq!(
        found.get("body").and_then(|b| b.get("more")),
        None,
        "what is not declared is ignored"
    );
    let missing = call(&upstreams, GET, 1_000).await.unwrap();
    assert_eq!(
        (missing.get("status"), missing.get("body")),
        (Some(&Value::Int(404)), Some(&Value::Null))
    );
    let asked = &shop.asked()[0];
    assert_eq!(
        (asked.method.as_str(), asked.target.as_str()),
        ("GET", "/v1/items/a%20b%2Fc")
    );
    assert_eq!(asked.headers["host"], shop.address.to_string());
    assert!(!asked.headers.contains_key("accept-encoding"));
}

#[tokio::test]
async fn every_failure_has_its_kind() {
    let raw = |text: &str| Reaction::Raw(text.as_bytes().to_vec());
    let large = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", 2 << 20);
    let endless = [
        b"HTTP/1.1 200 X\r\ntransfer-encoding: chunked\r\n\r\n100000\r\n".to_vec(),
        vec![b' '; 1 << 20],
        b"\r\n1\r\n \r\n0\r\n\r\n".to_vec(),
    ]
    .concat();
    let table = [
        (
            Reaction::Json(500, "{}".into()),
            ErrorKind::UnexpectedStatus,
        ),
        (
            Reaction::Json(302, "{}".into()),
            ErrorKind::UnexpectedStatus,
        ),
        (
            raw("HTTP/1.1 302 X\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
            ErrorKind::UnexpectedStatus,
        ),
        (Reaction::Json(200, "{".into()), ErrorKind::BadBody),
        (
            Reaction::Json(200, r#"{"id":1}"#.into()),
            ErrorKind::BadBody,
        ),
        (
            raw("HTTP/1.1 200 X\r\ncontent-type: text/html\r\ncontent-length: 2\r\n\r\n{}"),
            ErrorKind::BadBody,
        ),
        (
            raw(
                "HTTP/1.1 200 X\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}",
            ),
            ErrorKind::BadBody,
        ),
        (Reaction::Raw(large.into_bytes()), ErrorKind::BadBody),
        (Reaction::Raw(endless), ErrorKind::BadBody),
        (
            raw("HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{}"),
            ErrorKind::Timeout,
        ),
        (raw("HTTP/1.1 200 X\r\n"), ErrorKind::Timeout),
        (raw("not HTTP\r\n\r\n"), ErrorKind::Unavailable),
        (Reaction::Silence, ErrorKind::Timeout),
        (Reaction::HangUp, ErrorKind::Unavailable),
    ];
    for (reaction, expected) in table {
        let told = format!("{reaction:.60?}");
        let shop = StandIn::start(move |_, _| reaction.clone()).await;
        let upstreams = load(connection(&shop.url()), None).unwrap();
        let outcome = call(&upstreams, GET, 5_000).await;
        assert_eq!(kind(&outcome), Some(expected), "{told}");
        assert_eq!(shop.asked().len(), 1, "{told}");
    }
}

#[tokio::test]
async fn a_port_nobody_listens_on_is_unavailable() {
    let upstreams = load(connection("http://127.0.0.1:1"), None).unwrap();
    assert_eq!(
        kind(&call(&upstreams, GET, 5_000).await),
        Some(ErrorKind::Unavailable)
    );
}

#[tokio::test]
async fn private_addresses_need_internal_however_they_are_written() {
    let shop = StandIn::start(|_, _| Reaction::Json(200, ITEM.into())).await;
    let port = shop.address.port();
    for host in [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "[::ffff:127.0.0.1]",
        "[::1]",
        "0",
        "[::]",
    ] {
        let base = format!("http://{host}:{port}");
        let outside = Connection {
            internal: false,
            ..connection(&base)
        };
        let Ok(upstreams) = load(outside, None) else {
            continue;
        };
        let outcome = call(&upstreams, GET, 5_000).await;
        assert_eq!(kind(&outcome), Some(ErrorKind::Unavailable), "{host}");
    }
    assert!(shop.asked().is_empty());
}

#[tokio::test]
async fn idempotent_operations_are_tried_again() {
    for (reaction, expected) in [
        (Reaction::HangUp, 3),
        (Reaction::Json(503, String::new()), 3),
        (Reaction::Json(429, String::new()), 3),
        (Reaction::Json(500, String::new()), 1),
        (Reaction::Json(404, String::new()), 1),
        (Reaction::Json(200, "{".into()), 1),
    ] {
        let told = format!("{reaction:?}");
        let shop = StandIn::start(move |_, _| reaction.clone()).await;
        let retry = Retry {
            attempts: 2,
            min: 1,
            max: 5,
        };
        let upstreams = load(
            Connection {
                retry,
                ..connection(&shop.url())
            },
            None,
        )
        .unwrap();
        call(&upstreams, GET, 5_000).await.ok();
        assert_eq!(shop.asked().len(), expected, "GET, {told}");
        call(&upstreams, POST, 5_000).await.ok();
        assert_eq!(shop.asked().len(), expected + 1, "POST, {told}");
    }
}

#[tokio::test]
async fn a_later_attempt_may_succeed() {
    let shop = StandIn::start(|n, _| {
        if n < 2 {
            Reaction::Silence
        } else {
            Reaction::Json(200, ITEM.into())
        }
    })
    .await;
    let retry = Retry {
        attempts: 3,
        min: 1,
        max: 5,
    };
    let upstreams = load(
        Connection {
            retry,
            timeout: 50,
            ..connection(&shop.url())
        },
        None,
    )
    .unwrap();
    assert_eq!(status(&call(&upstreams, GET, 5_000).await), Some(200));
    assert_eq!(shop.asked().len(), 3);
}

#[tokio::test]
async fn nothing_outlives_the_deadline() {
    let shop = StandIn::start(|_, _| Reaction::Silence).await;
    let retry = Retry {
        attempts: 50,
        min: 1,
        max: 10,
    };
    let upstreams = load(
        Connection {
            retry,
            timeout: 100,
            ..connection(&shop.url())
        },
        None,
    )
    .unwrap();
    let start = Instant::now();
    assert_eq!(
        kind(&call(&upstreams, GET, 250).await),
        Some(ErrorKind::Timeout)
    );
    assert!(
        start.elapsed() < Duration::from_millis(600),
        "{:?}",
        start.elapsed()
    );
    assert!((2..=3).contains(&shop.asked().len()));
}

#[tokio::test]
async fn the_breaker_opens_probes_and_closes() {
    let shop = StandIn::start(|n, _| {
        if n < 3 {
            Reaction::Json(500, String::new())
        } else {
            Reaction::Json(200, ITEM.into())
        }
    })
    .await;
    let breaker = Some(Breaker {
        failures: 3,
        window: 10_000,
        open: 150,
    });
    let upstreams = load(
        Connection {
            breaker,
            ..connection(&shop.url())
        },
        None,
    )
    .unwrap();
    for _ in 0..3 {
        assert_eq!(
            kind(&call(&upstreams, GET, 1_000).await),
            Some(ErrorKind::UnexpectedStatus)
        );
    }
    assert_eq!(
        kind(&call(&upstreams, GET, 1_000).await),
        Some(ErrorKind::BreakerOpen)
    );
    let reloaded = load(
        Connection {
            breaker,
            ..connection(&shop.url())
        },
        Some(&upstreams),
    )
    .unwrap();
    assert_eq!(
        kind(&call(&reloaded, GET, 1_000).await),
        Some(ErrorKind::BreakerOpen),
        "a reload does not close it"
    );
    assert_eq!(shop.asked().len(), 3);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(status(&call(&reloaded, GET, 1_000).await), Some(200));
    assert_eq!(status(&call(&reloaded, GET, 1_000).await), Some(200));
}

#[tokio::test]
async fn a_call_given_up_leaves_the_probe_to_the_next() {
    let shop = StandIn::start(|n, _| match n {
        0 => Reaction::HangUp,
        1 => Reaction::Silence,
        _ => Reaction::Json(200, ITEM.into()),
    })
    .await;
    let breaker = Some(Breaker {
        failures: 1,
        window: 10_000,
        open: 50,
    });
    let upstreams = load(
        Connection {
            breaker,
            timeout: 5_000,
            ..connection(&shop.url())
        },
        None,
    )
    .unwrap();
    call(&upstreams, GET, 1_000).await.ok();
    tokio::time::sleep(Duration::from_millis(80)).await;
    let probe =
        tokio::time::timeout(Duration::from_millis(100), call(&upstreams, GET, 5_000)).await;
    assert!(probe.is_err(), "the probe was waiting when it was dropped");
    assert_eq!(status(&call(&upstreams, GET, 1_000).await), Some(200));
}

#[tokio::test]
async fn calls_beyond_the_limit_are_refused_at_once() {
    let shop = StandIn::start(|_, _| {
        Reaction::After(
            Duration::from_millis(100),
            Box::new(Reaction::Json(200, ITEM.into())),
        )
    })
    .await;
    let upstreams = load(
        Connection {
            concurrency: 2,
            ..connection(&shop.url())
        },
        None,
    )
    .unwrap();
    let (a, b, c) = tokio::join!(
        call(&upstreams, GET, 1_000),
        call(&upstreams, GET, 1_000),
        call(&upstreams, GET, 1_000)
    );
    assert_eq!([status(&a), status(&b)], [Some(200); 2]);
    assert_eq!(kind(&c), Some(ErrorKind::Overloaded));
    assert_eq!(
        status(&call(&upstreams, GET, 1_000).await),
        Some(200),
        "and then there is room again"
    );
}

#[tokio::test]
async fn credentials_stand_where_the_connection_says() {
    let shop = StandIn::start(|_, _| Reaction::Json(200, ITEM.into())).await;
    let secret = || Text::Secret("key".into());
    let basic = ConnectionAuth::Basic {
        username: literal("me"),
        password: secret(),
    };
    let key = ConnectionAuth::Header {
        name: "x-api-key".into(),
        value: secret(),
    };
    for (auth, header, value) in [
        (basic, "authorization", "Basic bWU6aHVudGVyMjpoMg=="),
        (
            ConnectionAuth::Bearer(secret()),
            "authorization",
            "Bearer hunter2:h2",
        ),
        (key, "x-api-key", "hunter2:h2"),
    ] {
        let upstreams = load(
            Connection {
                auth,
                ..connection(&shop.url())
            },
            None,
        )
        .unwrap();
        assert_eq!(status(&call(&upstreams, GET, 1_000).await), Some(200));
        assert_eq!(shop.asked().last().unwrap().headers[header], value);
        let printed = format!("{upstreams:?}");
        assert!(
            !printed.contains("hunter2") && !printed.contains("aHVudGVy"),
            "{printed}"
        );
    }
}

fn oauth(shop: &StandIn) -> Connection {
    let auth = ConnectionAuth::ClientCredentials {
        token_url: literal(format!("{}/token", shop.url())),
        client_id: literal("a b"),
        client_secret: literal("c:d"),
        scope: Some(literal("read write")),
    };
    Connection {
        auth,
        concurrency: 100,
        timeout: 2_000,
        ..connection(&shop.url())
    }
}

fn token(n: usize) -> Reaction {
    Reaction::Json(
        200,
        format!(r#"{{"access_token":"t{n}","token_type":"bearer","expires_in":3600}}"#),
    )
}

#[tokio::test]
async fn an_access_token_is_fetched_once_for_all() {
    let shop = StandIn::start(|n, asked| match asked.target.as_str() {
        "/token" => Reaction::After(Duration::from_millis(50), Box::new(token(n))),
        _ => Reaction::Json(200, ITEM.into()),
    })
    .await;
    let upstreams = load(oauth(&shop), None).unwrap();
    let calls = (0..20).map(|_| call(&upstreams, GET, 2_000));
    for outcome in futures_util::future::join_all(calls).await {
        assert_eq!(status(&outcome), Some(200));
    }
    let (tokens, calls): (Vec<_>, Vec<_>) =
        shop.asked().into_iter().partition(|a| a.target == "/token");
    assert_eq!((tokens.len(), calls.len()), (1, 20));
    assert_eq!(
        tokens[0].body,
        "grant_type=client_credentials&scope=read%20write"
    );
    assert_eq!(tokens[0].headers["authorization"], "Basic YSUyMGI6YyUzQWQ=");
    assert!(
        calls
            .iter()
            .all(|c| c.headers["authorization"] == "Bearer t0")
    );
}

#[tokio::test]
async fn an_access_token_that_is_not_accepted_is_replaced() {
    let shop = StandIn::start(|n, asked| {
        match (
            asked.target.as_str(),
            asked.headers["authorization"].as_str(),
        ) {
            ("/token", _) => token(n),
            (_, "Bearer t0") => Reaction::Json(401, String::new()),
            _ => Reaction::Json(200, ITEM.into()),
        }
    })
    .await;
    let upstreams = load(oauth(&shop), None).unwrap();
    assert_eq!(
        kind(&call(&upstreams, GET, 1_000).await),
        Some(ErrorKind::UnexpectedStatus)
    );
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    assert_eq!(status(&call(&upstreams, GET, 1_000).await), Some(200));
}

#[tokio::test]
async fn without_an_access_token_nothing_is_called() {
    for reaction in [
        Reaction::Json(401, "{}".into()),
        Reaction::Json(200, "{}".into()),
        Reaction::HangUp,
    ] {
        let shop = StandIn::start(move |_, _| reaction.clone()).await;
        let upstreams = load(oauth(&shop), None).unwrap();
        let calls = (0..10).map(|_| call(&upstreams, GET, 2_000));
        for outcome in futures_util::future::join_all(calls).await {
            assert_eq!(kind(&outcome), Some(ErrorKind::Unavailable));
        }
        let asked = shop.asked();
        assert!(
            asked.len() == 1 && asked[0].target == "/token",
            "one failure serves all: {asked:?}"
        );
    }
}

#[test]
fn a_connection_that_cannot_work_does_not_start() {
    let colon = ConnectionAuth::Basic {
        username: literal("a:b"),
        password: literal("c"),
    };
    let host = ConnectionAuth::Header {
        name: "host".into(),
        value: literal("evil"),
    };
    let line = ConnectionAuth::Bearer(literal("a\r\nb: c"));
    let unset = ConnectionAuth::Bearer(Text::Secret("missing".into()));
    let base = connection("http://shop.example");
    for (connection, reason) in [
        (
            connection("ftp://shop.example"),
            "absolute http or https URL",
        ),
        (connection("http://me@shop.example"), "user name"),
        (
            Connection {
                auth: colon,
                ..base.clone()
            },
            "colon",
        ),
        (
            Connection {
                auth: host,
                ..base.clone()
            },
            "`host`",
        ),
        (
            Connection {
                auth: line,
                ..base.clone()
            },
            "header cannot carry",
        ),
        (
            Connection {
                auth: unset,
                ..base
            },
            "bearer token is not set",
        ),
    ] {
        let error = load(connection, None).unwrap_err().to_string();
        assert!(
            error.starts_with("connection shop: ") && error.contains(reason),
            "{error}"
        );
    }
}
