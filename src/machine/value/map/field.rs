//! Fields by name: what code looks for, and what shapes are looked through for.

use crate::value::Str;

/// A name in two numbers. Names of up to 15 bytes are equal if their tags are, so that most are compared at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag([u64; 2]);

/// Bytes of a name that a tag holds besides its length.
const HELD: usize = 15;

impl Tag {
    /// Of a longer name its beginning.
    pub(super) fn of(name: &str) -> Self {
        let mut bytes = [0; HELD + 1];
        for (slot, byte) in bytes.iter_mut().zip(name.bytes().take(HELD)) {
            *slot = byte;
        }
        let length = name.len().min(HELD + 1);
        let number = u128::from_le_bytes(bytes) | (length as u128) << (8 * HELD);
        Self([number as u64, (number >> 64) as u64])
    }

    /// Is it all of its name?
    #[inline]
    pub(super) fn is_whole(self) -> bool {
        self.0[1] >> 56 <= HELD as u64
    }
}

/// A field by name, with the slot it has in the type the compiler expects; another layout is found by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldRef {
    name: Str,
    slot: u16,
    tag: Tag,
}

impl FieldRef {
    /// The field of this name, likely to stand in `slot`.
    pub fn new(name: impl Into<Str>, slot: u16) -> Self {
        let name = name.into();
        Self {
            tag: Tag::of(&name),
            name,
            slot,
        }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &Str {
        &self.name
    }

    /// The likely slot.
    #[must_use]
    pub fn slot(&self) -> u16 {
        self.slot
    }

    pub(super) fn tag(&self) -> Tag {
        self.tag
    }
}
