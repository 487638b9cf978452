//! A disk without space, as a caller sees it: refused, said by `/readyz`, and all well again when there is some.

use super::http::request;
use super::server::{Server, project};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

const JOURNEYS: &str = r#"
journey keep {
  endpoint POST "/notes/{id}"
  auth none "a test"
  input {
    path id: int
    body { text: string(..300000) }
  }
  answers {
    201
    409
  }
  insert notes { id: input.id, text: input.text } {
    on conflict { complete 409 }
  }
  complete 201
}
journey read {
  endpoint GET "/notes/{id}"
  auth none "a test"
  input { path id: int }
  answers {
    200 { size: int }
    404
  }
  get notes(id: input.id) as note {
    on missing { complete 404 }
  }
  complete 200 json { size: note.text.size() }
}
store notes {
  record { id: int, text: string(..300000) }
  key id
}
"#;
const BYTES: usize = 200_000;
const PATIENCE: Duration = Duration::from_secs(30);

/// A file system of so many bytes, gone with this.
struct Small(Arc<tempfile::TempDir>);

impl Small {
    /// `None`: this process may not make one.
    fn make(size: &str) -> Option<Self> {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let options = format!("size={size}");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "none"]);
        let mounted = mount.arg(folder.path()).output();
        let mounted = mounted.is_ok_and(|output| output.status.success());
        mounted.then_some(Self(folder))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok());
    }
}

fn keep(server: &Server, id: usize) -> u16 {
    let body = json!({ "text": "x".repeat(BYTES) });
    let answer = request("POST", &format!("/notes/{id}")).json(&body);
    answer.send(server.address).status
}

fn size(server: &Server, id: usize) -> serde_json::Value {
    let answer = request("GET", &format!("/notes/{id}")).send(server.address);
    answer.json()["size"].clone()
}

fn ready(server: &Server) -> u16 {
    request("GET", "/readyz").send(server.admin).status
}

/// Fills it up, and makes room again: what lies in the log needs as much room once more before it can begin anew.
fn fill(folder: &Path, server: &Server) -> usize {
    let ballast = folder.join("ballast");
    fs::write(&ballast, vec![0; 8_000_000]).expect("there is space for it");
    let kept = (0..100).take_while(|id| match keep(server, *id) {
        201 => true,
        status => {
            assert_eq!(status, 507);
            false
        }
    });
    let kept = kept.count();
    assert_eq!(ready(server), 503);
    fs::remove_file(ballast).expect("there is space again");
    kept
}

#[test]
fn without_space_it_refuses_and_goes_on_when_there_is_some() {
    let Some(disk) = Small::make("14m") else {
        eprintln!("left out: a full disk. It needs the right to mount a small one.");
        return;
    };
    let project = project(JOURNEYS);
    let mut server = Server::on(Arc::clone(&disk.0), project.path(), &[], &[]);
    let kept = fill(disk.0.path(), &server);
    assert!(kept > 3, "{kept}");
    let begun = Instant::now();
    while ready(&server) != 200 {
        assert!(begun.elapsed() < PATIENCE, "it is ready again");
        sleep(Duration::from_millis(50));
    }
    assert_eq!(keep(&server, kept), 201, "what was refused is not there");
    server.crash(project.path());
    for id in 0..=kept {
        assert_eq!(size(&server, id), BYTES, "{id} of {kept}");
    }
}
