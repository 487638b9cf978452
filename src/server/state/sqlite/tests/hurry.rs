//! What memory covers in the tables is looked past; where that is much, the tables follow at once.

use super::{Engine, at, block_on, commit, row, settle};
use crate::limits::SKIPPED_ROWS;
use crate::state::Memory;
use journey_machine::state::{Change, Key, Place, Range};
use journey_machine::value::Str;

const ROWS: u16 = 1_001;

fn puts(space: &'static str) -> Vec<Change> {
    let put = |place| Change::Put(place, row(b"a"));
    places(space).map(put).collect()
}

fn places(space: &'static str) -> impl Iterator<Item = Place> {
    (0..ROWS).map(move |key| Place {
        space: Str::new_static(space),
        key: key.to_be_bytes().to_vec(),
    })
}

fn write(engine: &Memory, changes: Vec<Change>) {
    block_on(engine.commit(commit(vec![], changes))).unwrap();
}

fn unsettled(engine: &Memory) -> usize {
    engine.desk().shared().read().unsettled_bytes()
}

#[test]
fn looking_past_many_outdated_rows_brings_the_tables_up_to_date() {
    assert!(usize::from(ROWS) > SKIPPED_ROWS);
    let others = Memory::new().unwrap();
    write(&others, puts("others"));

    let engine = Memory::new().unwrap();
    write(&engine, puts("things"));
    settle(&engine, ROWS.into());
    write(&engine, places("things").map(Change::Delete).collect());
    let all = Range {
        space: Str::new_static("things"),
        index: None,
        from: Key::new(),
        to: None,
        descending: false,
        max: 10,
    };
    assert_eq!(block_on(engine.range(&all, at(0))).unwrap(), []);
    write(&engine, puts("others"));
    // Nothing of the things waits any more.
    assert_eq!(unsettled(&engine), unsettled(&others));
    assert_eq!(block_on(engine.range(&all, at(0))).unwrap(), []);
}
