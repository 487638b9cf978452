//! A server's own clients and keys in a folder of their own.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use hyper::{Request, StatusCode};
use journey_machine::manifest::Auth;
use journey_machine::program::{Parts, Program};
use journey_machine::schema::Decoder;
use journey_server::auth::{Client, Denied};
use journey_server::authenticate::ClientAuth;
use journey_server::clients::NewClient;
use journey_server::config::StartError;
use journey_server::data::Folder;
use journey_server::issuer::Issuers;
use journey_server::oidc::Endpoint;
use journey_server::request::Head;
use journey_server::settings::Settings;
use journey_server::state::State;
use serde_json::Value;
use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub(crate) const URL: &str = "http://journeys.example";

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A server's clients and keys in a new folder.
pub(crate) struct Own {
    pub(crate) auth: ClientAuth,
    pub(crate) state: State,
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) folder: TempDir,
}

pub(crate) fn open(folder: &Path) -> Result<(ClientAuth, Option<NewClient>), StartError> {
    ClientAuth::open(Arc::new(Folder::open(folder)?), None, URL)
}

pub(crate) fn own() -> Own {
    let folder = tempfile::tempdir().unwrap();
    let (auth, new) = open(folder.path()).unwrap();
    let new = new.unwrap();
    Own {
        auth,
        state: State::temporary().unwrap(),
        id: new.id,
        secret: new.secret.expose().to_owned(),
        folder,
    }
}

/// Adds what `client` says to the clients of a folder.
pub(crate) fn with_client(own: Own, client: Value) -> Own {
    let path = own.folder.path().join("clients.json");
    let mut stored: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    stored["clients"].as_array_mut().unwrap().push(client);
    std::fs::write(&path, stored.to_string()).unwrap();
    drop(own.auth);
    let (auth, new) = open(own.folder.path()).unwrap();
    assert!(new.is_none());
    Own { auth, ..own }
}

pub(crate) fn head(target: &str, headers: &[(&str, &str)]) -> Head {
    let mut request = Request::post(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Head::new(
        request.body(()).unwrap().into_parts().0,
        Ipv4Addr::LOCALHOST.into(),
    )
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: hyper::HeaderMap,
    pub(crate) body: Value,
}

impl Own {
    pub(crate) async fn ask(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        self.ask_at(Endpoint::Token, headers, body).await
    }

    pub(crate) async fn ask_at(
        &self,
        endpoint: Endpoint,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let head = head("/oidc/token", headers);
        let (parts, body) = self
            .auth
            .serve(&self.state, endpoint, &head, body.as_bytes())
            .await
            .into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&body).unwrap(),
        }
    }

    pub(crate) async fn form(&self, body: &str) -> Answer {
        self.ask(&[("content-type", FORM)], body).await
    }

    /// The form of a good request, and what to append.
    pub(crate) async fn post(&self, more: &str) -> Answer {
        let body = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}{more}",
            self.id, self.secret
        );
        self.form(&body).await
    }

    pub(crate) async fn token(&self) -> String {
        self.post("").await.body["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub(crate) async fn call(
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

    pub(crate) async fn bearer(&self, token: &str) -> Result<Client, Denied> {
        let own = Auth::ClientToken { issuer: None };
        self.call(&own, "/a", &[("authorization", &format!("Bearer {token}"))])
            .await
    }
}

pub(crate) fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
