//! The process that writes, and says what was acknowledged. It is this test binary itself, started for one of its tests.

use super::{counter, open, turn};
use journey_machine::value::Timestamp;
use journey_server::state::{Engine, Health, Refused};
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

const FOLDER: &str = "JOURNEY_TEST_STATE";
const CLIENTS: u64 = 8;

/// Starts a test of this module in a process of its own, by way of a shell line that ends with `exec "$0" "$@"`.
pub(super) fn start(test: &str, folder: &Path, shell: &str) -> Child {
    let mut command = Command::new("bash");
    command
        .args(["-c", shell])
        .arg(std::env::current_exe().unwrap());
    command.args([test, "--exact", "--nocapture", "--test-threads=1"]);
    command
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The folder to write in; `None`: this is no such process.
fn folder() -> Option<std::path::PathBuf> {
    let folder = std::env::var_os(FOLDER)?;
    // The harness has begun a line, which would take what is said first.
    say("");
    Some(folder.into())
}

fn say(line: &str) {
    std::io::stdout()
        .write_all(format!("{line}\n").as_bytes())
        .unwrap();
}

/// Many clients count, each its own number, until the process is killed.
#[test]
fn count() {
    let Some(folder) = folder() else { return };
    let engine = Arc::new(open(&folder));
    Runtime::new().unwrap().block_on(async {
        let clients =
            (0..CLIENTS).map(|client| tokio::spawn(count_on(Arc::clone(&engine), client)));
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
    });
}

async fn count_on(engine: Arc<impl Engine + 'static>, client: u64) {
    loop {
        let found = engine
            .row(&counter(client), Timestamp::EPOCH)
            .await
            .unwrap();
        let (stamp, number) = found.map_or((0, 0), |found| (found.stamp, found.version));
        engine
            .commit(turn(client, stamp, number + 1, 100))
            .await
            .unwrap();
        say(&format!("{client} {}", number + 1));
    }
}

/// One client writes until it is refused, says so, and ends when it is not any more.
#[test]
fn fill() {
    let Some(folder) = folder() else { return };
    let engine = open(&folder);
    Runtime::new().unwrap().block_on(async {
        let refused = until(&engine, |done| done.is_err()).await;
        say(&format!("refused {refused:?} {:?}", engine.health()));
        assert_eq!(until(&engine, |done| done.is_ok()).await, Ok(()));
        say(&format!("again {:?}", engine.health() == Health::Ready));
    });
}

async fn until(
    engine: &impl Engine,
    is_it: impl Fn(&Result<(), Refused>) -> bool,
) -> Result<(), Refused> {
    loop {
        let found = engine.row(&counter(0), Timestamp::EPOCH).await.unwrap();
        let (stamp, number) = found.map_or((0, 0), |found| (found.stamp, found.version));
        let done = engine.commit(turn(0, stamp, number + 1, 100_000)).await;
        if done.is_ok() {
            say(&format!("0 {}", number + 1));
        }
        if is_it(&done) {
            return done;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
