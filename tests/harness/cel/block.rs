//! The forms that only tests write, for what optimisers make: `cel.block`, `cel.index`, `cel.iterVar`, `cel.accuVar`.
//! They are rewritten to `cel.bind` and to names that no source can spell.

use journey_lang::ast::{
    Expr, ExprKind, Ids, Literal, Name, TemplateEntry, TemplateItem, TextPart,
};

/// Rewrites these forms in an expression.
pub(crate) fn expand(expr: &mut Expr, ids: &mut Ids) -> Result<(), String> {
    for part in parts(&mut expr.kind) {
        expand(part, ids)?;
    }
    let ExprKind::Call {
        receiver: Some(receiver),
        function,
        args,
    } = &mut expr.kind
    else {
        return Ok(());
    };
    if !matches!(&receiver.kind, ExprKind::Ident { name, .. } if name == "cel") {
        return Ok(());
    }
    let kind = match (function.node.as_str(), args.as_mut_slice()) {
        ("index", [at]) => name(format!("@index{}", number(at)?)),
        ("iterVar", [depth, unique]) => name(format!("@it:{}:{}", number(depth)?, number(unique)?)),
        ("accuVar", [depth, unique]) => name(format!("@ac:{}:{}", number(depth)?, number(unique)?)),
        (
            "block",
            [
                Expr {
                    kind: ExprKind::List(items),
                    ..
                },
                body,
            ],
        ) => {
            let values = std::mem::take(items).into_iter().map(|item| item.value);
            let cel = Expr::clone(receiver);
            let bind = Name {
                node: "bind".to_owned(),
                span: function.span,
            };
            let wrap = |body: Expr, (at, value): (usize, Expr)| {
                let variable = Expr {
                    id: ids.expr(),
                    kind: name(format!("@index{at}")),
                    span: value.span,
                };
                let kind = ExprKind::Call {
                    receiver: Some(Box::new(Expr {
                        id: ids.expr(),
                        ..cel.clone()
                    })),
                    function: bind.clone(),
                    args: vec![variable, value, body],
                };
                Expr {
                    id: ids.expr(),
                    kind,
                    span: expr.span,
                }
            };
            values
                .enumerate()
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .fold(body.clone(), wrap)
                .kind
        }
        ("block" | "index" | "iterVar" | "accuVar", _) => {
            return Err("a test form with other arguments".to_owned());
        }
        _ => return Ok(()),
    };
    expr.kind = kind;
    expr.id = ids.expr();
    Ok(())
}

fn name(name: String) -> ExprKind {
    ExprKind::Ident {
        name,
        absolute: false,
    }
}

fn number(expr: &Expr) -> Result<i64, String> {
    match expr.kind {
        ExprKind::Literal(Literal::Int(n)) if n >= 0 => Ok(n),
        _ => Err("a test form without a number".to_owned()),
    }
}

fn parts(kind: &mut ExprKind) -> Vec<&mut Expr> {
    match kind {
        ExprKind::Literal(_) | ExprKind::Ident { .. } | ExprKind::Error => Vec::new(),
        ExprKind::Member { object, .. } => vec![object],
        ExprKind::Index { object, index, .. } => vec![object, index],
        ExprKind::Call { receiver, args, .. } => {
            receiver.iter_mut().map(|r| &mut **r).chain(args).collect()
        }
        ExprKind::Unary { operand, .. } => vec![operand],
        ExprKind::Arithmetic { first, rest } => std::iter::once(&mut **first)
            .chain(rest.iter_mut().map(|(_, operand)| operand))
            .collect(),
        ExprKind::Binary { left, right, .. } => vec![left, right],
        ExprKind::Logic { operands, .. } => operands.iter_mut().collect(),
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => vec![condition, then, otherwise],
        ExprKind::List(items) => items.iter_mut().map(|i| &mut i.value).collect(),
        ExprKind::Map(entries) => entries
            .iter_mut()
            .flat_map(|e| [&mut e.key, &mut e.value])
            .collect(),
        ExprKind::Struct { fields, .. } => fields.iter_mut().map(|(_, v)| v).collect(),
        ExprKind::Object(entries) => entries
            .iter_mut()
            .map(|entry| match entry {
                TemplateEntry::Field { value, .. } | TemplateEntry::Spread(value) => value,
            })
            .collect(),
        ExprKind::Array(items) => items
            .iter_mut()
            .map(|item| match item {
                TemplateItem::Value(value) | TemplateItem::Spread(value) => value,
            })
            .collect(),
        ExprKind::Interpolation(parts) => parts
            .iter_mut()
            .filter_map(|part| match part {
                TextPart::Value(value) => Some(value),
                TextPart::Literal(_) => None,
            })
            .collect(),
    }
}
