//! Killed at its system calls: one by one those that make something durable, and the one that says so to whoever waits.
//!
//! `strace` kills the server as it enters the N-th of them, on one of its threads. Whatever was acknowledged is there after a
//! restart, and its task has done its work once; what a client saw on the outside is the log of a receiver.
//!
//! A run of all numbers takes many minutes: some of them are tried here, all of them with `JOURNEY_KILLS=all`.

use super::http::request;
use super::receiver::Receiver;
use super::server::{Server, command, free_port, project};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const JOURNEYS: &str = r#"
journey open {
  endpoint POST "/orders/{id}"
  auth none "a test"
  input { path id: string }
  answers {
    201
    409
  }
  insert orders { id: input.id, told: 0 } {
    on conflict { complete 409 }
  }
  start tell(id: input.id) key input.id
  complete 201
}
journey read {
  endpoint GET "/orders/{id}"
  auth none "a test"
  input { path id: string }
  answers {
    200 { told: int }
    404
  }
  get orders(id: input.id) as order {
    on missing { complete 404 }
  }
  complete 200 json { told: order.told }
}
task tell(id: string) {
  call receiver.send(id: id)
  sleep 1ms
  get orders(id: id) as order {
    on missing { return }
  }
  update orders(id: id) { told: order.told + 1 } {
    on missing { return }
  }
}
store orders {
  record { id: string(..64), told: int }
  key id
}
connection receiver {
  base config.receiver_url
  internal
  operation send(id: string) POST "/told" { 204 }
}
config { receiver_url: url }
"#;

const CALLS: &str =
    "write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat";
/// Those that are tried unless all are.
const SOME: [u32; 12] = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233];
/// Orders of one run.
const ORDERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(30);

/// The numbers of calls at which a thread is killed.
fn numbers() -> Box<dyn Iterator<Item = u32>> {
    if std::env::var("JOURNEY_KILLS").is_ok_and(|which| which == "all") {
        return Box::new(1..);
    }
    eprintln!("left out: all calls but the {SOME:?}th; JOURNEY_KILLS=all tries every one");
    Box::new(SOME.into_iter())
}

/// Can calls be stopped here? Where a build may install what it needs, it does.
fn can_trace() -> bool {
    let works = || {
        let mut strace = Command::new("strace");
        let traced = strace.args(["-qq", "-o", "/dev/null", "-e", "trace=fsync", "true"]);
        traced.status().is_ok_and(|status| status.success())
    };
    if !works() && std::env::var_os("CI").is_some() {
        let install = "apt-get update -qq && apt-get install -qq -y strace";
        // Whether that went well shows below.
        let _ = Command::new("sh").args(["-c", install]).output();
    }
    let can = works();
    if !can {
        eprintln!(
            "left out: kills at system calls. They need strace (apt-get install strace) and the right to trace."
        );
    }
    can
}

fn trace(number: u32) -> Vec<String> {
    let inject = format!("inject={CALLS}:signal=KILL:when={number}");
    let trace = format!("trace={CALLS}");
    ["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject]
        .map(str::to_owned)
        .into()
}

/// The world of a test: a receiver, and a project that calls it.
struct World {
    receiver: Receiver,
    project: TempDir,
    /// What was acknowledged, and what nobody knows of.
    orders: BTreeMap<String, bool>,
}

impl World {
    fn new() -> Self {
        let (receiver, project) = (Receiver::start(|_, _| 204), project(JOURNEYS));
        let config = json!({ "receiver_url": receiver.url() }).to_string();
        fs::write(project.path().join("config.json"), config).expect("its settings are written");
        Self {
            receiver,
            project,
            orders: BTreeMap::new(),
        }
    }

    fn config(&self) -> String {
        let config = self.project.path().join("config.json");
        config.to_str().expect("its path").to_owned()
    }

    fn serve(&self) -> Server {
        Server::with(self.project.path(), &["--config", &self.config()])
    }

    /// Opens orders until it has opened enough, or the server is gone.
    fn open(&mut self, server: &Server) {
        for _ in 0..ORDERS {
            let id = format!("order-{}", self.orders.len());
            let answer = request("POST", &format!("/orders/{id}")).try_send(server.address);
            self.orders.insert(
                id,
                answer.as_ref().is_some_and(|answer| answer.status == 201),
            );
            if answer.is_none() {
                return;
            }
        }
    }

    /// Every order that was acknowledged is there; every one that is there was told of, and counted once.
    fn verify(&self, server: &Server, when: &str) {
        let begun = Instant::now();
        for (id, acknowledged) in &self.orders {
            let read = || request("GET", &format!("/orders/{id}")).send(server.address);
            if read().status == 404 {
                assert!(!acknowledged, "{when}: {id} is lost");
                continue;
            }
            while read().json()["told"] == 0 {
                assert!(begun.elapsed() < PATIENCE, "{when}: {id} is not done");
                sleep(Duration::from_millis(5));
            }
            assert_eq!(read().json()["told"], 1, "{when}: {id}");
        }
        let mut keys: BTreeMap<String, String> = BTreeMap::new();
        for told in self.receiver.deliveries() {
            let key = told.header("idempotency-key").to_owned();
            let id = String::from_utf8_lossy(&told.asked.body).into_owned();
            let first = keys.entry(id).or_insert_with(|| key.clone());
            assert_eq!(*first, key, "{when}: a call that is made again has its key");
        }
        let told = self
            .orders
            .iter()
            .filter(|(_, acknowledged)| **acknowledged);
        assert!(keys.len() >= told.count(), "{when}: {keys:?}");
    }
}

/// Attaches to one thread; `None`: that thread is not there.
fn attach(server: &Server, thread: &str, number: u32) -> Option<Child> {
    let threads = fs::read_dir(format!("/proc/{}/task", server.pid())).expect("its threads");
    let of = threads.flatten().find(|entry| {
        // The system keeps 15 bytes of a name.
        let name = fs::read_to_string(entry.path().join("comm"));
        name.is_ok_and(|name| Some(name.trim_end()) == thread.get(..15).or(Some(thread)))
    })?;
    let mut strace = Command::new("strace");
    strace.args(trace(number).iter().filter(|argument| *argument != "-qq"));
    let strace = strace.arg("-p").arg(of.file_name());
    let mut child = strace.stderr(Stdio::piped()).spawn().expect("strace runs");
    let errors = BufReader::new(child.stderr.take().expect("its errors"));
    let mut lines = errors.lines().map_while(Result::ok);
    let attached = lines.find(|line| line.contains("attached"));
    assert!(attached.is_some(), "strace attaches");
    Some(child)
}

/// Runs until a run was not killed any more; how many were.
fn killed_on(thread: &str, rest: Duration) -> usize {
    let mut world = World::new();
    let mut server = world.serve();
    let mut kills = 0;
    for number in numbers() {
        let mut strace = attach(&server, thread, number).expect("the thread");
        world.open(&server);
        sleep(rest);
        let killed = !server.lives();
        strace.kill().ok();
        strace.wait().expect("strace ends");
        if !killed {
            break;
        }
        kills += 1;
        server.crash(world.project.path());
        world.verify(&server, &format!("killed at call {number} of {thread}"));
    }
    world.verify(&server, thread);
    kills
}

#[test]
fn killed_as_it_writes_nothing_is_lost_or_done_twice() {
    if can_trace() {
        assert!(killed_on("state", Duration::from_millis(100)) > 4);
    }
}

#[test]
fn killed_as_the_log_is_copied_nothing_is_lost_or_done_twice() {
    if can_trace() {
        assert!(killed_on("state-checkpoint", Duration::from_millis(1_200)) > 1);
    }
}

/// Wherever its first start ends, the next one needs nobody's help.
#[test]
fn killed_as_it_starts_it_starts_again() {
    if !can_trace() {
        return;
    }
    let world = World::new();
    for number in numbers() {
        let data = std::sync::Arc::new(tempfile::tempdir().expect("a folder"));
        let plain = command(world.project.path(), free_port(), data.path());
        let mut strace = Command::new("strace");
        strace
            .arg("-f")
            .args(trace(number))
            .arg(plain.get_program());
        strace
            .args(plain.get_args())
            .args(["--config", &world.config()]);
        strace.args(["--admin", &free_port().to_string()]);
        strace.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = strace.process_group(0).spawn().expect("strace runs");
        let printed = BufReader::new(child.stdout.take().expect("its output"));
        let mut lines = printed.lines().map_while(Result::ok);
        let ready = lines.any(|line| line.starts_with("ready"));
        let group = format!("-{}", child.id());
        let ended = Command::new("kill").args(["-KILL", "--", &group]).status();
        assert!(ended.is_ok(), "strace and the server are ended");
        child.wait().expect("it ends");
        let arguments = ["--config", &world.config()];
        let server = Server::on(data, world.project.path(), &arguments, &[]);
        let opened = request("POST", "/orders/first").send(server.address);
        assert_eq!(opened.status, 201, "killed at call {number} of its start");
        if ready {
            return;
        }
    }
}
