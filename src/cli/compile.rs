//! `journey compile`: the artifact of a project, or its listing.

use crate::findings::ReportArgs;
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use clap::Args;
use journey_machine::hex::hex;
use journey_machine::{listing, wire};
use std::fs;
use std::path::PathBuf;

/// Arguments of `journey compile`.
#[derive(Debug, Args)]
pub(crate) struct CompileArgs {
    /// The project's folder.
    #[arg(default_value = ".")]
    project: PathBuf,
    /// Where the artifact goes.
    #[arg(short, long, default_value = "journeys.jbc")]
    output: PathBuf,
    /// Print the bytecode instead of writing it.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    report: ReportArgs,
}

/// Compiles, then writes or lists.
pub(crate) fn run(args: &CompileArgs) -> Outcome {
    let (sources, diagnostics, program) = project::compile(&args.project)?;
    args.report.print(&sources, &diagnostics);
    let Some(program) = program.filter(|_| args.report.verdict(&diagnostics) == Exit::Clean) else {
        return Ok(Exit::Findings);
    };
    if args.list {
        output::print(listing::list(&program));
        return Ok(Exit::Clean);
    }
    let bytes = wire::program::encode(&program);
    fs::write(&args.output, &bytes).map_err(|e| Problem::io("write", &args.output, &e))?;
    output::eprint(format!(
        "{}: {} bytes, {}\n",
        args.output.display(),
        bytes.len(),
        hex(&wire::program::hash(&program)),
    ));
    Ok(Exit::Clean)
}
