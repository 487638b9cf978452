//! `journey`: what people type. Arguments and exit codes only; each command is a module of its own.

mod output;
mod findings;
mod project;
mod cost;

mod check;
mod fmt;
mod graph;
mod compile;
mod diff;
mod eval;
mod explain;
mod functions;
mod new;
mod serve;
mod state;
mod run;
mod test;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Compiler and runtime for backend API journeys.
///
/// Exit codes: 0 clean, 1 findings (a journey does not compile, a test fails), 2 wrong usage or a file that cannot be read.
#[derive(Debug, Parser)]
#[command(
    name = "journey",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make a new project: one journey, its test, a README.
    New(new::NewArgs),
    /// Find every mistake of a project without running it.
    Check(check::CheckArgs),
    /// Bring journeys into the canonical layout, or into the other form.
    Fmt(fmt::FmtArgs),
    /// Draw a journey as a flowchart
    Graph(graph::GraphArgs),
    /// Write the bytecode of a project, or list it.
    Compile(compile::CompileArgs),
    /// Say what changed between two versions of a project, and what of that breaks somebody.
    Diff(diff::DiffArgs),
    /// Run one journey once and print its answer and the steps it took.
    Run(run::RunArgs),
    /// Play the tests of a project: specifications beside journeys, without sockets.
    Test(test::TestArgs),
    /// Serve a project over HTTP, and again whenever it changes.
    Serve(serve::ServeArgs),
    /// Look after what is stored: list, show, export, import, delete, tasks.
    State(state::StateArgs),
    /// Evaluate an expression and print its value and type.
    Eval(eval::EvalArgs),
    /// Print the reference of the functions an expression can call.
    Functions(functions::FunctionsArgs),
    /// Explain the code of a diagnostic.
    Explain(explain::ExplainArgs),
}

fn main() -> ExitCode {
    let exit = match Cli::parse().command {
        Command::New(args) => new::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Graph(args) => graph::run(&args),
        Command::Compile(args) => compile::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::State(args) => state::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Functions(args) => functions::run(&args),
        Command::Explain(args) => explain::run(&args),
    };
    exit.unwrap_or_else(|problem| output::report(&problem))
        .into()
}
