//! Snapshots: machines that wait, as bytes. They belong to one program and are useless without it; what is read is looked
//! at against the program before it is a machine. Settings and secrets are not among it.

use super::read::{Malformed, Reader};
use super::write::Writer;
use super::{Wire, choice, record};
use crate::limits::MAX_SNAPSHOT;
use crate::machine::Machine;
use crate::machine::saved::{Saved, SavedFrame, SavedScope, SavedState, SavedTask, is_register};
use crate::program::Program;
use crate::value::Value;
use std::collections::BTreeMap;

/// How every snapshot begins.
const MAGIC: [u8; 4] = *b"JSNP";
/// The format that is written. Older ones stay readable: a run outlives the runtime that saved it.
const VERSION: u16 = 1;

/// Why bytes are no machine of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// They do not begin with `JSNP`.
    #[error("this is not a snapshot of a run")]
    Magic,
    /// Written by a newer runtime.
    #[error("snapshot format {0}, this runtime reads up to {1}")]
    Version(u16, u16),
    /// Of another program.
    #[error("the run belongs to another program")]
    Program,
    /// Not what was written.
    #[error("the snapshot is damaged")]
    Damaged,
}

/// The bytes of a machine; `hash`: that of its program. `None`: it is over, or holds more than a snapshot may.
#[must_use]
pub fn encode(machine: &Machine, hash: &[u8; 32]) -> Option<Vec<u8>> {
    let mut saved = machine.save()?;
    let mut table = Table::default();
    table.take(&mut saved)?;
    let mut out = Writer::default();
    out.raw(&MAGIC);
    out.raw(&VERSION.to_le_bytes());
    out.raw(hash);
    out.number(table.values.len() as u64);
    table.values.iter().for_each(|value| out.raw(value));
    out.items(table.places.iter());
    saved.write(&mut out);
    Some(out.into_bytes()).filter(|bytes| bytes.len() <= MAX_SNAPSHOT)
}

/// The machine of a program with this hash; settings and secrets as they are now.
///
/// # Errors
/// Whatever is wrong with the bytes; nothing but a machine that can go on comes out.
pub fn decode(
    bytes: &[u8],
    program: &Program,
    hash: &[u8; 32],
    (config, secret): (Value, Value),
) -> Result<Machine, SnapshotError> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(SnapshotError::Magic)?;
    let (version, rest) = rest.split_first_chunk().ok_or(SnapshotError::Damaged)?;
    let version = u16::from_le_bytes(*version);
    if version != VERSION {
        return Err(SnapshotError::Version(version, VERSION));
    }
    let (of, rest) = rest.split_first_chunk().ok_or(SnapshotError::Damaged)?;
    if of != hash {
        return Err(SnapshotError::Program);
    }
    if bytes.len() > MAX_SNAPSHOT {
        return Err(SnapshotError::Damaged);
    }
    let saved = read(rest).map_err(|Malformed| SnapshotError::Damaged)?;
    Machine::load(program, saved, config, secret).ok_or(SnapshotError::Damaged)
}

fn read(bytes: &[u8]) -> Result<Saved, Malformed> {
    let mut from = Reader::new(bytes);
    let values: Vec<Value> = from.items()?;
    if !values.iter().all(is_register) {
        return Err(Malformed);
    }
    let places: Vec<u32> = from.items()?;
    let mut saved = Saved::read(&mut from)?;
    if from.left() > 0 {
        return Err(Malformed);
    }
    let mut places = places.into_iter();
    for slot in slots(&mut saved) {
        let place = places.next().and_then(|place| usize::try_from(place).ok());
        let value = place.and_then(|place| values.get(place));
        *slot = value.ok_or(Malformed)?.clone();
    }
    if places.next().is_some() {
        return Err(Malformed);
    }
    Ok(saved)
}

/// What stands in registers and around the run, each value once, however many of them hold it. Null is left in its place.
#[derive(Default)]
struct Table {
    values: Vec<Vec<u8>>,
    known: BTreeMap<Vec<u8>, u32>,
    /// For each slot the place of its value.
    places: Vec<u32>,
}

impl Table {
    /// Takes all values out; `None`: they are too many or too large.
    fn take(&mut self, saved: &mut Saved) -> Option<()> {
        let mut size = 0;
        for slot in slots(saved) {
            if slot.weight() > MAX_SNAPSHOT {
                return None;
            }
            let mut out = Writer::default();
            std::mem::take(slot).write(&mut out);
            let bytes = out.into_bytes();
            let next = u32::try_from(self.values.len()).ok()?;
            let place = *self.known.entry(bytes.clone()).or_insert(next);
            if place == next {
                size += bytes.len();
                self.values.push(bytes);
            }
            if size > MAX_SNAPSHOT {
                return None;
            }
            self.places.push(place);
        }
        Some(())
    }
}

/// Every place where a run holds a value between two effects, in order.
fn slots(saved: &mut Saved) -> impl Iterator<Item = &mut Value> {
    let registers = saved.tasks.iter_mut().flat_map(|task| &mut task.registers);
    saved.around.iter_mut().chain(registers)
}

record! {
    Saved { around, random, steps, memory, next, tasks, scopes, ready }
    SavedTask { id, frames, registers, peak, state, parent }
    SavedFrame { function, pc, dst, scopes }
    SavedScope { id, owner, opened, live, results, verdict }
}

choice! {
    SavedState {
        0 Ready,
        1 Resumed(dst, outcome),
        2 Effect(id, dst),
        3 Join(scope),
        4 Full(scope),
    }
}
