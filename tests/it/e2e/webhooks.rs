//! Webhooks as a receiver sees them: signed, with one id over all attempts, sent until they are accepted, whatever crashes.

use super::http::request;
use super::receiver::{Delivery, Receiver};
use super::server::{self, Server};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const JOURNEYS: &str = r#"
journey finish {
  endpoint POST "/finish"
  auth none "a test"
  input { body { event: string } }
  answers { 202 }
  start tell(event: input.event) key input.event
  start tell_plainly(event: input.event)
  complete 202
}
task tell(event: string) {
  attempts 4 after 50ms, 100ms, 150ms
  call receiver.send(event_id: event, body: { event: event, amount: 1.5, name: "Zoë" })
}
task tell_plainly(event: string) {
  attempts 1
  call receiver.plain(body: { event: event })
}
connection receiver {
  base config.receiver_url
  auth bearer secret.receiver_token
  signature hmac_sha256 secret.webhook_keys
  internal
  operation send(header event_id: string from "webhook-id", body body: { event: string, amount: double, name: string }) POST "/hooks" {
    204
  }
  operation plain(body body: { event: string }) POST "/plain" { 204 }
}
config { receiver_url: url }
secret {
  receiver_token
  webhook_keys
}
"#;

/// Two keys, as while one takes the other's place: in base64, and as text.
const KEYS: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw a-key-of-twenty-four-bytes";

/// Time a delivery may take: generous, for machines under load.
const DONE: Duration = Duration::from_secs(30);

fn project(receiver: &Receiver) -> tempfile::TempDir {
    let folder = server::project(JOURNEYS);
    let config = json!({ "receiver_url": receiver.url() }).to_string();
    fs::write(folder.path().join("config.json"), config).expect("its settings are written");
    folder
}

fn serve(project: &Path, data: Option<Arc<TempDir>>) -> Server {
    let data = data.unwrap_or_else(|| Arc::new(tempfile::tempdir().expect("a folder")));
    let config = project.join("config.json");
    let arguments = ["--config", config.to_str().expect("its path")];
    let secrets = [
        ("JOURNEY_SECRET_RECEIVER_TOKEN", "t0ken"),
        ("JOURNEY_SECRET_WEBHOOK_KEYS", KEYS),
    ];
    Server::on(data, project, &arguments, &secrets)
}

fn finish(server: &Server, event: &str) {
    let body = json!({ "event": event });
    let answer = request("POST", "/finish").json(&body).send(server.address);
    assert_eq!(answer.status, 202, "{answer:?}");
}

/// All that has come to a path, once there is so much.
fn delivered(receiver: &Receiver, path: &str, count: usize) -> Vec<Delivery> {
    let begun = Instant::now();
    loop {
        let all = receiver.deliveries().into_iter();
        let all: Vec<Delivery> = all.filter(|one| one.asked.path == path).collect();
        if all.len() >= count {
            return all;
        }
        assert!(begun.elapsed() < DONE, "{all:?}");
        sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_delivery_is_signed_and_repeated_under_one_id_until_it_is_accepted() {
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/hooks", 0 | 1) => 500,
        _ => 204,
    });
    let project = project(&receiver);
    let mut server = serve(project.path(), None);
    finish(&server, "evt_1");
    delivered(&receiver, "/hooks", 1);
    server.crash(project.path());
    let all = delivered(&receiver, "/hooks", 3);
    assert!(all.iter().all(|one| one.header("webhook-id") == "evt_1"));
    assert!(all.iter().all(|one| one.asked.body == all[0].asked.body));
    for key in KEYS.split(' ') {
        assert!(all.iter().all(|one| one.is_signed_by(key)), "{all:?}");
    }
    let other = "another-key-of-twenty-four-bytes";
    assert!(!all[0].is_signed_by(other));
    sleep(Duration::from_millis(500));
    let last = delivered(&receiver, "/hooks", 3);
    let accepted = last.iter().filter(|one| one.status == 204).count();
    assert_eq!(accepted, 1, "accepted once, it is not sent again: {last:?}");
}

#[test]
fn without_an_id_of_its_own_a_delivery_is_named_by_its_run() {
    let receiver = Receiver::start(|_, _| 204);
    let project = project(&receiver);
    let server = serve(project.path(), None);
    finish(&server, "evt_2");
    let plain = &delivered(&receiver, "/plain", 1)[0];
    assert_eq!(plain.header("webhook-id"), plain.header("idempotency-key"));
    assert!(plain.is_signed_by(KEYS.split(' ').next().expect("a key")));
}

/// What stays undelivered is shown to the operator, and sent again when he says so.
#[test]
fn a_dead_delivery_is_shown_and_retried_by_hand() {
    let receiver = Receiver::start(|path, before| match (path, before) {
        ("/plain", 0) => 500,
        _ => 204,
    });
    let project = project(&receiver);
    let server = serve(project.path(), None);
    finish(&server, "evt_3");
    let first = delivered(&receiver, "/plain", 1)[0].clone();
    delivered(&receiver, "/hooks", 1);
    let data = stopped(server);
    let tasks = |arguments: &[&str]| tasks(data.path(), arguments);
    let dead: serde_json::Value = serde_json::from_str(&tasks(&["list", "--dead"])).expect("a run");
    assert_eq!(
        (&dead["task"], &dead["state"], &dead["attempt"]),
        (&json!("tell_plainly"), &json!("dead"), &json!(1))
    );
    let shown = tasks(&["list", "--dead", "--reveal"]);
    assert!(shown.contains("evt_3") && shown.contains("500"), "{shown}");
    let id = dead["id"].as_str().expect("an id");
    assert_eq!(tasks(&["retry", id]), "");
    assert!(tasks(&["retry", id]).contains("is not dead, it is due"));
    let server = serve(project.path(), Some(Arc::clone(&data)));
    let second = delivered(&receiver, "/plain", 2)[1].clone();
    assert_eq!(first.header("webhook-id"), second.header("webhook-id"));
    assert_eq!(
        (second.status, &second.asked.body),
        (204, &first.asked.body)
    );
    stopped(server);
    assert_eq!(tasks(&["list", "--dead"]), "");
    assert!(tasks(&["list"]).contains(id), "it is remembered for a day");
    assert_eq!(tasks(&["delete", id]), "");
    assert!(!tasks(&["list"]).contains(id));
}

/// The data folder of a server that has ended.
fn stopped(server: Server) -> Arc<TempDir> {
    let data = Arc::clone(&server.data);
    assert!(server.stop().success());
    data
}

/// What `journey state tasks` prints, or says is wrong.
fn tasks(data: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journey"));
    let command = command.args(["state", "tasks"]).args(arguments);
    let output = command.arg("--data").arg(data).output().expect("it runs");
    let printed = if output.status.success() {
        output.stdout
    } else {
        output.stderr
    };
    String::from_utf8(printed).expect("text")
}
