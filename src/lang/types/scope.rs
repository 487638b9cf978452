//! Names that steps and macros bind. A name is bound once and lives to the end of its block; nothing shadows, except in
//! a single expression, where CEL's macros may.

use super::Ty;
use journey_machine::span::Span;
use std::collections::BTreeMap;

/// A bound name.
#[derive(Clone, Debug)]
pub(super) struct Local {
    /// Its type.
    pub(super) ty: Ty,
    /// Where it is bound.
    pub(super) span: Span,
    /// Does anything read it?
    pub(super) used: bool,
    /// The handler that lets the journey go on without it: why it is optional.
    pub(super) skipped_by: Option<Span>,
    /// The secret that went into it.
    pub(super) secret: Option<Span>,
    /// The personal data that went into it.
    pub(super) pii: Option<Span>,
    /// How many items the step that bound it gives at most.
    pub(super) longest: Option<u64>,
}

impl Local {
    /// A name that always has its value, and that nothing has read yet.
    pub(super) fn new(ty: Ty, span: Span) -> Self {
        Self {
            ty,
            span,
            used: false,
            skipped_by: None,
            secret: None,
            pii: None,
            longest: None,
        }
    }

    /// The same, but nothing needs to read it.
    pub(super) fn free(ty: Ty, span: Span) -> Self {
        Self {
            used: true,
            ..Self::new(ty, span)
        }
    }
}

/// Everything bound here, and what conditions have proved here.
#[derive(Debug, Default)]
pub(super) struct Scope {
    locals: BTreeMap<String, Local>,
    /// Names in the order they were bound, each with what it hides.
    order: Vec<(String, Option<Local>)>,
    facts: BTreeMap<String, Ty>,
    /// Facts in the order they were learnt, each with what was known before.
    learnt: Vec<(String, Option<Ty>)>,
}

/// A point to which a scope goes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    locals: usize,
    facts: usize,
}

impl Scope {
    /// Where the scope is now.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            locals: self.order.len(),
            facts: self.learnt.len(),
        }
    }

    /// Binds a name; gives back the one that has it already, and changes nothing then.
    pub(super) fn bind(&mut self, name: &str, local: Local) -> Option<&Local> {
        if self.locals.contains_key(name) {
            return self.locals.get(name);
        }
        self.shadow(name, local);
        None
    }

    /// Binds a name, whether it is bound already or not.
    pub(super) fn shadow(&mut self, name: &str, local: Local) {
        let hidden = self.locals.insert(name.to_owned(), local);
        self.order.push((name.to_owned(), hidden));
    }

    /// A bound name, now read.
    pub(super) fn read(&mut self, name: &str) -> Option<&Local> {
        let local = self.locals.get_mut(name)?;
        local.used = true;
        Some(local)
    }

    /// A bound name.
    pub(super) fn get(&self, name: &str) -> Option<&Local> {
        self.locals.get(name)
    }

    /// All bound names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.locals.keys().map(String::as_str)
    }

    /// From here on a path has this type.
    pub(super) fn learn(&mut self, path: String, ty: Ty) {
        let before = self.facts.insert(path.clone(), ty);
        self.learnt.push((path, before));
    }

    /// Is anything known beyond the types?
    pub(super) fn knows(&self) -> bool {
        !self.facts.is_empty()
    }

    /// What is known of a path.
    pub(super) fn fact(&self, path: &str) -> Option<&Ty> {
        self.facts.get(path)
    }

    /// Forgets facts since the mark.
    pub(super) fn forget(&mut self, mark: Mark) {
        while self.learnt.len() > mark.facts {
            match self.learnt.pop() {
                Some((path, Some(before))) => _ = self.facts.insert(path, before),
                Some((path, None)) => _ = self.facts.remove(&path),
                None => return,
            }
        }
    }

    /// Leaves names bound and facts learnt since the mark; gives back the names that nothing read.
    pub(super) fn leave(&mut self, mark: Mark) -> Vec<(String, Span)> {
        self.forget(mark);
        let left = self.order.split_off(mark.locals.min(self.order.len()));
        let unread = |(name, hidden): (String, Option<Local>)| {
            let local = match hidden {
                Some(hidden) => self.locals.insert(name.clone(), hidden)?,
                None => self.locals.remove(&name)?,
            };
            (!local.used).then_some((name, local.span))
        };
        left.into_iter().rev().filter_map(unread).collect()
    }
}
