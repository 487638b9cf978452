//! What every command shares: exit codes, problems said plainly, and printing that survives a closed pipe.

use journey_server::config::plain;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing to report.
    Clean,
    /// Findings: errors in journeys, failed tests, files that would change.
    Findings,
    /// Wrong usage, or something outside that did not work.
    Failure,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Failure => 2,
        })
    }
}

/// Why a command could not do its work: one sentence for a person, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub(crate) struct Problem {
    what: String,
    help: Option<String>,
}

impl Problem {
    /// A problem that speaks for itself.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            help: None,
        }
    }

    /// With what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A file or folder that could not be used: `could not read journeys/a.journey: permission denied`.
    pub(crate) fn io(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format!(
            "could not {verb} {}: {}",
            path.display(),
            plain(error)
        ))
    }
}

/// What a command gives.
pub(crate) type Outcome = Result<Exit, Problem>;

/// Tells the person what went wrong.
pub(crate) fn report(problem: &Problem) -> Exit {
    let mut text = format!("error: {problem}\n");
    if let Some(help) = &problem.help {
        text.push_str(&format!(" help: {help}\n"));
    }
    write(&mut io::stderr().lock(), text.as_bytes());
    Exit::Failure
}

/// Prints to standard output. A reader that has gone away (`| head`) is no error.
pub(crate) fn print(text: impl AsRef<[u8]>) {
    write(&mut io::stdout().lock(), text.as_ref());
}

/// Prints to standard error.
pub(crate) fn eprint(text: impl AsRef<[u8]>) {
    write(&mut io::stderr().lock(), text.as_ref());
}

fn write(out: &mut impl Write, bytes: &[u8]) {
    // Nobody is left to be told that telling failed.
    let _ = out.write_all(bytes).and_then(|()| out.flush());
}

/// Does something with each of several paths; findings in one are findings of all.
pub(crate) fn worst(paths: &[PathBuf], mut each: impl FnMut(&Path) -> Outcome) -> Outcome {
    let mut exit = Exit::Clean;
    for path in paths {
        if each(path)? == Exit::Findings {
            exit = Exit::Findings;
        }
    }
    Ok(exit)
}
