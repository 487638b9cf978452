//! The runtime's own issuer: asking for a token in every way.

use crate::own::{FORM, URL, claims, head, own, with_client};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use journey_server::clock;
use journey_server::oidc::Endpoint;
use journey_server::token::{Algorithm, SigningKey};
use serde_json::{Value, json};

#[tokio::test]
async fn a_token_says_what_it_should_and_lets_its_client_in() {
    let own = own();
    let answer = own.post("").await;
    assert_eq!(
        (
            answer.status,
            &answer.body["token_type"],
            &answer.body["expires_in"]
        ),
        (StatusCode::OK, &json!("Bearer"), &json!(3_600))
    );
    assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
    assert_eq!(answer.headers[CONTENT_TYPE], "application/json");
    let token = answer.body["access_token"].as_str().unwrap();
    let claims = claims(token);
    for (name, value) in [
        ("iss", URL),
        ("aud", URL),
        ("sub", &own.id),
        ("client_id", &own.id),
        ("scope", ""),
    ] {
        assert_eq!(claims[name], *value, "{name}");
    }
    let (issued, expires) = (
        claims["iat"].as_i64().unwrap(),
        claims["exp"].as_i64().unwrap(),
    );
    assert!(expires - issued == 3_600 && (0..5).contains(&(clock::now() - issued)));
    assert!(claims["jti"].as_str().unwrap().len() >= 16);
    for _ in 0..2 {
        let client = own.bearer(token).await.unwrap();
        assert_eq!(client.id, own.id.as_str());
        assert_eq!(
            client.claims.get("iss").and_then(|iss| iss.as_str()),
            Some(URL)
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of requests")]
async fn a_client_proves_itself_in_one_way() {
    let own = own();
    let (id, secret) = (&own.id, &own.secret);
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let wrong = format!("Basic {}", STANDARD.encode(format!("{id}:wrong")));
    let grant = "grant_type=client_credentials";
    let by_header =
        |header: &'static str, value: String, body: String| (vec![(header, value)], body);
    for ((headers, body), status, error) in [
        (
            by_header("authorization", basic.clone(), grant.into()),
            200,
            "",
        ),
        (
            by_header(
                "authorization",
                basic.clone(),
                format!("{grant}&client_id={id}"),
            ),
            200,
            "",
        ),
        (
            by_header(
                "authorization",
                basic.clone(),
                format!("{grant}&client_id=other"),
            ),
            400,
            "invalid_request",
        ),
        (
            by_header(
                "authorization",
                basic.clone(),
                format!("{grant}&client_secret={secret}"),
            ),
            400,
            "invalid_request",
        ),
        (
            by_header("authorization", wrong, grant.into()),
            401,
            "invalid_client",
        ),
        (
            by_header("authorization", "Basic !".into(), grant.into()),
            401,
            "invalid_client",
        ),
        (
            by_header("authorization", format!("Bearer {secret}"), grant.into()),
            401,
            "invalid_client",
        ),
        ((vec![], grant.into()), 401, "invalid_client"),
        (
            (vec![], format!("{grant}&client_id={id}")),
            401,
            "invalid_client",
        ),
        (
            (vec![], format!("{grant}&client_id={id}&client_secret=")),
            401,
            "invalid_client",
        ),
        (
            (
                vec![],
                format!("{grant}&client_id={id}&client_secret=wrong"),
            ),
            401,
            "invalid_client",
        ),
        (
            (
                vec![],
                format!("{grant}&client_id=other&client_secret={secret}"),
            ),
            401,
            "invalid_client",
        ),
        (
            (vec![], format!("{grant}&client_secret={secret}")),
            400,
            "invalid_request",
        ),
        (
            (
                vec![],
                format!("{grant}&client_id={id}&client_secret={secret}&client_assertion=a.b.c"),
            ),
            400,
            "invalid_request",
        ),
    ] {
        let mut headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        headers.push(("content-type", FORM));
        let answer = own.ask(&headers, &body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert_eq!(
            answer.body["error"].as_str().unwrap_or_default(),
            error,
            "{body}"
        );
        assert_eq!(
            answer.headers.contains_key(WWW_AUTHENTICATE),
            status == 401,
            "{body}"
        );
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store");
    }
}

#[tokio::test]
async fn a_request_must_be_a_form_with_each_parameter_once() {
    let own = own();
    for (more, status, error) in [
        ("&scope=", 200, ""),
        ("&unknown=1", 200, ""),
        ("&grant_type=client_credentials", 400, "invalid_request"),
        ("&client_id=a", 400, "invalid_request"),
        ("&resource=urn:a&resource=urn:b", 400, "invalid_request"),
        ("&a=%zz", 400, "invalid_request"),
        ("&a=%ff", 400, "invalid_request"),
    ] {
        let answer = own.post(more).await;
        assert_eq!(answer.status.as_u16(), status, "{more}: {}", answer.body);
        assert_eq!(
            answer.body["error"].as_str().unwrap_or_default(),
            error,
            "{more}"
        );
    }
    let good = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        own.id, own.secret
    );
    for (headers, status) in [
        (
            vec![(
                "content-type",
                "application/x-www-form-urlencoded; charset=UTF-8",
            )],
            200,
        ),
        (vec![("content-type", "application/json")], 415),
        (vec![], 415),
        (vec![("content-type", FORM), ("content-type", FORM)], 415),
        (
            vec![("content-type", FORM), ("content-encoding", "gzip")],
            415,
        ),
    ] {
        assert_eq!(
            own.ask(&headers, &good).await.status.as_u16(),
            status,
            "{headers:?}"
        );
    }
    for (grant, error) in [
        ("", "invalid_request"),
        ("grant_type=password&", "unsupported_grant_type"),
    ] {
        let answer = own
            .form(&format!(
                "{grant}client_id={}&client_secret={}",
                own.id, own.secret
            ))
            .await;
        assert_eq!(answer.body["error"], error);
    }
}

#[tokio::test]
async fn a_client_gets_the_resources_and_scopes_that_are_its_own() {
    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"s"));
    let own = with_client(
        own(),
        json!({
            "id": "small", "name": "", "secret_sha256": hash, "resources": ["https://risk.example"], "scopes": ["read", "write"],
        }),
    );
    for (more, expected) in [
        ("", Ok((URL, "read write"))),
        ("&scope=read", Ok((URL, "read"))),
        (
            "&resource=https://risk.example",
            Ok(("https://risk.example", "read write")),
        ),
        ("&resource=http://journeys.example", Ok((URL, "read write"))),
        ("&scope=admin", Err("invalid_scope")),
        ("&scope=read+admin", Err("invalid_scope")),
        ("&scope=read++write", Err("invalid_scope")),
        ("&scope=%22", Err("invalid_scope")),
        ("&resource=https://other.example", Err("invalid_target")),
        ("&resource=https://risk.example/", Err("invalid_target")),
        ("&resource=*", Err("invalid_target")),
    ] {
        let body = own
            .form(&format!(
                "grant_type=client_credentials&client_id=small&client_secret=s{more}"
            ))
            .await
            .body;
        match expected {
            Ok((audience, scope)) => {
                let claims = claims(body["access_token"].as_str().unwrap());
                assert_eq!(
                    (&claims["aud"], &claims["scope"], &body["scope"]),
                    (&json!(audience), &json!(scope), &json!(scope)),
                    "{more}"
                );
            }
            Err(error) => assert_eq!(body["error"], error, "{more}"),
        }
    }
    for resource in [
        "relative",
        "/a",
        "1a:b",
        ":b",
        "https://a.example/#b",
        "https://a.example/\n",
    ] {
        let resource = resource.replace('#', "%23").replace('\n', "%0a");
        assert_eq!(
            own.post(&format!("&resource={resource}")).await.body["error"],
            "invalid_target",
            "{resource}"
        );
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table of requests")]
async fn a_client_may_prove_itself_by_a_signed_assertion() {
    let key = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let other = SigningKey::generate(Algorithm::EdDSA).unwrap();
    let own = with_client(
        own(),
        json!({ "id": "signer", "name": "", "jwk": key.jwk() }),
    );
    let now = clock::now();
    let good = json!({ "iss": "signer", "sub": "signer", "aud": URL, "exp": now + 60, "iat": now, "jti": "0" });
    let changed = |changes: Value| {
        let mut claims = good.clone();
        claims
            .as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        claims
    };
    let token_url = format!("{URL}/oidc/token");
    for (number, (claims, typ, key, good)) in [
        (changed(json!({})), "JWT", &key, true),
        (
            changed(json!({ "aud": token_url })),
            "client-authentication+jwt",
            &key,
            true,
        ),
        (
            changed(json!({ "aud": ["https://other.example", URL] })),
            "JWT",
            &key,
            true,
        ),
        (changed(json!({ "jti": "twice" })), "JWT", &key, true),
        (changed(json!({ "jti": "twice" })), "JWT", &key, false),
        (changed(json!({})), "at+jwt", &key, false),
        (changed(json!({})), "JWT", &other, false),
        (
            changed(json!({ "aud": "https://other.example" })),
            "JWT",
            &key,
            false,
        ),
        (changed(json!({ "iss": "other" })), "JWT", &key, false),
        (changed(json!({ "sub": "other" })), "JWT", &key, false),
        (changed(json!({ "sub": own.id })), "JWT", &key, false),
        (changed(json!({ "exp": now - 60 })), "JWT", &key, false),
        (changed(json!({ "exp": now + 3_600 })), "JWT", &key, false),
        (changed(json!({ "jti": "" })), "JWT", &key, false),
        (changed(json!({ "jti": 1 })), "JWT", &key, false),
    ]
    .into_iter()
    .enumerate()
    {
        let mut claims = claims;
        if claims["jti"] == "0" {
            claims["jti"] = json!(format!("id {number}"));
        }
        let assertion = key.sign(typ, &claims).unwrap();
        let kind = "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer";
        let body = format!(
            "grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}"
        );
        let answer = own.form(&body).await;
        assert_eq!(
            answer.status == StatusCode::OK,
            good,
            "{number}: {claims} {}",
            answer.body
        );
        assert_eq!(
            answer.status == StatusCode::UNAUTHORIZED,
            !good,
            "{number}: {claims}"
        );
    }
    let untyped = own
        .form("grant_type=client_credentials&client_assertion=a.b.c")
        .await;
    assert_eq!(untyped.body["error"], "invalid_request");
}

#[tokio::test]
async fn keys_and_discovery_are_published() {
    let own = own();
    let get = async |endpoint| {
        let head = head("/", &[]);
        let served = own.auth.serve(&own.state, endpoint, &head, b"");
        let (parts, body) = served.await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        assert!(
            parts.headers[CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("max-age")
        );
        serde_json::from_slice::<Value>(&body).unwrap()
    };
    let found = get(Endpoint::Discovery).await;
    assert_eq!(found["issuer"], URL);
    assert_eq!(found["token_endpoint"], format!("{URL}/oidc/token"));
    assert_eq!(found["jwks_uri"], format!("{URL}/oidc/jwks"));
    let keys = get(Endpoint::Keys).await;
    let key = keys["keys"][0].as_object().unwrap();
    let names: Vec<_> = key.keys().map(String::as_str).collect();
    assert_eq!(names.len(), 7, "nothing of the private key: {names:?}");
    assert!(
        ["alg", "crv", "kid", "kty", "use", "x", "y"]
            .iter()
            .all(|name| key.contains_key(*name))
    );
}
