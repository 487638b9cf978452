//! Operations that build values: each takes the bytes it needs before it builds, as far as they can be known.

use super::exec::{Env, member, walk};
use super::registers::Registers;
use super::trap::{Memory, Trap, malformed};
use crate::index::Reg;
use crate::op::Context;
use crate::program::{Check, FieldRef, Path, Source};
use crate::value::{EvalError, Map, Shape, Value, ops};
use std::sync::Arc;

type Done = Result<(), Trap>;

/// About what a new list or map takes beside its entries.
const HEAD: usize = 64;

#[inline]
pub(super) fn duplicate(regs: &mut Registers<'_>, dst: Reg, src: Reg) -> Done {
    regs.copy_part(dst, src, |value| Some(value));
    Ok(())
}

#[inline]
pub(super) fn field(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    dst: Reg,
    object: Reg,
    field: &FieldRef,
) -> Done {
    if regs.copy_part(dst, object, |object| object.as_map()?.field(field)) {
        return Ok(());
    }
    member(memory, regs, (dst, object), field, ops::field)
}

#[inline]
pub(super) fn path(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    dst: Reg,
    object: Reg,
    path: &Path,
) -> Done {
    if regs.copy_part(dst, object, |object| path.find(object)) {
        return Ok(());
    }
    let found = hidden(memory, &regs[object], path)?;
    regs.set(dst, found);
    Ok(())
}

/// What [`Path::find`] does not find.
#[inline(never)]
fn hidden(memory: &mut Memory, object: &Value, path: &Path) -> Result<Value, Trap> {
    let found = path.follow(object)?.into_owned();
    if let Value::Optional(_) = found {
        memory.charge(found.size())?;
    }
    Ok(found)
}

/// A copy of what stands at the end of a path.
#[inline]
fn part(memory: &mut Memory, object: &Value, path: &Path) -> Result<Value, Trap> {
    match path.find(object) {
        Some(found) => Ok(found.copied()),
        None => hidden(memory, object, path),
    }
}

#[inline(never)]
pub(super) fn context(
    env: &mut Env<'_>,
    regs: &mut Registers<'_>,
    dst: Reg,
    what: Context,
    path: &Path,
) -> Done {
    let found = part(env.memory, env.around.of(what), path)?;
    regs.set(dst, found);
    Ok(())
}

#[inline(never)]
pub(super) fn index(regs: &mut Registers<'_>, dst: Reg, object: Reg, key: Reg) -> Done {
    let found = ops::index(&regs[object], &regs[key])?;
    regs.set(dst, found);
    Ok(())
}

#[inline(never)]
pub(super) fn raise(regs: &Registers<'_>, src: Reg) -> Done {
    Err(regs.error(src)?.clone().into())
}

#[inline(never)]
pub(super) fn list(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    dst: Reg,
    first: Reg,
    count: u16,
) -> Done {
    memory.charge(HEAD + usize::from(count) * size_of::<Value>())?;
    regs[dst] = ops::list(regs.values(first, count.into())?.to_vec())?;
    Ok(())
}

#[inline(never)]
pub(super) fn map(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    dst: Reg,
    first: Reg,
    count: u16,
) -> Done {
    let count = 2 * usize::from(count);
    memory.charge(HEAD + count * size_of::<Value>())?;
    regs[dst] = ops::map(regs.values(first, count)?.to_vec())?;
    Ok(())
}

#[inline(never)]
pub(super) fn object(
    env: &mut Env<'_>,
    regs: &mut Registers<'_>,
    dst: Reg,
    (shape, sources): (&Arc<Shape>, &[Source]),
) -> Done {
    env.memory
        .charge(HEAD + sources.len() * size_of::<Value>())?;
    let mut slots = Vec::with_capacity(sources.len());
    for source in sources {
        let (object, path) = match source {
            Source::Const(id) => (&env.program[*id], None),
            Source::Copy(reg) => (regs.held(*reg)?, None),
            Source::Part(reg, path) => (&regs[*reg], Some(path)),
            Source::Context(what, path) => (env.around.of(*what), Some(path)),
            Source::Take(reg) => {
                slots.push(Some(regs.take(*reg)?));
                continue;
            }
        };
        let found = path.map_or(Some(object), |path| path.find(object));
        slots.push(Some(match (found, path) {
            (None, Some(path)) => hidden(env.memory, object, path)?,
            (found, _) => found.unwrap_or(object).copied(),
        }));
    }
    let object = ops::object(shape, slots)?;
    regs.set(dst, object);
    Ok(())
}

#[inline(never)]
pub(super) fn concat(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    dst: Reg,
    first: Reg,
    count: u16,
) -> Done {
    let parts = regs.window(first, count.into());
    memory.charge(parts.iter().map(Value::size).sum())?;
    regs[dst] = ops::concat(parts)?;
    Ok(())
}

#[inline(never)]
pub(super) fn append(memory: &mut Memory, regs: &mut Registers<'_>, list: Reg, item: Reg) -> Done {
    memory.charge(size_of::<Value>() + copied(&regs[list]))?;
    if let Value::Int(n) = regs[item] {
        return Ok(ops::append(&mut regs[list], Value::Int(n))?);
    }
    let item = regs.value(item)?;
    Ok(ops::append(&mut regs[list], item)?)
}

#[inline(never)]
pub(super) fn append_opt(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    list: Reg,
    item: Reg,
) -> Done {
    let item = regs.value(item)?;
    grow(memory, regs, list, size_of::<Value>(), |list| {
        ops::append_opt(list, &item)
    })
}

/// `write` puts the item under the key into the map.
#[inline(never)]
pub(super) fn insert(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    map: Reg,
    key: Reg,
    item: Reg,
    write: fn(&mut Value, &Value, Value) -> Result<(), EvalError>,
) -> Done {
    let (key, item) = (regs.value(key)?, regs.value(item)?);
    grow(memory, regs, map, ENTRY, |map| write(map, &key, item))
}

/// What an entry of a map takes: key, value, and its part of an index.
const ENTRY: usize = 3 * size_of::<Value>();

#[inline(never)]
pub(super) fn spread(memory: &mut Memory, regs: &mut Registers<'_>, into: Reg, src: Reg) -> Done {
    let src = regs.value(src)?;
    grow(memory, regs, into, src.size(), |into| {
        ops::spread(into, &src)
    })
}

#[inline(never)]
pub(super) fn spread_new(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    into: Reg,
    src: Reg,
) -> Done {
    let src = regs.value(src)?;
    grow(memory, regs, into, src.size(), |into| {
        ops::spread_new(into, &src)
    })
}

/// Changes the collection in a register. If something else holds it too, it is copied first, and the copy is paid for.
fn grow(
    memory: &mut Memory,
    regs: &mut Registers<'_>,
    reg: Reg,
    bytes: usize,
    change: impl FnOnce(&mut Value) -> Result<(), EvalError>,
) -> Done {
    memory.charge(bytes + copied(&regs[reg]))?;
    Ok(change(&mut regs[reg])?)
}

/// What a change copies first: all of a collection that something else holds too.
fn copied(value: &Value) -> usize {
    let shared = if let Value::List(list) = value {
        Arc::strong_count(list) > 1
    } else if let Value::Map(map) = value {
        Arc::strong_count(map) > 1
    } else {
        false
    };
    if shared { value.size() } else { 0 }
}

#[inline(never)]
pub(super) fn some(memory: &mut Memory, regs: &mut Registers<'_>, dst: Reg, src: Reg) -> Done {
    memory.charge(HEAD)?;
    regs[dst] = ops::some(regs.value(src)?)?;
    Ok(())
}

#[inline(never)]
pub(super) fn iterate(memory: &mut Memory, regs: &mut Registers<'_>, dst: Reg, src: Reg) -> Done {
    let map = regs[src].as_map().map_or(0, Map::len);
    memory.charge(map * size_of::<Value>())?;
    regs[dst] = ops::iterable(&regs[src])?;
    regs.set_int(position(dst), 0);
    Ok(())
}

/// Goes to the next item for which the test holds; `false`: there is none. Each item looked at is a step.
#[inline(never)]
pub(super) fn sought(
    fuel: &mut i64,
    regs: &mut Registers<'_>,
    iter: Reg,
    test: &Check,
) -> Result<bool, Trap> {
    let (Value::List(list), Value::Int(at)) = (&regs[iter], &regs[position(iter)]) else {
        return Err(malformed());
    };
    let at = *at;
    let rest = usize::try_from(at).ok().and_then(|at| list.get(at..));
    let mut seen = None;
    for (passed, item) in (0..).zip(rest.unwrap_or_default()) {
        if test.holds_among(item, &mut seen, |bytes| walk(fuel, bytes))? {
            *fuel -= passed;
            regs.set_int(position(iter), at.saturating_add(passed));
            return Ok(true);
        }
    }
    *fuel -= rest.map_or(0, <[Value]>::len) as i64;
    Ok(false)
}

/// Takes the next item; `true`: there is none.
#[inline]
pub(super) fn ended(regs: &mut Registers<'_>, item: Reg, iter: Reg) -> Result<bool, Trap> {
    let Value::Int(at) = regs[position(iter)] else {
        return Err(malformed());
    };
    let place = usize::try_from(at).unwrap_or(usize::MAX);
    if regs.copy_part(item, iter, |list| list.as_list()?.get(place)) {
        regs.set_int(position(iter), at.saturating_add(1));
        return Ok(false);
    }
    if regs[iter].as_list().is_some() {
        Ok(true)
    } else {
        Err(malformed())
    }
}

/// The register behind the one that holds what is iterated.
#[inline]
pub(super) fn position(iter: Reg) -> Reg {
    Reg(iter.0.saturating_add(1))
}

/// The verifier has seen that the constant names an error.
#[inline(never)]
pub(super) fn error(regs: &mut Registers<'_>, dst: Reg, constant: &Value) -> Done {
    regs[dst] = constant
        .as_str()
        .and_then(EvalError::of_text)
        .ok_or_else(malformed)?
        .into();
    Ok(())
}

#[inline(never)]
pub(super) fn error_is(regs: &mut Registers<'_>, dst: Reg, src: Reg, kind: &Value) -> Done {
    let wanted = kind
        .as_str()
        .and_then(EvalError::of_text)
        .ok_or_else(malformed)?
        .kind;
    let is = regs.error(src)?.kind == wanted;
    regs.set_bool(dst, is);
    Ok(())
}

#[inline(never)]
pub(super) fn describe(memory: &mut Memory, regs: &mut Registers<'_>, dst: Reg, src: Reg) -> Done {
    memory.charge(HEAD + 2 * ENTRY)?;
    let error = regs.error(src)?;
    let described: Map = [
        ("code", error.kind.code().into()),
        ("message", error.message.clone().into()),
    ]
    .into_iter()
    .collect();
    regs[dst] = described.into();
    Ok(())
}
