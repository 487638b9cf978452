//! Signatures: which overload of a function takes these arguments, and what it gives.

use super::{Ty, TypeTable};
use journey_machine::builtin::{self, Overload, Pattern};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// One signature of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Signature {
    /// Is it called on its first parameter (`a.f(b)`) or not (`f(a, b)`)?
    pub method: bool,
    /// Its parameters, receiver first.
    pub params: Vec<Ty>,
    /// May the last parameter be repeated, any number of times?
    pub variadic: bool,
    /// Its result.
    pub result: Ty,
}

/// What type variables stand for.
type Variables = BTreeMap<Arc<str>, Ty>;

/// The signatures of a function of the library, and its name as the library keeps it.
pub(super) fn find(name: &str) -> Option<(&'static str, &'static [Signature])> {
    static ALL: LazyLock<BTreeMap<&str, Vec<Signature>>> = LazyLock::new(|| {
        let signatures = |f: &builtin::Builtin| f.overloads.iter().map(Signature::from).collect();
        builtin::all()
            .iter()
            .map(|f| (f.name, signatures(f)))
            .collect()
    });
    ALL.get_key_value(name)
        .map(|(name, signatures)| (*name, signatures.as_slice()))
}

impl From<&Overload> for Signature {
    fn from(overload: &Overload) -> Self {
        Self {
            method: overload.method,
            params: overload.params.iter().map(of_pattern).collect(),
            variadic: overload.variadic,
            result: of_pattern(&overload.result),
        }
    }
}

fn of_pattern(pattern: &Pattern) -> Ty {
    let inner = |pattern: &Pattern| Arc::new(of_pattern(pattern));
    match pattern {
        Pattern::Dyn => Ty::Dyn,
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
        Pattern::Opaque(name) => Ty::Opaque((*name).into(), Arc::default()),
        Pattern::List(item) => Ty::List(inner(item)),
        Pattern::Map(key, value) => Ty::Map(inner(key), inner(value)),
        Pattern::Optional(value) => Ty::Optional(inner(value)),
        Pattern::Var(name) => Ty::Param(name.to_string().into()),
    }
}

/// Result of a call with these arguments; `None` if no overload takes them. Where a `dyn` leaves open which overload
/// it will be, the result is what all of them give, or `dyn`.
pub(super) fn result(
    table: &TypeTable,
    overloads: &[Signature],
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

fn takes(overload: &Signature, count: usize) -> bool {
    let params = overload.params.len();
    params == count || overload.variadic && params < count
}

/// Its parameters; the last one again and again, if it may be repeated.
fn params(overload: &Signature) -> impl Iterator<Item = &Ty> {
    let repeated = overload.params.last().filter(|_| overload.variadic);
    overload.params.iter().chain(repeated.into_iter().cycle())
}

fn unify(table: &TypeTable, wanted: &Ty, ty: &Ty, variables: &mut Variables) -> bool {
    // A name of a type is kept: only by it an upload is one.
    if let Ty::Param(name) = wanted {
        let known = variables.get(name).unwrap_or(&Ty::Never);
        let joined = table.join(known, ty);
        let joined = joined.map(|joined| variables.insert(name.clone(), joined));
        return joined.is_some();
    }
    match (wanted, table.resolve(ty)) {
        (Ty::List(inner) | Ty::Optional(inner), open @ (Ty::Error | Ty::Never | Ty::Dyn)) => {
            unify(table, inner, open, variables)
        }
        (Ty::List(inner), Ty::List(of)) | (Ty::Optional(inner), Ty::Optional(of)) => {
            unify(table, inner, of, variables)
        }
        (Ty::Map(key, value), open @ (Ty::Error | Ty::Never | Ty::Dyn)) => {
            unify(table, key, open, variables) && unify(table, value, open, variables)
        }
        (Ty::Map(key, value), Ty::Map(k, v)) => {
            unify(table, key, k, variables) && unify(table, value, v, variables)
        }
        (Ty::Map(key, value), Ty::Object(_)) => {
            unify(table, key, &Ty::String, variables) && unify(table, value, &Ty::Dyn, variables)
        }
        (Ty::Opaque(name, params), Ty::Opaque(other, args)) => {
            let same = name == other && params.len() == args.len();
            same && params
                .iter()
                .zip(args.iter())
                .all(|(p, a)| unify(table, p, a, variables))
        }
        (Ty::Dyn, _) | (_, Ty::Error | Ty::Never | Ty::Dyn) => true,
        (wanted, ty) => *wanted == table.widen(ty),
    }
}

fn instantiate(ty: &Ty, variables: &Variables) -> Ty {
    let inner = |ty: &Ty| Arc::new(instantiate(ty, variables));
    match ty {
        Ty::List(item) => Ty::List(inner(item)),
        Ty::Map(key, value) => Ty::Map(inner(key), inner(value)),
        Ty::Optional(value) => Ty::Optional(inner(value)),
        Ty::Opaque(name, params) => Ty::Opaque(
            name.clone(),
            params.iter().map(|p| instantiate(p, variables)).collect(),
        ),
        Ty::Param(name) => variables.get(name).cloned().unwrap_or(Ty::Never),
        plain => plain.clone(),
    }
}

/// A signature as documentation writes it: `string.startsWith(string)`.
pub(super) fn signature(name: &str, overload: &Signature) -> String {
    let mut params: Vec<String> = overload.params.iter().map(Ty::to_string).collect();
    params.extend(overload.variadic.then(|| "...".to_owned()));
    match (overload.method, params.split_first()) {
        (true, Some((receiver, rest))) => format!("{receiver}.{name}({})", rest.join(", ")),
        _ => format!("{name}({})", params.join(", ")),
    }
}
