//! Source to its findings, as plain text.

use super::case::Case;
use journey_lang::diagnostic::{self, Diagnostics};
use libtest_mimic::Failed;
use std::path::Path;

/// Runs one case. Its name begins with the code it is about, which it must show.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let sources = case.sources();
    let mut diagnostics = Diagnostics::new();
    // Cases of the syntax are about reading alone.
    if name(path).starts_with("J01") {
        let _ = journey_lang::parse(&sources, &mut diagnostics);
    } else {
        journey_lang::compile(&sources, &mut diagnostics);
    }
    diagnostics.sort();
    case.settle(&diagnostic::plain(&diagnostics, &sources))?;
    shows_its_code(path, &diagnostics)
}

fn shows_its_code(path: &Path, diagnostics: &Diagnostics) -> Result<(), Failed> {
    let name = name(path);
    let shown = diagnostics
        .iter()
        .any(|diagnostic| name.starts_with(&diagnostic.code.to_string()));
    if shown || name.starts_with("clean") {
        return Ok(());
    }
    Err("the name of the case begins with a code that is not among its findings".into())
}

fn name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
