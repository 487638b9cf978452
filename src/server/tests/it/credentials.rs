//! What calls of connections are authorised with, over real sockets.

use crate::shop::{GET, ITEM, call, connection, kind, literal, load, status};
use crate::standin::{Reaction, StandIn};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journey_machine::manifest::*;
use journey_machine::value::ErrorKind;
use journey_server::token::{Algorithm, Jws, SigningKey};
use std::time::Duration;

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

#[tokio::test]
async fn an_assertion_is_signed_and_exchanged_for_a_token() {
    let shop = StandIn::start(|n, asked| match asked.target.as_str() {
        "/token" => token(n),
        _ => Reaction::Json(200, ITEM.into()),
    })
    .await;
    let key = SigningKey::generate(Algorithm::ES256).unwrap();
    let url = format!("{}/token", shop.url());
    let auth = ConnectionAuth::JwtBearer {
        token_url: literal(&url),
        issuer: literal("me"),
        subject: None,
        audience: None,
        key: literal(pem(&key)),
        key_id: Some(literal("their name")),
        scope: Some(literal("read")),
    };
    let connection = Connection {
        auth,
        ..connection(&shop.url())
    };
    let upstreams = load(connection, None).unwrap();
    for _ in 0..2 {
        assert_eq!(status(&call(&upstreams, GET, 2_000).await), Some(200));
    }
    let asked = shop.asked();
    assert_eq!(asked.len(), 3, "one token for both calls");
    assert_eq!(asked[1].headers["authorization"], "Bearer t0");
    assert!(!asked[0].headers.contains_key("authorization"));
    let form = asked[0].body.strip_prefix(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=",
    );
    let assertion = form.unwrap().strip_suffix("&scope=read").unwrap();
    let jws = Jws::parse(assertion).unwrap();
    assert_eq!(jws.kid.as_deref(), Some("their name"));
    let claims = jws.verify(&key.public().unwrap()).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(claims).unwrap();
    assert_eq!(
        (&claims["iss"], &claims["sub"], &claims["aud"]),
        (&"me".into(), &"me".into(), &url.into())
    );
    assert!(claims["exp"].as_i64() > claims["iat"].as_i64() && claims["jti"].is_string());
}

#[tokio::test]
async fn a_key_that_is_none_is_told_without_being_shown() {
    let shop = StandIn::start(|_, _| Reaction::Json(200, ITEM.into())).await;
    let auth = ConnectionAuth::JwtBearer {
        token_url: literal(shop.url()),
        issuer: literal("me"),
        subject: None,
        audience: None,
        key: literal("hunter2"),
        key_id: None,
        scope: None,
    };
    let connection = Connection {
        auth,
        ..connection(&shop.url())
    };
    let error = load(connection, None).unwrap_err().to_string();
    assert!(
        error.contains("PEM") && !error.contains("hunter2"),
        "{error}"
    );
}

fn pem(key: &SigningKey) -> String {
    let der = STANDARD.encode(key.to_pkcs8().unwrap());
    format!("-----BEGIN PRIVATE KEY-----\n{der}\n-----END PRIVATE KEY-----\n")
}
