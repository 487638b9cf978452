//! Source to the listing of its program: one case a rule of lowering.

use super::case::Case;
use journey_lang::diagnostic::{self, Diagnostics};
use journey_machine::listing;
use libtest_mimic::Failed;
use std::path::Path;

/// Runs one case: a source without errors. Warnings are not its business.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let sources = case.sources();
    let mut diagnostics = Diagnostics::new();
    match journey_lang::compile(&sources, &mut diagnostics) {
        Some(program) => case.settle(&listing::list(&program)),
        None => Err(diagnostic::plain(&diagnostics, &sources).into()),
    }
}
