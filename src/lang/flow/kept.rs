//! Secrets are not kept over a wait: a task is saved there, with all it still needs, and with what it asks for.
//!
//! Where paths meet, what is kept on one of them is kept. Loops are gone through twice: what a turn needs of the one before
//! it shows in the second.

use super::turns::Turns;
use super::{order, report};
use crate::ast::{Block, Expr, ExprKind, Handler, Journey, Label, Name, Step, StepKind};
use crate::diagnostic::Diagnostics;
use crate::names::{Names, head};
use crate::types::{Ty, TypeTable};
use crate::walk;
use journey_machine::span::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Checks all tasks and what they run.
pub(super) fn check(
    names: &Names<'_>,
    types: &TypeTable,
    turns: &Turns<'_>,
    out: &mut Diagnostics,
) {
    for journey in saved(names) {
        let mut walk = Walk {
            types,
            turns,
            held: BTreeMap::new(),
            said: BTreeSet::new(),
            out,
        };
        walk.journey(journey);
    }
}

/// Tasks, and the sub-journeys that they run, be it by way of others.
fn saved<'a>(names: &Names<'a>) -> Vec<&'a Journey> {
    let mut all: Vec<&Journey> = names.tasks.values().copied().collect();
    let mut seen = BTreeSet::new();
    let mut at = 0;
    while let Some(journey) = all.get(at).copied() {
        at += 1;
        order::steps(journey, &mut |step| {
            if let StepKind::Run { sub, .. } = &step.kind
                && seen.insert(sub.node.as_str())
            {
                all.extend(names.subs.get(sub.node.as_str()));
            }
        });
    }
    all
}

/// A binding that holds a secret.
#[derive(Clone, Copy, Debug)]
struct Held {
    /// Where the secret comes from.
    source: Span,
    /// Where it has been waited for something since.
    wait: Option<Span>,
}

struct Walk<'a, 'o> {
    types: &'o TypeTable,
    turns: &'o Turns<'a>,
    held: BTreeMap<String, Held>,
    /// Uses that have been reported.
    said: BTreeSet<Span>,
    out: &'o mut Diagnostics,
}

impl Walk<'_, '_> {
    fn journey(&mut self, journey: &Journey) {
        let params = match &journey.kind {
            crate::ast::JourneyKind::Sub { params, .. } => head::counted(params),
            _ => &[],
        };
        params.iter().for_each(|param| self.bind(&param.name));
        self.block(&journey.body);
        if let Some(handler) = &journey.on_failure {
            self.block(&handler.block);
        }
    }

    /// Steps in a scope of their own: what they bind is gone behind them.
    fn block(&mut self, block: &Block) {
        let before: BTreeSet<String> = self.held.keys().cloned().collect();
        block.steps.iter().for_each(|step| self.step(step));
        self.held.retain(|name, _| before.contains(name));
    }

    fn step(&mut self, step: &Step) {
        for expr in walk::exprs(step) {
            self.uses(expr);
        }
        self.asks(step);
        match &step.kind {
            StepKind::For {
                item, list, block, ..
            } => self.turns_of(list, [item], block),
            StepKind::Repeat {
                condition,
                accumulators,
                block,
                ..
            } => {
                let names = accumulators.iter().map(|(name, _)| name);
                self.turns_of(condition, names, block);
            }
            _ => self.branches(&walk::own_blocks(step)),
        }
        if self.turns.end_with(step) {
            self.wait(step.span);
        }
        let handlers: Vec<&Block> = walk::handlers(step).iter().map(handler_block).collect();
        self.branches(&handlers);
        binding(step).into_iter().for_each(|name| self.bind(name));
    }

    /// Blocks of which one is taken, or none.
    fn branches(&mut self, blocks: &[&Block]) {
        let before = self.held.clone();
        for block in blocks {
            let so_far = std::mem::replace(&mut self.held, before.clone());
            self.block(block);
            for (name, held) in so_far {
                let own = self.held.entry(name).or_insert(held);
                own.wait = own.wait.or(held.wait);
            }
        }
    }

    fn turns_of<'n>(
        &mut self,
        given: &Expr,
        names: impl IntoIterator<Item = &'n Name>,
        block: &Block,
    ) {
        let names: Vec<&Name> = names.into_iter().collect();
        for _ in 0..2 {
            // What is gone through, or asked before each turn, is needed until the last one.
            self.uses(given);
            names.iter().for_each(|name| self.bind(name));
            self.branches(&[block]);
        }
        names
            .iter()
            .for_each(|name| _ = self.held.remove(&name.node));
    }

    fn wait(&mut self, place: Span) {
        for held in self.held.values_mut() {
            held.wait.get_or_insert(place);
        }
    }

    /// What a step asks outside is saved, so that it can be asked again.
    fn asks(&mut self, step: &Step) {
        let values: Vec<&Expr> = match &step.kind {
            StepKind::Call { args, .. } => args.iter().map(|arg| &arg.value).collect(),
            StepKind::Validate { token, .. } => vec![token],
            _ => return,
        };
        for value in values {
            let source = self.secret(value.span, self.types.types.get(&value.id));
            if let Some(source) = source.filter(|source| self.said.insert(*source)) {
                self.out.push(report::secret_asked(value.span, source));
            }
        }
    }

    /// The secret in the value that stands in a place, or in a field that its type declares.
    fn secret(&self, place: Span, ty: Option<&Ty>) -> Option<Span> {
        let typed = || {
            let holds = ty.is_some_and(|ty| holds_secret(self.types, ty, &mut BTreeSet::new()));
            holds.then_some(place)
        };
        self.types.secrets.get(&place).copied().or_else(typed)
    }

    fn bind(&mut self, name: &Name) {
        match self.secret(name.span, self.types.bindings.get(&name.span)) {
            Some(source) => {
                let held = Held { source, wait: None };
                self.held.insert(name.node.clone(), held);
            }
            None => _ = self.held.remove(&name.node),
        }
    }

    fn uses(&mut self, expr: &Expr) {
        if let ExprKind::Ident { name, .. } = &expr.kind
            && let Some(Held {
                source,
                wait: Some(wait),
            }) = self.held.get(name).copied()
            && self.said.insert(source)
        {
            self.out.push(report::secret_kept(expr.span, source, wait));
        }
        walk::operands(expr).into_iter().for_each(|e| self.uses(e));
    }
}

fn handler_block(handler: &Handler) -> &Block {
    &handler.block
}

/// The name that a step binds behind it.
fn binding(step: &Step) -> Option<&Name> {
    match &step.kind {
        StepKind::Let { name, .. } => Some(name),
        StepKind::Call { binding, .. }
        | StepKind::Validate { binding, .. }
        | StepKind::Parallel { binding, .. }
        | StepKind::For { binding, .. }
        | StepKind::Repeat { binding, .. }
        | StepKind::Run { binding, .. } => binding.as_ref(),
        StepKind::Store(step) => step.binding.as_ref(),
        StepKind::Start(start) => start.binding.as_ref(),
        StepKind::Wait(wait) => wait.binding.as_ref(),
        StepKind::ReadBlob(read) => read.binding.as_ref(),
        _ => None,
    }
}

/// Do values of a type have a field that is secret, at any depth?
fn holds_secret(types: &TypeTable, ty: &Ty, seen: &mut BTreeSet<String>) -> bool {
    match ty {
        Ty::Named(name) => {
            seen.insert(name.to_string()) && holds_secret(types, types.resolve(ty), seen)
        }
        Ty::Nullable(inner) | Ty::List(inner) | Ty::Optional(inner) | Ty::Map(_, inner) => {
            holds_secret(types, inner, seen)
        }
        Ty::Object(object) => object
            .fields
            .iter()
            .any(|f| f.label == Some(Label::Secret) || holds_secret(types, &f.ty, seen)),
        _ => false,
    }
}
