//! Why an operation does not go on to the next one.

use super::Cause;
use crate::value::EvalError;

/// What an operation raises. A pointer, so that what an operation gives back fits into one register.
#[derive(Debug)]
pub(super) struct Trap(Box<Raised>);

/// What has been raised.
#[derive(Debug)]
pub(super) enum Raised {
    /// An error that a handler may catch.
    Error(EvalError),
    /// The end of the run.
    Fatal(Fatal),
}

impl Trap {
    pub(super) fn raised(self) -> Raised {
        *self.0
    }
}

/// What ends a run whatever its handlers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fatal {
    Steps,
    Memory,
    Depth,
    Malformed,
}

/// A register did not hold what the operation needs: no compiler writes such code.
#[cold]
pub(super) fn malformed() -> Trap {
    Fatal::Malformed.into()
}

impl From<EvalError> for Trap {
    #[cold]
    fn from(error: EvalError) -> Self {
        Self(Box::new(Raised::Error(error)))
    }
}

impl From<Fatal> for Trap {
    #[cold]
    fn from(fatal: Fatal) -> Self {
        Self(Box::new(Raised::Fatal(fatal)))
    }
}

impl From<Trap> for Cause {
    fn from(trap: Trap) -> Self {
        match trap.raised() {
            Raised::Error(error) => Self::Uncaught(error),
            Raised::Fatal(fatal) => fatal.into(),
        }
    }
}

impl From<Fatal> for Cause {
    fn from(fatal: Fatal) -> Self {
        match fatal {
            Fatal::Steps => Self::Steps,
            Fatal::Memory => Self::Memory,
            Fatal::Depth => Self::Depth,
            Fatal::Malformed => Self::Malformed,
        }
    }
}

/// Bytes that a run may still build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Memory(pub(super) u64);

impl Memory {
    /// Takes so many bytes, or ends the run.
    #[inline]
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), Trap> {
        self.0 = self.0.checked_sub(bytes as u64).ok_or(Fatal::Memory)?;
        Ok(())
    }

    /// Takes so many bytes that are there already; if they are more than all, the next charge ends the run.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.0 = self.0.saturating_sub(bytes as u64);
    }

    /// Gives back what is in use no more.
    pub(super) fn refund(&mut self, bytes: usize) {
        self.0 = self.0.saturating_add(bytes as u64);
    }
}
