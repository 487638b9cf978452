//! The name of a member as it is looked for in a document.

use crate::value::escape::member_key;

/// Bytes that are compared at once.
const HEAD: usize = size_of::<u128>();

/// `"name":`, and its beginning as a number.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    text: Box<[u8]>,
    head: u128,
    /// Which bits of a document's beginning the head has.
    mask: u128,
}

impl Key {
    pub(crate) fn new(name: &str) -> Self {
        let text = member_key(name);
        let (mut head, mut mask) = ([0; HEAD], [0; HEAD]);
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(&text) {
            (*head, *mask) = (*byte, u8::MAX);
        }
        Self {
            text,
            head: u128::from_le_bytes(head),
            mask: u128::from_le_bytes(mask),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Does a document begin so?
    #[inline]
    pub(super) fn begins(&self, document: &[u8]) -> bool {
        match document.first_chunk() {
            Some(head) if u128::from_le_bytes(*head) & self.mask != self.head => false,
            Some(_) if self.text.len() <= HEAD => true,
            _ => document.starts_with(&self.text),
        }
    }
}
