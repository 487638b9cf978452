//! Signatures of the library: which overload takes these arguments, and what it gives.

use super::{Ty, TypeTable};
use journey_machine::builtin::{Overload, Pattern};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What type variables stand for.
type Variables = BTreeMap<char, Ty>;

/// Result of a call with these arguments; `None` if no overload takes them. Where a `dyn` leaves open which overload
/// it will be, the result is what all of them give, or `dyn`.
pub(super) fn result(
    table: &TypeTable,
    overloads: &[Overload],
    method: bool,
    args: &[Ty],
) -> Option<Ty> {
    let fitting = overloads
        .iter()
        .filter(|o| o.method == method && takes(o, args.len()));
    let mut results = fitting.filter_map(|overload| {
        let mut variables = Variables::new();
        let fits = params(overload)
            .zip(args)
            .all(|(p, a)| unify(table, p, a, &mut variables));
        fits.then(|| instantiate(&overload.result, &variables))
    });
    let first = results.next()?;
    let open = args
        .iter()
        .any(|a| matches!(table.resolve(a), Ty::Error | Ty::Never) || holds_dyn(table, a));
    if open && results.any(|other| other != first) {
        Some(Ty::Dyn)
    } else {
        Some(first)
    }
}

/// Is some part of the type left to run time?
fn holds_dyn(table: &TypeTable, ty: &Ty) -> bool {
    match table.resolve(ty) {
        Ty::Dyn => true,
        Ty::List(inner) | Ty::Optional(inner) => holds_dyn(table, inner),
        Ty::Map(_, value) => holds_dyn(table, value),
        _ => false,
    }
}

fn takes(overload: &Overload, count: usize) -> bool {
    let params = overload.params.len();
    params == count || overload.variadic && params < count
}

/// Its parameters; the last one again and again, if it may be repeated.
fn params(overload: &Overload) -> impl Iterator<Item = &Pattern> {
    let repeated = overload.params.last().filter(|_| overload.variadic);
    overload.params.iter().chain(repeated.into_iter().cycle())
}

fn unify(table: &TypeTable, pattern: &Pattern, ty: &Ty, variables: &mut Variables) -> bool {
    match (pattern, table.resolve(ty)) {
        (Pattern::Var(name), ty) => {
            let known = variables.get(name).unwrap_or(&Ty::Never);
            match table.join(known, ty) {
                Some(joined) => {
                    variables.insert(*name, joined);
                    true
                }
                None => false,
            }
        }
        (
            Pattern::List(inner) | Pattern::Optional(inner),
            open @ (Ty::Error | Ty::Never | Ty::Dyn),
        ) => unify(table, inner, open, variables),
        (Pattern::List(inner), Ty::List(of)) | (Pattern::Optional(inner), Ty::Optional(of)) => {
            unify(table, inner, of, variables)
        }
        (Pattern::Map(key, value), open @ (Ty::Error | Ty::Never | Ty::Dyn)) => {
            unify(table, key, open, variables) && unify(table, value, open, variables)
        }
        (Pattern::Map(key, value), Ty::Map(k, v)) => {
            unify(table, key, k, variables) && unify(table, value, v, variables)
        }
        (Pattern::Map(key, value), Ty::Object(_)) => {
            unify(table, key, &Ty::String, variables) && unify(table, value, &Ty::Dyn, variables)
        }
        (Pattern::Dyn, _) | (_, Ty::Error | Ty::Never | Ty::Dyn) => true,
        (pattern, ty) => scalar(pattern).is_some_and(|wanted| wanted == table.widen(ty)),
    }
}

fn scalar(pattern: &Pattern) -> Option<Ty> {
    Some(match pattern {
        Pattern::Null => Ty::Null,
        Pattern::Bool => Ty::Bool,
        Pattern::Int => Ty::Int,
        Pattern::Uint => Ty::Uint,
        Pattern::Double => Ty::Double,
        Pattern::String => Ty::String,
        Pattern::Bytes => Ty::Bytes,
        Pattern::Timestamp => Ty::Timestamp,
        Pattern::Duration => Ty::Duration,
        Pattern::Type => Ty::Type,
        Pattern::Dyn
        | Pattern::List(_)
        | Pattern::Map(..)
        | Pattern::Optional(_)
        | Pattern::Var(_) => return None,
    })
}

fn instantiate(pattern: &Pattern, variables: &Variables) -> Ty {
    let inner = |p: &Pattern| Arc::new(instantiate(p, variables));
    match pattern {
        Pattern::Dyn => Ty::Dyn,
        Pattern::List(item) => Ty::List(inner(item)),
        Pattern::Map(key, value) => Ty::Map(inner(key), inner(value)),
        Pattern::Optional(value) => Ty::Optional(inner(value)),
        Pattern::Var(name) => variables.get(name).cloned().unwrap_or(Ty::Never),
        scalar_pattern => scalar(scalar_pattern).unwrap_or(Ty::Error),
    }
}

/// A signature as documentation writes it: `string.startsWith(string)`.
pub(super) fn signature(name: &str, overload: &Overload) -> String {
    let mut params: Vec<String> = overload.params.iter().map(shown).collect();
    params.extend(overload.variadic.then(|| "...".to_owned()));
    match (overload.method, params.split_first()) {
        (true, Some((receiver, rest))) => format!("{receiver}.{name}({})", rest.join(", ")),
        _ => format!("{name}({})", params.join(", ")),
    }
}

fn shown(pattern: &Pattern) -> String {
    match pattern {
        Pattern::List(item) => format!("list<{}>", shown(item)),
        Pattern::Map(key, value) => format!("map<{}, {}>", shown(key), shown(value)),
        Pattern::Optional(inner) => format!("optional<{}>", shown(inner)),
        Pattern::Var(name) => name.to_string(),
        other => scalar(other).unwrap_or(Ty::Dyn).to_string(),
    }
}
