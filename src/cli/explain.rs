//! `journey explain`: the page of a diagnostic's code.

use crate::output::{self, Exit, Outcome, Problem};
use clap::Args;
use journey_lang::diagnostic::Code;
use journey_lang::suggest::did_you_mean;

/// Arguments of `journey explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// A code such as J0203; without one, all codes are listed.
    code: Option<String>,
}

/// Prints a page, or the list of all codes.
pub(crate) fn run(args: &ExplainArgs) -> Outcome {
    match &args.code {
        Some(code) => page(code),
        None => list(),
    }
}

fn page(text: &str) -> Outcome {
    let code = Code::find(text).ok_or_else(|| unknown(text))?;
    output::print(code.page());
    Ok(Exit::Clean)
}

fn list() -> Outcome {
    let lines: String = Code::all()
        .map(|code| format!("{code}  {}\n", code.title()))
        .collect();
    output::print(lines);
    Ok(Exit::Clean)
}

fn unknown(text: &str) -> Problem {
    let codes: Vec<String> = Code::all().map(|code| code.to_string()).collect();
    let help = match did_you_mean(text, codes.iter().map(String::as_str)) {
        Some(code) => format!("did you mean {code}? `journey explain` lists all codes"),
        None => "`journey explain` lists all codes".to_owned(),
    };
    Problem::new(format!("there is no code {text:?}")).help(help)
}
