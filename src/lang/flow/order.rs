//! Journeys in an order in which whatever is run stands before what runs it.

use super::report;
use crate::ast::{Journey, Step, StepKind};
use crate::diagnostic::Diagnostics;
use crate::names::Names;
use crate::walk;
use journey_machine::limits::MAX_FRAMES;
use std::collections::BTreeMap;

/// Blocks of a journey: its own, and that of its handler.
pub(super) fn steps<'a>(journey: &'a Journey, visit: &mut impl FnMut(&'a Step)) {
    walk::steps(&journey.body, visit);
    journey
        .on_failure
        .iter()
        .for_each(|h| walk::steps(&h.block, visit));
}

/// Sub-journeys first, each after those it runs, then endpoints and tasks. Those that run themselves are left out: they are
/// refused elsewhere.
pub(super) fn bottom_up<'a>(names: &Names<'a>, out: &mut Diagnostics) -> Vec<&'a Journey> {
    let runs: BTreeMap<&str, Vec<&str>> = names
        .subs
        .iter()
        .map(|(name, sub)| (*name, runs(sub)))
        .collect();
    let mut waiting: BTreeMap<&str, usize> = BTreeMap::new();
    let mut users: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, used) in &runs {
        let known: Vec<&str> = used
            .iter()
            .copied()
            .filter(|u| runs.contains_key(u))
            .collect();
        waiting.insert(name, known.len());
        known
            .iter()
            .for_each(|u| users.entry(u).or_default().push(name));
    }
    let mut ready: Vec<(&str, usize)> = waiting
        .iter()
        .filter(|(_, n)| **n == 0)
        .map(|(name, _)| (*name, 1))
        .collect();
    let mut depth: BTreeMap<&str, usize> = BTreeMap::new();
    let mut ordered = Vec::new();
    while let Some((name, level)) = ready.pop() {
        let Some(sub) = names.subs.get(name).copied() else {
            continue;
        };
        // The frame of the endpoint is one, too.
        if level == MAX_FRAMES {
            out.push(report::too_deep(sub, MAX_FRAMES - 1));
        }
        ordered.push(sub);
        for user in users.get(name).into_iter().flatten() {
            let deepest = depth.entry(user).or_insert(1);
            *deepest = (*deepest).max(level + 1);
            if let Some(left) = waiting.get_mut(user) {
                *left -= 1;
                if *left == 0 {
                    ready.push((user, *deepest));
                }
            }
        }
    }
    ordered.extend(names.journeys.values().chain(names.tasks.values()).copied());
    ordered
}

fn runs(journey: &Journey) -> Vec<&str> {
    let mut found = Vec::new();
    steps(journey, &mut |step| {
        if let StepKind::Run { sub, .. } = &step.kind {
            found.push(sub.node.as_str());
        }
    });
    found
}
