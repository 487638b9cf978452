//! Whither callers are sent, and the second path by which they come.

use super::http::request;
use super::server::{Server, command, free_port, project};

const JOURNEYS: &str = r#"
journey go {
  endpoint GET "/go"
  auth none "a test"
  redirects "https://app.example", config.login
  input {
    query to: string
  }
  answers {
    201
    302
  }
  if input.to.startsWith("new:") {
    complete 201 location input.to.substring(4)
  }
  complete 302 location input.to
}
journey one {
  endpoint GET "/one/{id}"
  auth none "a test"
  input {
    path id: string
  }
  answers {
    200
  }
  complete 200 text input.id
}
config {
  login: url = "https://login.example:8443/path"
}
"#;

#[test]
fn a_redirect_leads_to_a_path_or_to_a_declared_origin() {
    let folder = project(JOURNEYS);
    let server = Server::start(folder.path());
    let table = [
        ("/done?a=b", 302),
        ("https://app.example/x", 302),
        ("https://login.example:8443/elsewhere", 302),
        ("https://login.example/path", 500),
        ("//evil.example", 500),
        ("/%5Cevil.example", 500),
        ("/%09/evil.example", 500),
        ("https://app.example@evil.example", 500),
        ("javascript:alert(1)", 500),
        ("new:https://elsewhere.example/made", 201),
    ];
    for (to, status) in table {
        let answer = request("GET", &format!("/go?to={to}")).send(server.address);
        assert_eq!(answer.status, status, "{to}: {answer:?}");
        assert!(!answer.body.contains("evil"), "{answer:?}");
    }
}

#[test]
fn with_an_application_journeys_have_a_second_path() {
    let folder = project(JOURNEYS);
    let server = Server::with(folder.path(), &["--application", "shop"]);
    let get = |path: &str| request("GET", path).send(server.address).status;
    assert_eq!(get("/ido/api/v2/login/direct/shop/go?clientId=c&to=/"), 302);
    assert_eq!(get("/ido/api/v2/login/direct/other/go?to=/"), 404);
    assert_eq!(
        get("/ido/api/v2/login/direct/shop/one"),
        404,
        "its path has a parameter"
    );
    assert_eq!(get("/go?to=/"), 302);
}

#[test]
fn a_setting_that_is_no_origin_keeps_the_server_from_starting() {
    let folder = project(JOURNEYS);
    let data = tempfile::tempdir().expect("a folder");
    let output = command(folder.path(), free_port(), data.path())
        .env("JOURNEY_CONFIG_LOGIN", "https://")
        .output()
        .expect("the server ends");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        said.contains("redirects") || said.contains("config login"),
        "{said}"
    );
}
