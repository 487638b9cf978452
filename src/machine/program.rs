//! A compiled project: functions, their tables, the manifest. Exists verified or not at all.

mod linked;
mod part;
mod seen;
mod site;
mod touch;
mod verify;

pub use crate::index::{
    AnswerId, BuiltinCallId, ConstId, FieldId, FuncId, PathId, Pc, ScopeSiteId, ShapeId, SiteId,
    SourcesId, SwitchId, TestId,
};
pub use crate::value::FieldRef;
pub use part::{Path, Question, Source, Switch, Test};
pub use seen::Seen;
pub use site::{Edge, EffectSite, Scan, StateSite};
pub use verify::{Place, Problem, VerifyError};

use crate::builtin::Builtin;
use crate::manifest::Manifest;
use crate::op::{Context, Op, Operand, Reg};
use crate::schema::Types;
use crate::span::Span;
use crate::value::{Shape, Str, Value};
pub(crate) use linked::{Check, Jumps};
use std::ops::Index;
use std::sync::Arc;

/// A program before verification: what the compiler writes and the loader reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Code.
    pub functions: Vec<Function>,
    /// Constants: null, booleans, numbers, strings, bytes, timestamps, durations, types; lists and maps of these.
    pub constants: Vec<Value>,
    /// Field names with a guess of their slot.
    pub fields: Vec<FieldRef>,
    /// Parts of values.
    pub paths: Vec<Path>,
    /// Tests of values.
    pub tests: Vec<Test>,
    /// Shapes of objects built by code.
    pub shapes: Vec<Arc<Shape>>,
    /// Where the fields of objects built by code come from.
    pub sources: Vec<Vec<Source>>,
    /// Jump tables.
    pub switches: Vec<Switch>,
    /// Calls of built-in functions.
    pub builtin_calls: Vec<BuiltinCall>,
    /// Effects.
    pub sites: Vec<EffectSite>,
    /// Scopes.
    pub scopes: Vec<ScopeSite>,
    /// Answers.
    pub answers: Vec<AnswerSite>,
    /// Types.
    pub types: Types,
    /// What the server must know.
    pub manifest: Manifest,
    /// Paths of the source files, by `FileId`, relative to the project.
    pub files: Vec<Str>,
}

impl Parts {
    /// The consecutive registers that an operation reads: the first, and how many.
    /// `None`: it reads none, or refers to an entry that does not exist.
    #[must_use]
    pub fn window(&self, op: Op) -> Option<(Reg, usize)> {
        let (mut first, mut count) = (None, None);
        op.operands(|operand| {
            if let Operand::First(reg) = operand {
                first = Some(reg);
            }
            count = count.or(self.taken(operand));
        });
        let pairs = if matches!(op, Op::Map { .. }) { 2 } else { 1 };
        Some((first?, count? * pairs))
    }

    /// Where in its function an operand may lead.
    pub fn targets(&self, operand: Operand) -> impl Iterator<Item = Pc> {
        let jump = if let Operand::Target(pc) = operand {
            Some(pc)
        } else {
            None
        };
        let table = if let Operand::Switch(id) = operand {
            self.switches.get(id.index())
        } else {
            None
        };
        jump.into_iter().chain(
            table
                .into_iter()
                .flat_map(|table| &table.arms)
                .map(|(_, pc)| *pc),
        )
    }

    /// How many consecutive registers an operand asks for.
    fn taken(&self, operand: Operand) -> Option<usize> {
        match operand {
            Operand::Count(count) => Some(count.into()),
            Operand::Builtin(id) => Some(self.builtin_calls.get(id.index())?.arguments.into()),
            Operand::Func(id) => Some(self.functions.get(id.index())?.params.into()),
            Operand::Site(id) => self.sites.get(id.index())?.registers(&self.manifest),
            Operand::Answer(id) => Some(self.answers.get(id.index())?.registers()),
            Operand::Write(_)
            | Operand::Read(_)
            | Operand::Update(_)
            | Operand::Iteration(_)
            | Operand::First(_)
            | Operand::Const(_)
            | Operand::Kind(_)
            | Operand::Field(_)
            | Operand::Path(_)
            | Operand::Test(_)
            | Operand::Shape(_)
            | Operand::Sources(_)
            | Operand::Switch(_)
            | Operand::Scope(_)
            | Operand::Target(_)
            | Operand::Context(_) => None,
        }
    }
}

/// One function: an endpoint, a sub-journey, a branch of a `parallel`, an error shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Function {
    /// Its name, as listings and traces show it.
    pub name: Str,
    /// The first registers hold its parameters.
    pub params: u16,
    /// All its registers.
    pub registers: u16,
    /// Its code; the last operation never falls through.
    pub code: Vec<Op>,
    /// Innermost first: the first one whose range holds the failing operation catches.
    pub handlers: Vec<Handler>,
    /// Where the code came from.
    pub debug: Debug,
}

impl Function {
    /// What catches an error of this operation.
    #[must_use]
    pub fn handler(&self, pc: Pc) -> Option<Handler> {
        self.handlers
            .iter()
            .copied()
            .find(|handler| handler.covers(pc))
    }
}

impl Handler {
    /// Is the operation in its range?
    #[must_use]
    pub fn covers(self, pc: Pc) -> bool {
        (self.start..self.end).contains(&pc)
    }
}

/// Errors raised in `start..end` go to `target` with the error in `error`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    /// First operation.
    pub start: Pc,
    /// One past the last.
    pub end: Pc,
    /// Where to go on.
    pub target: Pc,
    /// Where the error goes.
    pub error: Reg,
}

/// What connects code with its source: never read while running, only to explain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Debug {
    /// `(pc, span)`: from this operation on, sorted by `pc`.
    pub spans: Vec<(Pc, Span)>,
    /// `(pc, label)`: a step of the journey begins here, sorted by `pc`.
    pub steps: Vec<(Pc, Str)>,
    /// Names in scope, in the order in which they are bound.
    pub names: Vec<Naming>,
}

impl Debug {
    /// The step that begins with this operation.
    #[must_use]
    pub fn step(&self, pc: Pc) -> Option<&Str> {
        let found = self.steps.binary_search_by_key(&pc, |(at, _)| *at).ok()?;
        self.steps.get(found).map(|(_, label)| label)
    }

    /// Where this operation came from.
    #[must_use]
    pub fn span(&self, pc: Pc) -> Option<Span> {
        let behind = self.spans.partition_point(|(at, _)| *at <= pc);
        self.spans
            .get(behind.checked_sub(1)?)
            .map(|(_, span)| *span)
    }
}

/// What listings call a register in `start..end`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// First operation.
    pub start: Pc,
    /// One past the last.
    pub end: Pc,
    /// The register.
    pub reg: Reg,
    /// Its name in the source.
    pub name: Str,
}

/// A call of a built-in function, by name, so that a program outlives a change of the library's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltinCall {
    /// Its name, as the library registers it.
    pub name: Str,
    /// How many arguments, receiver included.
    pub arguments: u16,
}

/// When a scope is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinPolicy {
    /// All succeed, or the first failure is raised.
    All,
    /// All have ended, whatever their end.
    Settle,
    /// The first success, or `all_failed`.
    First,
}

/// A scope of tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScopeSite {
    /// When it is over.
    pub policy: JoinPolicy,
    /// Tasks at once; at least 1.
    pub limit: u16,
}

/// What kind of body an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerBody {
    /// None: no register.
    Empty,
    /// `application/json`: one register.
    Json,
    /// `text/plain; charset=utf-8`: one register, a string.
    Text,
    /// `text/html; charset=utf-8`: one register, a string.
    Html,
    /// `application/octet-stream` unless a header says otherwise: one register, bytes.
    Bytes,
    /// `application/problem+json`, or the declared shape: one register, the code of a declared error.
    Problem,
}

/// How an answer is made of registers: the body if it has one, then one for each header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerSite {
    /// 200–599
    pub status: u16,
    /// The body.
    pub body: AnswerBody,
    /// Names of headers, lower case, `location` among them.
    pub headers: Vec<Str>,
}

impl AnswerSite {
    /// Registers it takes.
    #[must_use]
    pub fn registers(&self) -> usize {
        usize::from(self.body != AnswerBody::Empty) + self.headers.len()
    }
}

/// A verified program: every index of its code is in range, every path ends.
#[derive(Clone, Debug)]
pub struct Program {
    parts: Parts,
    /// The function of each entry of [`Parts::builtin_calls`].
    builtins: Vec<&'static Builtin>,
    /// Of each entry of [`Parts::tests`].
    checks: Vec<Check>,
    /// Of each entry of [`Parts::switches`].
    jumps: Vec<Jumps>,
    /// Bits of [`Context`] by function, those of the functions it runs included.
    contexts: Vec<u8>,
    /// Registers by function, those of its calls inside each other included.
    stacks: Vec<usize>,
    /// By function: does it only look at its parameters, to give a constant?
    tables: Vec<bool>,
}

impl Program {
    /// Verifies the parts and finds their built-in functions.
    ///
    /// # Errors
    /// The first thing wrong, with its place.
    pub fn new(mut parts: Parts) -> Result<Self, VerifyError> {
        let order = verify::check(&parts)?;
        let builtins = verify::resolve(&parts.builtin_calls)?;
        parts.constants = parts.constants.iter().map(linked::laid_out).collect();
        let contexts = bottom_up(&parts, &order, |function, known| {
            contexts(&parts, function, known)
        });
        let stacks = bottom_up(&parts, &order, stack);
        Ok(Self {
            checks: parts.tests.iter().map(Check::new).collect(),
            jumps: parts.switches.iter().map(Jumps::new).collect(),
            tables: parts.functions.iter().map(is_table).collect(),
            parts,
            builtins,
            contexts,
            stacks,
        })
    }

    /// A test, ready to be asked.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "the verifier has seen every id of a program"
    )]
    pub(crate) fn check(&self, id: TestId) -> &Check {
        &self.checks[id.index()]
    }

    /// A jump table, ready to be searched.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "the verifier has seen every id of a program"
    )]
    pub(crate) fn jumps(&self, id: SwitchId) -> &Jumps {
        &self.jumps[id.index()]
    }

    /// Most registers that a task which begins with `function` has at once.
    pub(crate) fn stack(&self, function: FuncId) -> usize {
        self.stacks.get(function.index()).copied().unwrap_or(0)
    }

    /// The code of a function that only looks at its parameters, to give a constant.
    pub(crate) fn table(&self, function: FuncId) -> Option<&[Op]> {
        let is_table = self.tables.get(function.index()).copied();
        let found = self.functions.get(function.index());
        found
            .filter(|_| is_table == Some(true))
            .map(|found| found.code.as_slice())
    }

    /// May a run of `function` read this? If not, nobody need build it.
    #[must_use]
    pub fn uses(&self, function: FuncId, what: Context) -> bool {
        self.contexts
            .get(function.index())
            .is_some_and(|bits| bits & bit(what) != 0)
    }
}

macro_rules! tables {
    ($($id:ident $output:ty: $($table:ident).*;)*) => {$(
        /// Of an id that stands in this program.
        impl Index<$id> for Program {
            type Output = $output;

            #[inline]
            #[expect(clippy::indexing_slicing, reason = "the verifier has seen every id of a program")]
            fn index(&self, id: $id) -> &$output {
                &self.$($table).*[id.index()]
            }
        }
    )*};
}

tables! {
    FuncId Function: parts.functions;
    ConstId Value: parts.constants;
    FieldId FieldRef: parts.fields;
    PathId Path: parts.paths;
    TestId Test: parts.tests;
    ShapeId Arc<Shape>: parts.shapes;
    SourcesId [Source]: parts.sources;
    SwitchId Switch: parts.switches;
    BuiltinCallId &'static Builtin: builtins;
    SiteId EffectSite: parts.sites;
    ScopeSiteId ScopeSite: parts.scopes;
    AnswerId AnswerSite: parts.answers;
}

impl std::ops::Deref for Program {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl PartialEq for Program {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

fn bit(what: Context) -> u8 {
    1 << what as u8
}

/// What is made of each function, given what was made of those it runs. `order`: every function behind all those.
fn bottom_up<T: Clone + Default>(
    parts: &Parts,
    order: &[FuncId],
    make: impl Fn(&Function, &[T]) -> T,
) -> Vec<T> {
    let mut all = vec![T::default(); parts.functions.len()];
    for &id in order {
        let made = parts.functions.get(id.index()).map(|it| make(it, &all));
        if let (Some(slot), Some(made)) = (all.get_mut(id.index()), made) {
            *slot = made;
        }
    }
    all
}

fn contexts(parts: &Parts, function: &Function, known: &[u8]) -> u8 {
    let ops = function.code.iter();
    ops.fold(0, |bits, op| bits | op_contexts(parts, *op, known))
}

fn stack(function: &Function, known: &[usize]) -> usize {
    let called = function.code.iter().filter_map(|op| {
        if let Op::Call { func, .. } = op {
            known.get(func.index()).copied()
        } else {
            None
        }
    });
    usize::from(function.registers) + called.max().unwrap_or(0)
}

fn is_table(function: &Function) -> bool {
    let mut ops = function.code.iter();
    ops.all(|op| {
        matches!(
            op,
            Op::Switch { .. } | Op::Unless { .. } | Op::Jump { .. } | Op::ReturnConst { .. }
        )
    })
}

fn op_contexts(parts: &Parts, op: Op, known: &[u8]) -> u8 {
    match (op, op.callee()) {
        (Op::Context { what, .. }, _) => bit(what),
        (Op::Object { sources, .. }, _) => {
            let sources = parts.sources.get(sources.index());
            let contexts = sources.into_iter().flatten().filter_map(Source::context);
            contexts.fold(0, |bits, what| bits | bit(what))
        }
        (_, Some(callee)) => known.get(callee.index()).copied().unwrap_or(0),
        _ => 0,
    }
}
