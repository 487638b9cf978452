//! Calls of connections over real sockets: what becomes of answers, failures and limits.

use crate::shop::{GET, ITEM, POST, call, connection, kind, load, status};
use crate::standin::{Reaction, StandIn};
use journey_machine::manifest::*;
use journey_machine::value::{ErrorKind, Value};
use std::time::{Duration, Instant};

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
    // Given up when it has arrived: before that, the next call would be the one that is met with silence.
    let arrived = async {
        while shop.asked().len() < 2 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        outcome = call(&upstreams, GET, 5_000) => panic!("the probe ended: {outcome:?}"),
        () = arrived => {}
    }
    assert_eq!(status(&call(&upstreams, GET, 5_000).await), Some(200));
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
