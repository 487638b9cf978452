//! `journey check`: every mistake of a project, for people and for machines.

use crate::cost;
use crate::findings::{self, Format, ReportArgs};
use crate::output::{self, Exit, Outcome};
use crate::project;
use clap::Args;
use std::path::{Path, PathBuf};

/// Arguments of `journey check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// Projects: folders, or single source files.
    #[arg(default_value = ".")]
    projects: Vec<PathBuf>,
    /// Say what each journey and each expression costs at most, in steps of the machine, and what dominates.
    #[arg(long)]
    explain_cost: bool,
    #[command(flatten)]
    report: ReportArgs,
}

/// Checks each project; the worst result counts.
pub(crate) fn run(args: &CheckArgs) -> Outcome {
    output::worst(&args.projects, |path| one(path, args))
}

fn one(path: &Path, args: &CheckArgs) -> Outcome {
    let (sources, diagnostics, program) = project::compile(path)?;
    let report = &args.report;
    let exit = report.verdict(&diagnostics);
    let costs = (args.explain_cost && program.is_some()).then(|| cost::of(&sources));
    match (report.format, &costs) {
        (Format::Json, Some(costs)) => {
            let costs = cost::document(&sources, costs);
            output::print(findings::document(&sources, &diagnostics, Some(costs)));
        }
        _ => report.print(&sources, &diagnostics),
    }
    if report.format == Format::Human {
        costs.iter().for_each(|costs| cost::print(&sources, costs));
        if exit == Exit::Clean {
            let files = findings::plural(sources.iter().count(), "source file");
            output::eprint(format!("{}: {files}, no mistakes\n", path.display()));
        }
    }
    Ok(exit)
}
