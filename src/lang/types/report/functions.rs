//! Findings about functions and macros.

use super::{a, maybe_null, optional, with_origin};
use crate::ast::{Expr, ExprKind, Literal, Name};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_COMPREHENSIONS;
use crate::types::infer::Checker;
use crate::types::library::Signature;
use crate::types::{Ty, library, macros};
use journey_machine::builtin;

/// Signatures shown before the rest is left out.
const SHOWN: usize = 6;

/// What functions of other languages are called here.
const SYNONYMS: [(&str, &str); 14] = [
    ("length", "size"),
    ("len", "size"),
    ("count", "size"),
    ("isEmpty", "size"),
    ("toLowerCase", "lowerAscii"),
    ("lower", "lowerAscii"),
    ("toUpperCase", "upperAscii"),
    ("upper", "upperAscii"),
    ("includes", "contains"),
    ("has_key", "has"),
    ("toString", "string"),
    ("str", "string"),
    ("parseInt", "int"),
    ("float", "double"),
];

/// A function that the library does not have.
pub(in crate::types) fn unknown_function(
    function: &Name,
    namespace: Option<&str>,
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    let names = || builtin::all().iter().map(|b| b.name).chain(macros::names());
    let title = format!("there is no function `{}`", function.node);
    let finding = Diagnostic::new(Code::UNKNOWN_FUNCTION, function.span, title);
    let full = namespace.map(|n| format!("{n}.{}", function.node));
    let synonym = SYNONYMS
        .iter()
        .find(|(word, _)| *word == function.node)
        .map(|(_, name)| *name);
    let elsewhere =
        synonym.or_else(|| names().find(|n| n.rsplit('.').next() == Some(function.node.as_str())));
    finding
        .maybe_help(elsewhere.map(|name| format!("did you mean `{name}`?")))
        .maybe_help(checker.guess(&function.node, names()))
        .maybe_help(full.and_then(|full| checker.guess(&full, names().filter(|n| n.contains('.')))))
}

/// Arguments that no signature of a function takes.
pub(in crate::types) fn bad_arguments(
    (name, overloads): (&str, &[Signature]),
    function: &Name,
    method: bool,
    args: &[&Expr],
    types: &[Ty],
    checker: &Checker<'_, '_>,
) -> Diagnostic {
    for (arg, ty) in args.iter().zip(types) {
        match checker.table.resolve(ty) {
            Ty::Nullable(_) => {
                return maybe_null(arg, &format!("give it to `{}`", function.node), checker);
            }
            other @ Ty::Optional(_) if !takes_optional(overloads) => {
                return optional(arg, other, checker);
            }
            _ => {}
        }
    }
    let shown: Vec<String> = types
        .iter()
        .map(|t| checker.table.widen(t).to_string())
        .collect();
    let given = match (method, shown.split_first()) {
        (true, Some((receiver, rest))) => format!("{receiver}.{name}({})", rest.join(", ")),
        _ => format!("{name}({})", shown.join(", ")),
    };
    let mut finding = Diagnostic::new(
        Code::BAD_ARGUMENTS,
        function.span,
        format!("`{name}` does not take these: `{given}`"),
    );
    for (arg, ty) in args.iter().zip(types) {
        finding = finding.label(arg.span, format!("this is {}", a(&checker.table.widen(ty))));
        finding = with_origin(finding, arg, checker);
    }
    let mut takes: Vec<String> = overloads
        .iter()
        .take(SHOWN)
        .map(|o| format!("`{}`", library::signature(name, o)))
        .collect();
    if overloads.len() > SHOWN {
        takes.push("…".into());
    }
    finding
        .help(format!("it takes {}", takes.join(", ")))
        .maybe_help(as_double(overloads, args))
}

fn takes_optional(overloads: &[Signature]) -> bool {
    let optional = |p: &Ty| matches!(p, Ty::Optional(_));
    overloads.iter().any(|o| o.params.iter().any(optional))
}

/// An int literal where only doubles are taken.
fn as_double(overloads: &[Signature], args: &[&Expr]) -> Option<String> {
    let doubles = overloads.iter().all(|o| o.params.contains(&Ty::Double));
    let literal = args.iter().find_map(|a| match &a.kind {
        ExprKind::Literal(Literal::Int(n)) => Some(n),
        _ => None,
    });
    literal
        .filter(|_| doubles)
        .map(|n| format!("write `{n}.0`"))
}

/// A macro with the wrong arguments.
pub(in crate::types) fn bad_macro(name: &str, expr: &Expr) -> Diagnostic {
    let usage = match name {
        "has" => "has(a.b)",
        "cel.bind" => "cel.bind(x, value, body)",
        "map" => "list.map(x, value)` or `list.map(x, test, value)",
        "all" | "exists" | "exists_one" | "existsOne" => {
            "list.all(x, test)` or `list.all(i, x, test)"
        }
        "filter" => "list.filter(x, test)",
        "sortBy" => "list.sortBy(x, key)",
        "optMap" | "optFlatMap" => "optional.optMap(x, value)",
        _ => "map.transformMap(k, v, value)` or `map.transformMap(k, v, test, value)",
    };
    Diagnostic::new(
        Code::BAD_MACRO,
        expr.span,
        format!("`{name}` is used in the wrong way"),
    )
    .help(format!("write it like `{usage}`"))
}

/// The variable of a macro is not a name.
pub(in crate::types) fn not_a_variable(expr: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_MACRO,
        expr.span,
        "the variable of a macro is a plain name",
    )
    .help("write it like `list.all(x, x > 0)`")
}

/// A macro with two variables of one name.
pub(in crate::types) fn one_variable_twice(expr: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_MACRO,
        expr.span,
        "the two variables of a macro have two names",
    )
    .help("write it like `list.all(i, x, i < x)`")
}

/// A comprehension in the bodies of too many others.
pub(in crate::types) fn too_many_loops(over: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::TOO_MANY_LOOPS,
        over.span,
        format!("this is gone through inside {MAX_COMPREHENSIONS} other comprehensions"),
    )
    .at("each of them multiplies the turns")
    .help("name parts of it with `let`, or look values up in a map")
}

/// `has` of something that is not a field.
pub(in crate::types) fn has_without_field(arg: &Expr) -> Diagnostic {
    Diagnostic::new(
        Code::BAD_MACRO,
        arg.span,
        "`has` asks for a field: `has(a.b)`",
    )
    .help("for a key of a map write `\"key\" in x`; for an optional `x.hasValue()`")
}

/// Something that cannot be gone through.
pub(in crate::types) fn not_a_list(expr: &Expr, ty: &Ty) -> Diagnostic {
    let finding = Diagnostic::new(
        Code::NOT_A_LIST,
        expr.span,
        format!("{} cannot be gone through", a(ty)),
    )
    .at(format!("this is {}", a(ty)));
    match ty {
        Ty::Optional(_) => finding.help("say what stands in when it is absent: `x.orValue([])`"),
        Ty::Nullable(_) => finding.help("ask first: `x != null`"),
        Ty::String | Ty::Enum(_) => finding.help("split it: `x.split(\",\")`"),
        _ => finding.help("a list or a map is needed"),
    }
}
