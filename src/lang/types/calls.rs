//! Calls of library functions: by name, or on a receiver, or in a namespace.

use super::infer::Checker;
use super::{Callee, Ty, facts, library, macros, report};
use crate::ast::{Expr, Name};
use journey_machine::builtin::{self, Builtin};

impl Checker<'_, '_> {
    pub(super) fn call(
        &mut self,
        expr: &Expr,
        receiver: Option<&Expr>,
        function: &Name,
        args: &[Expr],
    ) -> Ty {
        if let Some(name) = macros::find(receiver, function, args, &self.scope) {
            self.table
                .callees
                .insert(expr.id, Callee::Macro(name.to_owned()));
            return self.macro_call(name, expr, receiver, args);
        }
        if let Some(found) = receiver.and_then(|r| self.in_namespace(r, function)) {
            return self.apply(found, expr, None, function, args);
        }
        if receiver.is_none() && function.node == "uuid" && args.is_empty() {
            self.table.callees.insert(
                expr.id,
                Callee::Builtin {
                    name: "uuid".into(),
                    receiver: false,
                },
            );
            return Ty::String;
        }
        match builtin::find(&function.node) {
            Some(found) => self.apply(found, expr, receiver, function, args),
            None => {
                let namespace = receiver
                    .and_then(facts::path)
                    .filter(|path| self.is_namespace(path));
                let of = receiver
                    .filter(|_| namespace.is_none())
                    .map(|r| self.infer(r));
                args.iter().for_each(|a| _ = self.infer(a));
                if of == Some(Ty::Error) {
                    return Ty::Error;
                }
                self.wrong(report::unknown_function(
                    function,
                    namespace.as_deref(),
                    self,
                ))
            }
        }
    }

    /// `math.abs`: the receiver is no value but the first half of the name.
    fn in_namespace(&self, receiver: &Expr, function: &Name) -> Option<&'static Builtin> {
        let namespace = facts::path(receiver)?;
        if !self.is_namespace(&namespace) {
            return None;
        }
        builtin::find(&format!("{namespace}.{}", function.node))
    }

    /// Is this the first half of names of functions, and bound to nothing else?
    fn is_namespace(&self, path: &str) -> bool {
        let root = path.split('.').next().unwrap_or_default();
        let inside = |b: &Builtin| {
            b.name
                .strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        self.scope.get(root).is_none() && builtin::all().iter().any(inside)
    }

    fn apply(
        &mut self,
        found: &'static Builtin,
        expr: &Expr,
        receiver: Option<&Expr>,
        function: &Name,
        args: &[Expr],
    ) -> Ty {
        let callee = Callee::Builtin {
            name: found.name.to_owned(),
            receiver: receiver.is_some(),
        };
        self.table.callees.insert(expr.id, callee);
        let all: Vec<&Expr> = receiver.into_iter().chain(args).collect();
        let types: Vec<Ty> = all.iter().map(|a| self.infer(a)).collect();
        if types.iter().any(|t| matches!(t, Ty::Error)) {
            // Something inside is wrong already: what this call would have given is all that can be said.
            return library::result(&self.table, found.overloads, receiver.is_some(), &types)
                .unwrap_or(Ty::Error);
        }
        match library::result(&self.table, found.overloads, receiver.is_some(), &types) {
            Some(ty) => ty,
            None => {
                let finding =
                    report::bad_arguments(found, function, receiver.is_some(), &all, &types, self);
                self.wrong(finding)
            }
        }
    }
}
