//! `cargo bench --bench http`: workload W1 served by a journey, beside the same workload written by hand on hyper.
//!
//! Both servers run as processes of their own on one core, the load on another, in alternating rounds, so that the
//! ratio is of the same minutes on the same machine. Throughput says what a caller sees; processor time a request
//! says what it costs, also where the load generator is the slower side.

#![expect(
    unreachable_pub,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a benchmark that cannot go on ends"
)]

#[path = "http/load.rs"]
mod load;
#[path = "http/reference.rs"]
mod reference;
#[path = "http/server.rs"]
mod server;

use server::Server;
use std::sync::Arc;
use std::time::Duration;

/// Rounds of each server.
const ROUNDS: usize = 7;
/// Length of a round.
const ROUND: Duration = Duration::from_secs(2);
/// After its start, before a server counts as idle.
const IDLE: Duration = Duration::from_secs(1);
/// Keep-alive connections.
const CONNECTIONS: usize = 64;

/// One round of one server.
#[derive(Clone, Copy)]
struct Round {
    per_second: f64,
    cpu_micros: f64,
    p99_micros: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(port) = arguments
        .iter()
        .position(|a| a == "--reference")
        .and_then(|i| arguments.get(i + 1))
    {
        return reference::serve(port.parse().expect("a port"));
    }
    server::pin_this_process_to_core(1);
    let mut journey = Server::journey("benches/w1");
    let mut by_hand = Server::reference();
    // What a server does after its start is over, too.
    std::thread::sleep(IDLE);
    println!(
        "idle after start: journey {:.1} MB ready in {} ms",
        journey.resident_megabytes(),
        journey.ready_millis
    );
    println!(
        "idle after start: by hand {:.1} MB ready in {} ms",
        by_hand.resident_megabytes(),
        by_hand.ready_millis
    );
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(round(&mut journey));
        theirs.push(round(&mut by_hand));
    }
    table("journey", &ours);
    table("by hand", &theirs);
    println!(
        "throughput: {:.2} x by hand",
        median(&ours, |r| r.per_second) / median(&theirs, |r| r.per_second)
    );
    println!(
        "processor time a request: {:.2} x by hand",
        median(&ours, |r| r.cpu_micros) / median(&theirs, |r| r.cpu_micros)
    );
}

fn round(server: &mut Server) -> Round {
    let before = server.cpu();
    let mix = Arc::new(load::mix());
    let result = load::run(server.address, CONNECTIONS, ROUND, &mix, None);
    let cpu = server.cpu() - before;
    Round {
        per_second: result.answers as f64 / result.elapsed.as_secs_f64(),
        cpu_micros: cpu.as_secs_f64() * 1e6 / result.answers as f64,
        p99_micros: result.p99.as_secs_f64() * 1e6,
    }
}

fn table(name: &str, rounds: &[Round]) {
    println!(
        "{name}: {:.0} requests/s, {:.2} us of processor time each, p99 {:.0} us",
        median(rounds, |r| r.per_second),
        median(rounds, |r| r.cpu_micros),
        median(rounds, |r| r.p99_micros),
    );
}

fn median(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
