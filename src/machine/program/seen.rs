//! Which members of its input a run can look at. What no code can look at need not be kept.

use super::{FuncId, Function, Op, Path, Pc, Program, Reg, Source, Str};
use crate::limits::MAX_TRACED_OPS;
use crate::op::Context;
use std::collections::BTreeSet;

/// What code can look at of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// All of it, or too much to tell.
    All,
    /// Members of these names.
    Members(BTreeSet<Str>),
}

impl Seen {
    /// Can code look at the member of this name?
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Members(names) => names.contains(name),
        }
    }

    /// What can be looked at of one or the other.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Members(mut names), Self::Members(others)) => {
                names.extend(others);
                Self::Members(names)
            }
            (Self::All, _) | (_, Self::All) => Self::All,
        }
    }
}

impl Program {
    /// What a run of `function` can look at of the input.
    #[must_use]
    pub fn seen(&self, function: FuncId) -> Seen {
        let mut search = Search {
            program: self,
            names: BTreeSet::new(),
            left: MAX_TRACED_OPS,
        };
        match search.all(function) {
            Some(()) => Seen::Members(search.names),
            None => Seen::All,
        }
    }
}

/// A search that ends with `None` where all of the input can be looked at.
struct Search<'p> {
    program: &'p Program,
    names: BTreeSet<Str>,
    /// Operations that may still be met behind those that copy all of the input.
    left: usize,
}

impl Search<'_> {
    /// A function with all that it runs.
    fn all(&mut self, function: FuncId) -> Option<()> {
        let (mut known, mut next) = (BTreeSet::from([function]), vec![function]);
        while let Some(id) = next.pop() {
            let function = &self.program[id];
            self.function(function)?;
            let callees = function.code.iter().filter_map(|op| op.callee());
            let asks = |id: &FuncId| self.program.uses(*id, Context::Input);
            next.extend(callees.filter(asks).filter(|id| known.insert(*id)));
        }
        Some(())
    }

    fn function(&mut self, function: &Function) -> Option<()> {
        for (pc, op) in (0..).map(Pc).zip(&function.code) {
            if let Op::Object { sources, .. } = *op {
                self.sources(&self.program[sources])?;
            }
            if let Op::Context { dst, what, path } = *op
                && what == Context::Input
                && self.part(&self.program[path]).is_none()
            {
                self.copy(function, behind(pc), dst)?;
            }
        }
        Some(())
    }

    fn sources(&mut self, sources: &[Source]) -> Option<()> {
        for source in sources {
            if let Source::Context(Context::Input, path) = source {
                self.part(path)?;
            }
        }
        Some(())
    }

    /// A part of the input; `None`: it is all of it.
    fn part(&mut self, path: &Path) -> Option<()> {
        self.names.insert(path.0.first()?.name().clone());
        Some(())
    }

    /// From `pc` on, until it is written anew, a register holds all of the input.
    fn copy(&mut self, function: &Function, pc: Pc, reg: Reg) -> Option<()> {
        let (mut known, mut next) = (BTreeSet::from([pc]), vec![pc]);
        while let Some(pc) = next.pop() {
            self.left = self.left.checked_sub(1)?;
            let op = *function.code.get(pc.index())?;
            match self.program.parts_read(op, reg) {
                Some(parts) => parts.iter().try_for_each(|part| self.part(part))?,
                None if self.program.reads(op, reg) => return None,
                None => {}
            }
            let followers = self.followers(function, pc, op, reg);
            next.extend(followers.into_iter().filter(|pc| known.insert(*pc)));
        }
        Some(())
    }

    /// The operations that may come next while the register holds what it holds. An operation that fails writes nothing.
    fn followers(&self, function: &Function, pc: Pc, op: Op, reg: Reg) -> Vec<Pc> {
        let mut followers = Vec::new();
        if let Some(handler) = function.handler(pc)
            && handler.error != reg
        {
            followers.push(handler.target);
        }
        if self.program.writes(op, reg) {
            return followers;
        }
        op.operands(|operand| followers.extend(self.program.targets(operand)));
        if !op.diverts() {
            followers.push(behind(pc));
        }
        followers
    }
}

fn behind(pc: Pc) -> Pc {
    Pc(pc.0.saturating_add(1))
}
