//! Programs as text for people: goldens, `journey compile --list`. Deterministic.

use crate::program::Program;

/// The whole program.
#[must_use]
pub fn list(_program: &Program) -> String {
    todo!()
}
