//! A compiled project: functions, their tables, the manifest. Exists verified or not at all.

use crate::manifest::{IssuerId, Manifest, OperationId};
use crate::op::{Op, Reg};
use crate::schema::Types;
use crate::span::Span;
use crate::value::{Shape, Str, Value};
use std::sync::Arc;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);
    )*};
}

index! {
    /// An operation of a function.
    Pc;
    /// Index into [`Parts::functions`].
    FuncId;
    /// Index into [`Parts::constants`].
    ConstId;
    /// Index into [`Parts::fields`].
    FieldId;
    /// Index into [`Parts::shapes`].
    ShapeId;
    /// Index into [`Parts::switches`].
    SwitchId;
    /// Index into [`Parts::builtin_calls`].
    BuiltinCallId;
    /// Index into [`Parts::sites`].
    SiteId;
    /// Index into [`Parts::scopes`].
    ScopeSiteId;
    /// Index into [`Parts::answers`].
    AnswerId;
}

/// A program before verification: what the compiler writes and the loader reads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    /// Code.
    pub functions: Vec<Function>,
    /// Constants: null, booleans, numbers, strings, bytes, timestamps, durations, types; lists and maps of these.
    pub constants: Vec<Value>,
    /// Field names with a guess of their slot.
    pub fields: Vec<FieldRef>,
    /// Shapes of objects built by code.
    pub shapes: Vec<Arc<Shape>>,
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
    /// `(register, name)`: what listings call it.
    pub names: Vec<(Reg, Str)>,
}

/// A field by name, with the slot it has in the type the compiler expects; another layout is found by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    /// The name.
    pub name: Str,
    /// The likely slot.
    pub slot: u16,
}

/// Constants and where to go on for each; strings and integers only, each once, sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// `(constant, target)`
    pub arms: Vec<(Value, Pc)>,
}

/// A call of a built-in function, by name, so that a program outlives a change of the library's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltinCall {
    /// Its name, as the library registers it.
    pub name: Str,
    /// How many arguments, receiver included.
    pub arguments: u16,
}

/// What an effect asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EffectSite {
    /// A call of an operation: one argument each of its parameters, null for an absent one.
    /// Result: `{status, body}`, a map of [`EffectSite::response_shape`].
    Call(OperationId),
    /// Validation of a token: one argument, the token. Result: its claims.
    Validate(IssuerId),
    /// An event: one argument, its data. Result: null, at once.
    Emit(Str),
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
}

impl std::ops::Deref for Program {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}
