//! Conditions that stand together: no `n` is above 5 and below 3, and every text is not `"a"` or not `"b"`.

use super::Doubts;
use super::bounds::{EXACT, number};
use crate::ast::{BinaryOp, Expr, ExprKind};
use crate::lower::constant::fold;
use crate::types::{self, Ty};
use journey_machine::value::Value;
use std::collections::BTreeMap;

/// What a condition says of the value at a path.
enum Says {
    AtLeast(f64),
    AtMost(f64),
    Is(Value),
}

/// What the conditions so far say of one value, and which of them.
#[derive(Default)]
struct Known<'e> {
    least: Option<(f64, &'e Expr)>,
    most: Option<(f64, &'e Expr)>,
    is: Option<(Value, &'e Expr)>,
}

impl Doubts<'_, '_> {
    /// Two operands of `&&` that never hold at once; of `||`, two of which always one holds.
    pub(super) fn at_odds<'e>(
        &self,
        and: bool,
        operands: &'e [Expr],
    ) -> Option<(&'e Expr, &'e Expr)> {
        let mut known: BTreeMap<String, Known<'e>> = BTreeMap::new();
        operands.iter().find_map(|operand| {
            let (path, says) = self.says(and, operand)?;
            let other = known.entry(path).or_default().add(says, operand)?;
            Some((other, operand))
        })
    }

    /// What it says, or of an operand of `||`, what it says where it does not hold.
    fn says(&self, and: bool, expr: &Expr) -> Option<(String, Says)> {
        let ExprKind::Binary { op, left, right } = &expr.kind else {
            return None;
        };
        let (of, op, value) = match (fold(self.types, left), fold(self.types, right)) {
            (None, Some(value)) => (left, *op, value),
            (Some(value), None) => (right, op.turned(), value),
            _ => return None,
        };
        let op = if and { op } else { op.denied()? };
        let ty = self.types.resolve(self.types.ty(of.id));
        let is_whole = matches!(ty, Ty::Int | Ty::Uint);
        // What is not a number is neither below nor above one.
        if !and && !is_whole && number(&value).is_some() {
            return None;
        }
        Some((types::path(of)?, Says::of(op, value, is_whole)?))
    }
}

impl Says {
    fn of(op: BinaryOp, value: Value, is_whole: bool) -> Option<Self> {
        let Some(n) = number(&value) else {
            return (op == BinaryOp::Eq).then_some(Self::Is(value));
        };
        if n.abs() >= EXACT {
            return None;
        }
        let (above, below) = if is_whole {
            (n.floor() + 1.0, n.ceil() - 1.0)
        } else {
            (n.next_up(), n.next_down())
        };
        match op {
            BinaryOp::Eq => Some(Self::Is(value)),
            BinaryOp::Ge => Some(Self::AtLeast(n)),
            BinaryOp::Gt => Some(Self::AtLeast(above)),
            BinaryOp::Le => Some(Self::AtMost(n)),
            BinaryOp::Lt => Some(Self::AtMost(below)),
            _ => None,
        }
    }
}

impl<'e> Known<'e> {
    /// Takes up what a condition says; the one before that it contradicts.
    fn add(&mut self, says: Says, by: &'e Expr) -> Option<&'e Expr> {
        match says {
            Says::AtLeast(n) => self.at_least(n, by),
            Says::AtMost(n) => self.at_most(n, by),
            Says::Is(value) => match number(&value) {
                Some(n) => self.at_least(n, by).or_else(|| self.at_most(n, by)),
                None => self.is(value, by),
            },
        }
    }

    fn is(&mut self, value: Value, by: &'e Expr) -> Option<&'e Expr> {
        match &self.is {
            Some((other, by)) => (*other != value).then_some(*by),
            None => {
                self.is = Some((value, by));
                None
            }
        }
    }

    fn at_least(&mut self, n: f64, by: &'e Expr) -> Option<&'e Expr> {
        if self.least.is_none_or(|(least, _)| n > least) {
            self.least = Some((n, by));
        }
        self.most.filter(|(most, _)| *most < n).map(|(_, by)| by)
    }

    fn at_most(&mut self, n: f64, by: &'e Expr) -> Option<&'e Expr> {
        if self.most.is_none_or(|(most, _)| n < most) {
            self.most = Some((n, by));
        }
        self.least.filter(|(least, _)| *least > n).map(|(_, by)| by)
    }
}
