//! Type expressions: names they use, limits that fit, fields that stand once, types that would never end.

use super::cycles::{self, Graph};
use super::{Names, Seen, count_in_range, unknown};
use crate::ast::{FieldDecl, Limit, Name, Spanned, TypeExpr, TypeKind};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_FIELDS, MAX_VALUES};
use journey_machine::builtin::pattern::{PatternError, compile_whole};
use journey_machine::span::Span;

/// Names of types that need no declaration.
pub const BUILTIN_TYPES: [&str; 13] = [
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
    if ["string", "int", "uint", "double", "bytes", "list"].contains(&base.node.as_str()) {
        check_limits(&base.node, limits, out);
    } else {
        let title = format!("`{}` takes no limits", base.node);
        out.push(
            Diagnostic::new(Code::BAD_LIMIT, base.span, title).help(
                "limits stand behind `string`, `int`, `uint`, `double`, `bytes` and `list<T>`",
            ),
        );
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
    if let Limit::Pattern(pattern) = limit {
        return match base {
            "string" => regex(pattern).err(),
            _ => Some(format!("a pattern is for `string`, not for `{base}`")),
        };
    }
    let length = matches!(base, "string" | "bytes" | "list");
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
        Limit::Pattern(_) => Vec::new(),
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
            Limit::Pattern(_) => {}
        }
    }
    low > high || (open && low >= high)
}

/// A pattern is compiled here once, so that none can be refused or too costly when it runs.
fn regex(pattern: &str) -> Result<(), String> {
    compile_whole(pattern)
        .map(drop)
        .map_err(|error| match error {
            PatternError::TooLarge => {
                "this pattern is too large: shorten it, bound its repetitions".into()
            }
            PatternError::Malformed(reason) => {
                format!("this is not a regular expression: {reason}")
            }
        })
}

/// Can a value of this type be read from text: a path segment, a query pair, a header, an environment variable?
/// `list`: may it stand several times? `bytes`: may it be raw bytes?
pub(super) fn is_text<'t>(names: &Names<'t>, ty: &'t TypeExpr, list: bool, bytes: bool) -> bool {
    let Some(ty) = definition(names, ty) else {
        return true;
    };
    match &ty.kind {
        TypeKind::Named(name) => {
            !matches!(name.as_str(), "null" | "dyn" | "Problem") && (bytes || name != "bytes")
        }
        TypeKind::Limited { base, .. } => bytes || base.node != "bytes",
        TypeKind::Literal(_) | TypeKind::Error => true,
        TypeKind::Union(members) => members
            .iter()
            .all(|m| matches!(m.kind, TypeKind::Literal(_))),
        TypeKind::List { item, .. } => list && is_text(names, item, false, bytes),
        TypeKind::Labelled(..) | TypeKind::Map { .. } | TypeKind::Object { .. } => false,
    }
}

/// A type without its labels, and what a declared name stands for; `None` if the name stands for itself.
fn definition<'t>(names: &Names<'t>, mut ty: &'t TypeExpr) -> Option<&'t TypeExpr> {
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
