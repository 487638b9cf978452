//! `journey run`: one journey, once, with the steps it took.

use crate::findings;
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use crate::serve::settings;
use clap::Args;
use journey_lang::suggest::did_you_mean;
use journey_machine::manifest::Manifest;
use journey_machine::schema::Faults;
use journey_server::{Ran, RunError, run_once};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::runtime::Builder;

/// Arguments of `journey run`.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The project's folder, or a source file.
    project: PathBuf,
    /// The journey.
    name: String,
    /// JSON file with the input, all names side by side: `{"clientId": "a", "transaction": {…}}`.
    #[arg(long)]
    input: Option<PathBuf>,
    /// YAML file with values of `config` declarations.
    #[arg(long)]
    config: Option<PathBuf>,
}

/// Runs it with real connections and prints the answer to standard output, everything about it to standard error.
pub(crate) fn run(args: &RunArgs) -> Outcome {
    let (sources, diagnostics, program) = project::compile(&args.project)?;
    findings::human(&sources, &diagnostics);
    let Some(program) = program else {
        return Ok(Exit::Findings);
    };
    let settings = settings(args.config.as_deref())?;
    let input = args
        .input
        .as_deref()
        .map(project::read_text)
        .transpose()?
        .unwrap_or_else(|| "{}".to_owned());
    let program = Arc::new(program);
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Problem::new(format!("could not start the runtime: {e}")))?;
    let ran = runtime.block_on(run_once(
        Arc::clone(&program),
        &settings,
        &args.name,
        input.as_bytes(),
    ));
    match ran {
        Ok(ran) => Ok(show(&ran)),
        Err(RunError::Input(faults)) => Ok(refuse(&faults)),
        Err(error) => Err(problem(&error, &args.name, &program.manifest)),
    }
}

/// A failed run is a finding; an answer is not, whatever its status.
fn show(ran: &Ran) -> Exit {
    let mut text = String::new();
    for (number, step) in ran.steps.iter().enumerate() {
        text.push_str(&format!("{:>4}  {step}\n", number + 1));
    }
    text.push_str(&format!("{}\n", ran.status));
    for (name, value) in &ran.headers {
        text.push_str(&format!("{name}: {value}\n"));
    }
    output::eprint(text);
    output::print([ran.body.as_slice(), b"\n"].concat());
    match &ran.failure {
        Some(failure) => {
            output::eprint(format!("the journey failed: {failure}\n"));
            Exit::Findings
        }
        None => Exit::Clean,
    }
}

fn refuse(faults: &Faults) -> Exit {
    let lines = faults
        .list()
        .iter()
        .map(|fault| format!("  {} {}\n", fault.pointer, fault.message));
    output::eprint(format!(
        "the input does not have the declared types:\n{}",
        lines.collect::<String>()
    ));
    Exit::Findings
}

fn problem(error: &RunError, name: &str, manifest: &Manifest) -> Problem {
    let problem = Problem::new(error.to_string());
    let names = || {
        manifest
            .journeys
            .iter()
            .map(|journey| journey.name.as_str())
    };
    match (error, did_you_mean(name, names())) {
        (RunError::Unknown(_), Some(near)) => problem.help(format!("did you mean {near}?")),
        (RunError::Unknown(_), None) => problem.help(format!(
            "there are: {}",
            names().collect::<Vec<_>>().join(", ")
        )),
        _ => problem,
    }
}
