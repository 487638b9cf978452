//! Type expressions: names they use, limits that fit, fields that stand once, types that would never end.

use super::cycles::{self, Graph};
use super::{Names, Seen, count_in_range, unknown};
use crate::ast::{FieldDecl, Limit, Name, Spanned, TypeExpr, TypeKind};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_FIELDS, MAX_VALUES};
use journey_machine::span::Span;
use std::collections::BTreeSet;

/// Names of types that need no declaration.
pub const BUILTIN_TYPES: [&str; 14] = [
    "null",
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "timestamp",
    "duration",
    "url",
    "dyn",
    "Problem",
    "blob",
    "list",
];

/// Is the name of a declared type one of the language's own? Then says so.
pub(super) fn taken(name: &Name, out: &mut Diagnostics) -> bool {
    let taken = BUILTIN_TYPES.contains(&name.node.as_str()) || name.node == "map";
    if taken {
        let title = format!("`{}` is a type of the language", name.node);
        out.push(
            Diagnostic::new(Code::TAKEN_NAME, name.span, title)
                .at("taken")
                .help("choose another name"),
        );
    }
    taken
}

/// Checks a type expression and all inside it.
pub(super) fn check(names: &Names<'_>, ty: &TypeExpr, out: &mut Diagnostics) {
    match &ty.kind {
        TypeKind::Named(name) => check_name(names, name, ty.span, out),
        TypeKind::Limited { base, limits } => check_limited(base, limits, out),
        TypeKind::Union(members) => check_union(names, members, ty.span, out),
        TypeKind::List { item, limits } => {
            check_limits("list", limits, out);
            check(names, item, out);
        }
        TypeKind::Map { key, value } => {
            if !matches!(&key.kind, TypeKind::Named(n) if n == "string")
                && !matches!(key.kind, TypeKind::Error)
            {
                let wrong = Diagnostic::new(
                    Code::UNKNOWN_TYPE,
                    key.span,
                    "the keys of a map are strings",
                );
                out.push(wrong.help("write `map<string, …>`: JSON has no other keys"));
            }
            check(names, value, out);
        }
        TypeKind::Object { fields, .. } => check_fields(names, fields, out),
        TypeKind::Labelled(_, inner) => check(names, inner, out),
        TypeKind::Literal(_) | TypeKind::Error => {}
    }
}

/// Checks fields: each name once, each type.
pub(super) fn check_fields(names: &Names<'_>, fields: &[FieldDecl], out: &mut Diagnostics) {
    count_in_range(
        "fields",
        fields,
        MAX_FIELDS,
        fields.last().map(|f| f.name.span),
        out,
    );
    let mut seen = Seen::default();
    for field in fields {
        seen.list("field", &field.name, out);
        check(names, &field.ty, out);
    }
}

fn check_name(names: &Names<'_>, name: &str, span: Span, out: &mut Diagnostics) {
    if names.types.contains_key(name) || (BUILTIN_TYPES.contains(&name) && name != "list") {
        return;
    }
    let help = match name {
        "integer" | "long" | "int64" | "int32" => "int",
        "float" | "number" | "decimal" => "double",
        "boolean" => "bool",
        "text" | "str" => "string",
        "any" | "object" | "json" => "dyn",
        "datetime" | "date" | "time" => "timestamp",
        "array" | "list" => "list<T>",
        "map" => "map<string, T>",
        _ => "",
    };
    let known = names.types.keys().copied().chain(BUILTIN_TYPES);
    let finding = unknown(
        Code::UNKNOWN_TYPE,
        "type",
        &Spanned {
            node: name.into(),
            span,
        },
        known,
        out,
    );
    out.push(if help.is_empty() {
        finding
    } else {
        finding.help(format!("write `{help}`"))
    });
}

fn check_union(names: &Names<'_>, members: &[TypeExpr], span: Span, out: &mut Diagnostics) {
    count_in_range("values", members, MAX_VALUES, Some(span), out);
    let mut seen = Seen::default();
    let is_null = |t: &TypeExpr| matches!(&t.kind, TypeKind::Named(n) if n == "null");
    let literals = members
        .iter()
        .filter(|m| matches!(m.kind, TypeKind::Literal(_)))
        .count();
    let others: Vec<&TypeExpr> = members
        .iter()
        .filter(|m| !is_null(m) && !matches!(m.kind, TypeKind::Literal(_)))
        .collect();
    for member in members {
        match &member.kind {
            TypeKind::Literal(text) => seen.list_at("value", text, member.span, out),
            TypeKind::Named(name) => seen.list_at("type", name, member.span, out),
            TypeKind::Limited { .. }
            | TypeKind::Union(_)
            | TypeKind::List { .. }
            | TypeKind::Map { .. }
            | TypeKind::Object { .. }
            | TypeKind::Labelled(..)
            | TypeKind::Error => {}
        }
        check(names, member, out);
    }
    if others.len() + usize::from(literals > 0) > 1 {
        let title = "a union is of literals, or of one type and `null`";
        let place = others.last().map_or(span, |t| t.span);
        out.push(
            Diagnostic::new(Code::UNKNOWN_TYPE, place, title)
                .at("one type too many")
                .help("write one type, an object with optional fields, or `dyn`"),
        );
    }
}

fn check_limited(base: &Name, limits: &[Spanned<Limit>], out: &mut Diagnostics) {
    if ["string", "int", "uint", "double", "bytes", "blob", "list"].contains(&base.node.as_str()) {
        check_limits(&base.node, limits, out);
    } else {
        let title = format!("`{}` takes no limits", base.node);
        out.push(Diagnostic::new(Code::BAD_LIMIT, base.span, title).help(
            "limits stand behind `string`, `int`, `uint`, `double`, `bytes`, `blob` and `list<T>`",
        ));
    }
}

fn check_limits(base: &str, limits: &[Spanned<Limit>], out: &mut Diagnostics) {
    for limit in limits {
        if let Some(problem) = limit_problem(base, &limit.node) {
            out.push(Diagnostic::new(Code::BAD_LIMIT, limit.span, problem));
        }
    }
    if let Some(last) = limits.last()
        && limits
            .iter()
            .all(|l| limit_problem(base, &l.node).is_none())
        && empty(limits)
    {
        out.push(Diagnostic::new(
            Code::BAD_LIMIT,
            last.span,
            format!("no {base} is within these limits"),
        ));
    }
}

fn limit_problem(base: &str, limit: &Limit) -> Option<String> {
    if let Limit::Pattern(_) = limit {
        // Whether it is one is said where it is compiled.
        let pattern = format!("a pattern is for `string`, not for `{base}`");
        return (base != "string").then_some(pattern);
    }
    if let Limit::Media(media) = limit {
        return match base {
            "blob" if is_media(media) => None,
            "blob" => Some(format!(
                "`{media}` is not a media type: write `image/png` or `image/*`"
            )),
            _ => Some(format!("a media type is for `blob`, not for `{base}`")),
        };
    }
    let length = matches!(base, "string" | "bytes" | "blob" | "list");
    let numbers: Vec<f64> = numbers(limit);
    if length && !matches!(limit, Limit::Range(..)) {
        return Some(format!(
            "the length of a {base} is limited by a range, `{base}(1..64)`"
        ));
    }
    if base != "double" && numbers.iter().any(|n| n.fract() != 0.0) {
        return Some(format!("a limit of `{base}` is a whole number"));
    }
    if (length || base == "uint") && numbers.iter().any(|n| *n < 0.0) {
        return Some(format!("a limit of `{base}` is not negative"));
    }
    let too_long = length && numbers.iter().any(|n| *n > f64::from(u32::MAX));
    too_long.then(|| format!("a limit of `{base}` is at most {}", u32::MAX))
}

fn numbers(limit: &Limit) -> Vec<f64> {
    match limit {
        Limit::Range(low, high) => low.iter().chain(high).copied().collect(),
        Limit::Above(n) | Limit::AtLeast(n) | Limit::Below(n) | Limit::AtMost(n) => vec![*n],
        Limit::Pattern(_) | Limit::Media(_) => Vec::new(),
    }
}

/// Does no number satisfy all of them?
fn empty(limits: &[Spanned<Limit>]) -> bool {
    let (mut low, mut high, mut open) = (f64::NEG_INFINITY, f64::INFINITY, false);
    for limit in limits {
        match &limit.node {
            Limit::Range(from, to) => {
                low = from.map_or(low, |n| low.max(n));
                high = to.map_or(high, |n| high.min(n));
            }
            Limit::AtLeast(n) => low = low.max(*n),
            Limit::AtMost(n) => high = high.min(*n),
            Limit::Above(n) => (low, open) = (low.max(*n), true),
            Limit::Below(n) => (high, open) = (high.min(*n), true),
            Limit::Pattern(_) | Limit::Media(_) => {}
        }
    }
    low > high || (open && low >= high)
}

/// Can a value of this type be read from text: a path segment, a query pair, a header, an environment variable?
/// `list`: may it stand several times? `bytes`: may it be raw bytes?
pub(super) fn is_text<'t>(names: &Names<'t>, ty: &'t TypeExpr, list: bool, bytes: bool) -> bool {
    let Some(ty) = definition(names, ty) else {
        return true;
    };
    match &ty.kind {
        TypeKind::Named(name) => {
            // A part may come as JSON, where it can be anything.
            bytes && name == "dyn"
                || !matches!(name.as_str(), "null" | "dyn" | "Problem") && (bytes || !is_raw(name))
        }
        TypeKind::Limited { base, .. } => bytes || !is_raw(&base.node),
        TypeKind::Literal(_) | TypeKind::Error => true,
        TypeKind::Union(members) => members
            .iter()
            .all(|m| matches!(m.kind, TypeKind::Literal(_))),
        TypeKind::List { item, .. } => list && is_text(names, item, false, bytes),
        TypeKind::Labelled(..) | TypeKind::Map { .. } | TypeKind::Object { .. } => false,
    }
}

fn is_raw(name: &str) -> bool {
    matches!(name, "bytes" | "blob")
}

/// A type without its labels, and what a declared name stands for; `None` if the name stands for itself.
#[must_use]
pub fn definition<'t>(names: &Names<'t>, mut ty: &'t TypeExpr) -> Option<&'t TypeExpr> {
    let mut left = names.types.len();
    loop {
        match &ty.kind {
            TypeKind::Labelled(_, inner) => ty = inner,
            TypeKind::Named(name) => match names.types.get(name.as_str()) {
                Some(_) if left == 0 => return None,
                Some(declared) => (ty, left) = (&declared.ty, left - 1),
                None => return Some(ty),
            },
            TypeKind::Limited { .. }
            | TypeKind::Literal(_)
            | TypeKind::Union(_)
            | TypeKind::List { .. }
            | TypeKind::Map { .. }
            | TypeKind::Object { .. }
            | TypeKind::Error => return Some(ty),
        }
    }
}

/// Can values of this type be put in order, as those of a key or an index are?
pub(super) fn is_ordered<'t>(names: &Names<'t>, ty: &'t TypeExpr) -> bool {
    let ordered = |name: &str| {
        matches!(
            name,
            "string" | "url" | "int" | "uint" | "double" | "bool" | "timestamp"
        )
    };
    let Some(ty) = definition(names, ty) else {
        return true;
    };
    match &ty.kind {
        TypeKind::Named(name) => ordered(name) || !BUILTIN_TYPES.contains(&name.as_str()),
        TypeKind::Limited { base, .. } => ordered(&base.node),
        TypeKind::Literal(_) | TypeKind::Error => true,
        TypeKind::Union(members) => members
            .iter()
            .all(|m| matches!(m.kind, TypeKind::Literal(_))),
        TypeKind::List { .. }
        | TypeKind::Labelled(..)
        | TypeKind::Map { .. }
        | TypeKind::Object { .. } => false,
    }
}

/// Has a type a label, or something in it?
#[must_use]
pub fn labelled(names: &Names<'_>, ty: &TypeExpr) -> bool {
    find(names, ty, &mut BTreeSet::new(), &|ty| {
        matches!(ty.kind, TypeKind::Labelled(..))
    })
    .is_some()
}

/// The blob that values of a type hold, if they do.
#[must_use]
pub fn holds_blob(names: &Names<'_>, ty: &TypeExpr) -> Option<Span> {
    find(names, ty, &mut BTreeSet::new(), &is_blob)
}

fn is_blob(ty: &TypeExpr) -> bool {
    match &ty.kind {
        TypeKind::Named(name) => name == "blob",
        TypeKind::Limited { base, .. } => base.node == "blob",
        _ => false,
    }
}

/// The first type in a type, itself included, for which something holds.
fn find<'t>(
    names: &Names<'t>,
    ty: &'t TypeExpr,
    seen: &mut BTreeSet<&'t str>,
    holds: &impl Fn(&TypeExpr) -> bool,
) -> Option<Span> {
    if holds(ty) {
        return Some(ty.span);
    }
    let inside: Vec<&TypeExpr> = match &ty.kind {
        TypeKind::Named(name) if seen.insert(name) => names
            .types
            .get(name.as_str())
            .map(|t| &t.ty)
            .into_iter()
            .collect(),
        TypeKind::Union(members) => members.iter().collect(),
        TypeKind::List { item: inner, .. }
        | TypeKind::Map { value: inner, .. }
        | TypeKind::Labelled(_, inner) => vec![inner],
        TypeKind::Object { fields, .. } => fields.iter().map(|f| &f.ty).collect(),
        TypeKind::Named(_) | TypeKind::Limited { .. } | TypeKind::Literal(_) | TypeKind::Error => {
            Vec::new()
        }
    };
    inside
        .into_iter()
        .find_map(|ty| find(names, ty, seen, holds))
}

/// Blobs are parts of requests and fields of records: nothing else brings or takes one.
pub(super) fn refuse_blobs(names: &Names<'_>, ty: &TypeExpr, out: &mut Diagnostics) {
    if let Some(place) = holds_blob(names, ty) {
        let finding = Diagnostic::new(Code::BAD_BLOB, place, "a blob cannot be here");
        let finding = if place == ty.span {
            finding
        } else {
            finding.label(ty.span, "used here")
        };
        out.push(finding.help(
            "a blob is a field of a `multipart` body or of a record, or the whole body of a call; `read blob … as bytes` gives its bytes",
        ));
    }
}

/// Is a value of the type an upload itself?
#[must_use]
pub fn is_upload(names: &Names<'_>, ty: &TypeExpr) -> bool {
    definition(names, ty).is_some_and(is_blob)
}

/// Limits of a blob stand where it arrives.
pub(super) fn refuse_limits(names: &Names<'_>, ty: &TypeExpr, out: &mut Diagnostics) {
    let limited = |ty: &TypeExpr| matches!(ty.kind, TypeKind::Limited { .. }) && is_blob(ty);
    if let Some(place) = find(names, ty, &mut BTreeSet::new(), &limited) {
        let title = "the limits of a blob stand where it arrives";
        let finding = Diagnostic::new(Code::BAD_BLOB, place, title);
        out.push(finding.help("write `blob` here, and `blob(..10485760)` in `multipart { … }`"));
    }
}

/// A blob that arrives as a part says how large it may be.
pub(super) fn check_part(names: &Names<'_>, ty: &TypeExpr, out: &mut Diagnostics) {
    let Some(own) = definition(names, ty) else {
        return;
    };
    if let TypeKind::List { item, .. } = &own.kind {
        return check_part(names, item, out);
    }
    let limited = matches!(&own.kind, TypeKind::Limited { limits, .. }
        if limits.iter().any(|l| matches!(l.node, Limit::Range(_, Some(_)))));
    if is_blob(own) && !limited {
        let title = "how large may this be?";
        let finding = Diagnostic::new(Code::BAD_BLOB, ty.span, title);
        out.push(finding.help("write the most bytes: `blob(..10485760)`"));
    }
}

/// `image/png`, `image/*`
fn is_media(text: &str) -> bool {
    let word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b))
    };
    text.split_once('/')
        .is_some_and(|(kind, sub)| word(kind) && (sub == "*" || word(sub)))
}

/// Types whose every value would hold another of the same type.
pub(super) fn infinite(names: &Names<'_>, out: &mut Diagnostics) {
    let graph: Graph<'_> = names
        .types
        .iter()
        .map(|(name, decl)| (*name, needed(&decl.ty)))
        .collect();
    for circle in cycles::find(&graph) {
        let Some((name, span)) = circle.first() else {
            continue;
        };
        let mut finding = Diagnostic::new(
            Code::INFINITE_TYPE,
            *span,
            format!("a value of type `{name}` could never be complete"),
        );
        for ((from, span), (to, _)) in circle.iter().zip(circle.iter().cycle().skip(1)) {
            finding = finding.label(*span, format!("every `{from}` holds a `{to}`"));
        }
        out.push(
            finding.help(
                "make a field optional, `list<…>`, or `… | null`, so that the nesting can end",
            ),
        );
    }
}

/// Named types that every value of a type holds.
fn needed(ty: &TypeExpr) -> Vec<(&str, Span)> {
    match &ty.kind {
        TypeKind::Named(name) => vec![(name.as_str(), ty.span)],
        TypeKind::Labelled(_, inner) => needed(inner),
        TypeKind::Object { fields, .. } => fields
            .iter()
            .filter(|f| !f.optional)
            .flat_map(|f| needed(&f.ty))
            .collect(),
        TypeKind::Limited { .. }
        | TypeKind::Literal(_)
        | TypeKind::Union(_)
        | TypeKind::List { .. }
        | TypeKind::Map { .. }
        | TypeKind::Error => Vec::new(),
    }
}
