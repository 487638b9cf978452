//! `journey functions`: the reference of everything an expression can call.

use crate::output::{self, Exit, Outcome, Problem};
use clap::Args;
use journey_lang::reference;
use journey_lang::suggest::did_you_mean;

/// Arguments of `journey functions`.
#[derive(Debug, Args)]
pub(crate) struct FunctionsArgs {
    /// A function such as `size` or `math.greatest`; without one, the whole reference is printed.
    name: Option<String>,
}

/// Prints the page of a function, or the whole reference.
pub(crate) fn run(args: &FunctionsArgs) -> Outcome {
    match &args.name {
        Some(name) => output::print(reference::page(name).ok_or_else(|| unknown(name))?),
        None => output::print(reference::markdown()),
    }
    Ok(Exit::Clean)
}

fn unknown(name: &str) -> Problem {
    let help = did_you_mean(name, reference::names())
        .map_or_else(String::new, |near| format!("did you mean {near}? "));
    Problem::new(format!("there is no function {name:?}"))
        .help(help + "`journey functions` lists all of them")
}
