//! Tests that need more than a case file: fixtures, folders, sockets.

mod artifact;
mod jose;
mod simulate;

#[path = "../harness/machine/assemble.rs"]
mod assemble;
#[path = "../harness/machine/cursor.rs"]
mod cursor;
