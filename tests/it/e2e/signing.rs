//! Tokens that a journey signs with keys of its settings.

use super::http::{Answer, request};
use super::receiver::hmac;
use super::server::{Server, command, free_port, project};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_server::token::{Jws, SigningKey};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use std::sync::Arc;

const JOURNEYS: &str = r#"
connection tokens {
  base "embedded:tokens"
  receives secret
  operation sign(body jwt: { claims: map<string, dyn>, alg: string, key: secret string, kid?: string, typ?: string }) POST "/jwt" {
    200 { jwt: string }
    400 { error: string, error_description: string }
  }
}
secret {
  es256: secret string(/-----BEGIN PRIVATE KEY-----[A-Za-z0-9+\/=\s]+-----END PRIVATE KEY-----\s*/)
  rs256: secret string
  eddsa: secret string
  hs256: secret string
  short: secret string
}
journey sign {
  input {
    body {
      alg: string
      key: "es256" | "rs256" | "eddsa" | "hs256" | "short"
      kid?: string
      typ?: string
    }
  }
  answers {
    200 dyn
    400 dyn
    503
  }
  let keys = { es256: secret.es256, rs256: secret.rs256, eddsa: secret.eddsa, hs256: secret.hs256, short: secret.short }
  let claims = { iss: "team", sub: "app", exp: int(now) + 300 }
  call tokens.sign(jwt: { claims: claims, alg: input.alg, key: keys[input.key], kid?: input.?kid, typ?: input.?typ }) as signed {
    on 400 as why { complete 400 json why }
    on failure { complete 503 }
  }
  complete 200 json signed
}
"#;

const SECRET: &str = "a shared secret of more than 32 bytes";

/// The private keys as PEM, by the names of their settings.
fn keys() -> [(&'static str, String); 3] {
    let pem = |pair: Result<KeyPair, rcgen::Error>| pair.expect("a key").serialize_pem();
    [
        ("es256", pem(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256))),
        (
            "rs256",
            pem(KeyPair::generate_rsa_for(
                &PKCS_RSA_SHA256,
                RsaKeySize::_2048,
            )),
        ),
        ("eddsa", pem(KeyPair::generate_for(&PKCS_ED25519))),
    ]
}

fn serve(keys: &[(&str, String); 3]) -> Server {
    let folder = project(JOURNEYS);
    let variables = ["ES256", "RS256", "EDDSA"].map(|name| format!("JOURNEY_SECRET_{name}"));
    let mut settings: Vec<(&str, &str)> = variables
        .iter()
        .zip(keys)
        .map(|(variable, (_, pem))| (variable.as_str(), pem.as_str()))
        .collect();
    settings.push(("JOURNEY_SECRET_HS256", SECRET));
    settings.push(("JOURNEY_SECRET_SHORT", "less than 32 bytes"));
    let data = Arc::new(tempfile::tempdir().expect("a folder"));
    Server::on(data, folder.path(), &[], &settings)
}

fn sign(server: &Server, body: &Value) -> Answer {
    request("POST", "/journeys/sign")
        .bearer(&server.token())
        .json(body)
        .send(server.address)
}

fn header(token: &str) -> Value {
    let header = token.split('.').next().expect("a header");
    let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
    serde_json::from_slice(&header).expect("JSON")
}

#[test]
fn each_algorithm_signs_with_its_key() {
    let keys = keys();
    let server = serve(&keys);
    for (alg, (name, pem)) in ["ES256", "RS256", "EdDSA"].into_iter().zip(&keys) {
        let key = SigningKey::from_pem(pem).expect("a key");
        for kid in [Some("KEY1234567"), None] {
            let body = json!({ "alg": alg, "key": name, "kid": kid });
            let answer = sign(&server, &without_nulls(body));
            assert_eq!(answer.status, 200, "{alg}: {answer:?}");
            let answer = answer.json();
            let token = answer["jwt"].as_str().expect("a token");
            let kid = kid.unwrap_or(key.kid());
            assert_eq!(
                header(token),
                json!({ "alg": alg, "kid": kid, "typ": "JWT" })
            );
            let public = key.public().expect("a public key");
            let jws = Jws::parse(token).expect("a token");
            assert!(jws.verify(&public).is_ok(), "{alg}: {token}");
        }
    }
    let body = json!({ "alg": "HS256", "key": "hs256", "kid": "shared", "typ": "custom+jwt" });
    let answer = sign(&server, &body).json();
    let token = answer["jwt"].as_str().expect("a token");
    let known = json!({ "alg": "HS256", "kid": "shared", "typ": "custom+jwt" });
    assert_eq!(header(token), known);
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let expected = URL_SAFE_NO_PAD.encode(hmac(SECRET.as_bytes(), signed.as_bytes()));
    assert_eq!(signature, expected);
}

fn without_nulls(mut body: Value) -> Value {
    let members = body.as_object_mut().expect("an object");
    members.retain(|_, value| !value.is_null());
    body
}

#[test]
fn a_key_of_another_algorithm_signs_nothing() {
    let keys = keys();
    let server = serve(&keys);
    for (alg, key) in [
        ("RS256", "es256"),
        ("ES256", "rs256"),
        ("ES256", "eddsa"),
        ("EdDSA", "hs256"),
        ("RS512", "rs256"),
        ("none", "es256"),
        ("HS256", "short"),
        ("hs256", "hs256"),
    ] {
        let answer = sign(&server, &json!({ "alg": alg, "key": key }));
        assert_eq!(answer.status, 400, "{alg} with {key}: {answer:?}");
        let said = answer.json();
        let said = said["error_description"].as_str().expect("a reason");
        assert!(said.contains("PEM") || said.contains("32 bytes"), "{said}");
    }
    let log = server.log();
    for (_, pem) in &keys {
        let middle = pem.lines().nth(1).expect("a line of it");
        assert!(!log.contains(middle), "a key is in {log}");
    }
    assert!(!log.contains(SECRET), "a secret is in {log}");
}

#[test]
fn a_key_that_is_none_keeps_the_server_from_starting() {
    let folder = project(JOURNEYS);
    for (bad, kept) in [
        ("hunter2", "hunter2"),
        (
            "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----",
            "MHcCAQEE",
        ),
    ] {
        let data = tempfile::tempdir().expect("a folder");
        let output = command(folder.path(), free_port(), data.path())
            .env("JOURNEY_SECRET_ES256", bad)
            .envs(
                ["RS256", "EDDSA", "HS256", "SHORT"].map(|n| (format!("JOURNEY_SECRET_{n}"), "x")),
            )
            .output()
            .expect("the server ends");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success());
        let why = said.contains("secret es256") && said.contains("BEGIN PRIVATE KEY");
        assert!(why && !said.contains(kept), "{said}");
    }
}
