//! Reading hostile bytes: every length is checked against what is there, and all that is built against a budget.

use super::Wire;
use crate::limits::{MAX_DECODED, MAX_DEPTH};

/// The bytes are no encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The bytes not yet read.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes that may still be built.
    budget: usize,
    /// Values that may still be nested in the one that is read.
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            budget: MAX_DECODED,
            depth: MAX_DEPTH,
        }
    }

    /// How many bytes have not been read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*first)
    }

    /// So many bytes.
    pub(super) fn raw(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Bytes behind their number.
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let count = self.length()?;
        self.spend(count)?;
        self.raw(count)
    }

    /// A number in its shortest form: equal programs have equal bytes.
    pub(super) fn number(&mut self) -> Result<u64, Malformed> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            number |= bits << shift;
            let overflows = shift == 63 && bits > 1;
            if overflows || (byte == 0 && shift > 0) {
                return Err(Malformed);
            }
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Malformed)
    }

    /// A number of things, each of which takes a byte at least.
    pub(super) fn length(&mut self) -> Result<usize, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        if length > self.left() {
            Err(Malformed)
        } else {
            Ok(length)
        }
    }

    /// A sequence behind its length.
    pub(super) fn items<T: Wire>(&mut self) -> Result<Vec<T>, Malformed> {
        let length = self.length()?;
        self.spend(length.saturating_mul(size_of::<T>()))?;
        (0..length).map(|_| T::read(self)).collect()
    }

    /// Takes from what may be built.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Malformed> {
        self.budget = self.budget.checked_sub(bytes).ok_or(Malformed)?;
        Ok(())
    }

    /// Reads something inside something of the same kind.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<T, Malformed> {
        self.depth = self.depth.checked_sub(1).ok_or(Malformed)?;
        let read = read(self);
        self.depth += 1;
        read
    }
}
