//! Between which numbers the value of an expression is.

use super::Doubts;
use crate::ast::{BinaryOp, Expr, ExprKind, Limit};
use crate::lower::constant::fold;
use crate::types::{Callee, FieldTy, Global, Ty};
use journey_machine::op::Context;
use journey_machine::value::Value;

/// The least and the greatest value, both possible or not.
type Bounds = (f64, f64);

/// Integers from here on are not all doubles.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// The result of a comparison, if the bounds of its sides decide it.
pub(super) fn compare(op: BinaryOp, a: Bounds, b: Bounds) -> Option<bool> {
    match op {
        BinaryOp::Lt => less(a, b),
        BinaryOp::Ge => less(a, b).map(|result| !result),
        BinaryOp::Gt => less(b, a),
        BinaryOp::Le => less(b, a).map(|result| !result),
        BinaryOp::Eq => apart(a, b).then_some(false),
        BinaryOp::Ne => apart(a, b).then_some(true),
        _ => None,
    }
}

fn less(a: Bounds, b: Bounds) -> Option<bool> {
    if a.1 < b.0 {
        return Some(true);
    }
    (a.0 >= b.1).then_some(false)
}

fn apart(a: Bounds, b: Bounds) -> bool {
    a.1 < b.0 || b.1 < a.0
}

impl Doubts<'_, '_> {
    /// Between which numbers the value is; `None`: nothing is known.
    pub(super) fn bounds(&self, expr: &Expr) -> Option<Bounds> {
        if let Some(value) = fold(self.types, expr) {
            let n = number(&value).filter(|n| n.abs() < EXACT)?;
            return Some((n, n));
        }
        let own = match &expr.kind {
            ExprKind::Call { receiver, args, .. } if self.is_size(expr) => {
                let of = receiver.as_deref().or(args.first())?;
                let (least, most) = self.limits(of).unwrap_or((0.0, f64::INFINITY));
                Some((least.max(0.0), most))
            }
            ExprKind::Member { .. } => self.limits(expr).filter(|_| self.is_number(expr)),
            _ => None,
        };
        let is_uint = matches!(self.types.ty(expr.id), Ty::Uint);
        own.or_else(|| is_uint.then_some((0.0, f64::INFINITY)))
    }

    fn is_size(&self, expr: &Expr) -> bool {
        let callee = self.types.callees.get(&expr.id);
        matches!(callee, Some(Callee::Builtin { name, .. }) if name == "size")
    }

    fn is_number(&self, expr: &Expr) -> bool {
        matches!(self.types.ty(expr.id), Ty::Int | Ty::Uint | Ty::Double)
    }

    /// The limits of a field of the input: they have been checked when it came in.
    fn limits(&self, expr: &Expr) -> Option<Bounds> {
        let ExprKind::Member { object, field, .. } = &expr.kind else {
            return None;
        };
        if !self.is_input(object) {
            return None;
        }
        let (_, field) = self.types.object(object.id)?.field(&field.node)?;
        (!field.limits.is_empty()).then(|| within(field))
    }

    fn is_input(&self, mut expr: &Expr) -> bool {
        while let ExprKind::Member { object, .. } = &expr.kind {
            expr = object;
        }
        let global = self.types.globals.get(&expr.id);
        matches!(global, Some(Global::Context(Context::Input)))
    }
}

pub(super) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(n) => Some(*n as f64),
        Value::Uint(n) => Some(*n as f64),
        Value::Double(x) => Some(*x),
        _ => None,
    }
}

fn within(field: &FieldTy) -> Bounds {
    let mut bounds = (f64::NEG_INFINITY, f64::INFINITY);
    for limit in field.limits.iter() {
        let (low, high) = match limit {
            Limit::Range(low, high) => (*low, *high),
            // Of a double nothing is nearest to its bound: that one is taken to be possible.
            Limit::Above(low) | Limit::AtLeast(low) => (Some(*low), None),
            Limit::Below(high) | Limit::AtMost(high) => (None, Some(*high)),
            Limit::Pattern(_) | Limit::Media(_) => (None, None),
        };
        bounds.0 = bounds.0.max(low.unwrap_or(bounds.0));
        bounds.1 = bounds.1.min(high.unwrap_or(bounds.1));
    }
    bounds
}
