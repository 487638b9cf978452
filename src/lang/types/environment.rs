//! What a single expression may refer to beside the library, and how CEL finds what a name means: in the container and
//! those around it, the longest name first.

use super::infer::Checker;
use super::library::Signature;
use super::{Global, Ty, facts};
use crate::ast::{Expr, ExprKind};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The surroundings of an expression that stands for itself.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Variables by name; a name may be dotted: `request.auth.claims`.
    pub variables: BTreeMap<String, Ty>,
    /// Functions that are declared and not implemented: an expression that calls one can only be checked.
    pub functions: BTreeMap<String, Vec<Signature>>,
    /// The namespace in which names are looked up first: in `a.b`, `x` is `a.b.x`, `a.x` or `x`.
    pub container: String,
    /// Leaves all types to run time: what cannot be resolved fails only when it is reached.
    pub unchecked: bool,
}

impl Environment {
    /// Full names that a name may stand for, in the order in which they are looked up.
    pub(super) fn candidates<'n>(
        &'n self,
        name: &'n str,
        absolute: bool,
    ) -> impl Iterator<Item = Cow<'n, str>> {
        let mut container = Some(self.container.as_str()).filter(|c| !c.is_empty() && !absolute);
        let outwards = std::iter::from_fn(move || {
            let inner = container?;
            container = inner.rsplit_once('.').map(|(outer, _)| outer);
            Some(Cow::Owned(format!("{inner}.{name}")))
        });
        outwards.chain([Cow::Borrowed(name)])
    }
}

/// Namespaces of type names.
const NAMESPACES: [&str; 2] = ["google", "net"];

impl Checker<'_, '_> {
    /// Are types left to run time?
    pub(super) fn unchecked(&self) -> bool {
        self.environment.is_some_and(|e| e.unchecked)
    }

    /// What a name of the whole scope stands for.
    pub(super) fn find_global(&self, name: &str, absolute: bool) -> Option<(Global, Ty)> {
        let Some(environment) = self.environment else {
            return self.global(name);
        };
        environment.candidates(name, absolute).find_map(|full| {
            match environment.variables.get(&*full) {
                Some(ty) => Some((Global::Variable(full.into_owned()), ty.clone())),
                None => self.global(&full),
            }
        })
    }

    /// What a chain of members stands for as a whole, if its first name is not bound here.
    pub(super) fn qualified(&self, expr: &Expr) -> Option<(Global, Ty)> {
        let (root, absolute) = root(expr)?;
        let is_local = !absolute && self.scope.get(root).is_some();
        if is_local || (self.environment.is_none() && !NAMESPACES.contains(&root)) {
            return None;
        }
        self.find_global(&facts::path(expr)?, absolute)
    }
}

/// The name that a chain of members begins with.
fn root(expr: &Expr) -> Option<(&str, bool)> {
    match &expr.kind {
        ExprKind::Ident { name, absolute } => Some((name, *absolute)),
        ExprKind::Member {
            object,
            optional: false,
            ..
        } => root(object),
        _ => None,
    }
}
