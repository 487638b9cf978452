//! `journey diff`: what changed between two versions of a project, and what of that breaks somebody.

use crate::findings::{self, Format};
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use clap::Args;
use journey_machine::diff::{self, Change};
use journey_machine::program::Program;
use journey_machine::wire;
use serde_json::json;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

/// Arguments of `journey diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// The version that is served: a project's folder, or an artifact of `journey compile`.
    old: PathBuf,
    /// The version to be served.
    new: PathBuf,
    /// For people, or one JSON document for machines.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// Compares; changes that break somebody are findings.
pub(crate) fn run(args: &DiffArgs) -> Outcome {
    let (old, new) = (program(&args.old)?, program(&args.new)?);
    let changes = diff::changes(&old, &new);
    output::print(match args.format {
        Format::Human => human(&changes),
        Format::Json => document(&changes),
    });
    if changes.iter().any(|change| change.breaking) {
        Ok(Exit::Findings)
    } else {
        Ok(Exit::Clean)
    }
}

fn program(path: &Path) -> Result<Program, Problem> {
    if path.is_file() && !project::is_source(path) {
        let bytes = fs::read(path).map_err(|e| Problem::io("read", path, &e))?;
        return wire::program::decode(&bytes)
            .map_err(|e| Problem::new(format!("{} is no artifact: {e}", path.display())));
    }
    let (sources, diagnostics, program) = project::compile(path)?;
    program.ok_or_else(|| {
        findings::human(&sources, &diagnostics);
        Problem::new(format!("{} does not compile", path.display()))
            .help("only versions that compile can be compared")
    })
}

fn human(changes: &[Change]) -> String {
    let mut text = String::new();
    for breaking in [true, false] {
        let mut of = "";
        for change in changes.iter().filter(|change| change.breaking == breaking) {
            if of.is_empty() {
                let title = if breaking { "Breaking" } else { "Compatible" };
                let _ = writeln!(text, "{title}");
            }
            if of != change.of {
                of = &change.of;
                let _ = writeln!(text, "  {of}");
            }
            let subject = if change.place.is_empty() {
                "it"
            } else {
                &change.place
            };
            let _ = writeln!(text, "    {subject} {}: {}", change.what, change.why);
        }
    }
    let breaking = changes.iter().filter(|change| change.breaking).count();
    let _ = writeln!(
        text,
        "{breaking} breaking, {} compatible",
        changes.len() - breaking
    );
    text
}

fn document(changes: &[Change]) -> String {
    let list: Vec<_> = changes
        .iter()
        .map(|change| {
            json!({
                "of": change.of,
                "place": change.place,
                "what": change.what,
                "why": change.why,
                "breaking": change.breaking,
            })
        })
        .collect();
    let breaking = changes.iter().any(|change| change.breaking);
    format!("{:#}\n", json!({ "breaking": breaking, "changes": list }))
}
