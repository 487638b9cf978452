//! The slowest path of a journey fits its deadline: timeouts and pauses of all attempts, branches at once, loops to their
//! last turn; of a task, what it does between its waits. Computing takes no time here, and neither do tokens: their keys and credentials are cached.

use super::{failures, report};
use crate::ast::{
    Block, Branch, Connection, Handler, HandlerEvent, Journey, JourneyKind, Name, Operation,
    ParallelPolicy, Spanned, Step, StepKind,
};
use crate::diagnostic::{Diagnostics, Label};
use crate::names::{Names, head, shown_time};
use crate::types::TypeTable;
use crate::walk;
use journey_machine::manifest::{Millis, Retry};
use journey_machine::policy::retry;
use journey_machine::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Places of a path that are shown.
const MAX_SHOWN: usize = 24;

/// Checks all endpoints against their deadlines.
pub(super) fn check(
    names: &Names<'_>,
    types: &TypeTable,
    order: &[&Journey],
    out: &mut Diagnostics,
) {
    let mut latency = Latency {
        names,
        types,
        subs: BTreeMap::new(),
    };
    for journey in order {
        let times = latency.journey(journey);
        match &journey.kind {
            JourneyKind::Endpoint(endpoint) => {
                let declared = endpoint.deadline.as_ref();
                let limit = limit(journey, "deadline", declared, head::DEFAULT_DEADLINE);
                compare(journey, limit, times.slowest(), out);
            }
            JourneyKind::Task(task) => {
                let declared = task.timeout.as_ref();
                let limit = limit(journey, "timeout", declared, head::DEFAULT_TASK_TIMEOUT);
                compare(journey, limit, times.slowest(), out);
            }
            JourneyKind::Sub { .. } => _ = latency.subs.insert(journey.name.node.clone(), times),
        }
    }
}

/// The time that a journey has, what it is called, and where it is declared.
type Bound = (&'static str, Span, Millis);

fn limit(
    journey: &Journey,
    what: &'static str,
    declared: Option<&Spanned<Millis>>,
    default: Millis,
) -> Bound {
    match declared {
        Some(declared) => (what, declared.span, declared.node),
        None => (what, journey.name.span, default),
    }
}

fn compare(journey: &Journey, limit: Bound, slowest: Option<Time>, out: &mut Diagnostics) {
    let (_, _, deadline) = limit;
    if let Some(time) = slowest.filter(|t| t.millis > deadline) {
        let mut path = time.path();
        let hidden = path.len().saturating_sub(MAX_SHOWN);
        path.truncate(MAX_SHOWN);
        out.push(report::deadline_missed(
            journey,
            limit,
            time.millis,
            path,
            hidden,
        ));
    }
}

/// Time that a path takes, with what it takes it for.
#[derive(Clone, Debug, Default)]
struct Time {
    millis: Millis,
    last: Option<Rc<Stop>>,
}

/// One thing on a path that takes time.
#[derive(Debug)]
struct Stop {
    span: Span,
    text: String,
    before: Option<Rc<Stop>>,
}

impl Drop for Stop {
    /// A path can be as long as a journey: it is taken apart one by one.
    fn drop(&mut self) {
        let mut next = self.before.take();
        while let Some(mut stop) = next.and_then(Rc::into_inner) {
            next = stop.before.take();
        }
    }
}

impl Time {
    fn plus(&self, millis: Millis, span: Span, text: String) -> Self {
        let stop = Stop {
            span,
            text,
            before: self.last.clone(),
        };
        Self {
            millis: self.millis.saturating_add(millis),
            last: Some(Rc::new(stop)),
        }
    }

    /// `self`, then `next`.
    fn then(&self, next: &Self) -> Self {
        next.path()
            .into_iter()
            .fold(self.clone(), |time, label| {
                time.plus(0, label.span, label.text)
            })
            .at(self.millis.saturating_add(next.millis))
    }

    fn at(self, millis: Millis) -> Self {
        Self { millis, ..self }
    }

    fn path(&self) -> Vec<Label> {
        let mut path = Vec::new();
        let mut stop = self.last.as_ref();
        while let Some(at) = stop {
            path.push(Label {
                span: at.span,
                text: at.text.clone(),
            });
            stop = at.before.as_ref();
        }
        path.reverse();
        path
    }
}

/// The slowest of several ways; `None`: there is no such way.
fn slower(a: Option<Time>, b: Option<Time>) -> Option<Time> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.millis > a.millis { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// The slowest ways through some steps, by how they end.
#[derive(Clone, Debug, Default)]
struct Times {
    /// Goes on behind them.
    through: Option<Time>,
    /// Ends the turn or branch.
    turn: Option<Time>,
    /// Ends the journey.
    ended: Option<Time>,
    /// A failure that nothing inside has answered.
    raised: Option<Time>,
}

impl Times {
    fn through(time: Time) -> Self {
        Self {
            through: Some(time),
            ..Self::default()
        }
    }

    /// Goes on, or fails at the same time.
    fn failing(time: Time) -> Self {
        Self {
            raised: Some(time.clone()),
            ..Self::through(time)
        }
    }

    fn or(self, other: Self) -> Self {
        Self {
            through: slower(self.through, other.through),
            turn: slower(self.turn, other.turn),
            ended: slower(self.ended, other.ended),
            raised: slower(self.raised, other.raised),
        }
    }

    fn slowest(&self) -> Option<Time> {
        let all = [&self.through, &self.turn, &self.ended, &self.raised];
        all.into_iter().cloned().fold(None, slower)
    }
}

struct Latency<'a, 'o> {
    names: &'o Names<'a>,
    types: &'o TypeTable,
    /// Sub-journeys, by name.
    subs: BTreeMap<String, Times>,
}

impl Latency<'_, '_> {
    fn journey(&self, journey: &Journey) -> Times {
        let times = self.block(&journey.body, &Time::default());
        match &journey.on_failure {
            Some(handler) => self.handled(times, std::slice::from_ref(handler)),
            None => times,
        }
    }

    /// The slowest ways through a block that begins at some time.
    fn block(&self, block: &Block, start: &Time) -> Times {
        let mut all = Times::through(start.clone());
        for step in &block.steps {
            let Some(now) = all.through.take() else { break };
            let next = self.step(step, &now);
            all = Times {
                through: None,
                ..all
            }
            .or(next);
        }
        all
    }

    fn step(&self, step: &Step, now: &Time) -> Times {
        match &step.kind {
            StepKind::Complete { .. } | StepKind::Fail { .. } | StepKind::Return { .. } => Times {
                ended: Some(now.clone()),
                ..Times::default()
            },
            StepKind::Collect { .. } | StepKind::Next { .. } => Times {
                turn: Some(now.clone()),
                ..Times::default()
            },
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => {
                let blocks = branches.iter().map(|(_, b)| b).chain(otherwise);
                let skipped = otherwise.is_none().then(|| Times::through(now.clone()));
                let taken = self.choices(blocks, now).or(skipped.unwrap_or_default());
                on_failure
                    .iter()
                    .fold(taken, |all, h| all.or(self.block(&h.block, now)))
            }
            StepKind::Match {
                arms, otherwise, ..
            } => self.choices(arms.iter().map(|a| &a.block).chain(otherwise), now),
            _ => self.handled(self.attempted(step, now), walk::handlers(step)),
        }
    }

    /// A step that can fail, without its handlers.
    fn attempted(&self, step: &Step, now: &Time) -> Times {
        match &step.kind {
            StepKind::Call {
                connection,
                operation,
                ..
            } => {
                let declared = self.names.connections.get(connection.node.as_str());
                let declared =
                    declared.zip(self.names.operation(&connection.node, &operation.node));
                let time = declared.map(|(c, o)| call(c, o, operation.span, now));
                Times::failing(time.unwrap_or_else(|| now.clone()))
            }
            StepKind::Validate { .. }
            | StepKind::Store(_)
            | StepKind::Wait(_)
            | StepKind::ReadBlob(_) => Times::failing(now.clone()),
            StepKind::Run { sub, .. } => self.run(sub, now),
            StepKind::Block { block, .. } => self.block(block, now),
            StepKind::Atomically(it) => self.block(&it.block, now),
            StepKind::Parallel {
                policy, branches, ..
            } => self.parallel(policy.node, branches, now),
            StepKind::For {
                item,
                list,
                max,
                parallel,
                block,
                ..
            } => {
                let turns =
                    failures::longest(self.types, list).map_or(max.node, |n| n.min(max.node));
                let (text, rounds) = match parallel.as_ref().map_or(1, |p| p.node.max(1)) {
                    1 => (format!("{turns} turns"), turns),
                    n => (format!("{turns} turns, {n} at once"), turns.div_ceil(n)),
                };
                let turn = self.block(block, &Time::default());
                let all = looped(&turn, rounds, (item.span, &text), now);
                // A list that is too long fails before its first turn.
                Times {
                    raised: slower(all.raised, Some(now.clone())),
                    ..all
                }
            }
            StepKind::Repeat { max, block, .. } => {
                let turn = self.block(block, &Time::default());
                looped(
                    &turn,
                    max.node,
                    (max.span, &format!("{} turns", max.node)),
                    now,
                )
            }
            _ => Times::through(now.clone()),
        }
    }

    fn run(&self, sub: &Name, now: &Time) -> Times {
        let inside = self.subs.get(&sub.node).cloned().unwrap_or_default();
        let whole = |time: Option<Time>| {
            let millis = time.map_or(0, |t| t.millis);
            now.plus(
                millis,
                sub.span,
                format!("`{}`: {}", sub.node, shown_time(millis)),
            )
        };
        let raised = inside.raised.is_some().then(|| whole(inside.raised));
        Times {
            raised,
            ..Times::through(whole(slower(inside.ended, inside.through)))
        }
    }

    fn choices<'b>(&self, blocks: impl Iterator<Item = &'b Block>, now: &Time) -> Times {
        blocks.fold(Times::default(), |all, block| {
            all.or(self.block(block, now))
        })
    }

    fn parallel(&self, policy: ParallelPolicy, branches: &[Branch], now: &Time) -> Times {
        let mut all = Times::default();
        for branch in branches {
            let inside = self.block(&branch.block, now);
            let over = slower(inside.through, inside.turn);
            // A failure of a branch that its siblings outlive takes as long as they do.
            let over = if policy == ParallelPolicy::All {
                over
            } else {
                slower(over, inside.raised.clone())
            };
            all = all.or(Times {
                through: over,
                turn: None,
                ..inside
            });
        }
        if policy == ParallelPolicy::Settle {
            Times {
                raised: None,
                ..all
            }
        } else {
            all
        }
    }

    /// Adds the handlers of a step: they begin when it has failed.
    fn handled(&self, times: Times, handlers: &[Handler]) -> Times {
        let Some(failed) = slower(
            times.raised.clone(),
            special(handlers).then(|| times.through.clone()).flatten(),
        ) else {
            return times;
        };
        let caught = handlers
            .iter()
            .any(|h| h.event.node == HandlerEvent::Failure);
        let rest = if caught {
            Times {
                raised: None,
                ..times
            }
        } else {
            times
        };
        handlers.iter().fold(rest, |all, handler| {
            all.or(self.block(&handler.block, &failed))
        })
    }
}

/// Are there handlers of something else than failures?
fn special(handlers: &[Handler]) -> bool {
    handlers
        .iter()
        .any(|h| h.event.node != HandlerEvent::Failure)
}

/// A loop from what one turn takes: all turns but the last go on, the last ends as it may.
fn looped(turn: &Times, turns: u64, (place, text): (Span, &str), now: &Time) -> Times {
    let over = slower(turn.through.clone(), turn.turn.clone());
    let one = over.as_ref().map_or(0, |t| t.millis);
    let before = one.saturating_mul(turns.saturating_sub(1));
    let ways = |last: &Option<Time>| {
        let last = last.as_ref()?;
        let time = now.then(last).at(now
            .millis
            .saturating_add(before)
            .saturating_add(last.millis));
        let text = format!("{text}: {}", shown_time(before.saturating_add(last.millis)));
        Some(if turns > 1 && before > 0 {
            time.plus(0, place, text)
        } else {
            time
        })
    };
    let through = if turns == 0 {
        Some(now.clone())
    } else {
        ways(&over).or_else(|| Some(now.clone()))
    };
    Times {
        through,
        turn: None,
        ended: ways(&turn.ended),
        raised: ways(&turn.raised),
    }
}

/// All attempts of a call, with the pauses between them.
fn call(connection: &Connection, operation: &Operation, place: Span, now: &Time) -> Time {
    let declared = operation.timeout.as_ref().or(connection.timeout.as_ref());
    let timeout = declared.map_or(head::DEFAULT_TIMEOUT, |t| t.node);
    let policy = if head::idempotent(operation) {
        retries(connection)
    } else {
        Retry::default()
    };
    let pauses: Millis = (0..policy.attempts)
        .filter_map(|n| retry::longest(&policy, n))
        .fold(0, Millis::saturating_add);
    let attempts = u64::from(policy.attempts) + 1;
    let millis = timeout.saturating_mul(attempts).saturating_add(pauses);
    let text = match (attempts, pauses) {
        (1, _) => format!("timeout {}", shown_time(timeout)),
        (_, 0) => format!(
            "{attempts} attempts of {}: {}",
            shown_time(timeout),
            shown_time(millis)
        ),
        _ => format!(
            "{attempts} attempts of {}, pauses of {}: {}",
            shown_time(timeout),
            shown_time(pauses),
            shown_time(millis)
        ),
    };
    now.plus(millis, place, text)
}

fn retries(connection: &Connection) -> Retry {
    let Some(declared) = &connection.retry else {
        return Retry::default();
    };
    let (min, max) = declared.node.backoff.unwrap_or(head::DEFAULT_BACKOFF);
    Retry {
        attempts: u32::try_from(declared.node.attempts).unwrap_or(u32::MAX),
        min,
        max,
    }
}
