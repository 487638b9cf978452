//! Operands: every index as what it stands for.

use super::literal::{Literal, between};
use super::site::Site;
use crate::index::Reg;
use crate::op::{Op, Operand};
use crate::program::{
    AnswerBody, AnswerSite, FieldRef, Function, JoinPolicy, Path, PathId, Pc, Program, Question,
    ScopeSite, Source, Switch, Test,
};
use crate::value::Shape;
use crate::value::ops::Relation;
use std::fmt::{self, Display, Formatter};

/// All operands of an operation, each behind a space.
pub(super) struct Operands<'a> {
    pub(super) program: &'a Program,
    pub(super) function: &'a Function,
    pub(super) pc: Pc,
    pub(super) op: Op,
}

/// A register with the name it has in the source.
pub(super) struct Register<'a> {
    pub(super) function: &'a Function,
    pub(super) pc: Pc,
    pub(super) reg: Reg,
}

impl Display for Register<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.reg.0)?;
        let named =
            self.function.debug.names.iter().find(|naming| {
                naming.reg == self.reg && (naming.start..naming.end).contains(&self.pc)
            });
        named.map_or(Ok(()), |naming| write!(f, ":{}", naming.name))
    }
}

impl Display for Operands<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut done = Ok(());
        self.op.operands(|operand| {
            if done.is_ok() && !self.is_silent(operand) {
                done = f.write_str(" ").and_then(|()| self.operand(f, operand));
            }
        });
        done
    }
}

impl Operands<'_> {
    /// What stands elsewhere, or says nothing.
    fn is_silent(&self, operand: Operand) -> bool {
        let is_empty = |id: PathId| self.program[id].0.is_empty();
        matches!(operand, Operand::Count(_)) || matches!(operand, Operand::Path(id) if is_empty(id))
    }

    fn operand(&self, f: &mut Formatter<'_>, operand: Operand) -> fmt::Result {
        let program = self.program;
        match operand {
            Operand::Write(reg) => write!(f, "->{}", self.register(reg)),
            Operand::Read(reg) => write!(f, "&{}", self.register(reg)),
            Operand::Update(reg) | Operand::Iteration(reg) => {
                write!(f, "&->{}", self.register(reg))
            }
            Operand::First(_) | Operand::Count(_) => self.window(f),
            Operand::Const(id) | Operand::Kind(id) => Literal(&program[id]).fmt(f),
            Operand::Field(id) => field(f, &program[id]),
            Operand::Path(id) => path(f, &program[id]),
            Operand::Test(id) => test(f, &program[id]),
            Operand::Shape(id) => shape(f, &program[id]),
            Operand::Sources(id) => between(f, '{', program[id].iter(), '}', |f, source| {
                self.source(f, source)
            }),
            Operand::Switch(id) => switch(f, &program[id]),
            Operand::Builtin(id) => f.write_str(program[id].name),
            Operand::Site(id) => Site(program, &program[id]).fmt(f),
            Operand::Scope(id) => scope(f, program[id]),
            Operand::Answer(id) => answer(f, &program[id]),
            Operand::Func(id) => f.write_str(&program[id].name),
            Operand::Target(pc) => pc.0.fmt(f),
            Operand::Context(what) => f.write_str(what.name()),
        }
    }

    fn source(&self, f: &mut Formatter<'_>, source: &Source) -> fmt::Result {
        match source {
            Source::Const(id) => Literal(&self.program[*id]).fmt(f),
            Source::Copy(reg) => write!(f, "&{}", self.register(*reg)),
            Source::Take(reg) => write!(f, "&->{}", self.register(*reg)),
            Source::Part(reg, path) => {
                write!(f, "&{}", self.register(*reg))?;
                behind(f, path)
            }
            Source::Context(what, path) => {
                f.write_str(what.name())?;
                behind(f, path)
            }
        }
    }

    fn register(&self, reg: Reg) -> Register<'_> {
        Register {
            function: self.function,
            pc: self.pc,
            reg,
        }
    }

    /// The consecutive registers that the operation reads; `-`: none.
    fn window(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.program.window(self.op) {
            Some((first, count)) if count > 0 => {
                write!(f, "&r{}..r{}", first.0, first.index() + count - 1)
            }
            _ => f.write_str("-"),
        }
    }
}

fn field(f: &mut Formatter<'_>, field: &FieldRef) -> fmt::Result {
    write!(f, ".{}@{}", field.name(), field.slot())
}

fn path(f: &mut Formatter<'_>, path: &Path) -> fmt::Result {
    let mut fields = path.0.iter();
    fields.try_for_each(|known| field(f, known))
}

/// A path behind what it begins with.
fn behind(f: &mut Formatter<'_>, part: &Path) -> fmt::Result {
    if part.0.is_empty() {
        return Ok(());
    }
    f.write_str(" ")?;
    path(f, part)
}

/// A path and the space behind it, if it leads anywhere.
fn part(f: &mut Formatter<'_>, part: &Path) -> fmt::Result {
    if part.0.is_empty() {
        return Ok(());
    }
    path(f, part)?;
    f.write_str(" ")
}

fn test(f: &mut Formatter<'_>, test: &Test) -> fmt::Result {
    if let [question] = test.0.as_slice() {
        return self::question(f, question);
    }
    between(f, '{', test.0.iter(), '}', question)
}

fn question(f: &mut Formatter<'_>, question: &Question) -> fmt::Result {
    part(f, &question.path)?;
    if question.negated {
        f.write_str("not ")?;
    }
    let sign = Relation::ALL
        .iter()
        .find(|(known, _)| *known == question.relation);
    let sign = sign.map_or("", |(_, sign)| sign);
    write!(f, "{sign} {}", Literal(&question.constant))
}

fn shape(f: &mut Formatter<'_>, shape: &Shape) -> fmt::Result {
    between(f, '{', shape.names(), '}', |f, name| f.write_str(name))
}

fn switch(f: &mut Formatter<'_>, switch: &Switch) -> fmt::Result {
    part(f, &switch.path)?;
    between(f, '{', switch.arms.iter(), '}', |f, (arm, to)| {
        write!(f, "{}: {}", Literal(arm), to.0)
    })
}

fn scope(f: &mut Formatter<'_>, scope: ScopeSite) -> fmt::Result {
    let policy = match scope.policy {
        JoinPolicy::All => "all",
        JoinPolicy::Settle => "settle",
        JoinPolicy::First => "first",
    };
    write!(f, "{policy} {}", scope.limit)
}

fn answer(f: &mut Formatter<'_>, answer: &AnswerSite) -> fmt::Result {
    let body = match answer.body {
        AnswerBody::Empty => "empty",
        AnswerBody::Json => "json",
        AnswerBody::Text => "text",
        AnswerBody::Html => "html",
        AnswerBody::Bytes => "bytes",
        AnswerBody::Problem => "problem",
    };
    write!(f, "{} {body}", answer.status)?;
    if answer.headers.is_empty() {
        return Ok(());
    }
    f.write_str(" ")?;
    between(f, '{', answer.headers.iter(), '}', |f, name| {
        f.write_str(name)
    })
}
