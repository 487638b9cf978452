//! A server under test: a process of its own on core 0, watched from outside.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A running server.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the first accepted connection.
    pub ready_millis: u128,
    child: Child,
    _data: tempfile::TempDir,
}

impl Server {
    /// `journey serve` of a project.
    pub fn journey(project: &str) -> Self {
        Self::with(project, |_, _, _| ())
    }

    /// The same with more said, once its port and its data folder are known.
    pub fn with(project: &str, say: impl FnOnce(&mut Command, u16, &Path)) -> Self {
        Self::start(|port, data| {
            let mut command = pinned(env!("CARGO_BIN_EXE_journey"));
            let listen = format!("127.0.0.1:{port}");
            command.args([
                "serve",
                project,
                "--listen",
                &listen,
                "--threads",
                "1",
                "--log",
                "error",
                "--admin",
                "127.0.0.1:0",
            ]);
            command.arg("--data").arg(data);
            say(&mut command, port, data);
            command
        })
    }

    /// The same workload by hand.
    pub fn reference() -> Self {
        let own = std::env::current_exe().expect("the path of this program");
        Self::start(|port, _| {
            let mut command = pinned(own.to_str().expect("a path of text"));
            command.args(["--reference", &port.to_string()]);
            command
        })
    }

    fn start(command: impl FnOnce(u16, &Path) -> Command) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let address = free_port();
        let start = Instant::now();
        let mut command = command(address.port(), data.path());
        let child = command
            .stdout(Stdio::null())
            .spawn()
            .expect("a server that starts");
        while TcpStream::connect(address).is_err() {
            assert!(
                start.elapsed() < Duration::from_secs(10),
                "the server does not listen"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
        Self {
            address,
            ready_millis: start.elapsed().as_millis(),
            child,
            _data: data,
        }
    }

    /// Processor time it has used so far, from `/proc`.
    pub fn cpu(&mut self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))
            .expect("a running server");
        let fields: Vec<&str> = stat
            .rsplit(')')
            .next()
            .expect("fields")
            .split_whitespace()
            .collect();
        let ticks: u64 = fields[11].parse::<u64>().expect("user ticks")
            + fields[12].parse::<u64>().expect("system ticks");
        // Linux counts in hundredths of a second.
        Duration::from_millis(ticks * 10)
    }

    /// Resident memory, from `/proc`.
    pub fn resident_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .expect("a running server");
        let line = status
            .lines()
            .find(|l| l.starts_with("VmRSS:"))
            .expect("resident memory");
        line.split_whitespace()
            .nth(1)
            .expect("a number")
            .parse::<f64>()
            .expect("kilobytes")
            / 1024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|l| l.local_addr())
        .expect("a free port")
}

/// A command on core 0, where the system can do that.
fn pinned(program: &str) -> Command {
    if !has_taskset() {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", "0", program]);
    command
}

/// The load stays off the servers' core.
pub fn pin_this_process_to_core(core: usize) {
    if has_taskset() {
        let pid = std::process::id().to_string();
        let _ = Command::new("taskset")
            .args(["-cp", &core.to_string(), &pid])
            .stdout(Stdio::null())
            .status();
    }
}

fn has_taskset() -> bool {
    Command::new("taskset")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}
