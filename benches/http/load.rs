//! The load: keep-alive connections that each send one request after another from a fixed mix.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a round of load gave.
pub struct Load {
    /// Answers with the expected status.
    pub answers: u64,
    /// How long it took.
    pub elapsed: Duration,
    /// 99 of 100 answers came within this time.
    pub p99: Duration,
}

/// Requests that are sent one after another, each with the status of its answer.
pub type Mix = Vec<(Vec<u8>, u16)>;

/// Loads a server for some time. A wrong status ends the benchmark: a fast wrong answer is worth nothing. With a pace, a
/// connection sends a request in that time on average, and all of them together come as those of independent callers do: at
/// moments that know nothing of each other.
pub fn run(
    address: SocketAddr,
    connections: usize,
    time: Duration,
    mix: &Arc<Mix>,
    pace: Option<Duration>,
) -> Load {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(async {
        let start = Instant::now();
        let tasks: Vec<_> = (0..connections)
            .map(|n| tokio::spawn(connection(address, n, start + time, Arc::clone(mix), pace)))
            .collect();
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await.expect("a connection that lasts"));
        }
        let elapsed = start.elapsed();
        times.sort_unstable();
        Load {
            answers: times.len() as u64,
            elapsed,
            p99: times[times.len() * 99 / 100],
        }
    })
}

async fn connection(
    address: SocketAddr,
    number: usize,
    end: Instant,
    mix: Arc<Mix>,
    pace: Option<Duration>,
) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    let mut times = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    for turn in number.. {
        if let Some(pace) = pace {
            tokio::time::sleep(pace.mul_f64(interval(number, turn))).await;
        }
        let (request, status) = &mix[turn % mix.len()];
        let start = Instant::now();
        stream.write_all(request).await.expect("a sent request");
        let answered = answer(&mut stream, &mut buffer).await;
        assert_eq!(answered, *status, "status of a request of the mix");
        times.push(start.elapsed());
        if Instant::now() >= end {
            break;
        }
    }
    times
}

/// Intervals of mean 1 that are distributed as those between independent events, the same in each run.
fn interval(connection: usize, turn: usize) -> f64 {
    // Multiples of the golden ratio fill the unit interval evenly.
    let part = ((connection * 7_919 + turn) as f64 * 0.618_033_988_749_895).fract();
    -(1.0 - part).ln()
}

/// Reads one whole answer and gives its status.
async fn answer(stream: &mut TcpStream, buffer: &mut [u8]) -> u16 {
    let mut filled = 0;
    loop {
        filled += stream.read(&mut buffer[filled..]).await.expect("an answer");
        let Some(head) = buffer[..filled].windows(4).position(|w| w == b"\r\n\r\n") else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head]).expect("a head of text");
        let length = text.lines().find_map(|l| {
            l.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        });
        if filled
            >= head
                + 4
                + length
                    .expect("a content length")
                    .parse::<usize>()
                    .expect("a number")
        {
            return text[9..12].parse().expect("a status");
        }
    }
}

/// 8 × allowed, 1 × refused for want of a second factor, 1 × invalid: the currency is missing.
pub fn mix() -> Mix {
    let mut mix: Mix = (0..8)
        .map(|n| (request(&body(n, 250.5, true, true)), 200))
        .collect();
    mix.push((request(&body(8, 5000.0, false, true)), 403));
    mix.push((request(&body(9, 250.5, true, false)), 400));
    mix
}

fn body(n: usize, amount: f64, mfa: bool, currency: bool) -> String {
    let currency = if currency { r#""currency":"EUR","# } else { "" };
    format!(
        r#"{{"transaction":{{"id":"txn-7f3a91c2-{n:04}","amount":{amount:?},{currency}"country":"DE","ts":1764000000,"mfa":{{"done":{mfa},"ts":1763999700}}}},"user_id":"user-000102938475","session_id":"sess-5f0e1d2c3b4a59687786","correlation_id":"corr-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9","channel":"mobile_app","action_type":"transfer","app_id":"app-payments-eu-1"}}"#
    )
}

fn request(body: &str) -> Vec<u8> {
    let length = body.len();
    format!("POST /w1 HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}").into_bytes()
}
