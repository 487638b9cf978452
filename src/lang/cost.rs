//! What expressions and journeys cost, in steps of the machine: bounds found before anything runs, from the code and
//! from what the types say of the sizes of values.
//!
//! | what | where |
//! |---|---|
//! | bounds | `range` |
//! | how large a value may be | `size`, `declared` |
//! | one expression | `expression`, `calls`, `macros` |
//! | steps and journeys | `steps` |
//!
//! An upper bound is never below what a run takes; a lower bound counts only what no lowering can leave out: calls, and
//! the turns of comprehensions.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the few types or functions it is about: a new one is none of them"
)]

mod calls;
mod declared;
mod expression;
mod macros;
mod range;
mod size;
mod steps;

use crate::Checked;
use crate::ast::{Expr, Journey, JourneyKind};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use expression::Estimator;
use journey_machine::limits::DEFAULT_STEPS;
use journey_machine::span::Span;
use size::Sizes;
use std::rc::Rc;

pub use range::Range;

/// The part of an expression on which most steps are spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// Where it stands.
    pub span: Span,
    /// Steps on it alone, at most, all its turns together.
    pub steps: u64,
    /// How often it is computed when the expression is, at most.
    pub times: u64,
    /// Bytes it looks at or makes each time, at most.
    pub bytes: u64,
}

/// What an expression costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpressionCost {
    /// Where it stands.
    pub span: Span,
    /// Steps each time.
    pub steps: Range,
    /// How often a run of its journey computes it, at most.
    pub times: u64,
    /// What dominates.
    pub dominant: Part,
}

/// What a journey costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneyCost {
    /// Its name.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// What it is: `journey`, `sub-journey`, `task`.
    pub kind: &'static str,
    /// Steps, at most; those of the sub-journeys it runs are among them.
    pub most: u64,
    /// Its expressions, in order.
    pub expressions: Vec<ExpressionCost>,
}

/// What all journeys of a project cost, by kind and name.
#[must_use]
pub fn of_journeys(checked: &Checked<'_>) -> Vec<JourneyCost> {
    let mut costs = steps::all(checked);
    costs.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
    costs
}

/// What a single expression costs.
#[must_use]
pub fn of_expression(checked: &Checked<'_>, expr: &Expr) -> ExpressionCost {
    let sizes = Rc::new(Sizes::new(checked));
    Estimator::new(checked, sizes).cost(expr).of(expr, 1)
}

/// Warns of expressions that no run can finish.
pub fn check(checked: &Checked<'_>, out: &mut Diagnostics) {
    for cost in steps::all(checked).iter().flat_map(|j| &j.expressions) {
        if cost.steps.min > DEFAULT_STEPS {
            out.push(too_expensive(cost));
        }
    }
}

fn too_expensive(cost: &ExpressionCost) -> Diagnostic {
    let least = cost.steps.min;
    let title = format!("this takes at least {least} steps, and a run has {DEFAULT_STEPS}");
    Diagnostic::new(Code::TOO_EXPENSIVE, cost.span, title)
        .label(
            cost.dominant.span,
            format!("computed up to {} times", cost.dominant.times),
        )
        .help("go through shorter lists, or through fewer of them inside each other")
}

fn kind(journey: &Journey) -> &'static str {
    match journey.kind {
        JourneyKind::Endpoint(_) => "journey",
        JourneyKind::Sub { .. } => "sub-journey",
        JourneyKind::Task(_) => "task",
    }
}
