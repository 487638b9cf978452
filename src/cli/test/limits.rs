//! Rate limits of a case: the same request came before, at the same time.

use super::spec::Case;
use journey_machine::manifest::Journey;
use journey_machine::op::Context;
use journey_machine::policy::rate::Rate;
use journey_machine::program::Program;

/// Is the request of a case one too many, before its input is read (`early`) or behind?
pub(super) fn exceeded(program: &Program, journey: &Journey, case: &Case, early: bool) -> bool {
    let repeated = case.script.repeated.unwrap_or_default();
    let at_once = |used: &journey_machine::manifest::LimitUse| {
        let limit = program.manifest.limits.get(usize::from(used.limit.0));
        limit.map_or(u64::MAX, |limit| Rate::of(limit).at_once())
    };
    journey
        .limits
        .iter()
        .filter(|used| program.uses(used.key, Context::Input) != early)
        .any(|used| repeated >= at_once(used))
}
