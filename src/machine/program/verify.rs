//! The verifier: what it lets through can run without another look at an index.

mod calls;
mod code;
mod manifest;
mod tables;

use super::{BuiltinCall, FuncId, Parts, Pc, Str};
use crate::builtin::{self, Builtin, Overload};
use crate::limits::MAX_TABLE;
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
pub(super) fn check(parts: &Parts) -> Result<Vec<FuncId>, VerifyError> {
    tables::check(parts)?;
    manifest::check(parts)?;
    for (index, function) in (0..).zip(&parts.functions) {
        code::check(parts, FuncId(index), function)?;
    }
    calls::order(parts)
}

/// The functions of the calls.
pub(super) fn resolve(calls: &[BuiltinCall]) -> Result<Vec<&'static Builtin>, VerifyError> {
    let entries = calls.iter().enumerate();
    entries
        .map(|(index, call)| {
            find(call).map_err(|problem| problem.at(Place::Entry("builtin_calls", index)))
        })
        .collect()
}

fn find(call: &BuiltinCall) -> Result<&'static Builtin, Problem> {
    builtin::find(&call.name)
        .filter(|found| {
            found
                .overloads
                .iter()
                .any(|overload| takes(overload, call.arguments))
        })
        .ok_or_else(|| Problem::UnknownBuiltin(call.name.clone(), call.arguments))
}

fn takes(overload: &Overload, arguments: u16) -> bool {
    let (count, params) = (usize::from(arguments), overload.params.len());
    count == params || (overload.variadic && count > params)
}

type Checked = Result<(), Problem>;

impl Problem {
    fn at(self, place: Place) -> VerifyError {
        VerifyError {
            place,
            problem: self,
        }
    }
}

/// Checks every entry of a table; there are no more of them than an index can name.
fn entries<T>(
    table: &'static str,
    entries: &[T],
    check: impl Fn(&T) -> Checked,
) -> Result<(), VerifyError> {
    most(table, entries.len(), MAX_TABLE).map_err(|problem| problem.at(Place::Program))?;
    let failed = entries
        .iter()
        .enumerate()
        .find_map(|(index, entry)| Some((index, check(entry).err()?)));
    failed.map_or(Ok(()), |(index, problem)| {
        Err(problem.at(Place::Entry(table, index)))
    })
}

fn within<T>(table: &'static str, entries: &[T], index: usize) -> Checked {
    if index < entries.len() {
        Ok(())
    } else {
        Err(Problem::Missing { table, index })
    }
}

fn most(what: &'static str, count: usize, most: usize) -> Checked {
    if count <= most {
        Ok(())
    } else {
        Err(Problem::TooMany { what, count, most })
    }
}

fn ensure(sound: bool, broken: &'static str) -> Checked {
    if sound {
        Ok(())
    } else {
        Err(Problem::Broken(broken))
    }
}
