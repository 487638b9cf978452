//! Rate limits, a line each.

use crate::manifest::{Journey, Limit};
use crate::program::Program;
use std::fmt::{self, Formatter};

/// All limits.
pub(super) fn declarations(f: &mut Formatter<'_>, limits: &[Limit]) -> fmt::Result {
    limits.iter().try_for_each(|limit| {
        writeln!(
            f,
            "limit {} rate {} per {} burst {}",
            limit.name, limit.count, limit.per, limit.burst
        )
    })
}

/// What a journey is held to.
pub(super) fn uses(f: &mut Formatter<'_>, program: &Program, journey: &Journey) -> fmt::Result {
    journey.limits.iter().try_for_each(|used| {
        let limit = program.manifest.limits.get(usize::from(used.limit.0));
        let name = limit.map_or("?", |limit| limit.name.as_str());
        writeln!(f, "  limit {name} by {}", program[used.key].name)
    })
}
