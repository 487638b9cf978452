//! Listings to programs: the machine has a corpus of its own, written in the words of its listings.

use super::cursor::{Cursor, Read};
use super::durable;
use journey_machine::index::{ConstId, FuncId, Pc, Reg};
use journey_machine::manifest::{
    BodyKind, Connection, ConnectionAuth, ConnectionId, Issuer, KeySource, Operation, Param, Place,
    Retry, Text,
};
use journey_machine::op::{Context, Op, Operand};
use journey_machine::program::{
    AnswerBody, AnswerSite, BuiltinCall, FieldRef, Function, Handler, JoinPolicy, Parts, Path,
    Question, ScopeSite, Source, Switch, Test,
};
use journey_machine::schema::{Schema, TypeId, Types};
use journey_machine::value::Shape;
use journey_machine::value::ops::Relation;
use std::sync::Arc;

/// The parts that a listing describes. They are not verified: the corpus also shows what is refused.
pub(crate) fn assemble(source: &str) -> Read<Parts> {
    let mut parts = Parts {
        types: Types(vec![Schema::Any]),
        ..Parts::default()
    };
    let lines = || {
        source
            .lines()
            .enumerate()
            .filter(|(_, line)| !matches!(line.trim().chars().next(), None | Some('#')))
    };
    for (_, line) in lines() {
        declare(&mut parts, Cursor::new(line));
    }
    // What they refer to has its place now.
    for (number, line) in lines() {
        durable::declare(&mut parts, Cursor::new(line))
            .map_err(|error| format!("line {}: {error}", number + 1))?;
    }
    let mut current = None;
    for (number, line) in lines() {
        let read = line_of(&mut parts, &mut current, Cursor::new(line));
        read.map_err(|error| format!("line {}: {error}", number + 1))?;
    }
    Ok(parts)
}

/// Names come first, so that code may refer to what stands below it.
fn declare(parts: &mut Parts, mut line: Cursor<'_>) {
    match line.word() {
        "function" => parts.functions.push(Function {
            name: line.word().into(),
            ..Function::default()
        }),
        "operation" => operation(parts, line),
        "issuer" => parts.manifest.issuers.push(issuer(line.word())),
        _ => {}
    }
}

fn line_of(parts: &mut Parts, current: &mut Option<usize>, line: Cursor<'_>) -> Read<()> {
    let mut rest = line;
    match rest.word() {
        "operation" | "issuer" | "store" | "task" | "signal" => Ok(()),
        "function" => {
            *current = Some(current.map_or(0, |index| index + 1));
            head(function_of(parts, *current)?, rest)
        }
        "catch" => {
            let handler = handler(rest)?;
            function_of(parts, *current)?.handlers.push(handler);
            Ok(())
        }
        _ => {
            let op = op(parts, line)?;
            function_of(parts, *current)?.code.push(op);
            Ok(())
        }
    }
}

fn function_of(parts: &mut Parts, index: Option<usize>) -> Read<&mut Function> {
    let function = index.and_then(|index| parts.functions.get_mut(index));
    function.ok_or_else(|| "code before the first function".to_owned())
}

/// `NAME params 1 registers 3`
fn head(function: &mut Function, mut line: Cursor<'_>) -> Read<()> {
    line.word();
    if line.take("params") {
        function.params = line.number()?;
    }
    line.expect("registers")?;
    function.registers = line.number()?;
    Ok(())
}

/// `0..3 to 5 r4`
fn handler(mut line: Cursor<'_>) -> Read<Handler> {
    let start = Pc(line.number()?);
    line.expect("..")?;
    let end = Pc(line.number()?);
    line.expect("to")?;
    Ok(Handler {
        start,
        end,
        target: Pc(line.number()?),
        error: line.register("")?,
    })
}

/// `> 3: add &r0 &r1 ->r2`, the mark and the number may be left out.
fn op(parts: &mut Parts, mut line: Cursor<'_>) -> Read<Op> {
    line.take(">");
    let numbered = line;
    if line.number::<u16>().is_err() || !line.take(":") {
        line = numbered;
    }
    let name = line.word();
    let code = Op::NAMES
        .iter()
        .find(|(_, known)| *known == name)
        .ok_or(format!("no operation `{name}`"))?
        .0;
    let mut count = 0;
    let built = Op::build(code, |role| operand(parts, &mut line, role, &mut count))?;
    if !line.is_empty() {
        return Err("more operands than the operation has".to_owned());
    }
    let op = built.ok_or("no such operand")?;
    let Op::Map { dst, first, count } = op else {
        return Ok(op);
    };
    Ok(Op::Map {
        dst,
        first,
        count: count / 2,
    })
}

fn operand(parts: &mut Parts, line: &mut Cursor<'_>, role: Operand, count: &mut u16) -> Read<u16> {
    Ok(match role {
        Operand::Write(_) => line.register("->")?.0,
        Operand::Read(_) => line.register("&")?.0,
        Operand::Update(_) | Operand::Iteration(_) => line.register("&->")?.0,
        Operand::First(_) => {
            let (Reg(first), taken) = line.window()?;
            *count = taken;
            first
        }
        Operand::Count(_) => *count,
        Operand::Const(_) | Operand::Kind(_) => {
            let value = line.literal()?;
            place(&mut parts.constants, value, |a, b| a.is_identical(b))
        }
        Operand::Field(_) => equal(&mut parts.fields, field(line)?),
        Operand::Path(_) => equal(&mut parts.paths, path(line)?),
        Operand::Test(_) => {
            let test = test(line)?;
            place(&mut parts.tests, test, |a, b| {
                a == b
                    && a.0
                        .iter()
                        .zip(&b.0)
                        .all(|(a, b)| a.constant.is_identical(&b.constant))
            })
        }
        Operand::Shape(_) => equal(
            &mut parts.shapes,
            Arc::new(line.names()?.into_iter().collect::<Shape>()),
        ),
        Operand::Sources(_) => {
            let sources = line.between("{", "}", |line| source(parts, line))?;
            equal(&mut parts.sources, sources)
        }
        Operand::Switch(_) => equal(&mut parts.switches, switch(line)?),
        Operand::Builtin(_) => equal(&mut parts.builtin_calls, builtin(line)?),
        Operand::Site(_) => {
            let site = durable::site(parts, line)?;
            equal(&mut parts.sites, site)
        }
        Operand::Scope(_) => equal(&mut parts.scopes, scope(line)?),
        Operand::Answer(_) => equal(&mut parts.answers, answer(line)?),
        Operand::Func(_) => function(parts, line.word())?.0,
        Operand::Target(_) => line.number()?,
        Operand::Context(_) => context(line.word())?,
    })
}

/// The function of this name.
pub(crate) fn function(parts: &Parts, name: &str) -> Read<FuncId> {
    let index = parts
        .functions
        .iter()
        .position(|function| function.name == name);
    index
        .map(|index| FuncId(index as u16))
        .ok_or(format!("no function `{name}`"))
}

fn equal<T: PartialEq>(table: &mut Vec<T>, entry: T) -> u16 {
    place(table, entry, |a, b| a == b)
}

/// Where an entry stands in its table, once there.
fn place<T>(table: &mut Vec<T>, entry: T, same: impl Fn(&T, &T) -> bool) -> u16 {
    let found = table.iter().position(|known| same(known, &entry));
    let index = found.unwrap_or(table.len());
    if found.is_none() {
        table.push(entry);
    }
    index as u16
}

fn field(line: &mut Cursor<'_>) -> Read<FieldRef> {
    field_of(line.word().trim_start_matches('.'))
}

fn field_of(text: &str) -> Read<FieldRef> {
    let (name, slot) = text.split_once('@').ok_or("`.name@slot` expected")?;
    let slot = slot.parse().map_err(|_| "a slot expected")?;
    Ok(FieldRef::new(name, slot))
}

/// `.a@0.b@1`, or nothing at all
fn path(line: &mut Cursor<'_>) -> Read<Path> {
    if !line.is_at('.') {
        return Ok(Path::default());
    }
    let fields = line.entry_word().split('.').skip(1).map(field_of);
    fields.collect::<Read<_>>().map(Path)
}

/// `.a@0 > 1`, or several of them in braces
fn test(line: &mut Cursor<'_>) -> Read<Test> {
    if line.is_at('{') {
        return line.between("{", "}", question).map(Test);
    }
    Ok(Test(vec![question(line)?]))
}

fn question(line: &mut Cursor<'_>) -> Read<Question> {
    let (path, negated) = (path(line)?, line.take("not "));
    let sign = line.word();
    let relation = Relation::ALL.iter().find(|(_, known)| *known == sign);
    Ok(Question {
        path,
        relation: relation.ok_or(format!("no relation `{sign}`"))?.0,
        constant: line.literal()?,
        negated,
    })
}

/// `&r1`, `&->r1`, `&r1 .a@0`, `input .a@0` or a literal
fn source(parts: &mut Parts, line: &mut Cursor<'_>) -> Read<Source> {
    let mut rest = *line;
    if rest.take("&->") {
        return line.register("&->").map(Source::Take);
    }
    if rest.take("&") {
        let reg = line.register("&")?;
        let path = path(line)?;
        return Ok(if path.0.is_empty() {
            Source::Copy(reg)
        } else {
            Source::Part(reg, path)
        });
    }
    let word = rest.entry_word();
    if let Some(what) = Context::ALL.iter().find(|what| what.name() == word) {
        *line = rest;
        return Ok(Source::Context(*what, path(line)?));
    }
    let value = line.literal()?;
    let constant = place(&mut parts.constants, value, |a, b| a.is_identical(b));
    Ok(Source::Const(ConstId(constant)))
}

fn switch(line: &mut Cursor<'_>) -> Read<Switch> {
    let path = path(line)?;
    let arms = line.between("{", "}", |line| {
        let arm = line.literal()?;
        line.expect(":")?;
        Ok((arm, Pc(line.number()?)))
    })?;
    Ok(Switch { path, arms })
}

fn builtin(line: &mut Cursor<'_>) -> Read<BuiltinCall> {
    let name = line.word().into();
    let (_, arguments) = line.clone().window()?;
    Ok(BuiltinCall { name, arguments })
}

fn scope(line: &mut Cursor<'_>) -> Read<ScopeSite> {
    let policy = match line.word() {
        "all" => JoinPolicy::All,
        "settle" => JoinPolicy::Settle,
        "first" => JoinPolicy::First,
        other => return Err(format!("no policy `{other}`")),
    };
    Ok(ScopeSite {
        policy,
        limit: line.number()?,
    })
}

fn answer(line: &mut Cursor<'_>) -> Read<AnswerSite> {
    let status = line.number()?;
    let body = match line.word() {
        "empty" => AnswerBody::Empty,
        "json" => AnswerBody::Json,
        "text" => AnswerBody::Text,
        "html" => AnswerBody::Html,
        "bytes" => AnswerBody::Bytes,
        "problem" => AnswerBody::Problem,
        other => return Err(format!("no body `{other}`")),
    };
    let mut ahead = *line;
    let headers = if ahead.take("{") {
        line.names()?
    } else {
        Vec::new()
    };
    Ok(AnswerSite {
        status,
        body,
        headers: headers.into_iter().map(Into::into).collect(),
    })
}

fn context(name: &str) -> Read<u16> {
    let index = Context::ALL.iter().position(|what| what.name() == name);
    index
        .map(|index| index as u16)
        .ok_or(format!("no context `{name}`"))
}

/// `connection.operation a b`: parameters of any type.
fn operation(parts: &mut Parts, mut line: Cursor<'_>) {
    parts.manifest.connections.push(connection());
    let connection = ConnectionId(parts.manifest.connections.len() as u16 - 1);
    let name = line.word().into();
    let mut params = Vec::new();
    while !line.is_empty() {
        params.push(param(line.word()));
    }
    parts.manifest.operations.push(Operation {
        name,
        connection,
        method: "GET".into(),
        path: Vec::new(),
        params,
        body: BodyKind::None,
        idempotent: true,
        timeout: None,
        responses: Vec::new(),
    });
}

fn param(name: &str) -> Param {
    Param {
        name: name.into(),
        wire: name.into(),
        place: Place::Query,
        schema: TypeId(0),
        optional: true,
        default: None,
    }
}

fn connection() -> Connection {
    Connection {
        name: "upstream".into(),
        base: Text::Literal("http://upstream.example".into()),
        auth: ConnectionAuth::None,
        timeout: 1_000,
        retry: Retry::default(),
        breaker: None,
        concurrency: 1,
        internal: false,
        signature: None,
        tls: None,
    }
}

fn issuer(name: &str) -> Issuer {
    Issuer {
        name: name.into(),
        keys: KeySource::Jwks(Text::Literal("http://issuer.example/keys".into())),
        issuer: Vec::new(),
        audience: Text::Literal("journey".into()),
        algorithms: vec!["ES256".into()],
        claims: TypeId(0),
        leeway: 0,
        internal: false,
    }
}
