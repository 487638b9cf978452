//! How deep and how large a value is if everything inside it is counted as often as it occurs.
//!
//! Values share their parts: a loop of `x = [x, x]` builds a terabyte in a few steps of memory. Lists and maps
//! therefore carry their extent, so that a check when they grow bounds whatever walks over them later:
//! comparison, output, drop.

use super::{ErrorKind, EvalError, Value};
use crate::limits::{MAX_DEPTH, MAX_VALUE_BYTES};

/// Depth and size, both never less than the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    depth: u16,
    bytes: u32,
}

impl Extent {
    /// Of a list or a map without entries.
    pub(crate) const EMPTY: Self = Self {
        depth: 1,
        bytes: 48,
    };

    /// Of a value without parts that holds `heap` bytes.
    #[inline]
    pub(crate) fn leaf(heap: usize) -> Self {
        Self {
            depth: 0,
            bytes: clamp(size_of::<Value>() + heap),
        }
    }

    /// Of a list or a map of these parts, which takes so many bytes beside them.
    #[inline]
    pub(crate) fn of<'v>(own: usize, parts: impl Iterator<Item = &'v Value>) -> Self {
        let (mut depth, mut bytes) = (Self::EMPTY.depth, Self::EMPTY.bytes().saturating_add(own));
        for part in parts {
            // Most parts are texts and numbers.
            let leaf = part.as_leaf().map(|heap| size_of::<Value>() + heap);
            let added = leaf.unwrap_or_else(|| {
                let part = part.extent();
                depth = depth.max(part.depth.saturating_add(1));
                part.bytes()
            });
            bytes = bytes.saturating_add(added);
        }
        Self {
            depth,
            bytes: clamp(bytes),
        }
    }

    /// With one more part inside.
    #[inline]
    #[must_use]
    pub(crate) fn around(self, part: Self) -> Self {
        Self {
            depth: self.depth.max(part.depth.saturating_add(1)),
            ..self.plus(part.bytes as usize)
        }
    }

    /// With so many more bytes.
    #[inline]
    #[must_use]
    pub(crate) fn plus(self, bytes: usize) -> Self {
        Self {
            bytes: self.bytes.saturating_add(clamp(bytes)),
            ..self
        }
    }

    /// Without a part that was inside.
    #[must_use]
    pub(crate) fn without(self, part: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(part.bytes),
            ..self
        }
    }

    pub(crate) fn depth(self) -> usize {
        self.depth.into()
    }

    pub(crate) fn bytes(self) -> usize {
        self.bytes as usize
    }

    /// An error if it is more than one value may be.
    pub(crate) fn check(self) -> Result<(), EvalError> {
        if self.depth() > MAX_DEPTH {
            return Err(EvalError::new(
                ErrorKind::LimitExceeded,
                "value is nested too deeply",
            ));
        }
        check_bytes(self.bytes())
    }
}

/// An error if so many bytes are more than one value may have: to be asked before they are allocated.
pub(crate) fn check_bytes(bytes: usize) -> Result<(), EvalError> {
    if bytes > MAX_VALUE_BYTES {
        return Err(EvalError::new(
            ErrorKind::LimitExceeded,
            "value is too large",
        ));
    }
    Ok(())
}

#[inline]
fn clamp(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
