//! A connection whose base an issuer's discovery document names.

use super::http::{Answer, request};
use super::server::{Server, project};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

const JOURNEYS: &str = r#"
config {
  endpoint: string
}
connection idp {
  base config.endpoint
  timeout 5s
  internal
  operation ask(form token: string, form client_id: string, form client_secret: string) POST "/" {
    200 { active: bool, ... }
    401 { error: string, ... }
  }
}
journey ask {
  auth none "a test"
  input {
    body {
      token: string
      client_id: string
      client_secret: string
    }
  }
  answers {
    200 bool
    401
    502 string
  }
  call idp.ask(token: input.token, client_id: input.client_id, client_secret: input.client_secret) as known {
    on 401 { complete 401 }
    on failure as why { complete 502 json why.code }
  }
  complete 200 json known.active
}
"#;

/// Asks about a token of the issuer by way of this endpoint.
fn ask(issuer: &Server, endpoint: &str, secret: &str) -> Answer {
    let project = project(JOURNEYS);
    let data = Arc::new(tempfile::tempdir().expect("a folder"));
    let variables = [("JOURNEY_CONFIG_ENDPOINT", endpoint)];
    let server = Server::on(data, project.path(), &[], &variables);
    let (client, _) = issuer.client();
    let body = json!({ "token": issuer.token(), "client_id": client, "client_secret": secret });
    request("POST", "/journeys/ask")
        .json(&body)
        .send(server.address)
}

#[test]
fn an_endpoint_is_called_where_its_issuer_says() {
    let issuer = Server::start(Path::new("journeys"));
    let (_, secret) = issuer.client();
    let own = format!("http://{}", issuer.address);
    let found = format!("discovery:{own}#introspection_endpoint");
    let answer = ask(&issuer, &found, &secret);
    assert_eq!((answer.status, answer.body.as_str()), (200, "true"));
    assert_eq!(ask(&issuer, &found, "wrong").status, 401);
    let other = format!("http://localhost:{}", issuer.address.port());
    for bad in [
        format!("discovery:{own}#nonesuch"),
        format!("discovery:{own}#grant_types_supported"),
        // It calls itself by another name.
        format!("discovery:{other}#introspection_endpoint"),
        "discovery:http://127.0.0.1:9#introspection_endpoint".to_owned(),
    ] {
        let answer = ask(&issuer, &bad, &secret);
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (502, "\"unavailable\""),
            "{bad}"
        );
    }
}
