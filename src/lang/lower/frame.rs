//! A function being lowered: its builder, the names in scope, and what ends a turn in it.

use super::Project;
use super::builder::{FunctionBuilder, Label};
use crate::ast::{Block, ExprId, Journey};
use crate::types::Ty;
use journey_machine::op::{Op, Reg};
use journey_machine::program::FuncId;
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};
use std::collections::BTreeMap;

/// What `collect` and `next` do.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn {
    /// There is none.
    Outside,
    /// A branch: the function returns what is collected.
    Branch,
    /// A turn that is a function of its own: it returns an optional of what is collected.
    Forked,
    /// A turn of a loop: what is collected goes to the end of the list, if there is one.
    For { list: Option<Reg>, head: Label },
    /// A turn of a `repeat`: `next` sets the accumulators, which are consecutive.
    Repeat { first: Reg, head: Label },
}

/// See the module.
pub(super) struct Frame<'p, 'a> {
    pub(super) project: &'p mut Project<'a>,
    pub(super) code: FunctionBuilder,
    /// Whose steps these are: its error style is where `fail` finds its codes.
    pub(super) journey: Option<&'a Journey>,
    pub(super) turn: Turn,
    /// Names in scope, outermost first; only a macro's variable may hide another.
    scope: Vec<(&'a str, Reg)>,
    /// Variables of a single expression: nothing that it binds hides them where their full name is meant.
    variables: Vec<(&'a str, Reg)>,
    by_name: BTreeMap<&'a str, Vec<Reg>>,
    children: usize,
}

impl<'p, 'a> Frame<'p, 'a> {
    pub(super) fn new(
        project: &'p mut Project<'a>,
        name: impl Into<Str>,
        journey: Option<&'a Journey>,
        turn: Turn,
    ) -> Self {
        Self {
            project,
            code: FunctionBuilder::new(name),
            journey,
            turn,
            scope: Vec::new(),
            variables: Vec::new(),
            by_name: BTreeMap::new(),
            children: 0,
        }
    }

    /// A parameter, in scope everywhere.
    pub(super) fn param(&mut self, name: &'a str) -> Reg {
        let reg = self.code.param(name);
        self.declare(name, reg);
        reg
    }

    /// A variable of a single expression.
    pub(super) fn declare_variable(&mut self, name: &'a str) {
        let reg = self.code.param(name);
        self.variables.push((name, reg));
    }

    pub(super) fn variable(&self, name: &str) -> Option<Reg> {
        self.variables
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, reg)| *reg)
    }

    /// A register for `name`, which is in scope only when it is declared.
    pub(super) fn binding(&mut self, name: &str) -> Reg {
        let reg = self.temp();
        self.code.name_register(reg, name);
        reg
    }

    /// From here on `name` is what `reg` holds.
    pub(super) fn declare(&mut self, name: &'a str, reg: Reg) {
        self.scope.push((name, reg));
        self.by_name.entry(name).or_default().push(reg);
    }

    /// In what `lower` lowers, `name` is what `reg` holds.
    pub(super) fn known_as(&mut self, name: &'a str, reg: Reg, lower: impl FnOnce(&mut Self)) {
        self.declare(name, reg);
        lower(self);
        self.scope.pop();
        self.by_name.entry(name).or_default().pop();
    }

    pub(super) fn local(&self, name: &str) -> Option<Reg> {
        self.by_name.get(name)?.last().copied()
    }

    /// Names in scope with their registers, outermost first.
    pub(super) fn locals(&self) -> &[(&'a str, Reg)] {
        &self.scope
    }

    pub(super) fn depth(&self) -> usize {
        self.scope.len()
    }

    /// A scope of its own: what it binds is cleared at its end.
    pub(super) fn block(&mut self, block: &'a Block) {
        let depth = self.depth();
        let mark = self.code.mark();
        for step in &block.steps {
            self.step(step);
        }
        self.leave(depth, block.span);
        self.code.release(mark);
    }

    /// Clears what was declared since `depth`: no value outlives its scope in a saved run.
    pub(super) fn leave(&mut self, depth: usize, span: Span) {
        for (name, reg) in self.scope.split_off(depth) {
            self.by_name.entry(name).or_default().pop();
            self.code.emit(span, Op::Drop { reg });
            self.code.unname_register(reg);
        }
    }

    pub(super) fn temp(&mut self) -> Reg {
        self.code.alloc(1)
    }

    pub(super) fn load(&mut self, span: Span, dst: Reg, value: Value) {
        let value = self.project.tables.constant(value);
        self.code.emit(span, Op::Const { dst, value });
    }

    /// A constant in a register of its own.
    pub(super) fn constant_in_temp(&mut self, span: Span, value: Value) -> Reg {
        let reg = self.temp();
        self.load(span, reg, value);
        reg
    }

    pub(super) fn builtin(&mut self, span: Span, dst: Reg, name: &str, first: Reg, arguments: u16) {
        let call = self.project.tables.builtin(name, arguments);
        self.code.emit(span, Op::Builtin { dst, call, first });
    }

    /// Raises an error that is known now: `"kind: message"`.
    pub(super) fn raise(&mut self, span: Span, error: &str) {
        let mark = self.code.mark();
        let src = self.temp();
        let value = self.project.tables.constant(Value::string(error));
        self.code.emit(span, Op::Error { dst: src, value });
        self.code.emit(span, Op::Raise { src });
        self.code.release(mark);
    }

    /// The end of a path that the checker has shown not to be taken.
    pub(super) fn never(&mut self, span: Span) {
        self.raise(span, "evaluation: no arm of a match fits the value");
    }

    pub(super) fn ty(&self, id: ExprId) -> &'a Ty {
        let types = &self.project.checked.types;
        types.resolve(types.ty(id))
    }

    /// Lowers a part of this function as one of its own. Its parameters are named `params`.
    pub(super) fn function(
        &mut self,
        name: &str,
        turn: Turn,
        span: Span,
        params: impl IntoIterator<Item = &'a str>,
        body: impl FnOnce(&mut Frame<'_, 'a>),
    ) -> FuncId {
        self.children += 1;
        let name = format!("{}.{}_{name}", self.code.name(), self.children);
        let id = self.project.reserve();
        let mut inner = Frame::new(self.project, name, self.journey, turn);
        for param in params {
            inner.param(param);
        }
        body(&mut inner);
        let code = inner.code;
        self.project.finish(id, code, span);
        id
    }
}
