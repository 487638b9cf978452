//! `journey check`: every mistake of a project, for people and for machines.

use crate::findings::{Format, ReportArgs};
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
    #[command(flatten)]
    report: ReportArgs,
}

/// Checks each project; the worst result counts.
pub(crate) fn run(args: &CheckArgs) -> Outcome {
    output::worst(&args.projects, |path| one(path, &args.report))
}

fn one(path: &Path, report: &ReportArgs) -> Outcome {
    let (sources, diagnostics, _program) = project::compile(path)?;
    let exit = report.verdict(&diagnostics);
    report.print(&sources, &diagnostics);
    if report.format == Format::Human && exit == Exit::Clean {
        let files = sources.iter().count();
        output::eprint(format!(
            "{}: {files} source files, no mistakes\n",
            path.display()
        ));
    }
    Ok(exit)
}
