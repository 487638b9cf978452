//! A project that changes under a running server, and servers that must not start.

use super::http::request;
use super::server::{Server, command, free_port};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

fn project(answer: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), answer);
    folder
}

fn write(folder: &Path, answer: &str) {
    let text = format!(
        "journey greet {{\n  endpoint GET \"/greet\"\n  auth none \"a test\"\n  answers {{\n    200\n  }}\n  complete 200 text {answer}\n}}\n"
    );
    fs::write(folder.join("greet.journey"), text).expect("the project is written");
}

fn greet(server: &Server) -> String {
    let answer = request("GET", "/greet").send(server.address);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body
}

/// Asks until the answer is the wanted one; every answer on the way must be a good one.
fn wait_for(server: &Server, wanted: &str) {
    let end = Instant::now() + Duration::from_secs(20);
    while greet(server) != wanted {
        assert!(Instant::now() < end, "still the old project");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_changed_project_is_served() {
    let folder = project("\"one\"");
    let server = Server::start(folder.path());
    assert_eq!(greet(&server), "one");
    write(folder.path(), "\"two\"");
    wait_for(&server, "two");
}

#[test]
fn a_broken_project_keeps_the_old_one() {
    let folder = project("\"one\"");
    let server = Server::start(folder.path());
    write(folder.path(), "nonsense");
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(greet(&server), "one");
    write(folder.path(), "\"three\"");
    wait_for(&server, "three");
}

#[test]
fn missing_settings_are_all_named() {
    let folder = project("config.greeting");
    fs::write(
        folder.path().join("settings.journey"),
        "config {\n  greeting: string\n  other: int\n}\n\nsecret {\n  key\n}\n",
    )
    .expect("written");
    let data = tempfile::tempdir().expect("a folder");
    let output = command(folder.path(), free_port(), data.path())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for name in [
        "JOURNEY_CONFIG_GREETING",
        "JOURNEY_CONFIG_OTHER",
        "JOURNEY_SECRET_KEY",
    ] {
        assert!(text.contains(name), "{name} is not named in {text}");
    }
}

#[test]
fn a_taken_port_is_said_plainly() {
    let folder = project("\"one\"");
    let server = Server::start(folder.path());
    let data = tempfile::tempdir().expect("a folder");
    let output = command(folder.path(), server.address, data.path())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    let address = server.address.to_string();
    for part in [&address, "in use", "`--listen`"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn one_data_folder_one_server() {
    let folder = project("\"one\"");
    let server = Server::start(folder.path());
    let output = command(folder.path(), free_port(), server.data.path())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("another"), "{text}");
}

#[test]
fn sigterm_ends_it_cleanly() {
    let folder = project("\"one\"");
    let server = Server::start(folder.path());
    assert_eq!(greet(&server), "one");
    assert_eq!(server.stop().code(), Some(0));
}
