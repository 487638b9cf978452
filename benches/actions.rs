//! `cargo bench --bench actions`: client actions. Actions reported with their recommendations, each durable before it is answered; how
//! long a recommendation takes at half of that load, asked for again and with its action; and what a million keys of a rate limit take.
//!
//! The server runs as a process of its own on one core with one thread for requests, the load on another.

#![expect(
    unreachable_pub,
    dead_code,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a benchmark that cannot go on ends; it shares parts with another one"
)]

#[path = "http/load.rs"]
mod load;
#[path = "http/server.rs"]
mod server;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use load::Mix;
use serde_json::{Value, json};
use server::Server;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Rounds, of which the median counts.
const ROUNDS: usize = 5;
/// Length of a round.
const ROUND: Duration = Duration::from_secs(3);
/// Keep-alive connections.
const CONNECTIONS: usize = 128;
/// Users whose actions are reported, each from a device and an address of their own.
const USERS: usize = 2_000;
/// Keys of the rate limit.
const KEYS: usize = 1_000_000;

/// A journey that is limited by what its caller says.
const LIMITED: &str = r#"
limit keys { rate 1 per 1h }
journey limited {
  endpoint GET "/limited"
  auth none "a benchmark"
  limit keys by input.key
  input { query key: string }
  answers { 204 }
  complete 204
}
"#;

fn main() {
    server::pin_this_process_to_core(1);
    actions();
    keys();
}

fn actions() {
    let mut server = Server::with("journeys", |command, _, data| {
        register(data);
        command.args(["--trust-proxy", "127.0.0.1"]);
    });
    let token = token(server.address);
    let reports: Mix = (0..USERS)
        .map(|n| (report(server.address, &token, n), 201))
        .collect();
    let reports = Arc::new(reports);
    let round = |server: &mut Server| {
        let before = server.cpu();
        let load = load::run(server.address, CONNECTIONS, ROUND, &reports, None);
        let cpu = (server.cpu() - before).as_secs_f64() * 1e6 / load.answers as f64;
        (
            load.answers as f64 / load.elapsed.as_secs_f64(),
            cpu,
            load.p99,
        )
    };
    let mut rounds: Vec<_> = (0..ROUNDS).map(|_| round(&mut server)).collect();
    rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (per_second, cpu, p99) = rounds[ROUNDS / 2];
    println!(
        "trigger-action with recommendation: {per_second:.0}/s, {cpu:.1} us of processor time each, p99 {p99:?}"
    );
    let ask = Arc::new(vec![(
        recommendation(server.address, &token, &reports[0].0),
        200,
    )]);
    let pace = Duration::from_secs_f64(CONNECTIONS as f64 * 2.0 / per_second);
    for (what, mix) in [
        ("recommendation", &ask),
        ("trigger-action with recommendation", &reports),
    ] {
        let load = load::run(server.address, CONNECTIONS, ROUND, mix, Some(pace));
        let asked = load.answers as f64 / load.elapsed.as_secs_f64();
        println!("{what} at {asked:.0}/s: p99 {:?}", load.p99);
    }
}

fn keys() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.journey"), LIMITED).expect("a project");
    let project = folder.path().to_str().expect("a path of text");
    let server = Server::journey(project);
    let mix = |from: usize| -> Mix {
        let get = |key| {
            format!("GET /limited?key={key} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
        };
        (from..from + KEYS).map(|key| (get(key), 204)).collect()
    };
    // As much as the server takes by itself under load.
    let connections = 32;
    pass(server.address, connections, &mix(0), 1_000);
    let before = server.resident_megabytes();
    pass(server.address, connections, &mix(KEYS), KEYS);
    println!(
        "{KEYS} keys of a limit: {:.1} MB",
        server.resident_megabytes() - before
    );
}

/// Sends the first requests of a mix once each.
fn pass(address: SocketAddr, connections: usize, mix: &Mix, count: usize) {
    std::thread::scope(|scope| {
        for first in 0..connections {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(address).expect("a connection");
                let mut buffer = [0; 4_096];
                for (request, _) in mix.iter().take(count).skip(first).step_by(connections) {
                    stream.write_all(request).expect("a sent request");
                    let read = stream.read(&mut buffer).expect("an answer");
                    assert!(
                        buffer[..read].starts_with(b"HTTP/1.1 204"),
                        "each key is new"
                    );
                }
            });
        }
    });
}

/// A client whose secret is known.
fn register(data: &Path) {
    let secret = URL_SAFE_NO_PAD.encode(Sha256::digest("secret"));
    let clients =
        json!({ "clients": [{ "id": "shop", "secret_sha256": secret, "resources": ["*"] }] });
    // What others can read is refused.
    let file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(data.join("clients.json"));
    let written = file.and_then(|mut file| file.write_all(clients.to_string().as_bytes()));
    written.expect("clients");
}

fn token(address: SocketAddr) -> String {
    let body = "grant_type=client_credentials&client_id=shop&client_secret=secret&resource=https://risk.identity.security";
    let said = send(
        address,
        &post("/oidc/token", "application/x-www-form-urlencoded", "", body),
    );
    said["access_token"].as_str().expect("a token").to_owned()
}

/// An action of one user, in a session of their device.
fn report(address: SocketAddr, token: &str, user: usize) -> Vec<u8> {
    let begin = json!({ "client_id": "shop", "device_id": format!("device-{user}") }).to_string();
    // Each from an address of its own, as users are.
    let from = format!("X-Forwarded-For: 10.0.{}.{}\r\n", user / 256, user % 256);
    let said = send(
        address,
        &post("/risk/v1/sdk/session", "application/json", &from, &begin),
    );
    let session = said["session_token"].as_str().expect("a session");
    let body = json!({
        "session_token": session,
        "action_type": "transaction",
        "user_id": format!("user-{user}"),
        "correlation_id": "corr-0a1b2c3d",
        "transaction_data": { "amount": 250.5, "currency": "EUR", "type": "purchase" },
    });
    let bearer = format!("Authorization: Bearer {token}\r\n");
    let target = "/risk/v1/action/trigger-action?get_recommendation=true";
    post(target, "application/json", &bearer, &body.to_string())
}

/// The question for the recommendation that a report led to.
fn recommendation(address: SocketAddr, token: &str, report: &[u8]) -> Vec<u8> {
    let said = send(address, report);
    let action = said["action_token"].as_str().expect("an action");
    format!("GET /risk/v1/recommendation?action_token={action} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

fn post(target: &str, media: &str, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {media}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

/// One request on a connection of its own; its answer as JSON.
fn send(address: SocketAddr, request: &[u8]) -> Value {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request).expect("a sent request");
    let mut answer = vec![0; 16 * 1024];
    let read = stream.read(&mut answer).expect("an answer");
    let text = String::from_utf8_lossy(&answer[..read]).into_owned();
    let body = text.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    serde_json::from_str(body).unwrap_or(Value::Null)
}
