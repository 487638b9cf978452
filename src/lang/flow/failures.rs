//! Every failure is answered: by a handler of the step, of a group around it, or of the journey.
//!
//! What an expression can fail with is not asked for: types exclude most of it, and the rest is answered as an error of
//! the runtime.

use super::report;
use crate::ast::{
    Block, Expr, ExprKind, Handler, HandlerEvent, Journey, JourneyKind, Limit, Name,
    ParallelPolicy, Step, StepKind, StoreAction, StoreStep,
};
use crate::diagnostic::Diagnostics;
use crate::names::{Names, head};
use crate::types::{Ty, TypeTable};
use crate::walk;
use std::collections::BTreeMap;

/// Checks all journeys, sub-journeys before those that run them.
pub(super) fn check(
    names: &Names<'_>,
    types: &TypeTable,
    order: &[&Journey],
    out: &mut Diagnostics,
) {
    let mut failures = Failures {
        names,
        types,
        failing: BTreeMap::new(),
        out,
    };
    for journey in order {
        failures.journey(journey);
    }
}

struct Failures<'a, 'o> {
    names: &'o Names<'a>,
    types: &'o TypeTable,
    /// Sub-journeys, and whether they can fail.
    failing: BTreeMap<String, bool>,
    out: &'o mut Diagnostics,
}

/// Who answers a failure at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answered {
    /// A handler around it.
    Here,
    /// Whoever runs this sub-journey; of a task, its next attempt.
    ByCaller,
    /// Nobody.
    Nowhere,
}

impl Failures<'_, '_> {
    fn journey(&mut self, journey: &Journey) {
        let sub = matches!(journey.kind, JourneyKind::Sub { .. });
        let outside = match journey.kind {
            JourneyKind::Endpoint(_) => Answered::Nowhere,
            JourneyKind::Sub { .. } | JourneyKind::Task(_) => Answered::ByCaller,
        };
        let inside = if journey.on_failure.is_some() {
            Answered::Here
        } else {
            outside
        };
        let mut fails = self.block(&journey.body, inside) && journey.on_failure.is_none();
        if let Some(handler) = &journey.on_failure {
            fails |= self.block(&handler.block, outside);
        }
        if sub {
            self.failing.insert(journey.name.node.clone(), fails);
        }
    }

    /// Checks a block; can something in it fail without a handler inside?
    fn block(&mut self, block: &Block, answered: Answered) -> bool {
        block
            .steps
            .iter()
            .fold(false, |fails, step| self.step(step, answered) | fails)
    }

    fn step(&mut self, step: &Step, answered: Answered) -> bool {
        let handlers = walk::handlers(step);
        self.events(step, handlers);
        let caught = handlers
            .iter()
            .any(|h| h.event.node == HandlerEvent::Failure);
        // `on failure` of an `if` is for its conditions, not for its blocks.
        let catches_blocks = caught && !matches!(step.kind, StepKind::If { .. });
        let inside = if catches_blocks || absorbs(step) {
            Answered::Here
        } else {
            answered
        };
        let own = self.own_failure(step, caught || answered == Answered::Here);
        let blocks = walk::own_blocks(step)
            .into_iter()
            .fold(false, |fails, b| self.block(b, inside) | fails);
        let of_first = matches!(&step.kind, StepKind::Parallel { policy, .. } if policy.node == ParallelPolicy::First);
        let escapes = own || (of_first && blocks);
        if escapes && !caught && answered == Answered::Nowhere {
            self.unhandled(step);
        }
        let in_handlers = handlers
            .iter()
            .fold(false, |fails, h| self.block(&h.block, answered) | fails);
        (escapes && !caught) || (blocks && !catches_blocks && !absorbs(step)) || in_handlers
    }

    /// Can the step itself fail?
    fn own_failure(&mut self, step: &Step, answered: bool) -> bool {
        match &step.kind {
            StepKind::Call { .. } | StepKind::Validate { .. } => true,
            StepKind::Store(_) | StepKind::Wait(_) | StepKind::ReadBlob(_) => {
                !self.open_events(step).is_empty()
            }
            StepKind::Run { sub, .. } => self.failing.get(&sub.node).copied().unwrap_or(false),
            StepKind::Repeat { handlers, .. } => !handlers
                .iter()
                .any(|h| h.event.node == HandlerEvent::Exhausted),
            StepKind::For { list, max, .. } if self.is_list(list) => {
                let longest = longest(self.types, list);
                let may_be_longer = longest.is_none_or(|n| n > max.node);
                if may_be_longer && !answered {
                    self.out.push(report::list_too_long(list, max, longest));
                }
                // Said above: nothing more to say where nobody answers.
                may_be_longer && answered
            }
            _ => false,
        }
    }

    /// Anything else has been refused already.
    fn is_list(&self, expr: &Expr) -> bool {
        matches!(
            self.types.resolve(self.types.ty(expr.id)),
            Ty::List(_) | Ty::Dyn
        )
    }

    fn unhandled(&mut self, step: &Step) {
        let statuses = match &step.kind {
            StepKind::Call {
                connection,
                operation,
                handlers,
                ..
            } => self.open_statuses(connection, operation, handlers),
            _ => Vec::new(),
        };
        let events = self.open_events(step);
        self.out
            .push(report::unhandled_failure(step, &statuses, &events));
    }

    /// What can happen at a step on what survives a run, and has no handler of its own.
    fn open_events(&self, step: &Step) -> Vec<HandlerEvent> {
        let handlers = walk::handlers(step);
        let mut events = self.state_events(step);
        events.retain(|event| handlers.iter().all(|h| h.event.node != *event));
        events
    }

    fn state_events(&self, step: &Step) -> Vec<HandlerEvent> {
        match &step.kind {
            StepKind::Store(step) => store_events(step, self.names, self.types),
            StepKind::Wait(_) => vec![HandlerEvent::Timeout],
            StepKind::ReadBlob(_) => vec![HandlerEvent::Missing],
            _ => Vec::new(),
        }
    }

    /// Declared statuses of a call that are neither its success nor handled.
    fn open_statuses(&self, connection: &Name, operation: &Name, handlers: &[Handler]) -> Vec<u16> {
        let Some(declared) = self.names.operation(&connection.node, &operation.node) else {
            return Vec::new();
        };
        let success = head::success(declared).map(|s| s.status.node);
        let handled = |status: u16| {
            handlers
                .iter()
                .any(|h| h.event.node == HandlerEvent::Status(status))
        };
        let statuses = declared.responses.iter().map(|r| r.status.node);
        statuses
            .filter(|status| Some(*status) != success && !handled(*status))
            .collect()
    }

    /// Handlers for what can happen, each once, and one for each outcome that must have one.
    fn events(&mut self, step: &Step, handlers: &[Handler]) {
        let mut seen: BTreeMap<String, &Handler> = BTreeMap::new();
        for handler in handlers {
            let event = format!("{:?}", handler.event.node);
            if let Some(first) = seen.get(&event) {
                self.out.push(report::repeated_handler(handler, first));
            } else {
                seen.insert(event, handler);
            }
            if let Some(problem) = self.dead(step, &handler.event.node) {
                self.out.push(report::dead_handler(handler, &problem));
            }
        }
        let StepKind::Run { sub, .. } = &step.kind else {
            return;
        };
        let Some(declared) = self.names.subs.get(sub.node.as_str()) else {
            return;
        };
        let JourneyKind::Sub { outcomes, .. } = &declared.kind else {
            return;
        };
        let handled = |name: &str| {
            handlers
                .iter()
                .any(|h| matches!(&h.event.node, HandlerEvent::Outcome(o) if o == name))
        };
        for outcome in outcomes.iter().skip(1).filter(|o| !handled(&o.name.node)) {
            self.out.push(report::unhandled_outcome(sub, &outcome.name));
        }
    }

    /// Why an event never happens at a step; `None` if it can.
    fn dead(&self, step: &Step, event: &HandlerEvent) -> Option<String> {
        match (&step.kind, event) {
            (
                StepKind::Call {
                    connection,
                    operation,
                    ..
                },
                HandlerEvent::Status(status),
            ) => {
                let declared = self.names.operation(&connection.node, &operation.node)?;
                if head::success(declared).is_some_and(|s| s.status.node == *status) {
                    return Some(format!(
                        "{status} is the success of `{}`: it goes on behind the step",
                        operation.node
                    ));
                }
                let known = declared.responses.iter().any(|r| r.status.node == *status);
                (!known).then(|| format!("`{}` does not declare {status}", operation.node))
            }
            (StepKind::Run { sub, .. }, HandlerEvent::Outcome(name)) => {
                let JourneyKind::Sub { outcomes, .. } =
                    &self.names.subs.get(sub.node.as_str())?.kind
                else {
                    return None;
                };
                let main = outcomes.first().is_some_and(|o| o.name.node == *name);
                main.then(|| {
                    format!(
                        "`{name}` is the main outcome of `{}`: it goes on behind the step",
                        sub.node
                    )
                })
            }
            (StepKind::Store(at), HandlerEvent::Missing | HandlerEvent::Conflict) => {
                let possible = self.state_events(step).contains(event);
                (!possible).then(|| format!("this `{}` never ends in {event}", at.action.word()))
            }
            (StepKind::Call { .. } | StepKind::Wait(_), HandlerEvent::Timeout)
            | (StepKind::ReadBlob(_), HandlerEvent::Missing)
            | (StepKind::Repeat { .. }, HandlerEvent::Exhausted)
            | (_, HandlerEvent::Failure) => None,
            (_, HandlerEvent::Status(_)) => Some("only a `call` is answered with a status".into()),
            (_, HandlerEvent::Timeout) => Some(
                "only a `call` and a `wait` have a timeout of their own: write `on failure`".into(),
            ),
            (_, HandlerEvent::Outcome(name)) => {
                Some(format!("only a `run` ends with an outcome like `{name}`"))
            }
            (_, HandlerEvent::Exhausted) => Some("only a `repeat` runs out of turns".into()),
            (_, HandlerEvent::Missing | HandlerEvent::Conflict) => {
                Some("only what is stored can be missing or in conflict".into())
            }
        }
    }
}

/// What can go wrong with a step on a store.
fn store_events(step: &StoreStep, names: &Names<'_>, types: &TypeTable) -> Vec<HandlerEvent> {
    if !names.stores.contains_key(step.store.node.as_str()) {
        return Vec::new();
    }
    let conflict = |possible: bool| possible.then_some(HandlerEvent::Conflict);
    match &step.action {
        StoreAction::Insert { .. } => vec![HandlerEvent::Conflict],
        StoreAction::Get { .. } => vec![HandlerEvent::Missing],
        StoreAction::Delete { at, .. } => [HandlerEvent::Missing]
            .into_iter()
            .chain(conflict(at.is_some()))
            .collect(),
        StoreAction::Update { set, at, .. } => [HandlerEvent::Missing]
            .into_iter()
            .chain(conflict(
                at.is_some() || sets_unique(step, set, names, types),
            ))
            .collect(),
        StoreAction::Find { .. } | StoreAction::Count { .. } => Vec::new(),
    }
}

/// Does an update set a field of a unique line? If nobody knows what it sets, it may.
fn sets_unique(step: &StoreStep, set: &Expr, names: &Names<'_>, types: &TypeTable) -> bool {
    let Some(store) = names.stores.get(step.store.node.as_str()) else {
        return false;
    };
    let mut unique = store.uniques.iter().flat_map(|line| &line.fields);
    match types.resolve(types.ty(set.id)) {
        Ty::Object(given) => unique.any(|name| given.field(&name.node).is_some()),
        _ => unique.next().is_some(),
    }
}

/// Does the step keep failures of its blocks to itself?
fn absorbs(step: &Step) -> bool {
    let StepKind::Parallel { policy, .. } = &step.kind else {
        return false;
    };
    matches!(policy.node, ParallelPolicy::Settle | ParallelPolicy::First)
}

/// How long a list can be, if its type or its text says so.
pub(super) fn longest(types: &TypeTable, list: &Expr) -> Option<u64> {
    match &list.kind {
        ExprKind::Array(items) => {
            let spread = items
                .iter()
                .any(|i| matches!(i, crate::ast::TemplateItem::Spread(_)));
            if spread {
                None
            } else {
                u64::try_from(items.len()).ok()
            }
        }
        ExprKind::List(items) => u64::try_from(items.len()).ok(),
        ExprKind::Ident { .. } => types.lengths.get(&list.id).copied(),
        ExprKind::Member { object, field, .. } => {
            let (_, field) = types.object(object.id)?.field(&field.node)?;
            field.limits.iter().find_map(upper)
        }
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "limits of lists are whole and below 2^32"
)]
fn upper(limit: &Limit) -> Option<u64> {
    match limit {
        Limit::Range(_, Some(most)) => Some(*most as u64),
        _ => None,
    }
}
