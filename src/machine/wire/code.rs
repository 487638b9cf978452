//! Functions, and the tables of effects and answers.

use super::read::{Malformed, Reader};
use super::write::Writer;
use super::{Wire, choice, number, record};
use crate::index::{
    AnswerId, BuiltinCallId, ConstId, FieldId, FuncId, Pc, Reg, ScopeSiteId, ShapeId, SiteId,
    SwitchId,
};
use crate::op::Op;
use crate::program::{
    AnswerBody, AnswerSite, BuiltinCall, Debug, Edge, EffectSite, FieldRef, Function, Handler,
    JoinPolicy, Naming, Parts, Scan, ScopeSite, StateSite, Switch,
};
use crate::span::{FileId, Span};

number!(AnswerId BuiltinCallId ConstId FieldId FuncId Pc Reg ScopeSiteId ShapeId SiteId SwitchId FileId);

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

record! {
    Parts {
        functions, constants, fields, shapes, switches, builtin_calls, sites, scopes, answers, types, manifest, files,
    }
    Function { name, params, registers, code, handlers, debug }
    Handler { start, end, target, error }
    Debug { spans, steps, names }
    Naming { start, end, reg, name }
    Span { file, start, end }
    FieldRef { name, slot }
    Switch { arms }
    BuiltinCall { name, arguments }
    ScopeSite { policy, limit }
    AnswerSite { status, body, headers }
    Scan { store, index, equal, lower, upper, max }
}

choice! {
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
