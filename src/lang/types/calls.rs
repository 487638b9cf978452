//! Calls of functions: by name, or on a receiver, or in a namespace.

use super::infer::Checker;
use super::library::{self, Signature};
use super::{Callee, Ty, facts, macros, report};
use crate::ast::{Expr, Name};
use journey_machine::builtin::{self, Builtin};
use std::borrow::Cow;

/// A function that a call may mean.
#[derive(Clone, Copy)]
struct Function<'f> {
    name: &'f str,
    overloads: &'f [Signature],
    /// Is there code behind it?
    built_in: bool,
}

impl<'o> Checker<'_, 'o> {
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
        let found = if receiver.is_none() {
            self.function(&function.node)
        } else {
            self.declared(&function.node)
        };
        match found {
            Some(found) => self.apply(found, expr, receiver, function, args),
            None => self.no_function(expr, receiver, function, args),
        }
    }

    fn no_function(
        &mut self,
        expr: &Expr,
        receiver: Option<&Expr>,
        function: &Name,
        args: &[Expr],
    ) -> Ty {
        let namespace = receiver
            .and_then(facts::path)
            .filter(|path| self.is_namespace(path));
        let of = receiver
            .filter(|_| namespace.is_none())
            .map(|r| self.infer(r));
        args.iter().for_each(|a| _ = self.infer(a));
        if self.unchecked() {
            self.table.callees.insert(expr.id, Callee::Missing);
            return Ty::Dyn;
        }
        if of == Some(Ty::Error) {
            return Ty::Error;
        }
        self.wrong(report::unknown_function(
            function,
            namespace.as_deref(),
            self,
        ))
    }

    /// `math.abs`: the receiver is no value but the first half of the name.
    fn in_namespace(&self, receiver: &Expr, function: &Name) -> Option<Function<'o>> {
        let namespace = facts::path(receiver)?;
        let root = namespace.split('.').next().unwrap_or_default();
        if self.scope.get(root).is_some() {
            return None;
        }
        self.function(&format!("{namespace}.{}", function.node))
    }

    /// The function that a name means here; a leading dot makes it absolute.
    fn function(&self, name: &str) -> Option<Function<'o>> {
        let (name, absolute) = name
            .strip_prefix('.')
            .map_or((name, false), |name| (name, true));
        let Some(environment) = self.environment else {
            return self.declared(name);
        };
        environment
            .candidates(name, absolute)
            .find_map(|full: Cow<'_, str>| self.declared(&full))
    }

    /// The function of this full name.
    fn declared(&self, name: &str) -> Option<Function<'o>> {
        let declared = self
            .environment
            .and_then(|e| e.functions.get_key_value(name));
        let built_in = || {
            library::find(name).map(|(name, overloads)| Function {
                name,
                overloads,
                built_in: true,
            })
        };
        declared
            .map(|(name, overloads)| Function {
                name,
                overloads,
                built_in: false,
            })
            .or_else(built_in)
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
        found: Function<'_>,
        expr: &Expr,
        receiver: Option<&Expr>,
        function: &Name,
        args: &[Expr],
    ) -> Ty {
        let all: Vec<&Expr> = receiver.into_iter().chain(args).collect();
        let types: Vec<Ty> = all.iter().map(|a| self.infer(a)).collect();
        let result = library::result(&self.table, found.overloads, receiver.is_some(), &types);
        let callable = found.built_in && (result.is_some() || !self.unchecked());
        let built_in = || Callee::Builtin {
            name: found.name.to_owned(),
            receiver: receiver.is_some(),
        };
        self.table.callees.insert(
            expr.id,
            if callable {
                built_in()
            } else {
                Callee::Missing
            },
        );
        if callable && found.name == "matches" && !self.unchecked() {
            self.constant_pattern(all.get(1));
        }
        if callable && found.name == "windows.add" && !self.unchecked() {
            self.constant_windows(all.get(2));
        }
        match result {
            Some(ty) => ty,
            // Something inside is wrong already, or what is wrong shows when it runs.
            None if self.unchecked() || types.contains(&Ty::Error) => Ty::Error,
            None => {
                let finding = report::bad_arguments(
                    (found.name, found.overloads),
                    function,
                    receiver.is_some(),
                    &all,
                    &types,
                    self,
                );
                self.wrong(finding)
            }
        }
    }
}
