//! Functions, and the tables of effects and answers.

use super::read::{Malformed, Reader};
use super::write::Writer;
use super::{Wire, choice, number, record};
use crate::index::{
    AnswerId, BuiltinCallId, ConstId, FieldId, FuncId, PathId, Pc, Reg, ScopeSiteId, ShapeId,
    SiteId, SourcesId, SwitchId, TestId,
};
use crate::op::{Context, Op};
use crate::program::{
    AnswerBody, AnswerSite, BuiltinCall, Debug, Edge, EffectSite, FieldRef, Function, Handler,
    JoinPolicy, Naming, Parts, Path, Question, Scan, ScopeSite, Source, StateSite, Switch, Test,
};
use crate::span::{FileId, Span};
use crate::value::Str;
use crate::value::ops::Relation;

number!(AnswerId BuiltinCallId ConstId FieldId FuncId PathId TestId Pc Reg ScopeSiteId ShapeId SiteId SourcesId SwitchId FileId);

impl Wire for Op {
    fn write(&self, out: &mut Writer) {
        out.byte(self.code());
        self.operands(|operand| out.number(operand.raw().into()));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let code = from.byte()?;
        Self::build(code, |_| u16::read(from))?.ok_or(Malformed)
    }
}

impl Wire for FieldRef {
    fn write(&self, out: &mut Writer) {
        self.name().write(out);
        self.slot().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(Self::new(Str::read(from)?, u16::read(from)?))
    }
}

impl Wire for Test {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Wire::read(from).map(Self)
    }
}

impl Wire for Path {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Wire::read(from).map(Self)
    }
}

record! {
    Parts {
        functions, constants, fields, paths, tests, shapes, sources, switches, builtin_calls, sites, scopes, answers, types, manifest, files,
    }
    Function { name, params, registers, code, handlers, debug }
    Handler { start, end, target, error }
    Debug { spans, steps, names }
    Naming { start, end, reg, name }
    Span { file, start, end }
    Question { path, relation, constant, negated }
    Switch { path, arms }
    BuiltinCall { name, arguments }
    ScopeSite { policy, limit }
    AnswerSite { status, body, headers }
    Scan { store, index, equal, lower, upper, max }
}

choice! {
    Source {
        0 Const(value),
        1 Copy(reg),
        2 Take(reg),
        3 Part(reg, path),
        4 Context(what, path),
    }
    Context {
        0 Input,
        1 Request,
        2 Client,
        3 Config,
        4 Secret,
    }
    Relation {
        0 Equal,
        1 Less,
        2 AtMost,
        3 Greater,
        4 AtLeast,
        5 Holds,
        6 StartsWith,
        7 EndsWith,
        8 Contains,
    }
    EffectSite {
        0 Call(operation),
        1 Validate(issuer),
        2 Emit(name),
        3 State(site),
        4 Sleep,
        5 Wait(signal),
        6 Read,
    }
    StateSite {
        0 Insert(store),
        1 Get { store, index },
        2 Update { store, at },
        3 Delete { store, at },
        4 Find { scan, descending },
        5 Count(scan),
        6 Start { task, after, key },
        7 Signal(signal),
    }
    Edge {
        0 Open,
        1 Inclusive,
        2 Exclusive,
    }
    JoinPolicy {
        0 All,
        1 Settle,
        2 First,
    }
    AnswerBody {
        0 Empty,
        1 Json,
        2 Text,
        3 Html,
        4 Bytes,
        5 Problem,
    }
}
