//! Whatever ends a process or stops its writing: what was acknowledged is there, once, and nothing is there by halves.

use super::{child, counter, open, step};
use journey_machine::value::Timestamp;
use journey_server::state::Engine;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

const PLAIN: &str = r#"exec "$0" "$@""#;
/// Files may have 3 MB; writing beyond that is an error of the disk, not the end of the process.
const SMALL: &str = r#"trap "" XFSZ; ulimit -S -f 3000; exec "$0" "$@""#;
const ROUNDS: u64 = 12;
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn killed_at_any_moment_nothing_acknowledged_is_lost_or_done_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = BTreeMap::new();
    for round in 0..ROUNDS {
        let mut child = child::start("state::child::count", folder.path(), PLAIN);
        let lines = lines(&mut child);
        note(&lines.recv_timeout(PATIENCE).unwrap(), &mut acknowledged);
        std::thread::sleep(Duration::from_millis(7 * round * round % 97));
        child.kill().unwrap();
        child.wait().unwrap();
        lines.iter().for_each(|line| note(&line, &mut acknowledged));
        verify(folder.path(), &acknowledged);
    }
    assert!(acknowledged.values().sum::<u64>() >= ROUNDS);
}

#[test]
fn a_disk_that_takes_no_more_refuses_and_works_again_when_it_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = child::start("state::child::fill", folder.path(), SMALL);
    let (lines, mut acknowledged) = (lines(&mut child), BTreeMap::new());
    let refused = said(&lines, "refused", &mut acknowledged);
    assert_eq!(refused, "refused Err(Failed) Failed");
    let limit = [
        "--fsize=unlimited:unlimited",
        "--pid",
        &child.id().to_string(),
    ];
    assert!(
        Command::new("prlimit")
            .args(limit)
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(said(&lines, "again", &mut acknowledged), "again true");
    assert!(child.wait().unwrap().success());
    verify(folder.path(), &acknowledged);
}

fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, lines) = channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        let said = out.lines().map_while(Result::ok);
        said.filter(|line| is_said(line))
            .try_for_each(|line| sender.send(line))
    });
    lines
}

/// The harness of the tests prints lines too.
fn is_said(line: &str) -> bool {
    line.starts_with("refused ") || line.starts_with("again ") || numbers(line).is_some()
}

fn numbers(line: &str) -> Option<(u64, u64)> {
    let (client, number) = line.split_once(' ')?;
    Some((client.parse().ok()?, number.parse().ok()?))
}

fn note(line: &str, acknowledged: &mut BTreeMap<u64, u64>) {
    let (client, number) = numbers(line).unwrap();
    acknowledged.insert(client, number);
}

/// The line that begins so; what was acknowledged before it is noted.
fn said(lines: &Receiver<String>, begin: &str, acknowledged: &mut BTreeMap<u64, u64>) -> String {
    loop {
        let line = lines.recv_timeout(PATIENCE).unwrap();
        if line.starts_with(begin) {
            return line;
        }
        note(&line, acknowledged);
    }
}

/// Each number is what was acknowledged, or one more: the process ended before it could say so. Each step is there once.
fn verify(folder: &Path, acknowledged: &BTreeMap<u64, u64>) {
    let engine = open(folder);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let row = |place| {
        runtime
            .block_on(engine.row(&place, Timestamp::EPOCH))
            .unwrap()
    };
    for (client, said) in acknowledged {
        let counted = row(counter(*client)).unwrap();
        let number = u64::from_be_bytes(counted.data[..].try_into().unwrap());
        assert!(
            number == *said || number == said + 1,
            "{number} after {said}"
        );
        assert_eq!(counted.version, number, "each step was done once");
        assert!((1..=number).all(|n| row(step(*client, n)).is_some_and(|row| row.version == 1)));
        assert_eq!(row(step(*client, number + 1)), None);
    }
}
