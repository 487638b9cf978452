//! The runtime's own issuer: asking for a token in every way, and calling with it.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use hyper::{Request, StatusCode};
use journey_machine::manifest::Auth;
use journey_machine::program::{Parts, Program};
use journey_machine::schema::Decoder;
use journey_server::auth::{Client, Denied};
use journey_server::authenticate::ClientAuth;
use journey_server::clock;
use journey_server::config::Config;
use journey_server::issuer::Issuers;
use journey_server::oidc::Endpoint;
use journey_server::request::Head;
use journey_server::settings::Settings;
use journey_server::token::{Algorithm, SigningKey};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const URL: &str = "http://journeys.example";
const FORM: &str = "application/x-www-form-urlencoded";

/// A server's clients and keys in a new folder.
struct Own {
    auth: ClientAuth,
    id: String,
    secret: String,
    folder: TempDir,
}

pub(crate) fn config(folder: &std::path::Path) -> Config {
    Config {
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        admin: None,
        data: folder.to_owned(),
        public_url: None,
    }
}

fn own() -> Own {
    let folder = tempfile::tempdir().unwrap();
    let (auth, new) = ClientAuth::open(&config(folder.path()), URL).unwrap();
    let new = new.unwrap();
    Own {
        auth,
        id: new.id,
        secret: new.secret.expose().to_owned(),
        folder,
    }
}

/// Adds what `client` says to the clients of a folder.
fn with_client(own: Own, client: Value) -> Own {
    let path = own.folder.path().join("clients.json");
    let mut stored: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    stored["clients"].as_array_mut().unwrap().push(client);
    std::fs::write(&path, stored.to_string()).unwrap();
    drop(own.auth);
    let (auth, new) = ClientAuth::open(&config(own.folder.path()), URL).unwrap();
    assert!(new.is_none());
    Own { auth, ..own }
}

fn head(target: &str, headers: &[(&str, &str)]) -> Head {
    let mut request = Request::post(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Head::new(
        request.body(()).unwrap().into_parts().0,
        Ipv4Addr::LOCALHOST.into(),
    )
}

struct Answer {
    status: StatusCode,
    headers: hyper::HeaderMap,
    body: Value,
}

impl Own {
    async fn ask(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        let head = head("/oidc/token", headers);
        let (parts, body) = self
            .auth
            .serve(Endpoint::Token, &head, body.as_bytes())
            .into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    async fn form(&self, body: &str) -> Answer {
        self.ask(&[("content-type", FORM)], body).await
    }

    /// The form of a good request, and what to append.
    async fn post(&self, more: &str) -> Answer {
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}{more}",
            self.id, self.secret
        );
        self.form(&body).await
    }

    async fn token(&self) -> String {
        self.post("").await.body["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    async fn call(
        &self,
        auth: &Auth,
        target: &str,
        headers: &[(&str, &str)],
    ) -> Result<Client, Denied> {
        let program = Program::new(Parts::default()).unwrap();
        let decoder = Arc::new(Decoder::new(&program.types).unwrap());
        let issuers = Issuers::new(&program, &decoder, &Settings::default(), None).unwrap();
        let deadline = Instant::now() + Duration::from_secs(1);
        self.auth
            .authenticate(auth, &head(target, headers), &issuers, deadline)
            .await
    }

    async fn bearer(&self, token: &str) -> Result<Client, Denied> {
        let own = Auth::ClientToken { issuer: None };
        self.call(&own, "/a", &[("authorization", &format!("Bearer {token}"))])
            .await
    }
}

fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

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
        let (parts, body) = own.auth.serve(endpoint, &head("/", &[]), b"").into_parts();
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

#[tokio::test]
async fn tokens_survive_rotation_and_restart() {
    let own = own();
    let old = own.token().await;
    for algorithm in [Algorithm::RS256, Algorithm::EdDSA, Algorithm::ES256] {
        own.auth.rotate(algorithm).unwrap();
        let new = own.token().await;
        own.bearer(&old).await.unwrap();
        own.bearer(&new).await.unwrap();
        let header = URL_SAFE_NO_PAD
            .decode(new.split('.').next().unwrap())
            .unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&header).unwrap()["alg"],
            algorithm.name()
        );
    }
    let Own {
        auth,
        id,
        secret,
        folder,
    } = own;
    drop(auth);
    let (auth, new) = ClientAuth::open(&config(folder.path()), URL).unwrap();
    assert!(new.is_none(), "the client was made on the first start");
    let own = Own {
        auth,
        id,
        secret,
        folder,
    };
    own.bearer(&old).await.unwrap();
    own.token().await;
}

#[tokio::test]
async fn who_calls_is_known_or_nobody_calls() {
    let own = own();
    let token = own.token().await;
    let foreign = self::own().token().await;
    let risk = own.post("&resource=https://risk.example").await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = own.id.as_str();
    let bearer = format!("Bearer {token}");
    let lower = format!("bearer {token}");
    let quoted = format!("Bearer \"{token}\"");
    let victim = format!("/a?clientId={id}&clientId=victim");
    let hidden = "/a?%63lientId=victim".to_owned();
    let same = format!("/a?x=1&clientId={id}");
    let table: Vec<(&str, Vec<(&str, &str)>, bool)> = vec![
        ("/a", vec![("authorization", &bearer)], true),
        ("/a", vec![("authorization", &lower)], true),
        (&same, vec![("authorization", &bearer)], true),
        (&victim, vec![("authorization", &bearer)], false),
        (&hidden, vec![("authorization", &bearer)], false),
        ("/a?clientId=", vec![("authorization", &bearer)], false),
        (
            "/a",
            vec![("authorization", &bearer), ("authorization", &bearer)],
            false,
        ),
        ("/a", vec![("authorization", &quoted)], false),
        ("/a", vec![("authorization", &token)], false),
        ("/a", vec![("authorization", "Bearer")], false),
        ("/a", vec![("authorization", "Bearer ")], false),
        ("/a", vec![("x-authorization", &bearer)], false),
        ("/a", vec![], false),
    ];
    let auth = Auth::ClientToken { issuer: None };
    for (target, headers, good) in table {
        assert_eq!(
            own.call(&auth, target, &headers).await.is_ok(),
            good,
            "{target} {headers:.40?}"
        );
    }
    assert_eq!(
        own.bearer(&foreign).await.unwrap_err(),
        Denied::Invalid("token key unknown")
    );
    assert_eq!(
        own.bearer(&risk).await.unwrap_err(),
        Denied::Invalid("token for another audience")
    );
    assert_eq!(
        own.bearer(&"a".repeat(9_000)).await.unwrap_err(),
        Denied::Invalid("token too large")
    );
}

#[tokio::test]
async fn basic_credentials_are_a_clients_id_and_secret() {
    let own = own();
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for (line, good) in [
        (basic(format!("{}:{}", own.id, own.secret)), true),
        (basic(format!("{}:{}x", own.id, own.secret)), false),
        (basic(format!("{}:", own.id)), false),
        (basic(format!(":{}", own.secret)), false),
        (basic(own.id.clone()), false),
        (basic(format!("other:{}", own.secret)), false),
        ("Basic %%%".into(), false),
        (format!("Bearer {}", own.token().await), false),
    ] {
        let found = own
            .call(&Auth::Basic, "/a", &[(AUTHORIZATION.as_str(), &line)])
            .await;
        assert_eq!(found.is_ok(), good, "{line}");
    }
}
