//! Whether one condition says that another one holds: as far as can be seen without types, never wrongly.

use crate::ast::{BinaryOp, Expr, ExprKind, Literal, UnaryOp};
use crate::walk;

/// Does the second condition hold whenever the first does? `false`: not that it could be seen.
#[must_use]
pub fn implies(first: &Expr, second: &Expr) -> bool {
    match (&first.kind, &second.kind) {
        (_, ExprKind::Literal(Literal::Bool(true))) => true,
        (
            ExprKind::Logic {
                and: false,
                operands,
            },
            _,
        ) => operands.iter().all(|operand| implies(operand, second)),
        (
            _,
            ExprKind::Logic {
                and: true,
                operands,
            },
        ) => operands.iter().all(|operand| implies(first, operand)),
        (
            _,
            ExprKind::Logic {
                and: false,
                operands,
            },
        ) if same(first, second) || operands.iter().any(|operand| implies(first, operand)) => true,
        (
            ExprKind::Logic {
                and: true,
                operands,
            },
            _,
        ) => operands.iter().any(|operand| implies(operand, second)),
        _ => same(first, second) || is_narrower(first, second),
    }
}

/// `x > 20` says `x > 10`, `x == 5` says `x <= 7`.
fn is_narrower(first: &Expr, second: &Expr) -> bool {
    let (Some((x, op, a)), Some((y, wanted, b))) = (comparison(first), comparison(second)) else {
        return false;
    };
    use BinaryOp::{Eq, Ge, Gt, Le, Lt, Ne};
    same(x, y)
        && match (op, wanted) {
            (Gt, Gt) | (Ge, Ge | Ne) | (Eq, Ge) if (op, wanted) != (Ge, Ne) => a >= b,
            (Gt, Ge | Ne) => a >= b,
            (Ge | Eq, Gt) | (Ge, Ne) => a > b,
            (Lt, Lt) | (Le | Eq, Le) => a <= b,
            (Lt, Le | Ne) => a <= b,
            (Le | Eq, Lt) | (Le, Ne) => a < b,
            (Eq, Ne) => a != b,
            _ => false,
        }
}

/// A comparison with a number behind it.
fn comparison(expr: &Expr) -> Option<(&Expr, BinaryOp, f64)> {
    let ExprKind::Binary { op, left, right } = &expr.kind else {
        return None;
    };
    let (left, op, number) = match (number(left), number(right)) {
        (None, Some(number)) => (left, *op, number),
        (Some(number), None) => (right, op.turned(), number),
        _ => return None,
    };
    Some((left, op, number))
}

fn number(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Literal(Literal::Int(n)) => Some(*n as f64),
        ExprKind::Literal(Literal::Uint(n)) => Some(*n as f64),
        ExprKind::Literal(Literal::Double(x)) => Some(*x),
        ExprKind::Unary {
            op: UnaryOp::Neg,
            operand,
        } => number(operand).map(|x| -x),
        _ => None,
    }
}

/// Is the same written, wherever it stands?
fn same(a: &Expr, b: &Expr) -> bool {
    let (inner_a, inner_b) = (walk::operands(a), walk::operands(b));
    same_head(&a.kind, &b.kind)
        && inner_a.len() == inner_b.len()
        && inner_a.iter().zip(inner_b).all(|(a, b)| same(a, b))
}

/// The same, operands left aside.
fn same_head(a: &ExprKind, b: &ExprKind) -> bool {
    use ExprKind as K;
    match (a, b) {
        (K::Literal(a), K::Literal(b)) => a == b,
        (K::Ident { name: a, .. }, K::Ident { name: b, .. }) => a == b,
        (
            K::Member {
                field: a,
                optional: x,
                ..
            },
            K::Member {
                field: b,
                optional: y,
                ..
            },
        ) => a.node == b.node && x == y,
        (K::Index { optional: a, .. }, K::Index { optional: b, .. }) => a == b,
        (
            K::Call {
                function: a,
                receiver: x,
                ..
            },
            K::Call {
                function: b,
                receiver: y,
                ..
            },
        ) => a.node == b.node && x.is_some() == y.is_some(),
        (K::Unary { op: a, .. }, K::Unary { op: b, .. }) => a == b,
        (K::Binary { op: a, .. }, K::Binary { op: b, .. }) => a == b,
        (K::Logic { and: a, .. }, K::Logic { and: b, .. }) => a == b,
        (K::Arithmetic { rest: a, .. }, K::Arithmetic { rest: b, .. }) => {
            a.iter().map(|(op, _)| op).eq(b.iter().map(|(op, _)| op))
        }
        (K::Conditional { .. }, K::Conditional { .. }) => true,
        (K::List(a), K::List(b)) => {
            let optional = |item: &crate::ast::ListItem| item.optional;
            a.iter().map(optional).eq(b.iter().map(optional))
        }
        _ => false,
    }
}
