//! What ends a turn, and what sleeps: of steps, and of sub-journeys by the steps in them.

use super::order;
use crate::ast::{Journey, JourneyKind, Step, StepKind};
use std::collections::BTreeSet;

/// Sub-journeys that end a turn or sleep, be it by way of others.
#[derive(Debug, Default)]
pub(super) struct Turns<'a> {
    ending: BTreeSet<&'a str>,
    sleeping: BTreeSet<&'a str>,
}

impl<'a> Turns<'a> {
    /// `journeys`: each after those it runs.
    pub(super) fn of(journeys: &[&'a Journey]) -> Self {
        let mut turns = Self::default();
        let subs = journeys
            .iter()
            .filter(|j| matches!(j.kind, JourneyKind::Sub { .. }));
        for sub in subs {
            let (mut ends, mut sleeps) = (false, false);
            order::steps(sub, &mut |step| {
                ends |= turns.end_with(step);
                sleeps |= turns.sleep_in(step);
            });
            let name = sub.name.node.as_str();
            turns.ending.extend(ends.then_some(name));
            turns.sleeping.extend(sleeps.then_some(name));
        }
        turns
    }

    /// Does the turn end with this step: is something asked outside, or waited for?
    pub(super) fn end_with(&self, step: &Step) -> bool {
        match &step.kind {
            StepKind::Call { .. }
            | StepKind::Validate { .. }
            | StepKind::ReadBlob(_)
            | StepKind::Sleep(_)
            | StepKind::Wait(_) => true,
            StepKind::Run { sub, .. } => self.ending.contains(sub.node.as_str()),
            _ => false,
        }
    }

    /// Does the step sleep, or wait for a signal?
    pub(super) fn sleep_in(&self, step: &Step) -> bool {
        match &step.kind {
            StepKind::Sleep(_) | StepKind::Wait(_) => true,
            StepKind::Run { sub, .. } => self.sleeping.contains(sub.node.as_str()),
            _ => false,
        }
    }
}
