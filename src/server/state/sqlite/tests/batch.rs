//! What shares a batch, what a sweep leaves behind, what has failed.

use super::{at, block_on, commit, entry, get, place, row, settle};
use crate::limits::CUT_ROWS;
use crate::state::sqlite::batch::Job;
use crate::state::{Engine, Memory, Refused};
use journey_machine::state::{Change, Commit};

const NAME: u8 = 1;

/// A row whose name no other may have.
fn named(key: u8, expires: Option<i64>) -> Change {
    let mut named = row(b"named");
    named.entries = vec![entry("name", NAME, true)];
    named.expires = expires.map(at);
    Change::Put(place("people", key), named)
}

fn job(change: Change) -> Job {
    Job::Commit(later(change))
}

/// A turn behind the time at which the first row has expired.
fn later(change: Change) -> Commit {
    Commit {
        now: at(6),
        ..commit(vec![], vec![change])
    }
}

/// An engine that has a row in its tables, in memory and in the journal, which is there until 5.
fn passed() -> Memory {
    let engine = Memory::new().unwrap();
    for _ in 0..10 * CUT_ROWS {
        block_on(engine.commit(commit(vec![], vec![named(1, Some(5))]))).unwrap();
    }
    settle(&engine, 1);
    engine
}

#[test]
fn a_name_that_was_taken_over_in_the_batch_of_the_sweep_is_taken() {
    let engine = passed();
    let jobs = [Job::Sweep(at(6)), job(named(2, None)), job(named(1, None))];
    let verdicts = engine.desk().run(&jobs);
    assert_eq!(verdicts, [Ok(1), Ok(0), Err(Refused::Conflict)]);
    assert!(get(&engine, &place("people", 2)).is_some());
}

#[test]
fn what_is_written_in_the_batch_of_the_sweep_stays() {
    for first in [true, false] {
        let engine = passed();
        let mut jobs = vec![job(named(1, None)), Job::Sweep(at(6))];
        if first {
            jobs.reverse();
        }
        engine.desk().run(&jobs);
        settle(&engine, 10);
        let engine = engine.crash();
        assert!(get(&engine, &place("people", 1)).is_some());
    }
}

/// The journal still has the row, which comes back without its name.
#[test]
fn a_crash_behind_a_sweep_gives_no_name_twice() {
    let engine = passed();
    let swept = block_on(engine.sweep(at(6)));
    assert_eq!(swept, Ok(1));
    block_on(engine.commit(later(named(2, None)))).unwrap();
    let engine = engine.crash();
    let again = block_on(engine.commit(later(named(1, None))));
    assert_eq!(again, Err(Refused::Conflict));
}

/// A space whose first turn fails has no number yet, least of all that of another one.
#[test]
fn a_name_whose_number_could_not_be_written_has_none() {
    let engine = Memory::new().unwrap();
    let first = commit(vec![], vec![Change::Put(place("first", 1), row(b"a"))]);
    let other = commit(vec![], vec![Change::Put(place("other", 1), row(b"b"))]);
    fail(&engine, true);
    let failed = block_on(engine.commit(first.clone()));
    assert_eq!(failed, Err(Refused::Failed));
    fail(&engine, false);
    block_on(engine.commit(other)).unwrap();
    assert_eq!(get(&engine, &place("first", 1)), None);
    block_on(engine.commit(first)).unwrap();
    let engine = engine.crash();
    let found = ["first", "other"].map(|space| get(&engine, &place(space, 1)).unwrap().data);
    assert_eq!(found, [b"a", b"b"]);
}

/// From now on nothing can be committed, or all.
fn fail(engine: &Memory, fails: bool) {
    let mut desk = engine.desk();
    let hook = fails.then_some(|| true);
    desk.connection_mut().commit_hook(hook).unwrap();
}
