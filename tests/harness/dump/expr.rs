//! Expressions and templates.

use super::{Node, atom, list, quoted};
use journey_lang::ast::{
    BinaryOp, Expr, ExprKind, ListItem, Literal, MapEntry, TemplateEntry, TemplateItem, TextPart,
    UnaryOp,
};

pub fn expr(e: &Expr) -> Node {
    match &e.kind {
        ExprKind::Literal(literal) => constant(literal),
        ExprKind::Ident { name, absolute } => {
            atom(format!("{}{name}", if *absolute { "." } else { "" }))
        }
        ExprKind::Member {
            object,
            field,
            optional,
        } => list(
            if *optional { ".?" } else { "." },
            [expr(object), atom(&field.node)],
        ),
        ExprKind::Index {
            object,
            index,
            optional,
        } => list(
            if *optional { "[?]" } else { "[]" },
            [expr(object), expr(index)],
        ),
        ExprKind::Call {
            receiver,
            function,
            args,
        } => call(receiver.as_deref(), &function.node, args),
        ExprKind::Unary { op, operand } => {
            list(if *op == UnaryOp::Neg { "-" } else { "!" }, [expr(operand)])
        }
        ExprKind::Arithmetic { first, rest } => {
            let binary = |left, (op, right): &(BinaryOp, Expr)| operator(*op, left, expr(right));
            rest.iter().fold(expr(first), binary)
        }
        ExprKind::Binary { op, left, right } => operator(*op, expr(left), expr(right)),
        ExprKind::Logic { and, operands } => {
            list(if *and { "&&" } else { "||" }, operands.iter().map(expr))
        }
        ExprKind::Conditional {
            condition,
            then,
            otherwise,
        } => list("?:", [expr(condition), expr(then), expr(otherwise)]),
        ExprKind::List(items) => list("list", items.iter().map(list_item)),
        ExprKind::Map(entries) => list("map", entries.iter().map(map_entry)),
        ExprKind::Struct { name, fields } => {
            let fields = fields
                .iter()
                .map(|(name, value)| list(&name.node, [expr(value)]));
            list("struct", std::iter::once(atom(&name.node)).chain(fields))
        }
        ExprKind::Object(entries) => list("object", entries.iter().map(template_entry)),
        ExprKind::Array(items) => list("array", items.iter().map(template_item)),
        ExprKind::Interpolation(parts) => list("text", parts.iter().map(text_part)),
        ExprKind::Error => atom("<error>"),
    }
}

fn operator(op: BinaryOp, left: Node, right: Node) -> Node {
    list(format!("{op:?}").to_lowercase(), [left, right])
}

fn constant(literal: &Literal) -> Node {
    match literal {
        Literal::Null => atom("null"),
        Literal::Bool(value) => atom(value),
        Literal::Int(value) => atom(value),
        Literal::Uint(value) => atom(format!("{value}u")),
        Literal::Double(value) => atom(format!("{value:?}")),
        Literal::String(value) => quoted(value),
        Literal::Bytes(value) => atom(format!("b\"{}\"", value.escape_ascii())),
    }
}

fn call(receiver: Option<&Expr>, function: &str, args: &[Expr]) -> Node {
    let head = format!("{}{function}()", if receiver.is_some() { "." } else { "" });
    list(head, receiver.into_iter().chain(args).map(expr))
}

fn optional(optional: bool, name: &str) -> String {
    format!("{name}{}", if optional { "?" } else { "" })
}

fn list_item(item: &ListItem) -> Node {
    if item.optional {
        list("?", [expr(&item.value)])
    } else {
        expr(&item.value)
    }
}

fn map_entry(entry: &MapEntry) -> Node {
    list(
        optional(entry.optional, ":"),
        [expr(&entry.key), expr(&entry.value)],
    )
}

fn template_entry(entry: &TemplateEntry) -> Node {
    match entry {
        TemplateEntry::Field {
            key,
            optional: is_optional,
            value,
        } => list(optional(*is_optional, &key.node), [expr(value)]),
        TemplateEntry::Spread(value) => list("...", [expr(value)]),
    }
}

fn template_item(item: &TemplateItem) -> Node {
    match item {
        TemplateItem::Value(value) => expr(value),
        TemplateItem::Spread(value) => list("...", [expr(value)]),
    }
}

fn text_part(part: &TextPart) -> Node {
    match part {
        TextPart::Literal(text) => quoted(text),
        TextPart::Value(value) => list("$", [expr(value)]),
    }
}
