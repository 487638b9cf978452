//! What is only in the journal is there until the tables have it.

use super::{commit, get, place, row, settle, write};
use crate::limits::CUT_ROWS;
use crate::state::Memory;
use journey_machine::state::Change;

const PLACE: &str = "people";

fn put(engine: &Memory, data: &[u8]) {
    let put = Change::Put(place(PLACE, 0), row(data));
    write(engine, commit(vec![], vec![put])).unwrap();
}

/// However many rows a journal has, that of a turn written right behind the last cut is none of those to be cut.
#[test]
fn what_is_written_while_the_journal_is_cut_outlives_a_crash() {
    for rows in 0..=2 * CUT_ROWS {
        for cuts in 0..4 {
            let engine = Memory::new().unwrap();
            (0..rows).for_each(|_| put(&engine, b"before"));
            (0..cuts).for_each(|_| settle(&engine, 1));
            put(&engine, b"last");
            let engine = engine.crash();
            let found = get(&engine, &place(PLACE, 0)).unwrap();
            assert_eq!(found.data, b"last", "{rows} rows, {cuts} cuts");
        }
    }
}
