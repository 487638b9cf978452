//! Partners that want to know who asks: an issuer that is asked for each token, a token endpoint that takes an
//! assertion, an upstream that takes nobody without a certificate. Keys and certificates are made for each run.

use super::http::{Answer, request};
use super::server::{Server, project};
use super::upstream::{Authority, Upstream};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::KeyPair;
use serde_json::json;
use std::net::SocketAddr;
use std::sync::Arc;

/// The side of the partner: its keys, and what it lets in by them.
const PARTNER: &str = r#"
journey keys {
  endpoint GET "/keys"
  auth none "public keys"
  answers { 200 dyn }
  complete 200 json { keys: [{ kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid: "caller-1", x: config.x, y: config.y }] }
}
journey token {
  endpoint POST "/token"
  auth none "the assertion says who asks"
  input {
    form {
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer"
      assertion: secret string
      scope?: string
    }
  }
  answers {
    200 { access_token: string, token_type: string, expires_in: int }
    400 { error: string }
  }
  validate token input.assertion with caller as claims {
    on failure { complete 400 json { error: "invalid_grant" } }
  }
  complete 200 json { access_token: `for-${claims.sub}`, token_type: "Bearer", expires_in: 300 }
}
journey account {
  endpoint GET "/account"
  auth none "a bearer token of the journey above"
  input { header authorization?: string }
  answers {
    200 { owner: string }
    401
  }
  if input.?authorization.orValue("") != "Bearer for-the-subject" { complete 401 }
  complete 200 json { owner: "the-subject" }
}
journey introspect {
  endpoint POST "/introspect"
  auth basic
  input {
    form {
      token: string
      token_type_hint?: string
    }
  }
  answers { 200 dyn }
  if input.token != "opaque-and-good" { complete 200 json { active: false } }
  complete 200 json { active: true, sub: "ada", exp: int(now) + 60, scope: "read" }
}
issuer caller {
  jwks config.keys_url
  issuer "the-caller"
  audience "the-partner"
  algorithms ES256
  internal
}
config {
  x: string
  y: string
  keys_url: url
}
"#;

/// The side under test.
const CALLER: &str = r#"
journey account {
  endpoint GET "/account"
  auth none "a test"
  answers {
    200 { owner: string }
    502
  }
  call partner.account() as account { on failure { complete 502 } }
  complete 200 json account
}
journey whoami {
  endpoint POST "/whoami"
  auth none "a test"
  input { body { token: secret string } }
  answers {
    200 { who: string }
    401
  }
  validate token input.token with partner_idp as claims { on failure { complete 401 } }
  complete 200 json { who: claims.sub }
}
journey order {
  endpoint GET "/order"
  auth none "a test"
  answers {
    200 { to: string }
    502
  }
  call shop.order() as order { on failure { complete 502 } }
  complete 200 json order
}
connection partner {
  base config.partner
  auth oauth2 jwt_bearer { token_url: config.token_url, issuer: "the-caller", subject: "the-subject", audience: "the-partner", key: secret.assertion_key, key_id: "caller-1" }
  internal
  operation account() GET "/account" { 200 { owner: string } }
}
connection shop {
  base config.shop
  tls { roots: config.shop_roots, certificate: secret.shop_certificate, key: secret.shop_key }
  internal
  operation order() GET "/order" { 200 { to: string } }
}
issuer partner_idp {
  introspection { url: config.introspection_url, client_id: config.partner_client, client_secret: secret.partner_secret }
  issuer "https://idp.example.com"
  audience "the-caller"
  internal
}
config {
  partner: url
  token_url: url
  introspection_url: url
  partner_client: string
  shop: url
  shop_roots: string
}
secret {
  assertion_key
  partner_secret
  shop_certificate
  shop_key
}
"#;

fn serve(text: &str, settings: &[(&str, &str)]) -> Server {
    let (project, data) = (project(text), tempfile::tempdir().expect("a folder"));
    Server::on(Arc::new(data), project.path(), &[], settings)
}

/// The partner knows this key. Two of them, as one serves the keys that the other one is told of when it starts.
fn partners(key: &KeyPair) -> [Server; 2] {
    let point = key.public_key_raw();
    let coordinate = |at: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[at]);
    let (x, y) = (coordinate(1..33), coordinate(33..65));
    let start = |keys: &str| {
        let settings = [
            ("JOURNEY_CONFIG_X", x.as_str()),
            ("JOURNEY_CONFIG_Y", &y),
            ("JOURNEY_CONFIG_KEYS_URL", keys),
        ];
        serve(PARTNER, &settings)
    };
    let keys = start("http://127.0.0.1:9/keys");
    let url = format!("http://{}/keys", keys.address);
    [start(&url), keys]
}

/// Who it is to them: a client of the partner, the owner of a key, somebody with a certificate of an authority.
struct Identity<'a> {
    client: (String, String),
    key: &'a KeyPair,
    authority: &'a Authority,
}

fn caller(partner: &Server, shop: &Upstream, identity: &Identity<'_>) -> Server {
    let (certificate, certified) = identity.authority.client();
    let (id, secret) = &identity.client;
    let at = |path: &str| format!("http://{}{path}", partner.address);
    serve(
        CALLER,
        &[
            ("JOURNEY_CONFIG_PARTNER", &at("")),
            ("JOURNEY_CONFIG_TOKEN_URL", &at("/token")),
            ("JOURNEY_CONFIG_INTROSPECTION_URL", &at("/introspect")),
            ("JOURNEY_CONFIG_PARTNER_CLIENT", id),
            ("JOURNEY_CONFIG_SHOP", &shop.url()),
            ("JOURNEY_CONFIG_SHOP_ROOTS", &shop.roots()),
            (
                "JOURNEY_SECRET_ASSERTION_KEY",
                &identity.key.serialize_pem(),
            ),
            ("JOURNEY_SECRET_PARTNER_SECRET", secret),
            ("JOURNEY_SECRET_SHOP_CERTIFICATE", &certificate),
            ("JOURNEY_SECRET_SHOP_KEY", &certified.serialize_pem()),
        ],
    )
}

fn get(to: SocketAddr, path: &str) -> Answer {
    request("GET", path).send(to)
}

fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

fn introspected(caller: &Server, token: &str) -> Answer {
    let body = json!({ "token": token });
    request("POST", "/whoami").json(&body).send(caller.address)
}

#[test]
fn partners_know_a_caller_by_its_assertion_its_client_and_its_certificate() {
    let (key, authority) = (key(), Authority::new());
    let [partner, _keys] = partners(&key);
    let shop = Upstream::start(&authority);
    let identity = Identity {
        client: partner.client(),
        key: &key,
        authority: &authority,
    };
    let caller = caller(&partner, &shop, &identity);
    let account = get(caller.address, "/account");
    assert_eq!(account.status, 200, "{account:?}");
    assert_eq!(account.json()["owner"], "the-subject");
    let order = get(caller.address, "/order");
    assert_eq!(order.status, 200, "{order:?}");
    assert_eq!(order.json()["to"], "somebody known");
    let good = introspected(&caller, "opaque-and-good");
    assert_eq!(good.status, 200, "{good:?}");
    assert_eq!(good.json()["who"], "ada");
    assert_eq!(introspected(&caller, "revoked").status, 401);
}

#[test]
fn a_stranger_is_let_in_nowhere() {
    let (known, authority) = (key(), Authority::new());
    let [partner, keys] = partners(&known);
    let shop = Upstream::start(&authority);
    let identity = Identity {
        client: keys.client(),
        key: &key(),
        authority: &Authority::new(),
    };
    let stranger = caller(&partner, &shop, &identity);
    assert_eq!(get(stranger.address, "/account").status, 502);
    assert_eq!(get(stranger.address, "/order").status, 502);
    assert_eq!(introspected(&stranger, "opaque-and-good").status, 401);
}
