//! A project on disk: its source files, found and read within limits.

use crate::findings;
use crate::output::Problem;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::limits::{MAX_FILES, MAX_SOURCE};
use journey_lang::source::{Source, Sources};
use journey_machine::program::Program;
use journey_machine::span::FileId;
use std::fs;
use std::path::{Path, PathBuf};

/// Endings of the two forms.
const ENDINGS: [&str; 2] = [".journey", ".journey.yaml"];
/// Endings people try that are not ours, and which are.
const LOOKALIKES: [&str; 2] = [".journey.yml", ".journey.json"];
/// Folders nested deeper than this are not a project.
const MAX_FOLDERS: usize = 32;

/// Reads a folder with all its source files, or a single source file.
pub(crate) fn load(path: &Path) -> Result<Sources, Problem> {
    let mut files = Vec::new();
    let meta = fs::metadata(path).map_err(|e| Problem::io("open", path, &e))?;
    if meta.is_dir() {
        walk(path, &mut |file, name| add(file, name, &mut files))?;
    } else {
        files.push(path.to_path_buf());
    }
    if files.is_empty() {
        return Err(Problem::new(format!("there is no journey in {}", path.display()))
            .help("source files end in .journey or .journey.yaml; `journey new DIR` makes a project to start from"));
    }
    let root = if meta.is_dir() {
        path
    } else {
        path.parent().unwrap_or(Path::new(""))
    };
    files
        .iter()
        .map(|file| read(root, file))
        .collect::<Result<_, _>>()
        .map(Sources::new)
}

/// Compiles a project. `None`: the diagnostics say why not.
pub(crate) fn compile(path: &Path) -> Result<(Sources, Diagnostics, Option<Program>), Problem> {
    let sources = load(path)?;
    let mut diagnostics = Diagnostics::default();
    let program = journey_lang::compile(&sources, &mut diagnostics);
    Ok((sources, diagnostics, program))
}

/// What is done with a file of a folder and its name.
type Each<'a> = &'a mut dyn FnMut(PathBuf, &str) -> Result<(), Problem>;

/// Does something with every file of a folder and of those below, except in hidden folders and those of other tools.
pub(crate) fn walk(folder: &Path, each: Each<'_>) -> Result<(), Problem> {
    collect(folder, 0, each)
}

/// Does the name say that it is a source file?
pub(crate) fn is_source(path: &Path) -> bool {
    let name = path.to_string_lossy();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn collect(folder: &Path, depth: usize, each: Each<'_>) -> Result<(), Problem> {
    if depth > MAX_FOLDERS {
        return Err(Problem::new(format!(
            "{} is nested more than {MAX_FOLDERS} folders deep",
            folder.display()
        )));
    }
    let entries = fs::read_dir(folder).map_err(|e| Problem::io("read", folder, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| Problem::io("read", folder, &e))?;
        let kind = entry
            .file_type()
            .map_err(|e| Problem::io("read", &entry.path(), &e))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if kind.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            collect(&entry.path(), depth + 1, each)?;
        } else if kind.is_file() {
            each(entry.path(), &name)?;
        }
    }
    Ok(())
}

fn add(path: PathBuf, name: &str, files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    if LOOKALIKES.iter().any(|ending| name.ends_with(ending)) {
        return Err(
            Problem::new(format!("{} would not be read", path.display()))
                .help("source files end in .journey (text) or .journey.yaml (YAML): rename it"),
        );
    }
    if is_source(&path) {
        files.push(path);
    }
    if files.len() > MAX_FILES {
        return Err(Problem::new(format!(
            "the project has more than {MAX_FILES} source files"
        )));
    }
    Ok(())
}

fn read(root: &Path, path: &Path) -> Result<Source, Problem> {
    let text = read_text(path)?;
    let relative = path.strip_prefix(root).unwrap_or(path);
    let path = relative
        .components()
        .map(|c| c.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/");
    Ok(Source { path, text })
}

/// Reads a text of at most [`MAX_SOURCE`] bytes.
pub(crate) fn read_text(path: &Path) -> Result<String, Problem> {
    let size = fs::metadata(path)
        .map_err(|e| Problem::io("read", path, &e))?
        .len();
    if size > MAX_SOURCE as u64 {
        return Err(Problem::new(format!(
            "{} has {size} bytes; at most {MAX_SOURCE} are read",
            path.display()
        )));
    }
    let bytes = fs::read(path).map_err(|e| Problem::io("read", path, &e))?;
    String::from_utf8(bytes).map_err(|e| not_utf8(path, &e))
}

/// Refuses YAML that hides something: aliases, tags, duplicate keys, endless nesting.
pub(crate) fn strict_yaml(path: &Path, text: &str) -> Result<(), Problem> {
    let mut diagnostics = Diagnostics::default();
    journey_lang::yaml::guard(FileId(0), text, &mut diagnostics);
    if diagnostics.iter().next().is_none() {
        return Ok(());
    }
    let sources = Sources::new(vec![Source {
        path: path.display().to_string(),
        text: text.to_owned(),
    }]);
    findings::human(&sources, &diagnostics);
    Err(Problem::new(format!(
        "{} is not the YAML that is read here",
        path.display()
    )))
}

fn not_utf8(path: &Path, error: &std::string::FromUtf8Error) -> Problem {
    let at = error.utf8_error().valid_up_to();
    Problem::new(format!(
        "{} is not UTF-8 text: byte {at} is no part of a character",
        path.display()
    ))
    .help("save the file as UTF-8")
}
