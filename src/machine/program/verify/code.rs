//! Functions: registers, jumps, handlers, and every index in the code.

use super::{Checked, Place, Problem, VerifyError, ensure, most, within};
use crate::limits::{MAX_OPS, MAX_REGISTERS};
use crate::op::{Op, Operand};
use crate::program::{
    FuncId, Function, Handler, Parts, Pc, Reg, ShapeId, Source, SourcesId, SwitchId,
};
use crate::value::{EvalError, Value};

pub(super) fn check(parts: &Parts, id: FuncId, function: &Function) -> Result<(), VerifyError> {
    frame(function).map_err(|problem| problem.at(Place::Function(id)))?;
    debug(parts, function).map_err(|problem| problem.at(Place::Function(id)))?;
    for (pc, op) in (0..).map(Pc).zip(&function.code) {
        operation(parts, function, *op).map_err(|problem| problem.at(Place::Op(id, pc)))?;
    }
    Ok(())
}

fn frame(function: &Function) -> Checked {
    most("registers", function.registers.into(), MAX_REGISTERS)?;
    most("operations", function.code.len(), MAX_OPS)?;
    most("handlers", function.handlers.len(), MAX_OPS)?;
    ensure(
        function.params <= function.registers,
        "more parameters than registers",
    )?;
    ensure(
        function.code.last().is_some_and(|op| op.diverts()),
        "the code runs over its end",
    )?;
    function
        .handlers
        .iter()
        .try_for_each(|handler| self::handler(function, *handler))
}

fn handler(function: &Function, handler: Handler) -> Checked {
    ensure(handler.start < handler.end, "a handler of no operation")?;
    ensure(
        handler.end.index() <= function.code.len(),
        "a handler of operations behind the end",
    )?;
    target(function, handler.target)?;
    registers(function, handler.error, 1)
}

fn debug(parts: &Parts, function: &Function) -> Checked {
    let debug = &function.debug;
    most("spans", debug.spans.len(), MAX_OPS)?;
    most("steps", debug.steps.len(), MAX_OPS)?;
    most("names of registers", debug.names.len(), MAX_OPS)?;
    ensure(
        debug.spans.is_sorted_by_key(|(pc, _)| pc),
        "spans out of order",
    )?;
    ensure(
        debug.steps.is_sorted_by_key(|(pc, _)| pc),
        "steps out of order",
    )?;
    debug
        .names
        .iter()
        .try_for_each(|naming| registers(function, naming.reg, 1))?;
    debug.spans.iter().try_for_each(|(_, span)| {
        within(
            "files",
            &parts.files,
            usize::try_from(span.file.0).unwrap_or(usize::MAX),
        )
    })
}

fn operation(parts: &Parts, function: &Function, op: Op) -> Checked {
    let mut checked = Ok(());
    op.operands(|operand| {
        if checked.is_ok() {
            checked = self::operand(parts, function, operand);
        }
    });
    checked?;
    if let Op::Object { shape, sources, .. } = op {
        fields(parts, shape, sources)?;
    }
    parts
        .window(op)
        .map_or(Ok(()), |(first, count)| registers(function, first, count))
}

fn operand(parts: &Parts, function: &Function, operand: Operand) -> Checked {
    match operand {
        Operand::Write(reg) | Operand::Read(reg) | Operand::Update(reg) => {
            registers(function, reg, 1)
        }
        Operand::Iteration(reg) => registers(function, reg, 2),
        Operand::First(_) | Operand::Count(_) | Operand::Context(_) => Ok(()),
        Operand::Const(id) => within("constants", &parts.constants, id.index()),
        Operand::Kind(id) => kind(parts.constants.get(id.index())),
        Operand::Field(id) => within("fields", &parts.fields, id.index()),
        Operand::Path(id) => within("paths", &parts.paths, id.index()),
        Operand::Test(id) => within("tests", &parts.tests, id.index()),
        Operand::Shape(id) => within("shapes", &parts.shapes, id.index()),
        Operand::Sources(id) => sources(parts, function, id),
        Operand::Switch(id) => switch(parts, function, id),
        Operand::Builtin(id) => within("builtin_calls", &parts.builtin_calls, id.index()),
        Operand::Site(id) => within("sites", &parts.sites, id.index()),
        Operand::Scope(id) => within("scopes", &parts.scopes, id.index()),
        Operand::Answer(id) => within("answers", &parts.answers, id.index()),
        Operand::Func(id) => within("functions", &parts.functions, id.index()),
        Operand::Target(pc) => target(function, pc),
    }
}

/// Consecutive registers of the frame.
fn registers(function: &Function, first: Reg, count: usize) -> Checked {
    let end = first.index() + count;
    if end <= function.registers.into() {
        Ok(())
    } else {
        Err(Problem::Missing {
            table: "registers",
            index: end.saturating_sub(1),
        })
    }
}

/// What each source looks at is there.
fn sources(parts: &Parts, function: &Function, id: SourcesId) -> Checked {
    within("sources", &parts.sources, id.index())?;
    let sources = parts.sources.get(id.index());
    sources.into_iter().flatten().try_for_each(|source| {
        if let Source::Const(id) = source {
            within("constants", &parts.constants, id.index())?;
        }
        let reg = source.register();
        reg.map_or(Ok(()), |reg| registers(function, reg, 1))
    })
}

/// One source for each name.
fn fields(parts: &Parts, shape: ShapeId, sources: SourcesId) -> Checked {
    let names = parts.shapes.get(shape.index()).map(|shape| shape.len());
    let sources = parts.sources.get(sources.index()).map(Vec::len);
    ensure(
        names == sources,
        "an object with more or fewer names than sources",
    )
}

fn target(function: &Function, pc: Pc) -> Checked {
    within("code", &function.code, pc.index())
}

fn switch(parts: &Parts, function: &Function, id: SwitchId) -> Checked {
    within("switches", &parts.switches, id.index())?;
    let arms = parts
        .switches
        .get(id.index())
        .into_iter()
        .flat_map(|switch| &switch.arms);
    arms.map(|(_, pc)| *pc)
        .try_for_each(|pc| target(function, pc))
}

fn kind(constant: Option<&Value>) -> Checked {
    let kind = constant
        .and_then(Value::as_str)
        .and_then(EvalError::of_text);
    ensure(kind.is_some(), "the constant names no kind of error")
}
