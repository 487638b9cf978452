//! `cargo bench --bench state [FOLDER]`: durable steps, reads and opening of the embedded engine, beside SQLite used by hand.
//!
//! A durable step is what a journey does most: a record is compared and set, a task is enqueued, both in one transaction, on
//! the disk before the answer. Both sides run in alternating rounds on one disk, so the ratio is of the same minutes.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on ends")]

#[path = "state/bare.rs"]
mod bare;
#[path = "state/ours.rs"]
mod ours;

use bare::Bare;
use ours::Ours;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Rounds of each side.
const ROUNDS: usize = 5;
/// Length of a round.
const ROUND: Duration = Duration::from_secs(2);
/// Clients at once, each of which waits for its answer.
const CLIENTS: u64 = 64;
/// Records that are stored before opening is measured.
const STORED: u64 = 100_000;
/// Bytes of a record, and of a task.
const BYTES: usize = 300;

/// Somebody who does durable steps.
trait Steps: Send + Sync + 'static {
    /// Writes the record of a client, if it is as that client left it, and a task.
    fn step(&self, client: u64, step: u64) -> impl Future<Output = ()> + Send;
}

#[tokio::main(worker_threads = 2)]
async fn main() {
    let folder = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let folder = folder.unwrap_or_else(|| ".".to_owned());
    let (first, second) = (temporary(&folder), temporary(&folder));
    let ours = Arc::new(Ours::open(first.path()));
    let bare = Arc::new(Bare::open(second.path()));
    let (mut our_rounds, mut bare_rounds) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS as u64 {
        our_rounds.push(steps(&ours, round).await);
        bare_rounds.push(steps(&bare, round).await);
    }
    println!("durable steps, {CLIENTS} clients, median of {ROUNDS} rounds:");
    let (ours_median, bare_median) = (print("journey", our_rounds), print("by hand", bare_rounds));
    println!("  throughput: {:.2} x by hand", ours_median / bare_median);
    println!("point reads: {:.0} a second", ours.reads(ROUND).await);
    opening(&ours, &folder).await;
    println!("on disk: {:.0} MB", ours.megabytes());
}

fn temporary(folder: &str) -> TempDir {
    tempfile::Builder::new()
        .prefix(".bench-state-")
        .tempdir_in(folder)
        .unwrap()
}

/// One round: steps a second, and how long each took.
struct Round {
    per_second: f64,
    p50: Duration,
    p99: Duration,
}

async fn steps<S: Steps>(side: &Arc<S>, round: u64) -> Round {
    let begin = Instant::now();
    let clients = (0..CLIENTS).map(|client| {
        let side = Arc::clone(side);
        tokio::spawn(async move {
            let mut times = Vec::new();
            while begin.elapsed() < ROUND {
                let (started, step) = (Instant::now(), times.len() as u64);
                side.step(client, (round << 32) + step).await;
                times.push(started.elapsed());
            }
            times
        })
    });
    let mut times = Vec::new();
    for client in clients.collect::<Vec<_>>() {
        times.extend(client.await.unwrap());
    }
    times.sort_unstable();
    let at = |part: usize| {
        times
            .get(times.len() * part / 100)
            .copied()
            .unwrap_or_default()
    };
    Round {
        per_second: times.len() as f64 / begin.elapsed().as_secs_f64(),
        p50: at(50),
        p99: at(99),
    }
}

/// The median round.
fn print(side: &str, mut rounds: Vec<Round>) -> f64 {
    rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
    let median = rounds.swap_remove(rounds.len() / 2);
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    println!(
        "  {side}: {:.0} a second, p50 {:.1} ms, p99 {:.1} ms",
        median.per_second,
        millis(median.p50),
        millis(median.p99)
    );
    median.per_second
}

/// Opens what a killed process leaves behind: the file and its log, as they are while the engine is in use.
async fn opening(ours: &Ours, folder: &str) {
    ours.fill(STORED).await;
    let left = temporary(folder);
    for file in ["state.db", "state.db-wal"] {
        copy(ours.folder(), left.path(), file);
    }
    let begin = Instant::now();
    let opened = Ours::open(left.path());
    opened.read(0).await;
    println!(
        "{STORED} records and more, left by a crash: open and read after {:.0} ms",
        begin.elapsed().as_secs_f64() * 1e3
    );
}

fn copy(from: &Path, to: &Path, file: &str) {
    std::fs::copy(from.join(file), to.join(file)).unwrap();
}
