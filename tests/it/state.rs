//! Durable state as a process leaves it: killed, without space, in the hands of an operator.

mod child;
mod crash;
mod operator;

use journey_machine::state::{Change, Commit, Place, Row, Seen};
use journey_machine::value::Timestamp;
use journey_server::data::Folder;
use journey_server::state::Disk;
use std::path::Path;
use std::sync::Arc;

/// Opens a folder that nobody else uses.
fn open(folder: &Path) -> Disk {
    Disk::open(Arc::new(Folder::open(folder).unwrap())).unwrap()
}

/// The number that a client counts up.
fn counter(client: u64) -> Place {
    place("counter", &[client])
}

/// What it leaves for each step.
fn step(client: u64, number: u64) -> Place {
    place("step", &[client, number])
}

fn place(space: &str, key: &[u64]) -> Place {
    Place {
        space: space.into(),
        key: key.iter().flat_map(|part| part.to_be_bytes()).collect(),
    }
}

/// Counts from the row as it was seen to `number`, and leaves a row of so many bytes.
fn turn(client: u64, seen: u64, number: u64, bytes: usize) -> Commit {
    let row = |data| Row {
        data,
        record: None,
        entries: Vec::new(),
        expires: None,
    };
    let (counter, step) = (counter(client), step(client, number));
    Commit {
        now: Timestamp::EPOCH,
        seen: vec![Seen::Row(counter.clone(), seen), Seen::Row(step.clone(), 0)],
        changes: vec![
            Change::Put(counter, row(number.to_be_bytes().to_vec())),
            Change::Put(step, row(vec![7; bytes])),
        ],
    }
}
