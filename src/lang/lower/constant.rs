//! Expressions that are known now: literals and what is built of them alone. The machine's own operations compute them,
//! so a folded expression has the value it would have had; one that fails is left to fail when it runs.

use super::template::{fixed_field, plain_item};
use crate::ast::{BinaryOp, Expr, ExprKind, Literal, MapEntry, TemplateEntry, TextPart, UnaryOp};
use crate::types::{Callee, Global, Ty, TypeTable};
use journey_machine::builtin;
use journey_machine::value::{Value, ops};
use std::sync::Arc;

/// Library functions that are computed now when their arguments are known.
const FOLDED: [&str; 2] = ["duration", "timestamp"];

/// The value of an expression, if it depends on nothing and does not fail.
pub(crate) fn fold(types: &TypeTable, expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(literal) => Some(of_literal(literal, types.ty(expr.id))),
        ExprKind::Ident { .. } | ExprKind::Member { .. } => type_name(types, expr),
        ExprKind::Unary { op, operand } => {
            let value = fold(types, operand)?;
            match op {
                UnaryOp::Neg => ops::neg(&value).ok(),
                UnaryOp::Not => ops::not(&value).ok(),
            }
        }
        ExprKind::Arithmetic { first, rest } => {
            let (value, rest) = prefix(types, first, rest)?;
            rest.is_empty().then_some(value)
        }
        ExprKind::Binary { op, left, right } => {
            binary(*op, &fold(types, left)?, &fold(types, right)?)
        }
        ExprKind::List(items) => list(
            types,
            items.iter().map(|i| (!i.optional).then_some(&i.value)),
        ),
        ExprKind::Array(items) => list(types, items.iter().map(plain_item)),
        ExprKind::Map(entries) => map(types, entries),
        ExprKind::Object(entries) => object(types, entries),
        ExprKind::Interpolation(parts) => text(types, parts),
        ExprKind::Call { args, .. } => call(types, expr, args),
        ExprKind::Index { .. }
        | ExprKind::Logic { .. }
        | ExprKind::Conditional { .. }
        | ExprKind::Struct { .. }
        | ExprKind::Error => None,
    }
}

/// The value of as many operands of a chain as are known now, and what is left.
pub(super) fn prefix<'e>(
    types: &TypeTable,
    first: &Expr,
    rest: &'e [(BinaryOp, Expr)],
) -> Option<(Value, &'e [(BinaryOp, Expr)])> {
    let mut value = fold(types, first)?;
    for (at, (op, operand)) in rest.iter().enumerate() {
        match fold(types, operand).and_then(|operand| binary(*op, &value, &operand)) {
            Some(next) => value = next,
            None => return Some((value, rest.get(at..).unwrap_or_default())),
        }
    }
    Some((value, &[]))
}

/// A literal, of the type that its place wants.
fn of_literal(literal: &Literal, ty: &Ty) -> Value {
    match literal {
        Literal::Null => Value::Null,
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Int(n) if *ty == Ty::Double => Value::Double(*n as f64),
        Literal::Int(n) => Value::Int(*n),
        Literal::Uint(n) => Value::Uint(*n),
        Literal::Double(x) => Value::Double(*x),
        Literal::String(text) => Value::string(text.as_str()),
        Literal::Bytes(bytes) => Value::from(bytes.clone()),
    }
}

fn type_name(types: &TypeTable, expr: &Expr) -> Option<Value> {
    match types.globals.get(&expr.id)? {
        Global::Type(name) => Some(Value::Type(name.as_str().into())),
        Global::Context(_) | Global::Now | Global::Variable(_) | Global::Missing => None,
    }
}

fn binary(op: BinaryOp, a: &Value, b: &Value) -> Option<Value> {
    match op {
        BinaryOp::Add => ops::add(a, b).ok(),
        BinaryOp::Sub => ops::sub(a, b).ok(),
        BinaryOp::Mul => ops::mul(a, b).ok(),
        BinaryOp::Div => ops::div(a, b).ok(),
        BinaryOp::Rem => ops::rem(a, b).ok(),
        BinaryOp::Eq => Some(Value::Bool(a == b)),
        BinaryOp::Ne => Some(Value::Bool(a != b)),
        BinaryOp::Lt => ops::lt(a, b).ok(),
        BinaryOp::Le => ops::le(a, b).ok(),
        BinaryOp::Gt => ops::gt(a, b).ok(),
        BinaryOp::Ge => ops::ge(a, b).ok(),
        BinaryOp::In => ops::is_in(a, b).ok(),
    }
}

fn list<'e>(types: &TypeTable, items: impl Iterator<Item = Option<&'e Expr>>) -> Option<Value> {
    ops::list(
        items
            .map(|item| fold(types, item?))
            .collect::<Option<_>>()?,
    )
    .ok()
}

fn map(types: &TypeTable, entries: &[MapEntry]) -> Option<Value> {
    let mut pairs = Vec::with_capacity(entries.len() * 2);
    for entry in entries {
        if entry.optional {
            return None;
        }
        pairs.push(fold(types, &entry.key)?);
        pairs.push(fold(types, &entry.value)?);
    }
    ops::map(pairs).ok()
}

fn object(types: &TypeTable, entries: &[TemplateEntry]) -> Option<Value> {
    let fields: Vec<(&str, Value)> = entries
        .iter()
        .map(|entry| fixed_field(entry).and_then(|(name, value)| Some((name, fold(types, value)?))))
        .collect::<Option<_>>()?;
    let (names, values): (Vec<&str>, Vec<Value>) = fields.into_iter().unzip();
    record(names, values)
}

/// An object of known members.
pub(super) fn record<'n>(
    names: impl IntoIterator<Item = &'n str>,
    values: impl IntoIterator<Item = Value>,
) -> Option<Value> {
    let slots = values.into_iter().map(Some).collect();
    ops::object(&Arc::new(names.into_iter().collect()), slots).ok()
}

fn text(types: &TypeTable, parts: &[TextPart]) -> Option<Value> {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text) => Some(Value::string(text.as_str())),
        TextPart::Value(value) => fold(types, value),
    };
    ops::concat(&parts.iter().map(part).collect::<Option<Vec<_>>>()?).ok()
}

fn call(types: &TypeTable, expr: &Expr, args: &[Expr]) -> Option<Value> {
    let Some(Callee::Builtin {
        name,
        receiver: false,
    }) = types.callees.get(&expr.id)
    else {
        return None;
    };
    if !FOLDED.contains(&name.as_str()) {
        return None;
    }
    let args: Vec<Value> = args.iter().map(|a| fold(types, a)).collect::<Option<_>>()?;
    builtin::find(name)?.invoke(&args).ok()
}
