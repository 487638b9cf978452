//! `journey serve` as a process, on free ports, with a data folder of its own.

use super::http::request;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::ops::Range;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tempfile::TempDir;

/// Time a server may take to be ready: generous, for machines under load.
const READY: Duration = Duration::from_secs(30);

/// Where it logs, in its data folder.
const LOG: &str = "test.log";

/// A running server.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) admin: SocketAddr,
    /// What it printed until it was ready.
    pub(crate) printed: String,
    pub(crate) data: Arc<TempDir>,
    setup: Setup,
    child: Child,
}

/// What it is started with beside its project.
#[derive(Clone, Default)]
struct Setup {
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
}

impl Setup {
    fn new(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self {
            arguments: arguments.iter().copied().map(str::to_owned).collect(),
            variables: variables.iter().map(owned).collect(),
        }
    }
}

impl Server {
    /// Serves a project; its external systems are stood in for by the server itself.
    pub(crate) fn start(project: &Path) -> Self {
        Self::with(project, &[])
    }

    /// Serves a project with further arguments.
    pub(crate) fn with(project: &Path, arguments: &[&str]) -> Self {
        let data = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::on(data, project, arguments, &[])
    }

    /// Serves a project on a data folder that another server has left.
    pub(crate) fn on(
        data: Arc<TempDir>,
        project: &Path,
        arguments: &[&str],
        variables: &[(&str, &str)],
    ) -> Self {
        Self::began(data, project, free_port(), Setup::new(arguments, variables))
    }

    fn began(data: Arc<TempDir>, project: &Path, address: SocketAddr, setup: Setup) -> Self {
        let admin = free_port();
        let (child, printed) = spawn(project, [address, admin], data.path(), &setup);
        Self {
            address,
            admin,
            printed,
            data,
            setup,
            child,
        }
    }

    /// Serves a project at an address that others know already, with variables of its environment.
    pub(crate) fn at(project: &Path, address: SocketAddr, variables: &[(&str, &str)]) -> Self {
        let data = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::began(data, project, address, Setup::new(&[], variables))
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.data.path().join(LOG)).expect("a log")
    }

    /// Ends it without warning, as a crash would, and starts it again on its data.
    pub(crate) fn crash(&mut self, project: &Path) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it has ended");
        let addresses = [self.address, self.admin];
        let (child, _) = spawn(project, addresses, self.data.path(), &self.setup);
        self.child = child;
    }

    /// The process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Has it not ended?
    pub(crate) fn lives(&mut self) -> bool {
        self.child.try_wait().expect("its state").is_none()
    }

    /// A token for the development client.
    pub(crate) fn token(&self) -> String {
        let (id, secret) = self.client();
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let answer = request("POST", "/oidc/token")
            .form(&form)
            .send(self.address);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["access_token"]
            .as_str()
            .expect("a token")
            .to_owned()
    }

    /// Id and secret of the development client, as printed.
    pub(crate) fn client(&self) -> (String, String) {
        (self.after("client id"), self.after("client secret"))
    }

    fn after(&self, label: &str) -> String {
        let line = self
            .printed
            .lines()
            .find(|line| line.trim_start().starts_with(label));
        let line = line.unwrap_or_else(|| panic!("no {label} in {}", self.printed));
        line.trim_start()
            .trim_start_matches(label)
            .trim()
            .to_owned()
    }

    /// Asks it to stop, as an operator would, and says how it ended.
    pub(crate) fn stop(mut self) -> std::process::ExitStatus {
        let pid = self.child.id().to_string();
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .expect("kill runs");
        self.child.wait().expect("the server ends")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a process that listens at these addresses, and waits until it is ready.
fn spawn(
    project: &Path,
    [address, admin]: [SocketAddr; 2],
    data: &Path,
    setup: &Setup,
) -> (Child, String) {
    let log = File::options()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(data.join(LOG));
    let mut child = command(project, address, data)
        .args(["--admin", &admin.to_string()])
        .args(&setup.arguments)
        .envs(setup.variables.iter().cloned())
        .stdout(Stdio::piped())
        .stderr(log.expect("a file"))
        .spawn()
        .expect("the server starts");
    let printed = until_ready(&mut child, &address.to_string());
    (child, printed)
}

/// `journey serve`.
pub(crate) fn command(project: &Path, address: SocketAddr, data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_journey"));
    command
        .arg("serve")
        .arg(project)
        .args(["--listen", &address.to_string()])
        .arg("--data")
        .arg(data);
    command
}

/// A project of one file.
pub(crate) fn project(text: &str) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("a.journey"), text).expect("the project is written");
    folder
}

/// A port nobody listens on. It is not one of those the system gives to whoever connects (from 32768 on Linux): one of
/// them might be taken by a client before the server is there.
pub(crate) fn free_port() -> SocketAddr {
    const PORTS: Range<u16> = 20_000..32_000;
    static DRAWN: AtomicU32 = AtomicU32::new(0);
    loop {
        // Other runs of the tests begin elsewhere.
        let drawn = DRAWN.fetch_add(1, Ordering::Relaxed);
        let place = std::process::id().wrapping_mul(101).wrapping_add(drawn);
        let place = place % u32::try_from(PORTS.len()).expect("a few ports");
        let port = PORTS.start + u16::try_from(place).expect("a port");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}

/// Reads what it prints until it says that it serves.
fn until_ready(child: &mut Child, address: &str) -> String {
    let stdout = child.stdout.take().expect("its output");
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // The channel closes when the test is over; the server's output is read on, or it would block.
        BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .for_each(|line| drop(send.send(line)));
    });
    let mut printed = String::new();
    loop {
        let line = receive
            .recv_timeout(READY)
            .unwrap_or_else(|_| panic!("not ready: {printed}"));
        printed.push_str(&line);
        printed.push('\n');
        if line.starts_with("ready") && line.contains(address) {
            return printed;
        }
    }
}
