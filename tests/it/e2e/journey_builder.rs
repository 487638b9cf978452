//! Identity verification as a backend would do it: over real sockets, with a receiver of events, and a process that is killed.

use super::http::{Answer, Part, Request, request};
use super::server::Server;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Time the background may take: generous, for machines under load.
const PATIENCE: Duration = Duration::from_secs(60);

/// A PNG of one pixel.
const PIXEL: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\xdach\x00\x00\x00\x82\x00\x81\xdaE\x08;\x00\x00\x00\x00IEND\xaeB`\x82";

/// Events as their receiver has seen them.
type Events = Arc<Mutex<Vec<Value>>>;

struct World {
    server: Server,
    events: Events,
    client: (String, String),
}

fn journeys() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/journeys"))
}

fn world() -> World {
    let receiver = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = receiver.local_addr().expect("its address");
    let events = Events::default();
    let seen = Arc::clone(&events);
    std::thread::spawn(move || receive(&receiver, &seen));
    let data = Arc::new(tempfile::tempdir().expect("a folder"));
    let url = format!("http://{address}");
    let variables = [
        ("JOURNEY_CONFIG_BUILDER_WEBHOOK_URL", url.as_str()),
        ("JOURNEY_CONFIG_BUILDER_WEBHOOK_AUTH", "bearer"),
        ("JOURNEY_CONFIG_BUILDER_WEBHOOK_CREDENTIAL", "hunter2"),
    ];
    let server = Server::on(data, journeys(), &[], &variables);
    World {
        client: server.client(),
        server,
        events,
    }
}

/// Accepts every event that carries the credential.
fn receive(receiver: &TcpListener, seen: &Events) {
    for stream in receiver.incoming() {
        let mut stream = stream.expect("a connection");
        let mut lines = BufReader::new(stream.try_clone().expect("a handle"));
        let (mut length, mut known) = (0, false);
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).unwrap_or(0) <= 2 {
                break;
            }
            let line = line.trim().to_ascii_lowercase();
            known |= line == "authorization: bearer hunter2";
            if let Some(value) = line.strip_prefix("content-length: ") {
                length = value.parse().expect("a number");
            }
        }
        let mut body = vec![0; length];
        if lines.read_exact(&mut body).is_ok() && known {
            let event = serde_json::from_slice(&body).expect("JSON");
            seen.lock().expect("the events").push(event);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            // The sender may have been killed.
            let _ = stream.write_all(answer);
        }
    }
}

impl World {
    fn call(&self, request: Request) -> Answer {
        let (id, secret) = &self.client;
        request.basic(id, secret).send(self.server.address)
    }

    fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(request("POST", path).json(body))
    }

    fn get(&self, call: &str, journey: &str) -> Answer {
        self.call(request("GET", &format!("/v2/{call}?journey_id={journey}")))
    }

    fn start(&self, flow: &str) -> String {
        let body = json!({ "flow_id": flow, "reference_no": "applicant-1" });
        let answer = self.post("/v2/start-journey", &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["journey_id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }

    fn submit(&self, journey: &str, step: &str) -> Answer {
        let part = |name, file, content| Part {
            name,
            file,
            content,
        };
        let parts = [
            part("journey_id", None, journey.as_bytes()),
            part("step_id", None, step.as_bytes()),
            part("image", Some("front.png"), PIXEL),
        ];
        self.call(request("POST", "/v2/process-journey-step").multipart(&parts))
    }

    fn complete(&self, journey: &str) -> Answer {
        self.post("/v2/complete-journey", &json!({ "journey_id": journey }))
    }

    /// The result, once nothing is under way.
    fn result(&self, journey: &str) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.get("get-journey-result", journey);
            assert_eq!(answer.status, 200, "{answer:?}");
            let result = answer.json();
            if result["system_decision"] != "Incomplete" {
                return result;
            }
            assert!(begun.elapsed() < PATIENCE, "{result}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Ids of the events of a kind about a journey, once there are so many.
    fn told(&self, event: &str, journey: &str, count: usize) -> BTreeSet<String> {
        let begun = Instant::now();
        loop {
            let events = self.events.lock().expect("the events").clone();
            let of_it =
                |told: &&Value| told["event"] == event && told["body"]["journeyId"] == journey;
            let ids = events
                .iter()
                .filter(of_it)
                .map(|told| told["body"]["eventId"].to_string());
            let ids: BTreeSet<String> = ids.collect();
            if ids.len() >= count || begun.elapsed() > PATIENCE {
                assert_eq!(ids.len(), count, "{events:?}");
                return ids;
            }
            sleep(Duration::from_millis(50));
        }
    }

    fn uploads(&self) -> usize {
        let folder = self.server.data.path().join("blobs");
        std::fs::read_dir(folder).expect("the folder").count()
    }
}

#[test]
fn from_the_start_to_what_is_left_when_it_is_erased() {
    let world = world();
    let journey = world.start("id-and-selfie");
    assert_eq!(world.get("get-journey-result", &journey).status, 409);
    for step in ["0", "1"] {
        assert_eq!(
            world.submit(&journey, step).json(),
            json!({ "success": true })
        );
    }
    assert_eq!(world.get("get-journey-summary", &journey).status, 200);
    let again = world.get("get-journey-summary", &journey);
    assert_eq!(
        (again.status, again.header("retry-after")),
        (429, Some("2"))
    );
    assert_eq!(again.json()["error_code"], "rate_limited");
    assert_eq!(world.complete(&journey).status, 200);
    assert_eq!(
        world.submit(&journey, "0").json()["error_code"],
        "journey_completed"
    );
    let result = world.result(&journey);
    assert_eq!(result["system_decision"], "Refer");
    let checks = &result["documents"]["0"]["validation_result"]["validation_checks"];
    assert_eq!(checks[0]["name"], "resolution");
    assert_eq!(checks[0]["result"], "Failed");
    world.told("Finished Step", &journey, 2);
    world.told("Finished Journey", &journey, 1);
    let decision = json!({ "journey_id": journey, "decision": "Approved" });
    assert_eq!(world.post("/v2/manual-decision", &decision).status, 200);
    assert_eq!(world.result(&journey)["final_decision"], "Approved");
    world.told("Manual review", &journey, 1);
    assert_eq!(world.uploads(), 2);
    let erase = || world.call(request("DELETE", &format!("/journey/{journey}")));
    assert_eq!(erase().status, 200);
    assert_eq!(world.uploads(), 0);
    assert_eq!(erase().json()["error_code"], "journey_not_found");
}

#[test]
fn whoever_is_not_known_learns_so_in_the_shape_of_the_api() {
    let world = world();
    let body = json!({ "flow_id": "document", "reference_no": "a" });
    let nobody = request("POST", "/v2/start-journey").json(&body);
    let answer = nobody.send(world.server.address);
    assert_eq!(answer.status, 401);
    let expected = json!({ "success": false, "message": "Valid credentials are required.", "error_code": "invalid_credentials" });
    assert_eq!(answer.json(), expected);
    let wrong = world
        .post("/v2/start-journey", &json!({ "flow_id": 1 }))
        .json();
    assert_eq!(
        (wrong["success"].as_bool(), &wrong["error_code"]),
        (Some(false), &json!("invalid_input"))
    );
}

#[test]
fn what_was_answered_is_processed_once_whenever_the_process_is_killed() {
    let mut world = world();
    let mut journeys = Vec::new();
    for round in 0..4_u64 {
        let journey = world.start("document");
        assert_eq!(world.submit(&journey, "0").status, 200);
        sleep(Duration::from_millis(13 * round * round));
        world.server.crash(self::journeys());
        journeys.push(journey);
    }
    for journey in &journeys {
        assert_eq!(world.complete(journey).status, 200);
        let result = world.result(journey);
        assert_eq!(
            result["documents"]["0"]["progress"], "Completed",
            "{result}"
        );
        world.told("Finished Step", journey, 1);
        world.told("Finished Journey", journey, 1);
    }
    assert_eq!(world.uploads(), journeys.len());
}
