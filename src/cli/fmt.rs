//! `journey fmt`: canonical layout, and conversion between the two forms.

use crate::findings;
use crate::output::{self, Exit, Outcome, Problem};
use crate::project;
use clap::{Args, ValueEnum};
use journey_lang::ast::{File, Form, Ids};
use journey_lang::diagnostic::Diagnostics;
use journey_lang::format;
use std::fs;
use std::path::{Path, PathBuf};

/// Arguments of `journey fmt`.
#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Projects: folders, or single source files.
    #[arg(default_value = ".")]
    projects: Vec<PathBuf>,
    /// Change nothing; exit with 1 if something would change.
    #[arg(long)]
    check: bool,
    /// Convert to this form: the file gets its new ending, the old one is removed.
    #[arg(long, value_enum, conflicts_with = "check")]
    to: Option<To>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum To {
    Text,
    Yaml,
}

/// One file to be written.
struct Change {
    old: PathBuf,
    new: PathBuf,
    text: String,
}

/// Formats each project; the worst result counts.
pub(crate) fn run(args: &FmtArgs) -> Outcome {
    output::worst(&args.projects, |path| one(path, args))
}

/// A file with syntax errors is left as it is and reported; the others are formatted all the same.
fn one(path: &Path, args: &FmtArgs) -> Outcome {
    let sources = project::load(path)?;
    let root = if path.is_dir() {
        path
    } else {
        path.parent().unwrap_or(Path::new(""))
    };
    let mut exit = Exit::Clean;
    for (id, source) in sources.iter() {
        let mut diagnostics = Diagnostics::default();
        let file = journey_lang::parse_file(id, source, &mut Ids::default(), &mut diagnostics);
        if diagnostics.has_errors() {
            findings::human(&sources, &diagnostics);
            exit = Exit::Findings;
            continue;
        }
        let form = match args.to {
            Some(To::Text) => Form::Text,
            Some(To::Yaml) => Form::Yaml,
            None => file.form,
        };
        let old = root.join(&source.path);
        let change = Change {
            new: renamed(&old, form),
            old,
            text: print(&file, &source.text, form),
        };
        if change.text != source.text || change.new != change.old {
            exit = change.apply(args, exit)?;
        }
    }
    Ok(exit)
}

fn print(file: &File, text: &str, form: Form) -> String {
    match form {
        Form::Text => format::to_text(file, text),
        Form::Yaml => format::to_yaml(file, text),
    }
}

/// The file's name in a form.
fn renamed(path: &Path, form: Form) -> PathBuf {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let stem = name.strip_suffix(".yaml").unwrap_or(&name);
    path.with_file_name(match form {
        Form::Text => stem.to_owned(),
        Form::Yaml => format!("{stem}.yaml"),
    })
}

impl Change {
    fn apply(&self, args: &FmtArgs, exit: Exit) -> Outcome {
        if args.check {
            output::print(format!("{} would change\n", self.old.display()));
            return Ok(Exit::Findings);
        }
        if self.new != self.old && self.new.exists() {
            return Err(Problem::new(format!(
                "{} exists already",
                self.new.display()
            )));
        }
        self.write()?;
        output::print(format!("{}\n", self.new.display()));
        Ok(exit)
    }

    /// The new file is whole before the old one goes.
    fn write(&self) -> Result<(), Problem> {
        let draft = self.new.with_extension("journey-fmt");
        fs::write(&draft, &self.text).map_err(|e| Problem::io("write", &draft, &e))?;
        fs::rename(&draft, &self.new).map_err(|e| Problem::io("write", &self.new, &e))?;
        if self.new != self.old {
            fs::remove_file(&self.old).map_err(|e| Problem::io("remove", &self.old, &e))?;
        }
        Ok(())
    }
}
