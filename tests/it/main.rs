//! Tests that need more than a case file.

mod artifact;
mod bombs;
mod e2e;
mod simulate;
mod tidy;
mod twin;
mod verified;

#[path = "../harness/machine/assemble.rs"]
mod assemble;
#[path = "../harness/machine/cursor.rs"]
mod cursor;
