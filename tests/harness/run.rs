//! Specifications as users write them, played by the command itself. One that carries an expectation is about the
//! report; one that does not must pass.

use super::case::Case;
use libtest_mimic::Failed;
use std::path::Path;
use std::process::Command;

/// Runs one case: a specification, beside the journeys it is about.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let name = path.file_name().unwrap_or_default();
    let output = Command::new(env!("CARGO_BIN_EXE_journey"))
        .current_dir(path.parent().unwrap_or(path))
        .env_remove("UPDATE")
        .arg("test")
        .arg(name)
        .output()?;
    let shown = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    if output.status.success() && case.expects_nothing() {
        return Ok(());
    }
    case.settle(&shown)
}
