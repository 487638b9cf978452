//! The instruction set of the register machine. 8 bytes an operation, operands are indices of 16 bits.
//!
//! Naming: `dst` is written, everything else is read. "first" is the first of consecutive registers.
//! An operation that fails raises an [`crate::value::EvalError`]: control goes to the innermost handler whose range
//! holds the operation, else the frame is left and the caller's handlers are asked, else the run fails.

mod table;

pub use crate::index::Reg;
pub use table::Operand;

use crate::index::{
    AnswerId, BuiltinCallId, ConstId, FieldId, FuncId, PathId, Pc, ScopeSiteId, ShapeId, SiteId,
    SourcesId, SwitchId, TestId,
};

/// What surrounds a run: given once at its start, the same in every frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// The validated input of the endpoint.
    #[default]
    Input,
    /// `{id, method, path, headers, ip}`
    Request,
    /// `{id, claims}`, or null without authentication.
    Client,
    /// All `config` values.
    Config,
    /// All `secret` values.
    Secret,
}

impl Context {
    /// Every context, in the order of their numbers.
    pub const ALL: [Self; 5] = [
        Self::Input,
        Self::Request,
        Self::Client,
        Self::Config,
        Self::Secret,
    ];
}

impl Context {
    /// Its name, as journeys call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Request => "request",
            Self::Client => "client",
            Self::Config => "config",
            Self::Secret => "secret",
        }
    }
}

/// One instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    missing_docs,
    reason = "the line of an operation says what each operand is for"
)]
pub enum Op {
    /// `dst` = a constant.
    Const { dst: Reg, value: ConstId },
    /// `dst` = `src`.
    Move { dst: Reg, src: Reg },
    /// `dst` = `src`, and `src` is cleared: the value's last use here.
    Take { dst: Reg, src: Reg },
    /// The register is cleared: no value outlives its last use in a snapshot.
    Drop { reg: Reg },
    /// `dst` = what surrounds the run, or a part of it, as one [`Op::Field`] after the other.
    Context {
        dst: Reg,
        what: Context,
        path: PathId,
    },
    /// `dst` = the time of this turn.
    Now { dst: Reg },
    /// `dst` = a random UUID (version 4) from the run's seed.
    Uuid { dst: Reg },

    /// Arithmetic as CEL defines it, also for strings, lists, timestamps and durations.
    Add { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Add`].
    Sub { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Add`].
    Mul { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Add`].
    Div { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Add`].
    Rem { dst: Reg, a: Reg, b: Reg },
    /// `dst` = `-a`.
    Neg { dst: Reg, a: Reg },
    /// `dst` = `!a`.
    Not { dst: Reg, a: Reg },
    /// CEL equality: numbers by value over their types, otherwise unequal types are unequal.
    Eq { dst: Reg, a: Reg, b: Reg },
    /// Its negation.
    Ne { dst: Reg, a: Reg, b: Reg },
    /// Order; an error for types that have none.
    Lt { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Lt`].
    Le { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Lt`].
    Gt { dst: Reg, a: Reg, b: Reg },
    /// See [`Op::Lt`].
    Ge { dst: Reg, a: Reg, b: Reg },
    /// `dst` = is `a` an item of the list `b`, or a key of the map `b`?
    In { dst: Reg, a: Reg, b: Reg },

    /// `dst` = `obj.field`; absent is an error. On an optional: `obj.?field`.
    Field { dst: Reg, obj: Reg, field: FieldId },
    /// `dst` = `obj.a.b.c`, as one [`Op::Field`] after the other.
    Path { dst: Reg, obj: Reg, path: PathId },
    /// `dst` = `has(obj.field)`.
    Has { dst: Reg, obj: Reg, field: FieldId },
    /// `dst` = `obj.?field`.
    OptField { dst: Reg, obj: Reg, field: FieldId },
    /// `dst` = `obj[key]`.
    Index { dst: Reg, obj: Reg, key: Reg },
    /// `dst` = `obj[?key]`.
    OptIndex { dst: Reg, obj: Reg, key: Reg },

    /// `dst` = a list of `count` registers.
    List { dst: Reg, first: Reg, count: u16 },
    /// `dst` = a map of `count` pairs of registers, key before value; a repeated key is an error.
    Map { dst: Reg, first: Reg, count: u16 },
    /// `dst` = an object of this shape, its fields from where each source says, one after the other.
    Object {
        dst: Reg,
        shape: ShapeId,
        sources: SourcesId,
    },
    /// `dst` = the texts of `count` registers (strings, numbers, booleans, …) in one string.
    Concat { dst: Reg, first: Reg, count: u16 },
    /// Appends `item` to the list in `list`.
    Append { list: Reg, item: Reg },
    /// Sets a key of the map in `map`; the last one wins.
    Insert { map: Reg, key: Reg, item: Reg },
    /// Copies all entries of the map `src` into the map in `map`, or appends all items of a list; the last one wins.
    Spread { into: Reg, src: Reg },
    /// Appends the value of an optional, if it has one.
    AppendOpt { list: Reg, item: Reg },
    /// Sets a key to the value of an optional, if it has one.
    InsertOpt { map: Reg, key: Reg, item: Reg },
    /// Sets a key of the map in `map`; an error if it is there already.
    InsertNew { map: Reg, key: Reg, item: Reg },
    /// Copies all entries of the map `src` into the map in `into`; an error if one of its keys is there already.
    SpreadNew { into: Reg, src: Reg },
    /// `dst` = `optional.of(src)`.
    Some { dst: Reg, src: Reg },
    /// `dst` = a built-in function of consecutive registers; how many, the call says.
    Builtin {
        dst: Reg,
        call: BuiltinCallId,
        first: Reg,
    },

    /// Goes on at `to`.
    Jump { to: Pc },
    /// Goes on at `to` if `cond` is true; an error if it is not a boolean.
    JumpIf { cond: Reg, to: Pc },
    /// Goes on at `to` if `cond` is false; an error if it is not a boolean.
    JumpUnless { cond: Reg, to: Pc },
    /// Goes on at `to` unless the test holds.
    Unless { src: Reg, test: TestId, to: Pc },
    /// Goes on where the table says for a part of the value, else at the next operation.
    Switch { value: Reg, table: SwitchId },
    /// `dst` = what `src` has to iterate over (a list itself, the keys of a map), `dst + 1` = 0.
    Iter { dst: Reg, src: Reg },
    /// The iteration in `iter`, `iter + 1` goes to the next item for which the test holds, without taking it; at its
    /// end goes on at `exit`.
    Seek { iter: Reg, test: TestId, exit: Pc },
    /// `item` = the next of the iteration in `iter`, `iter + 1`; at its end goes on at `exit`.
    Next { item: Reg, iter: Reg, exit: Pc },
    /// An error unless `src` is a boolean.
    CheckBool { src: Reg },

    /// Runs a function with consecutive registers as its parameters; `dst` = what it returns.
    Call { dst: Reg, func: FuncId, first: Reg },
    /// Leaves the function. At the end of a forked task: its result.
    Return { src: Reg },
    /// Leaves the function with a constant, as [`Op::Return`] does.
    ReturnConst { value: ConstId },
    /// Raises the error in `src`.
    Raise { src: Reg },
    /// Raises the error in `src`, if it is one.
    RaiseIf { src: Reg },
    /// `dst` = a new error with the kind and message of a constant `"kind: message"`.
    Error { dst: Reg, value: ConstId },
    /// `dst` = is the error in `src` of the kind that the constant names?
    ErrorIs { dst: Reg, src: Reg, kind: ConstId },
    /// `dst` = `{code, message}` of the error in `src`.
    Describe { dst: Reg, src: Reg },

    /// Asks the world for something, with consecutive registers as arguments; the task waits and `dst` = the result.
    Perform { dst: Reg, site: SiteId, first: Reg },
    /// `dst` = a new scope for tasks.
    Scope { dst: Reg, site: ScopeSiteId },
    /// Starts a task in the scope: a function with consecutive registers as its parameters. Waits while the scope is full.
    Fork {
        scope: Reg,
        func: FuncId,
        first: Reg,
    },
    /// Waits for the scope as its policy says; `dst` = a list of the results in the order of the forks
    /// (`all`), of optionals (`settle`), or the first success (`first`). Unfinished tasks are cancelled.
    Join { dst: Reg, scope: Reg },
    /// Ends the run with an answer made of consecutive registers; all other tasks are cancelled.
    Complete { answer: AnswerId, first: Reg },
}

const _: () = assert!(size_of::<Op>() == 8);

impl Op {
    /// The function it runs, if it runs one.
    #[must_use]
    pub fn callee(self) -> Option<FuncId> {
        let mut callee = None;
        self.operands(|operand| {
            if let Operand::Func(id) = operand {
                callee = Some(id);
            }
        });
        callee
    }

    /// Does control never reach the operation behind it?
    #[must_use]
    pub fn diverts(self) -> bool {
        matches!(
            self,
            Self::Jump { .. }
                | Self::Return { .. }
                | Self::ReturnConst { .. }
                | Self::Raise { .. }
                | Self::Complete { .. }
        )
    }
}
