//! Source to its tree.

use super::case::Case;
use super::dump;
use journey_lang::diagnostic::{self, Diagnostics};
use libtest_mimic::Failed;
use std::path::Path;

/// Runs one case: a legal source, and its tree as nested lists.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let sources = case.sources();
    let mut diagnostics = Diagnostics::new();
    let files = journey_lang::parse(&sources, &mut diagnostics);
    diagnostics.sort();
    let findings = diagnostic::plain(&diagnostics, &sources);
    case.settle(&(findings + &dump::files(&files)))
}
