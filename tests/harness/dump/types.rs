//! Types and fields.

use super::expr::expr;
use super::{Node, atom, docs, list, quoted};
use journey_lang::ast::{FieldDecl, Label, Limit, ParamDecl, Spanned, TypeExpr, TypeKind};

pub fn ty(t: &TypeExpr) -> Node {
    match &t.kind {
        TypeKind::Named(name) => atom(name),
        TypeKind::Limited { base, limits } => list(&base.node, limits.iter().map(limit)),
        TypeKind::Literal(text) => quoted(text),
        TypeKind::Union(members) => list("|", members.iter().map(ty)),
        TypeKind::List { item, limits } => list(
            "list",
            std::iter::once(ty(item)).chain(limits.iter().map(limit)),
        ),
        TypeKind::Map { key, value } => list("map", [ty(key), ty(value)]),
        TypeKind::Object { fields, open } => {
            list("object", fields.iter().map(field).chain(rest(*open)))
        }
        TypeKind::Labelled(label, inner) => list(label_name(label.node), [ty(inner)]),
        TypeKind::Error => atom("<error>"),
    }
}

pub fn label_name(label: Label) -> &'static str {
    match label {
        Label::Secret => "secret",
        Label::Pii => "pii",
    }
}

pub fn rest(open: bool) -> Option<Node> {
    open.then(|| atom("..."))
}

pub fn field(f: &FieldDecl) -> Node {
    let name = format!("{}{}", f.name.node, if f.optional { "?" } else { "" });
    let default = f.default.as_ref().map(|value| list("=", [expr(value)]));
    list(
        name,
        std::iter::once(ty(&f.ty))
            .chain(default)
            .chain(docs(&f.docs)),
    )
}

pub fn param(p: &ParamDecl) -> Node {
    let place = p.place.as_ref().map_or("param".to_owned(), |place| {
        format!("{:?}", place.node).to_lowercase()
    });
    let wire = p
        .wire
        .as_ref()
        .map(|name| list("from", [quoted(&name.node)]));
    list(place, std::iter::once(field(&p.field)).chain(wire))
}

fn limit(l: &Spanned<Limit>) -> Node {
    let end = |end: &Option<f64>| end.map_or(String::new(), |end| end.to_string());
    match &l.node {
        Limit::Range(low, high) => atom(format!("{}..{}", end(low), end(high))),
        Limit::Above(bound) => atom(format!(">{bound}")),
        Limit::AtLeast(bound) => atom(format!(">={bound}")),
        Limit::Below(bound) => atom(format!("<{bound}")),
        Limit::AtMost(bound) => atom(format!("<={bound}")),
        Limit::Pattern(regex) => atom(format!("/{regex}/")),
        Limit::Media(media) => quoted(media),
    }
}
