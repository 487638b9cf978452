//! Uploads as a caller sends them: kept with their record, refused where they do not fit, gone with whatever held them.

use super::http::{Answer, Part, request};
use super::server::{Server, project};
use serde_json::{Value, json};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const JOURNEYS: &str = r#"
store photos {
  record {
    id: string(..64)
    photo: pii blob
    more?: list<blob>
  }
  key id
  retain 1h
}
connection archive {
  base     config.archive
  receives pii
  internal
  operation keep(path id: string, body photo: blob) PUT "/archive/{id}" {
    200 { size: int }
  }
}
config { archive: url }
journey upload {
  endpoint PUT "/photos/{id}"
  auth none "a test"
  input {
    path id: string
    multipart {
      photo: pii blob(..200000, "image/png")
      more?: list<blob(..10)>(..2)
      fail?: bool
    }
  }
  answers { 200 pii { size: int, sha256: string, name?: string } 409 }
  insert photos { id: input.id, photo: input.photo, more?: input.?more } {
    on conflict { complete 409 }
  }
  if input.?fail.orValue(false) && 1 / input.photo.size == 0 && [0][input.photo.size] == 0 {
    complete 409
  }
  complete 200 json { size: input.photo.size, sha256: input.photo.sha256, name?: input.photo.?name }
}
journey download {
  endpoint GET "/photos/{id}"
  auth none "a test"
  input { path id: string }
  answers { 200 404 }
  get photos(id: input.id) as found {
    on missing { complete 404 }
  }
  read blob found.photo as bytes {
    on missing { complete 404 }
  }
  complete 200 bytes bytes
}
journey drop {
  endpoint DELETE "/photos/{id}"
  auth none "a test"
  input { path id: string }
  answers { 204 }
  delete photos(id: input.id) {
    on missing { complete 204 }
  }
  complete 204
}
journey send {
  endpoint POST "/photos/{id}/send"
  auth none "a test"
  input { path id: string }
  answers { 200 { size: int } 404 502 }
  get photos(id: input.id) as found {
    on missing { complete 404 }
  }
  call archive.keep(id: input.id, photo: found.photo) as kept {
    on failure { complete 502 }
  }
  complete 200 json { size: kept.size }
}
"#;

const PATIENCE: Duration = Duration::from_secs(20);

/// Whoever reads a data folder without this key reads no upload.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

struct World {
    project: tempfile::TempDir,
    server: Server,
    archive: TcpListener,
}

fn world() -> World {
    let project = project(JOURNEYS);
    let archive = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = archive.local_addr().expect("its address");
    let config = project.path().join("config.yaml");
    fs::write(&config, format!("archive: http://{address}\n")).expect("the settings");
    let server = Server::with(project.path(), &["--config", &config.display().to_string()]);
    World {
        project,
        server,
        archive,
    }
}

fn png(length: usize) -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    bytes.extend((bytes.len()..length).map(|place| place as u8));
    bytes
}

fn photo<'a>(file: Option<&'a str>, content: &'a [u8]) -> Part<'a> {
    let name = "photo";
    Part {
        name,
        file,
        content,
    }
}

fn put(server: &Server, id: &str, parts: &[Part<'_>]) -> Answer {
    let path = format!("/photos/{id}");
    request("PUT", &path).multipart(parts).send(server.address)
}

fn status(server: &Server, method: &str, path: &str) -> u16 {
    request(method, path).send(server.address).status
}

/// Files of uploads, once there are so many.
fn files(server: &Server, count: usize) -> Vec<Vec<u8>> {
    let begun = Instant::now();
    loop {
        let folder = fs::read_dir(server.data.path().join("blobs")).expect("the folder is there");
        let files = folder.map(|entry| fs::read(entry.expect("an entry").path()));
        let files: Vec<_> = files.filter_map(Result::ok).collect();
        if files.len() == count || begun.elapsed() > PATIENCE {
            assert_eq!(files.len(), count);
            return files;
        }
        sleep(Duration::from_millis(20));
    }
}

fn faults(answer: &Answer) -> Value {
    assert_eq!(answer.status, 400, "{answer:?}");
    answer.json()["errors"].clone()
}

#[test]
fn an_upload_is_kept_with_its_record_sealed_and_goes_with_it() {
    let World { server, .. } = &world();
    for (id, length) in [("a", 8), ("b", 65_536), ("c", 150_000)] {
        let (bytes, path) = (png(length), format!("/photos/{id}"));
        let answer = put(server, id, &[photo(Some("me.png"), &bytes)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["size"], length);
        assert_eq!(answer.json()["name"], "me.png");
        let back = request("GET", &path).send(server.address);
        assert_eq!(back.body, String::from_utf8_lossy(&bytes));
    }
    let sealed = files(server, 3);
    let shown = |file: &Vec<u8>| file.windows(8).any(|window| window == &png(8)[..]);
    assert!(
        !sealed.iter().any(shown),
        "no file can be read without a key"
    );
    let again = put(server, "a", &[photo(None, &png(9))]);
    assert_eq!(again.status, 409, "and its upload is not kept: {again:?}");
    files(server, 3);
    assert_eq!(status(server, "DELETE", "/photos/a"), 204);
    files(server, 2);
    assert_eq!(status(server, "GET", "/photos/a"), 404);
}

#[test]
fn json_brings_uploads_as_base64() {
    let World { server, .. } = &world();
    let body = json!({ "photo": "iVBORw0KGgo=", "more": ["AAEC", "AwQF"] });
    let sent = request("PUT", "/photos/a").json(&body).send(server.address);
    assert_eq!(sent.status, 200, "{sent:?}");
    assert_eq!(sent.json()["size"], 8);
    files(server, 3);
    let wrong = json!({ "photo": "AAEC", "more": ["AAEC", "AwQF", "AAAA"] });
    let sent = request("PUT", "/photos/b")
        .json(&wrong)
        .send(server.address);
    let expected = json!([
        { "place": "body", "pointer": "/more", "detail": "must have at most 2 items" },
        { "place": "body", "pointer": "/photo", "detail": "must be an upload of at most 200000 bytes of type image/png" },
    ]);
    assert_eq!(faults(&sent), expected);
    let forged = json!({ "photo": { "id": "0", "size": 8, "sha256": "", "type": "image/png" } });
    let sent = request("PUT", "/photos/b")
        .json(&forged)
        .send(server.address);
    assert_eq!(faults(&sent)[0]["pointer"], "/photo");
    files(server, 3);
}

#[test]
fn what_does_not_fit_is_refused_and_nothing_is_stored() {
    let World { server, .. } = &world();
    let (fits, large) = (png(10), png(200_001));
    let fault = |parts: &[Part<'_>]| faults(&put(server, "a", parts))[0]["detail"].clone();
    let type_of = "must be an upload of at most 200000 bytes of type image/png";
    assert_eq!(fault(&[photo(Some("a.png"), b"GIF89a")]), type_of);
    assert_eq!(fault(&[photo(Some("a.png"), b"")]), type_of);
    assert_eq!(fault(&[]), "is required");
    assert_eq!(
        fault(&[photo(None, &fits), photo(None, &fits)]),
        "is given twice"
    );
    for name in ["../../etc/passwd", "/etc/passwd", "a\\b.png", "..", "C:/a"] {
        let plain = "has a file name that is no plain name of a file";
        assert_eq!(fault(&[photo(Some(name), &fits)]), plain, "{name}");
    }
    assert_eq!(put(server, "a", &[photo(None, &large)]).status, 413);
    let failed = Part {
        name: "fail",
        file: None,
        content: b"true",
    };
    assert_eq!(put(server, "a", &[photo(None, &fits), failed]).status, 500);
    files(server, 0);
    assert_eq!(status(server, "GET", "/photos/a"), 404);
    assert!(!server.data.path().join("etc").exists());
}

#[test]
fn after_a_crash_kept_uploads_are_there_and_others_are_not() {
    let mut world = world();
    let server = &mut world.server;
    assert_eq!(put(server, "a", &[photo(None, &png(70_000))]).status, 200);
    let left = "0123456789abcdef0123456789abcdef";
    fs::write(server.data.path().join("blobs").join(left), b"left").expect("a file");
    fs::write(server.data.path().join("blobs/README"), b"none of ours").expect("a file");
    server.crash(world.project.path());
    files(server, 2);
    assert!(server.data.path().join("blobs/README").exists());
    let back = request("GET", "/photos/a").send(server.address);
    assert_eq!(back.body, String::from_utf8_lossy(&png(70_000)));
}

#[test]
fn an_operator_deletes_uploads_with_their_records_and_seals_them_anew() {
    let world = world();
    let server = &world.server;
    assert_eq!(put(server, "a", &[photo(None, &png(70_000))]).status, 200);
    assert_eq!(put(server, "b", &[photo(None, &png(10))]).status, 200);
    let before = files(server, 2);
    let data = Arc::clone(&server.data);
    world.server.stop();
    let state = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_journey"));
        command
            .arg("state")
            .args(arguments)
            .arg("--data")
            .arg(data.path());
        let output = command
            .env("JOURNEY_DATA_KEYS", KEY)
            .output()
            .expect("it runs");
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    state(&["rekey"]);
    let exported = state(&["export", "photos", "--reveal"]);
    let lines = data.path().join("lines");
    fs::write(&lines, exported).expect("the lines are written");
    state(&["import", "--replace", &lines.display().to_string()]);
    state(&["delete", "photos", "b"]);
    let blobs = data.path().join("blobs");
    let left: Vec<_> = fs::read_dir(&blobs).expect("the folder").collect();
    assert_eq!(left.len(), 1);
    let sealed = fs::read(left[0].as_ref().expect("an entry").path()).expect("a file");
    assert!(!before.contains(&sealed), "it is sealed anew");
}

#[test]
fn a_call_sends_the_bytes_of_an_upload_under_its_type() {
    let World {
        server, archive, ..
    } = &world();
    assert_eq!(put(server, "a", &[photo(None, &png(70_000))]).status, 200);
    let archive = archive.try_clone().expect("a handle");
    let received = std::thread::spawn(move || {
        let (mut stream, _) = archive.accept().expect("a call");
        let mut all = Vec::new();
        while !all.ends_with(&png(70_000)) {
            let mut piece = [0; 4096];
            let length = stream.read(&mut piece).expect("more");
            all.extend(&piece[..length]);
        }
        let answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 14\r\n\r\n{\"size\":70000}";
        stream.write_all(answer).expect("it is answered");
        String::from_utf8_lossy(&all).into_owned()
    });
    let sent = request("POST", "/photos/a/send").send(server.address);
    assert_eq!(
        (sent.status, sent.json()["size"].as_i64()),
        (200, Some(70_000))
    );
    let received = received.join().expect("it ends").to_lowercase();
    let (head, body) = received.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("put /archive/a http/1.1"), "{head}");
    assert!(head.contains("content-type: image/png\r\n"), "{head}");
    assert!(head.contains("content-length: 70000"), "{head}");
    assert!(!body.is_empty());
}
