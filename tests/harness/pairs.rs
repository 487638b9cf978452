//! Two sources, one in each form, that say the same: one tree, one program, byte for byte.

use super::dump;
use journey_lang::ast::File;
use journey_lang::diagnostic::{self, Diagnostics};
use journey_lang::source::{Source, Sources};
use journey_machine::program::{Parts, Program};
use journey_machine::wire;
use libtest_mimic::Failed;
use similar::TextDiff;
use std::fs;
use std::path::Path;

/// The text form of a pair; its twin has `.yaml` at its end.
pub const TEXT: &[&str] = &["a.journey"];

/// Runs one pair.
pub fn run(path: &Path) -> Result<(), Failed> {
    let text = read(path)?;
    let yaml = read(&path.with_extension("journey.yaml"))?;
    let (left, right) = (
        dump::declarations(&text.tree),
        dump::declarations(&yaml.tree),
    );
    if left != right {
        let diff = TextDiff::from_lines(&left, &right);
        return Err(format!("the trees differ:\n{}", diff.unified_diff()).into());
    }
    if without_places(&text.program)? != without_places(&yaml.program)? {
        return Err("the programs differ".into());
    }
    Ok(())
}

struct Read {
    tree: File,
    program: Program,
}

fn read(path: &Path) -> Result<Read, Failed> {
    let name = path
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let text = fs::read_to_string(path)?;
    let sources = Sources::new(vec![Source { path: name, text }]);
    let mut findings = Diagnostics::new();
    let tree = journey_lang::parse(&sources, &mut findings).pop();
    let program = journey_lang::compile(&sources, &mut findings);
    match (tree, program) {
        (Some(tree), Some(program)) => Ok(Read { tree, program }),
        _ => Err(diagnostic::plain(&findings, &sources).into()),
    }
}

/// The bytes of a program, but for where it stands in its source.
pub fn without_places(program: &Program) -> Result<Vec<u8>, Failed> {
    let mut parts: Parts = (**program).clone();
    parts.files.clear();
    parts
        .functions
        .iter_mut()
        .for_each(|function| function.debug.spans.clear());
    Ok(wire::program::encode(&Program::new(parts)?))
}
