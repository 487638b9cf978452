//! Client access tokens at the door: only an untouched one of this server and this client lets in.

use super::http::{Answer, request};
use super::server::Server;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn server() -> Server {
    Server::start(Path::new("journeys"))
}

fn knock(server: &Server, token: Option<&str>, client: &str) -> Answer {
    let target = format!("/v1/transactions/validate?clientId={client}");
    let knock = request("POST", &target).json(&serde_json::json!({}));
    match token {
        Some(token) => knock.bearer(token).send(server.address),
        None => knock.send(server.address),
    }
}

#[test]
fn refusals_all_look_the_same() {
    let server = server();
    let (client, _) = server.client();
    let good = server.token();
    assert_eq!(
        knock(&server, Some(&good), &client).status,
        400,
        "a good token is let in, and the empty body refused"
    );
    let parts: Vec<&str> = good.split('.').collect();
    let unsigned = format!("{}.{}.", parts[0], parts[1]);
    let none = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    let swapped = format!("{}.{}A.{}", parts[0], parts[1], parts[2]);
    let stranger = self::server().token();
    let long = "a".repeat(9_000);
    let refused: [(&str, Option<&str>, &str); 8] = [
        ("missing", None, &client),
        ("not a token", Some("hello"), &client),
        ("without a signature", Some(&unsigned), &client),
        ("alg none", Some(&none), &client),
        ("changed claims", Some(&swapped), &client),
        ("of another server", Some(&stranger), &client),
        ("of another client", Some(&good), "someone-else"),
        ("too long", Some(&long), &client),
    ];
    for (what, token, client) in refused {
        let answer = knock(&server, token, client);
        assert_eq!(answer.status, 401, "{what}: {answer:?}");
        assert!(
            answer
                .header("www-authenticate")
                .is_some_and(|v| v.starts_with("Bearer")),
            "{what}: {answer:?}"
        );
        assert_eq!(answer.json()["code"], "unauthorized", "{what}: {answer:?}");
    }
}

#[test]
fn the_token_endpoint_refuses_wrong_secrets() {
    let server = server();
    let (client, secret) = server.client();
    let ask = |form: &str| {
        request("POST", "/oidc/token")
            .form(form)
            .send(server.address)
    };
    let wrong = ask(&format!(
        "grant_type=client_credentials&client_id={client}&client_secret=wrong"
    ));
    assert_eq!(
        (wrong.status, wrong.json()["error"].as_str()),
        (401, Some("invalid_client"))
    );
    let grant = ask(&format!(
        "grant_type=password&client_id={client}&client_secret={secret}"
    ));
    assert_eq!(
        (grant.status, grant.json()["error"].as_str()),
        (400, Some("unsupported_grant_type"))
    );
    assert_eq!(wrong.header("cache-control"), Some("no-store"));
}

#[test]
fn discovery_and_keys_are_public() {
    let server = server();
    let discovery = request("GET", "/.well-known/openid-configuration")
        .send(server.address)
        .json();
    let own = format!("http://{}", server.address);
    assert_eq!(discovery["issuer"], own.as_str());
    assert_eq!(discovery["jwks_uri"], format!("{own}/oidc/jwks").as_str());
    let keys = request("GET", "/oidc/jwks").send(server.address);
    assert_eq!(keys.json()["keys"][0]["use"], "sig");
    assert!(!keys.body.contains("\"d\""), "no private part");
}

#[test]
fn the_data_folder_is_private() {
    let server = server();
    let folder = server.data.path();
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the data folder") {
        let entry = entry.expect("an entry");
        let mode = entry.metadata().expect("its metadata").permissions().mode();
        assert_eq!(
            mode & 0o077,
            0,
            "{} is open to others: {mode:o}",
            entry.path().display()
        );
        files += 1;
    }
    assert!(files >= 2, "keys and clients are kept");
}
