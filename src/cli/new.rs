//! `journey new`: a project to start from.

use crate::output::{self, Exit, Outcome, Problem};
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

/// Arguments of `journey new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// The folder to make; it must not exist, or be empty.
    dir: PathBuf,
}

/// The files of a new project.
const FILES: [(&str, &str); 3] = [
    ("hello.journey", include_str!("new/hello.journey")),
    ("hello.test.yaml", include_str!("new/hello.test.yaml")),
    ("README.md", include_str!("new/README.md")),
];

/// Makes the folder and its files.
pub(crate) fn run(args: &NewArgs) -> Outcome {
    let dir = &args.dir;
    fs::create_dir_all(dir).map_err(|e| Problem::io("make", dir, &e))?;
    if fs::read_dir(dir)
        .map_err(|e| Problem::io("read", dir, &e))?
        .next()
        .is_some()
    {
        return Err(
            Problem::new(format!("{} is not empty", dir.display())).help("choose a new folder")
        );
    }
    for (name, text) in FILES {
        write(&dir.join(name), text)?;
    }
    let shown = dir.display();
    output::print(format!(
        "Made {shown} with a journey, its test and a README.\n\n  journey check {shown}\n  journey test {shown}\n  journey serve {shown}\n"
    ));
    Ok(Exit::Clean)
}

fn write(path: &Path, text: &str) -> Result<(), Problem> {
    fs::write(path, text).map_err(|e| Problem::io("write", path, &e))
}
