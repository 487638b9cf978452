//! Macros: calls whose arguments are looked at before they are evaluated.

use super::infer::Checker;
use super::scope::{Local, Scope};
use super::{Ty, facts, report};
use crate::ast::{Expr, ExprKind, Name};
use crate::limits::MAX_COMPREHENSIONS;
use std::sync::Arc;

/// Macros called on a list, a map or an optional, and how many arguments they take.
const ON_RECEIVER: [(&str, &[usize]); 13] = [
    ("all", &[2, 3]),
    ("exists", &[2, 3]),
    ("exists_one", &[2, 3]),
    ("existsOne", &[2, 3]),
    ("map", &[2, 3]),
    ("filter", &[2]),
    ("transformList", &[3, 4]),
    ("transformMap", &[3, 4]),
    ("transformMapEntry", &[3, 4]),
    ("sortBy", &[2]),
    ("optMap", &[2]),
    ("optFlatMap", &[2]),
    ("bind", &[3]),
];

/// Names of all macros, for guesses.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    ON_RECEIVER
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| *name != "bind")
        .chain(["has"])
}

/// The macro that a call is, if it is one.
pub(super) fn find(
    receiver: Option<&Expr>,
    function: &Name,
    args: &[Expr],
    scope: &Scope,
) -> Option<&'static str> {
    let Some(receiver) = receiver else {
        return (function.node == "has").then_some("has");
    };
    let (name, _) = ON_RECEIVER
        .iter()
        .find(|(name, _)| *name == function.node)?;
    let cel = matches!(&receiver.kind, ExprKind::Ident { name, .. } if name == "cel")
        && scope.get("cel").is_none();
    match (*name, cel) {
        ("bind", true) => Some("cel.bind"),
        ("bind", false) | (_, true) => None,
        (name, false) => Some(name).filter(|_| !args.is_empty()),
    }
}

impl Checker<'_, '_> {
    pub(super) fn macro_call(
        &mut self,
        name: &'static str,
        expr: &Expr,
        receiver: Option<&Expr>,
        args: &[Expr],
    ) -> Ty {
        match (name, receiver, args) {
            ("has", _, [arg]) => self.has(arg),
            ("cel.bind", _, [variable, value, body]) => {
                let ty = self.infer(value);
                self.with_variables(&[(variable, ty)], |checker| checker.infer(body))
            }
            ("optMap" | "optFlatMap", Some(receiver), [variable, body]) => {
                self.on_optional(name, receiver, variable, body)
            }
            (_, Some(receiver), _) if arity_fits(name, args.len()) => {
                self.comprehension(name, receiver, args)
            }
            _ => {
                receiver
                    .into_iter()
                    .filter(|_| name != "cel.bind")
                    .for_each(|r| _ = self.infer(r));
                self.wrong(report::bad_macro(name, expr))
            }
        }
    }

    fn has(&mut self, arg: &Expr) -> Ty {
        let ExprKind::Member {
            object,
            field,
            optional: false,
        } = &arg.kind
        else {
            self.infer(arg);
            self.report(report::has_without_field(arg));
            return Ty::Bool;
        };
        // Being there is what is asked: the field is taken as proved while its own type is found.
        let mark = self.scope.mark();
        self.infer(object);
        if let Some((path, ty)) = facts::path(arg).zip(self.declared_field(object, field)) {
            self.scope.learn(path, ty);
        }
        self.infer(arg);
        self.scope.forget(mark);
        Ty::Bool
    }

    fn declared_field(&self, object: &Expr, field: &Name) -> Option<Ty> {
        self.table
            .object(object.id)?
            .field(&field.node)
            .map(|(_, f)| f.ty.clone())
    }

    fn on_optional(&mut self, name: &str, receiver: &Expr, variable: &Expr, body: &Expr) -> Ty {
        let of = self.infer(receiver);
        let inner = self.inside(receiver, of);
        let ty = self.with_variables(&[(variable, inner)], |checker| checker.infer(body));
        let ty = if name == "optFlatMap" {
            self.inside(body, ty)
        } else {
            ty
        };
        Ty::Optional(Arc::new(ty))
    }

    fn comprehension(&mut self, name: &str, receiver: &Expr, args: &[Expr]) -> Ty {
        let of = self.infer(receiver);
        let of = self.table.resolve(&of).clone();
        let Some((key, item)) = elements(&of) else {
            let finding = report::not_a_list(receiver, &of);
            return self.wrong(finding);
        };
        let of_map = matches!(of, Ty::Map(..) | Ty::Object(_));
        let alone = if of_map { key.clone() } else { item.clone() };
        let two = name.starts_with("transform") || (args.len() == 3 && name != "map");
        let (variables, rest) = args.split_at(if two { 2 } else { 1 });
        let types = if two {
            vec![key.clone(), item]
        } else {
            vec![alone.clone()]
        };
        let bound: Vec<(&Expr, Ty)> = variables.iter().zip(types).collect();
        self.comprehensions += 1;
        // Those inside a refused one are refused with it.
        if self.comprehensions == MAX_COMPREHENSIONS + 1 {
            self.report(report::too_many_loops(receiver));
        }
        let ty = self.with_variables(&bound, |checker| {
            checker.turn(name, &of, &key, &alone, rest)
        });
        self.comprehensions -= 1;
        ty
    }

    /// The turn of a comprehension, and what comes of all turns.
    fn turn(&mut self, name: &str, of: &Ty, key: &Ty, alone: &Ty, rest: &[Expr]) -> Ty {
        let list = |ty: Ty| Ty::List(Arc::new(ty));
        match (name, rest) {
            ("all" | "exists" | "exists_one" | "existsOne", [test]) => {
                self.condition(test);
                Ty::Bool
            }
            ("filter", [test]) => {
                self.condition(test);
                list(alone.clone())
            }
            ("sortBy", [by]) => {
                self.infer(by);
                of.clone()
            }
            ("map" | "transformList", [value]) => list(self.infer(value)),
            ("map" | "transformList", [test, value]) => list(self.filtered(test, value)),
            ("transformMap", [value]) => {
                Ty::Map(Arc::new(key.clone()), Arc::new(self.infer(value)))
            }
            ("transformMap", [test, value]) => {
                Ty::Map(Arc::new(key.clone()), Arc::new(self.filtered(test, value)))
            }
            ("transformMapEntry", [value]) => self.infer(value),
            ("transformMapEntry", [test, value]) => self.filtered(test, value),
            _ => Ty::Error,
        }
    }

    fn filtered(&mut self, test: &Expr, value: &Expr) -> Ty {
        self.condition(test);
        self.given(test, true, |checker| checker.infer(value))
    }

    /// Binds variables of a macro while something is checked.
    fn with_variables<T>(
        &mut self,
        variables: &[(&Expr, Ty)],
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mark = self.scope.mark();
        if let [(first, _), (second, _)] = variables
            && facts::path(first).is_some_and(|name| facts::path(second) == Some(name))
        {
            self.report(report::one_variable_twice(second));
        }
        for (variable, ty) in variables {
            match &variable.kind {
                ExprKind::Ident {
                    name,
                    absolute: false,
                } => {
                    self.settle(variable.id, ty.clone());
                    self.bind_local(name, Local::free(ty.clone(), variable.span));
                }
                _ => self.report(report::not_a_variable(variable)),
            }
        }
        let result = check(self);
        self.scope.leave(mark);
        result
    }
}

fn arity_fits(name: &str, count: usize) -> bool {
    ON_RECEIVER
        .iter()
        .any(|(n, counts)| *n == name && counts.contains(&count))
}

/// Keys (or indices) and values of what can be gone through.
pub(super) fn elements(ty: &Ty) -> Option<(Ty, Ty)> {
    match ty {
        Ty::List(item) => Some((Ty::Int, Ty::clone(item))),
        Ty::Map(key, value) => Some((Ty::clone(key), Ty::clone(value))),
        Ty::Object(_) => Some((Ty::String, Ty::Dyn)),
        Ty::Dyn => Some((Ty::Dyn, Ty::Dyn)),
        Ty::Error | Ty::Never => Some((Ty::Error, Ty::Error)),
        _ => None,
    }
}
