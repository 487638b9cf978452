//! `journey graph`: a journey as a flowchart.

use crate::findings;
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use clap::{Args, ValueEnum};
use journey_lang::ast::{Decl, File, Journey};
use journey_lang::diagnostic::Diagnostics;
use journey_lang::suggest::did_you_mean;
use std::fs;
use std::path::PathBuf;

/// Arguments of `journey graph`.
#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    /// The project's folder, or a source file.
    project: PathBuf,
    /// The journey or sub-journey.
    name: String,
    /// Mermaid text, or a picture.
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(short, long)]
    output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Mermaid,
    Svg,
}

/// Draws one journey. Drawing needs no checked project, only one that can be read.
pub(crate) fn run(args: &GraphArgs) -> Outcome {
    let sources = project::load(&args.project)?;
    let mut diagnostics = Diagnostics::default();
    let files = journey_lang::parse(&sources, &mut diagnostics);
    if diagnostics.has_errors() {
        findings::human(&sources, &diagnostics);
        return Ok(Exit::Findings);
    }
    let journey = find(&files, &args.name)?;
    let picture = match args.format {
        Format::Mermaid => journey_lang::graph::mermaid(journey, &sources),
        Format::Svg => journey_lang::graph::svg(journey, &sources),
    };
    match &args.output {
        Some(path) => fs::write(path, picture).map_err(|e| Problem::io("write", path, &e))?,
        None => output::print(picture),
    }
    Ok(Exit::Clean)
}

fn find<'a>(files: &'a [File], name: &str) -> Result<&'a Journey, Problem> {
    journeys(files)
        .find(|j| j.name.node == name)
        .ok_or_else(|| {
            let names: Vec<&str> = journeys(files).map(|j| j.name.node.as_str()).collect();
            let help = match did_you_mean(name, names.iter().copied()) {
                Some(near) => format!("did you mean {near}?"),
                None => format!("there are: {}", names.join(", ")),
            };
            Problem::new(format!("there is no journey {name:?}")).help(help)
        })
}

fn journeys(files: &[File]) -> impl Iterator<Item = &Journey> {
    files
        .iter()
        .flat_map(|file| &file.decls)
        .flat_map(Decl::journeys)
}
