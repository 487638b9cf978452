//! Tests that need more than a case file.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]

mod artifact;
mod bombs;
mod costs;
mod e2e;
mod seen;
mod simulate;
mod snapshot;
mod state;
mod tidy;
mod twin;
mod verified;

#[path = "../harness/machine/assemble.rs"]
mod assemble;
#[path = "../harness/machine/durable.rs"]
mod durable;
#[path = "../harness/machine/cursor.rs"]
mod cursor;
