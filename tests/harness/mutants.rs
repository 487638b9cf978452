//! Sources with a line taken out, doubled, moved or commented: whatever can still be read is printed in both forms without
//! loss, and says the same in both.

use super::case::{self, Case};
use super::{format, pairs};
use journey_lang::ast::{Form, Ids};
use journey_lang::diagnostic::{self, Code, Diagnostics};
use journey_lang::source::{Source, Sources};
use journey_machine::span::FileId;
use libtest_mimic::{Failed, Trial};
use std::io;
use std::path::Path;

/// Mutants of one source.
const MUTANTS: u64 = 6;
/// Larger sources are about their size.
const MAX_BYTES: usize = 32 * 1024;

/// A trial for each file of sources: those that ship, and all cases.
pub fn trials() -> io::Result<Vec<Trial>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trials = Vec::new();
    for folder in ["journeys", "examples", "tests/cases"] {
        for file in case::files(&root.join(folder), case::SOURCE)? {
            let shown = file.strip_prefix(root).unwrap_or(&file).display();
            trials.push(Trial::test(format!("mutants/{shown}"), move || run(&file)));
        }
    }
    Ok(trials)
}

/// Runs all mutants of the sources of a file.
fn run(path: &Path) -> Result<(), Failed> {
    for (_, source) in Case::read(path)?.sources().iter() {
        let form = Form::of(&source.path);
        if !case::SOURCE.iter().any(|end| source.path.ends_with(end))
            || source.text.len() > MAX_BYTES
        {
            continue;
        }
        for seed in 0..MUTANTS {
            let text = mutant(&source.text, seed);
            if readable(&text, form) {
                holds(&text, form).map_err(|failed| said(&failed, &text))?;
            }
        }
    }
    Ok(())
}

fn said(failed: &Failed, mutant: &str) -> Failed {
    let message = failed.message().unwrap_or_default();
    format!("{message}\n---- of this source:\n{mutant}").into()
}

/// What stands twice under one name cannot be said in YAML, where a key stands once: both forms refuse it.
fn is_said_twice(findings: &[String]) -> bool {
    let codes = [
        Code::REPEATED_NAME,
        Code::REPEATED_HANDLER,
        Code::DECLARED_TWICE,
    ]
    .map(|code| code.to_string());
    findings
        .iter()
        .any(|found| codes.iter().any(|code| found.starts_with(code)))
}

fn holds(text: &str, form: Form) -> Result<(), Failed> {
    let before = findings(text, form);
    if is_said_twice(&before) {
        return Ok(());
    }
    let own = format::check(text, form)?;
    let other = match form {
        Form::Text => Form::Yaml,
        Form::Yaml => Form::Text,
    };
    let converted = format::print(&format::parse(text, form)?, text, other);
    let program = program(text, form)?;
    for (printed, form) in [(own, form), (converted, other)] {
        if self::program(&printed, form)? != program {
            return Err(format!("the program changes as {form:?}\n{printed}").into());
        }
        let after = findings(&printed, form);
        if before != after {
            return Err(format!(
                "findings change as {form:?}: {before:#?} to {after:#?}\n{printed}"
            )
            .into());
        }
    }
    Ok(())
}

/// A source with some of its lines changed.
fn mutant(text: &str, seed: u64) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ text.len() as u64;
    for _ in 0..=seed % 3 {
        random = (random ^ (random >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let at = (random >> 33) as usize % lines.len().max(1);
        change(&mut lines, at, (random >> 7) % 6);
    }
    lines.join("\n") + "\n"
}

fn change(lines: &mut Vec<String>, at: usize, how: u64) {
    let Some(line) = lines.get(at).cloned() else {
        return;
    };
    match how {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, line),
        2 if at > 0 => lines.swap(at - 1, at),
        3 => lines.splice(at..=at, [line + "  # beside"]).for_each(drop),
        4 => lines.insert(at, String::new()),
        _ => {
            let indent = line.len() - line.trim_start().len();
            lines.insert(at, format!("{:indent$}# own line", ""));
        }
    }
}

fn readable(text: &str, form: Form) -> bool {
    let source = source(text, form);
    let mut findings = Diagnostics::new();
    journey_lang::parse_file(FileId(0), &source, &mut Ids::default(), &mut findings);
    findings.is_empty()
}

fn source(text: &str, form: Form) -> Source {
    let path = match form {
        Form::Text => "it.journey",
        Form::Yaml => "it.journey.yaml",
    };
    Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }
}

/// The bytes of what a source compiles to, if it does.
fn program(text: &str, form: Form) -> Result<Option<Vec<u8>>, Failed> {
    let sources = Sources::new(vec![source(text, form)]);
    let program = journey_lang::compile(&sources, &mut Diagnostics::new());
    program
        .map(|program| pairs::without_places(&program))
        .transpose()
}

/// What is found in a source, without the places.
fn findings(text: &str, form: Form) -> Vec<String> {
    let sources = Sources::new(vec![source(text, form)]);
    let mut found = Diagnostics::new();
    journey_lang::compile(&sources, &mut found);
    let said = diagnostic::plain(&found, &sources);
    let mut said: Vec<String> = said
        .lines()
        .filter(|line| line.starts_with('J'))
        .map(str::to_owned)
        .collect();
    said.sort();
    said
}
