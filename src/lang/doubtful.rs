//! What is legal and doubtful: tests whose result is known before anything runs, and values that are never taken.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a rule names the few expressions it is about: a new one is none of them"
)]

mod bounds;
mod report;
mod together;

use crate::Checked;
use crate::ast::{BinaryOp, Expr, ExprKind, Journey, ListItem, Literal, UnaryOp};
use crate::diagnostic::Diagnostics;
use crate::lower::constant::fold;
use crate::names;
use crate::types::{self, Callee, Ty, TypeTable};
use crate::walk;
use journey_machine::value::Value;

/// Looks at all expressions of all journeys.
pub fn check(checked: &Checked<'_>, out: &mut Diagnostics) {
    let mut doubts = Doubts {
        types: &checked.types,
        out,
    };
    for decl in names::decls(checked.files) {
        decl.journeys().iter().for_each(|j| doubts.journey(j));
    }
}

/// Looks at one expression that stands alone.
pub(crate) fn expression(types: &TypeTable, expr: &Expr, out: &mut Diagnostics) {
    Doubts { types, out }.expr(expr);
}

struct Doubts<'a, 'o> {
    types: &'a TypeTable,
    out: &'o mut Diagnostics,
}

impl Doubts<'_, '_> {
    fn journey(&mut self, journey: &Journey) {
        let blocks =
            std::iter::once(&journey.body).chain(journey.on_failure.iter().map(|h| &h.block));
        for block in blocks {
            walk::steps(block, &mut |step| {
                walk::exprs(step).into_iter().for_each(|e| self.expr(e));
            });
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Binary { op, left, right } => self.relation(expr, *op, left, right),
            ExprKind::Logic { and, operands } => self.operands(expr, *and, operands),
            ExprKind::Call { .. } if self.is_certain_field(expr) => {
                self.out.push(report::always_there(expr));
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise),
            _ => {}
        }
        walk::operands(expr).into_iter().for_each(|e| self.expr(e));
    }

    fn relation(&mut self, expr: &Expr, op: BinaryOp, left: &Expr, right: &Expr) {
        if let Some(result) = self.related(expr, op, left, right) {
            self.out.push(report::always(expr, result));
        } else if op == BinaryOp::In
            && let ExprKind::List(items) = &right.kind
        {
            self.strangers(left, items);
        }
    }

    /// What one of the operands decides by itself is said of that one.
    fn operands(&mut self, expr: &Expr, and: bool, operands: &[Expr]) {
        if self.decided(expr).is_none()
            && let Some((one, other)) = self.at_odds(and, operands)
        {
            self.out.push(report::at_odds(expr, and, one, other));
        }
    }

    /// Items of a written list that can never be the one that is looked for.
    fn strangers(&mut self, wanted: &Expr, items: &[ListItem]) {
        let ty = self.types.ty(wanted.id);
        for ListItem { value, .. } in items {
            if !self.types.comparable(ty, self.types.ty(value.id)) {
                self.out.push(report::stranger(wanted, ty, value));
            }
        }
    }

    /// What a test always gives, if that is known.
    fn decided(&self, expr: &Expr) -> Option<bool> {
        match &expr.kind {
            ExprKind::Literal(Literal::Bool(value)) => Some(*value),
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
            } => self.decided(operand).map(|value| !value),
            ExprKind::Logic { and, operands } => {
                let known = operands.iter().map(|o| self.decided(o));
                let decisive = Some(!*and);
                if known.clone().any(|o| o == decisive) {
                    return decisive;
                }
                known.clone().all(|o| o.is_some()).then_some(*and)
            }
            ExprKind::Binary { op, left, right } => self.related(expr, *op, left, right),
            ExprKind::Call { .. } => self.is_certain_field(expr).then_some(true),
            _ => None,
        }
    }

    fn related(&self, expr: &Expr, op: BinaryOp, left: &Expr, right: &Expr) -> Option<bool> {
        if let Some(Value::Bool(result)) = fold(self.types, expr) {
            return Some(result);
        }
        if op == BinaryOp::In {
            let is_empty = |list: Value| list.as_list().is_some_and(|list| list.is_empty());
            return fold(self.types, right)
                .is_some_and(is_empty)
                .then_some(false);
        }
        if self.is_same(left, right) {
            return Some(matches!(op, BinaryOp::Eq | BinaryOp::Le | BinaryOp::Ge));
        }
        let (a, b) = (self.bounds(left)?, self.bounds(right)?);
        bounds::compare(op, a, b)
    }

    /// Do both sides name the same value? NaN is not equal to itself, so of a double nothing is said.
    fn is_same(&self, left: &Expr, right: &Expr) -> bool {
        let may_be_nan = |e: &Expr| {
            let ty = self.types.resolve(self.types.ty(e.id));
            !matches!(ty, Ty::Bool | Ty::Int | Ty::Uint | Ty::String | Ty::Enum(_))
        };
        let path = types::path(left);
        path.is_some() && path == types::path(right) && !may_be_nan(left)
    }

    /// `has(a.b)` of a field that is always there.
    fn is_certain_field(&self, expr: &Expr) -> bool {
        let ExprKind::Call { args, .. } = &expr.kind else {
            return false;
        };
        let is_has =
            matches!(self.types.callees.get(&expr.id), Some(Callee::Macro(name)) if name == "has");
        let [
            Expr {
                kind: ExprKind::Member { object, field, .. },
                ..
            },
        ] = args.as_slice()
        else {
            return false;
        };
        let Ty::Object(object) = self.types.resolve(self.types.ty(object.id)) else {
            return false;
        };
        is_has && object.field(&field.node).is_some_and(|(_, f)| !f.optional)
    }

    fn conditional(&mut self, condition: &Expr, then: &Expr, otherwise: &Expr) {
        match self.decided(condition) {
            Some(true) => self.out.push(report::never_taken(otherwise, condition)),
            Some(false) => self.out.push(report::never_taken(then, condition)),
            None => self.repeated(condition, otherwise),
        }
    }

    /// Arms further on whose condition is that of this one.
    fn repeated(&mut self, condition: &Expr, mut otherwise: &Expr) {
        let Some(wanted) = equality(condition) else {
            return;
        };
        while let ExprKind::Conditional {
            condition: other,
            then,
            otherwise: next,
        } = &otherwise.kind
        {
            if equality(other).as_ref() == Some(&wanted) {
                return self.out.push(report::never_taken(then, condition));
            }
            otherwise = next;
        }
    }
}

/// `a.b == constant`
fn equality(condition: &Expr) -> Option<(String, &Literal)> {
    match &condition.kind {
        ExprKind::Binary {
            op: BinaryOp::Eq,
            left,
            right,
        } => match &right.kind {
            ExprKind::Literal(literal) => Some((types::path(left)?, literal)),
            _ => None,
        },
        _ => None,
    }
}
