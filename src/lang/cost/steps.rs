//! Steps and journeys: what is computed on the way through, loops to their last turn, of branches the dearest.

use super::expression::Estimator;
use super::size::{Size, Sizes};
use super::{ExpressionCost, JourneyCost, kind};
use crate::Checked;
use crate::ast::{Block, Expr, Journey, Step, StepKind};
use crate::walk;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What a step does beside computing its expressions.
const STEP: u64 = 8;
/// What a turn of a loop does beside its steps.
const TURN: u64 = 8;

/// All journeys, those that are run before those that run them.
pub(super) fn all<'a>(checked: &'a Checked<'a>) -> Vec<JourneyCost> {
    let mut journeys = Journeys {
        checked,
        sizes: Rc::new(Sizes::new(checked)),
        most: BTreeMap::new(),
        costs: Vec::new(),
    };
    let names = &checked.names;
    let all = names.subs.values().chain(names.journeys.values());
    for journey in all.chain(names.tasks.values()) {
        journeys.most(journey);
    }
    journeys.costs
}

struct Journeys<'a> {
    checked: &'a Checked<'a>,
    sizes: Rc<Sizes<'a>>,
    /// By name; one that is being asked for runs itself, which is refused elsewhere.
    most: BTreeMap<&'a str, u64>,
    costs: Vec<JourneyCost>,
}

impl<'a> Journeys<'a> {
    /// As deep as sub-journeys run each other, which is limited.
    fn most(&mut self, journey: &'a Journey) -> u64 {
        let name = journey.name.node.as_str();
        if let Some(known) = self.most.get(name) {
            return *known;
        }
        self.most.insert(name, 0);
        let mut walker = Walker {
            estimator: Estimator::new(self.checked, Rc::clone(&self.sizes)),
            journeys: self,
            times: 1,
            expressions: Vec::new(),
        };
        let handler = journey.on_failure.iter().map(|h| walker.block(&h.block));
        let handled = handler.fold(0, u64::saturating_add);
        let most = walker.block(&journey.body).saturating_add(handled);
        let mut expressions = walker.expressions;
        expressions.sort_by_key(|cost| cost.span);
        self.costs.push(JourneyCost {
            name: name.to_owned(),
            span: journey.name.span,
            kind: kind(journey),
            most,
            expressions,
        });
        self.most.insert(name, most);
        most
    }
}

struct Walker<'a, 'j> {
    estimator: Estimator<'a>,
    journeys: &'j mut Journeys<'a>,
    /// How often a run comes here, at most.
    times: u64,
    expressions: Vec<ExpressionCost>,
}

impl<'a> Walker<'a, '_> {
    fn block(&mut self, block: &'a Block) -> u64 {
        let steps = block.steps.iter().map(|step| self.step(step));
        steps.fold(0, u64::saturating_add)
    }

    fn step(&mut self, step: &'a Step) -> u64 {
        let inside = match &step.kind {
            StepKind::Let { name, value } => {
                let (most, size) = self.valued(value);
                self.estimator.locals.insert(&name.node, size);
                most
            }
            StepKind::For {
                item,
                list,
                max,
                block,
                ..
            } => {
                let (most, size) = self.valued(list);
                let turns = self.estimator.sizes.turns(&size).max.min(max.node);
                let each = self.estimator.sizes.item(&size);
                self.estimator.locals.insert(&item.node, each);
                most.saturating_add(self.turns(turns, |walker| walker.block(block)))
            }
            StepKind::Repeat {
                max,
                condition,
                accumulators,
                block,
                ..
            } => {
                let first = self.sum(accumulators.iter().map(|(_, value)| value));
                let asked = self.turns(max.node.saturating_add(1), |walker| walker.expr(condition));
                let turns = self.turns(max.node, |walker| walker.block(block));
                first.saturating_add(asked).saturating_add(turns)
            }
            StepKind::Parallel { branches, .. } => {
                let all = branches.iter().map(|b| self.block(&b.block));
                all.fold(0_u64, |sum, most| {
                    sum.saturating_add(most).saturating_add(STEP)
                })
            }
            StepKind::Run { sub, .. } => {
                let checked = self.journeys.checked;
                let runs = checked.names.subs.get(sub.node.as_str());
                let own = self.sum(walk::exprs(step));
                own.saturating_add(runs.map_or(0, |sub| self.journeys.most(sub)))
            }
            _ => {
                let own = self.sum(walk::exprs(step));
                own.saturating_add(self.dearest(walk::own_blocks(step)))
            }
        };
        let handlers = self.dearest(walk::handlers(step).iter().map(|h| &h.block));
        inside.saturating_add(handlers).saturating_add(STEP)
    }

    /// What an expression costs, and how large its value is.
    fn valued(&mut self, expr: &'a Expr) -> (u64, Size<'a>) {
        let cost = self.estimator.cost(expr);
        self.expressions.push(cost.of(expr, self.times));
        (cost.steps.max, cost.size)
    }

    fn expr(&mut self, expr: &'a Expr) -> u64 {
        self.valued(expr).0
    }

    fn sum(&mut self, exprs: impl IntoIterator<Item = &'a Expr>) -> u64 {
        let each = exprs.into_iter().map(|e| self.expr(e).saturating_add(1));
        each.fold(0, u64::saturating_add)
    }

    /// Of these blocks one is gone through.
    fn dearest(&mut self, blocks: impl IntoIterator<Item = &'a Block>) -> u64 {
        blocks.into_iter().map(|b| self.block(b)).max().unwrap_or(0)
    }

    fn turns(&mut self, turns: u64, turn: impl FnOnce(&mut Self) -> u64) -> u64 {
        let times = self.times;
        self.times = times.saturating_mul(turns);
        let each = turn(self).saturating_add(TURN);
        self.times = times;
        each.saturating_mul(turns)
    }
}
