//! Paths: every one completes, no step is out of reach, every failure is answered, and the slowest fits the deadline.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the few steps it is about: a new one is none of them"
)]

mod failures;
mod kept;
mod latency;
mod order;
mod paths;
mod placement;
mod report;
mod turns;
mod unused;

use crate::ast::File;
use crate::diagnostic::Diagnostics;
use crate::names::{self, Names};
use crate::types::TypeTable;
use turns::Turns;

/// Checks the paths of all journeys.
pub fn check(files: &[File], names: &Names<'_>, types: &TypeTable, out: &mut Diagnostics) {
    let order = order::bottom_up(names, out);
    let turns = Turns::of(&order);
    for decl in names::decls(files) {
        for journey in decl.journeys() {
            paths::check(journey, out);
            placement::check(journey, (names, &turns), out);
        }
    }
    failures::check(names, types, &order, out);
    latency::check(names, types, &order, out);
    kept::check(names, types, &turns, out);
    unused::check(files, names, out);
}
