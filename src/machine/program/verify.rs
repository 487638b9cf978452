//! The verifier: what it lets through can run without another look at an index.

use super::{BuiltinCall, FuncId, Parts, Pc, Str};
use crate::builtin::Builtin;
use std::fmt;

/// Why some parts are no program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub struct VerifyError {
    /// Where.
    pub place: Place,
    /// What.
    pub problem: Problem,
}

/// Where in a program something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The program as a whole.
    Program,
    /// A function, its frame or its debug tables.
    Function(FuncId),
    /// An operation.
    Op(FuncId, Pc),
    /// An entry of a table: `constants`, `types`, `manifest.operations`, ….
    Entry(&'static str, usize),
}

/// What is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// An index behind the end of its table.
    #[error("{table} has no entry {index}")]
    Missing {
        /// The table, as [`Parts`] or the manifest calls it, or `registers`, `code`.
        table: &'static str,
        /// The index.
        index: usize,
    },
    /// More of something than there may be.
    #[error("{count} {what}, at most {most} are allowed")]
    TooMany {
        /// What.
        what: &'static str,
        /// How many.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// Something that has to be so and is not.
    #[error("{0}")]
    Broken(&'static str),
    /// A built-in function that the library does not have, or not with so many arguments.
    #[error("no built-in function `{0}` takes {1} arguments")]
    UnknownBuiltin(Str, u16),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Program => write!(f, "program"),
            Self::Function(function) => write!(f, "function {}", function.0),
            Self::Op(function, pc) => write!(f, "function {}, operation {}", function.0, pc.0),
            Self::Entry(table, index) => write!(f, "{table}, entry {index}"),
        }
    }
}

/// Every function behind all those it runs, if the parts are sound.
pub(super) fn check(_parts: &Parts) -> Result<Vec<FuncId>, VerifyError> {
    todo!()
}

/// The functions of the calls.
pub(super) fn resolve(_calls: &[BuiltinCall]) -> Result<Vec<&'static Builtin>, VerifyError> {
    todo!()
}
