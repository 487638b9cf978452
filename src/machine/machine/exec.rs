//! The dispatch: one match over the operations, one line each. What is not done in a few steps is a function that is
//! never inlined, so that the loop stays small and the compiler keeps what it needs at hand.

use super::Surroundings;
use super::random::Random;
use super::registers::Registers;
use super::trap::{Memory, Trap};
use super::values;
use crate::builtin::Builtin;
use crate::index::Reg;
use crate::limits::BYTES_PER_STEP;
use crate::op::Op;
use crate::program::{
    AnswerId, ConstId, FieldRef, FuncId, Jumps, Pc, Program, ScopeSiteId, SiteId,
};
use crate::value::{EvalError, Timestamp, Value, ops};
use std::ops::Not;

/// What operations may use beside the registers.
pub(super) struct Env<'a> {
    pub(super) program: &'a Program,
    pub(super) around: &'a Surroundings,
    pub(super) now: Timestamp,
    pub(super) memory: &'a mut Memory,
    pub(super) random: &'a mut Random,
}

/// Where a frame stands, and how far it may go.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// The next operation.
    pub(super) pc: usize,
    /// Steps it may make. Below zero if the last operation looked at more than was left.
    pub(super) fuel: i64,
}

/// Why a frame stopped: what follows needs the task, or all tasks.
pub(super) enum Exit {
    Fuel,
    Trap(Trap),
    Call {
        dst: Reg,
        func: FuncId,
        first: Reg,
    },
    Return {
        src: Reg,
    },
    ReturnConst {
        value: ConstId,
    },
    Perform {
        dst: Reg,
        site: SiteId,
        first: Reg,
    },
    Scope {
        dst: Reg,
        site: ScopeSiteId,
    },
    Fork {
        scope: Reg,
        func: FuncId,
        first: Reg,
    },
    Join {
        dst: Reg,
        scope: Reg,
    },
    Complete {
        answer: AnswerId,
        first: Reg,
    },
}

impl Env<'_> {
    /// Runs a frame until something stops it.
    #[expect(clippy::too_many_lines, reason = "one match over all operations")]
    #[expect(
        clippy::indexing_slicing,
        reason = "the verifier has seen every jump target, and no code runs over its end"
    )]
    #[inline(always)] // Into its two callers: entering and leaving cost as much as a condition.
    pub(super) fn run(
        &mut self,
        code: &[Op],
        regs: &mut Registers<'_>,
        cursor: &mut Cursor,
    ) -> Exit {
        let program = self.program;
        let Cursor { mut pc, mut fuel } = *cursor;
        let exit = loop {
            fuel -= 1;
            if fuel < 0 {
                break used_up(&mut fuel);
            }
            let op = code[pc];
            pc += 1;
            let done: Result<(), Trap> = match op {
                Op::Const { dst, value } => {
                    regs.copy(dst, &program[value]);
                    Ok(())
                }
                Op::Move { dst, src } => values::duplicate(regs, dst, src),
                Op::Take { dst, src } => shift(regs, dst, src),
                Op::Drop { reg } => put(regs, reg, Value::Null),
                Op::Context { dst, what, path } => {
                    values::context(self, regs, dst, what, &program[path])
                }
                Op::Now { dst } => self.now(regs, dst),
                Op::Uuid { dst } => self.uuid(regs, dst),

                Op::Add { dst, a, b } => {
                    arithmetic(self.memory, regs, (dst, a, b), i64::checked_add, ops::add)
                }
                Op::Sub { dst, a, b } => {
                    arithmetic(self.memory, regs, (dst, a, b), i64::checked_sub, ops::sub)
                }
                Op::Mul { dst, a, b } => {
                    arithmetic(self.memory, regs, (dst, a, b), i64::checked_mul, ops::mul)
                }
                Op::Div { dst, a, b } => {
                    arithmetic(self.memory, regs, (dst, a, b), i64::checked_div, ops::div)
                }
                Op::Rem { dst, a, b } => {
                    arithmetic(self.memory, regs, (dst, a, b), i64::checked_rem, ops::rem)
                }
                Op::Neg { dst, a } => give(regs, dst, ops::neg(&regs[a])),
                Op::Not { dst, a } => give(regs, dst, ops::not(&regs[a])),
                Op::Eq { dst, a, b } => compare(
                    &mut fuel,
                    regs,
                    (dst, a, b),
                    |a, b| a == b,
                    |a, b| Ok((a == b).into()),
                ),
                Op::Ne { dst, a, b } => compare(
                    &mut fuel,
                    regs,
                    (dst, a, b),
                    |a, b| a != b,
                    |a, b| Ok((a != b).into()),
                ),
                Op::Lt { dst, a, b } => {
                    compare(&mut fuel, regs, (dst, a, b), |a, b| a < b, ops::lt)
                }
                Op::Le { dst, a, b } => {
                    compare(&mut fuel, regs, (dst, a, b), |a, b| a <= b, ops::le)
                }
                Op::Gt { dst, a, b } => {
                    compare(&mut fuel, regs, (dst, a, b), |a, b| a > b, ops::gt)
                }
                Op::Ge { dst, a, b } => {
                    compare(&mut fuel, regs, (dst, a, b), |a, b| a >= b, ops::ge)
                }
                Op::In { dst, a, b } => search(&mut fuel, regs, (dst, a, b)),

                Op::Field { dst, obj, field } => {
                    values::field(self.memory, regs, dst, obj, &program[field])
                }
                Op::Path { dst, obj, path } => {
                    values::path(self.memory, regs, dst, obj, &program[path])
                }
                Op::Has { dst, obj, field } => {
                    member(self.memory, regs, (dst, obj), &program[field], ops::has)
                }
                Op::OptField { dst, obj, field } => member(
                    self.memory,
                    regs,
                    (dst, obj),
                    &program[field],
                    ops::opt_field,
                ),
                Op::Index { dst, obj, key } => values::index(regs, dst, obj, key),
                Op::OptIndex { dst, obj, key } => made(
                    self.memory,
                    regs,
                    dst,
                    ops::opt_index(&regs[obj], &regs[key]),
                ),

                Op::List { dst, first, count } => {
                    values::list(self.memory, regs, dst, first, count)
                }
                Op::Map { dst, first, count } => values::map(self.memory, regs, dst, first, count),
                Op::Object {
                    dst,
                    shape,
                    sources,
                } => values::object(self, regs, dst, (&program[shape], &program[sources])),
                Op::Concat { dst, first, count } => {
                    values::concat(self.memory, regs, dst, first, count)
                }
                Op::Append { list, item } => values::append(self.memory, regs, list, item),
                Op::Insert { map, key, item } => {
                    values::insert(self.memory, regs, map, key, item, ops::insert)
                }
                Op::Spread { into, src } => values::spread(self.memory, regs, into, src),
                Op::AppendOpt { list, item } => values::append_opt(self.memory, regs, list, item),
                Op::InsertOpt { map, key, item } => {
                    values::insert(self.memory, regs, map, key, item, |map, key, item| {
                        ops::insert_opt(map, key, &item)
                    })
                }
                Op::InsertNew { map, key, item } => {
                    values::insert(self.memory, regs, map, key, item, ops::insert_new)
                }
                Op::SpreadNew { into, src } => values::spread_new(self.memory, regs, into, src),
                Op::Some { dst, src } => values::some(self.memory, regs, dst, src),
                Op::Builtin { dst, call, first } => {
                    let count = program.builtin_calls[call.index()].arguments.into();
                    invoke(
                        &mut fuel,
                        self.memory,
                        regs,
                        (dst, first, count),
                        program[call],
                    )
                }

                Op::Jump { to } => go(&mut pc, Some(to)),
                Op::JumpIf { cond, to } => branch(&mut pc, to, truth(&regs[cond])),
                Op::JumpUnless { cond, to } => {
                    branch(&mut pc, to, truth(&regs[cond]).map(bool::not))
                }
                Op::Unless { src, test, to } => {
                    let holds = program
                        .check(test)
                        .holds(&regs[src], |bytes| walk(&mut fuel, bytes));
                    branch(&mut pc, to, holds.map(bool::not).map_err(Trap::from))
                }
                Op::Switch { value, table } => {
                    let jumps = program.jumps(table);
                    match jumps.of_text(&regs[value]) {
                        Some(to) => go(&mut pc, to),
                        None => jump(&mut pc, jumps, &regs[value]),
                    }
                }
                Op::Iter { dst, src } => values::iterate(self.memory, regs, dst, src),
                Op::Seek { iter, test, exit } => {
                    let found = values::sought(&mut fuel, regs, iter, program.check(test));
                    branch(&mut pc, exit, found.map(bool::not))
                }
                Op::Next { item, iter, exit } => {
                    branch(&mut pc, exit, values::ended(regs, item, iter))
                }
                Op::CheckBool { src } => truth(&regs[src]).map(|_| ()),

                Op::Raise { src } => values::raise(regs, src),
                Op::RaiseIf { src } if regs[src].as_error().is_none() => Ok(()),
                Op::RaiseIf { src } => values::raise(regs, src),
                Op::Error { dst, value } => values::error(regs, dst, &program[value]),
                Op::ErrorIs { dst, src, kind } => values::error_is(regs, dst, src, &program[kind]),
                Op::Describe { dst, src } => values::describe(self.memory, regs, dst, src),

                Op::Call { dst, func, first } => break Exit::Call { dst, func, first },
                Op::Return { src } => break Exit::Return { src },
                Op::ReturnConst { value } => break Exit::ReturnConst { value },
                Op::Perform { dst, site, first } => break Exit::Perform { dst, site, first },
                Op::Scope { dst, site } => break Exit::Scope { dst, site },
                Op::Fork { scope, func, first } => break Exit::Fork { scope, func, first },
                Op::Join { dst, scope } => break Exit::Join { dst, scope },
                Op::Complete { answer, first } => break Exit::Complete { answer, first },
            };
            if let Err(trap) = done {
                break Exit::Trap(trap);
            }
        };
        *cursor = Cursor { pc, fuel };
        exit
    }
}

impl Env<'_> {
    #[inline(never)]
    fn now(&self, regs: &mut Registers<'_>, dst: Reg) -> Result<(), Trap> {
        put(regs, dst, Value::Timestamp(self.now))
    }

    #[inline(never)]
    fn uuid(&mut self, regs: &mut Registers<'_>, dst: Reg) -> Result<(), Trap> {
        made(self.memory, regs, dst, Ok(self.random.uuid()))
    }
}

/// The step that was one too many has not been made.
#[cold]
#[inline(never)]
fn used_up(fuel: &mut i64) -> Exit {
    *fuel += 1;
    Exit::Fuel
}

/// Integers at once, everything else by `slow`, whose result is paid for.
#[inline]
fn arithmetic(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    (dst, a, b): (Reg, Reg, Reg),
    quick: impl Fn(i64, i64) -> Option<i64>,
    slow: impl Fn(&Value, &Value) -> Result<Value, EvalError>,
) -> Result<(), Trap> {
    if let (Value::Int(a), Value::Int(b)) = (&regs[a], &regs[b])
        && let Some(result) = quick(*a, *b)
    {
        regs.set_int(dst, result);
        return Ok(());
    }
    made(memory, regs, dst, slow(&regs[a], &regs[b]))
}

/// A member of an object, or whether it has one.
#[inline(never)]
pub(super) fn member(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    (dst, object): (Reg, Reg),
    field: &FieldRef,
    find: fn(&Value, &FieldRef) -> Result<Value, EvalError>,
) -> Result<(), Trap> {
    let found = find(&regs[object], field)?;
    if let Value::Optional(_) = found {
        memory.charge(found.size())?;
    }
    put(regs, dst, found)
}

/// What a built-in function makes of consecutive registers.
#[inline(never)]
fn invoke(
    fuel: &mut i64,
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    (dst, first, count): (Reg, Reg, usize),
    builtin: &Builtin,
) -> Result<(), Trap> {
    let args = regs.window(first, count);
    walk(fuel, builtin.looks_at(args));
    let value = builtin.invoke(args);
    walk(fuel, value.as_ref().map_or(0, Value::size));
    made(memory, regs, dst, value)
}

#[inline(never)]
fn search(
    fuel: &mut i64,
    regs: &mut Registers<'_>,
    (dst, a, b): (Reg, Reg, Reg),
) -> Result<(), Trap> {
    walk(fuel, searched(&regs[a], &regs[b]));
    give(regs, dst, ops::is_in(&regs[a], &regs[b]))
}

/// Writes a value that has been built, and takes its bytes.
#[inline(never)]
fn made(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    dst: Reg,
    value: Result<Value, EvalError>,
) -> Result<(), Trap> {
    let value = value?;
    memory.charge(value.size())?;
    put(regs, dst, value)
}

/// Integers at once, everything else by `slow`.
#[inline]
fn compare(
    fuel: &mut i64,
    regs: &mut Registers<'_>,
    (dst, a, b): (Reg, Reg, Reg),
    quick: impl Fn(i64, i64) -> bool,
    slow: impl Fn(&Value, &Value) -> Result<Value, EvalError>,
) -> Result<(), Trap> {
    if let (Value::Int(a), Value::Int(b)) = (&regs[a], &regs[b]) {
        let result = quick(*a, *b);
        regs.set_bool(dst, result);
        return Ok(());
    }
    compare_others(fuel, regs, (dst, a, b), slow)
}

#[inline(never)]
fn compare_others(
    fuel: &mut i64,
    regs: &mut Registers<'_>,
    (dst, a, b): (Reg, Reg, Reg),
    compare: impl Fn(&Value, &Value) -> Result<Value, EvalError>,
) -> Result<(), Trap> {
    walk(fuel, regs[a].weight().min(regs[b].weight()));
    give(regs, dst, compare(&regs[a], &regs[b]))
}

/// Pays for looking at so many bytes.
#[inline]
pub(super) fn walk(fuel: &mut i64, bytes: usize) {
    *fuel -= (bytes / BYTES_PER_STEP) as i64;
}

/// How many bytes `item in collection` looks at: keys of a map are found at once.
fn searched(item: &Value, collection: &Value) -> usize {
    if collection.as_list().is_some() {
        collection.weight()
    } else {
        item.weight()
    }
}

/// Writes a value that needs no new memory.
#[inline]
fn give(regs: &mut Registers<'_>, dst: Reg, value: Result<Value, EvalError>) -> Result<(), Trap> {
    put(regs, dst, value?)
}

#[inline]
fn put(regs: &mut Registers<'_>, dst: Reg, value: Value) -> Result<(), Trap> {
    regs.set(dst, value);
    Ok(())
}

#[inline]
fn shift(regs: &mut Registers<'_>, dst: Reg, src: Reg) -> Result<(), Trap> {
    let value = std::mem::take(&mut regs[src]);
    put(regs, dst, value)
}

/// Goes on at `to`, if there is such a place.
#[inline]
fn go(pc: &mut usize, to: Option<Pc>) -> Result<(), Trap> {
    *pc = to.map_or(*pc, Pc::index);
    Ok(())
}

/// Goes on where a part of the value leads, whatever it is.
#[inline(never)]
fn jump(pc: &mut usize, jumps: &Jumps, value: &Value) -> Result<(), Trap> {
    go(pc, jumps.find(value)?)
}

/// Goes on at `to` if that is so.
#[inline]
fn branch(pc: &mut usize, to: Pc, so: Result<bool, Trap>) -> Result<(), Trap> {
    if so? {
        *pc = to.index();
    }
    Ok(())
}

#[inline]
fn truth(value: &Value) -> Result<bool, Trap> {
    Ok(ops::truth(value)?)
}
