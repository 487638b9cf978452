//! Case files: found by folder, read into sources, compared with what they expect, rewritten on demand.
//!
//! A case that expects a text carries it at its end, in lines that begin with `#=`. A case of several files begins each
//! with a line `#== PATH`. A line `#* 1000 TEXT` stands for a thousand times that text: for what is too large.

use journey_lang::source::{Source, Sources};
use libtest_mimic::{Failed, Trial};
use similar::TextDiff;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// One kind of cases.
pub struct Kind {
    /// Its folder below `tests/cases`.
    pub folder: &'static str,
    /// How the names of its files end.
    pub endings: &'static [&'static str],
    /// Runs one case.
    pub run: fn(&Path) -> Result<(), Failed>,
}

/// Endings of sources, in both forms.
pub const SOURCE: &[&str] = &[".journey", ".journey.yaml"];

const EXPECTED: &str = "#=";
const FILE: &str = "#== ";
const REPEATED: &str = "#* ";

/// All cases of all kinds.
pub fn trials(kinds: &'static [Kind]) -> io::Result<Vec<Trial>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut trials = Vec::new();
    for kind in kinds {
        let files = files(&root.join(kind.folder), kind.endings)?;
        trials.extend(files.into_iter().map(|file| trial(&root, kind, file)));
    }
    Ok(trials)
}

fn trial(root: &Path, kind: &'static Kind, file: PathBuf) -> Trial {
    let name = file
        .strip_prefix(root)
        .unwrap_or(&file)
        .display()
        .to_string();
    Trial::test(name, move || (kind.run)(&file))
}

/// All files below a folder whose names end so, sorted.
pub fn files(folder: &Path, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    collect(folder, endings, &mut files)?;
    files.sort();
    Ok(files)
}

fn collect(folder: &Path, endings: &[&str], files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, endings, files)?;
        } else if endings
            .iter()
            .any(|ending| path.to_string_lossy().ends_with(ending))
        {
            files.push(path);
        }
    }
    Ok(())
}

/// A case that carries its expectation.
pub struct Case {
    path: PathBuf,
    source: String,
    expected: String,
}

impl Case {
    /// Reads a case file.
    pub fn read(path: &Path) -> Result<Self, Failed> {
        let text = fs::read_to_string(path)?;
        let mut case = Self {
            path: path.to_owned(),
            source: String::new(),
            expected: String::new(),
        };
        for line in text.split_inclusive('\n') {
            match line.strip_prefix(EXPECTED) {
                Some(rest) if !line.starts_with(FILE) => {
                    case.expected += rest.strip_prefix(' ').unwrap_or(rest)
                }
                _ => case.source += line,
            }
        }
        Ok(case)
    }

    /// All but the expectation.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Its files.
    pub fn sources(&self) -> Sources {
        let name = self
            .path
            .file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let mut files = vec![Source {
            path: name,
            text: String::new(),
        }];
        for line in self.source.split_inclusive('\n') {
            if let Some(path) = line.strip_prefix(FILE) {
                files.push(Source {
                    path: path.trim().to_owned(),
                    text: String::new(),
                });
            } else if let Some(file) = files.last_mut() {
                file.text += &repeated(line).unwrap_or_else(|| line.to_owned());
            }
        }
        files.retain(|file| !file.text.is_empty());
        Sources::new(files)
    }

    /// Does it carry no expectation?
    pub fn expects_nothing(&self) -> bool {
        self.expected.is_empty()
    }

    /// Compares, or rewrites the expectation if asked to.
    pub fn settle(&self, actual: &str) -> Result<(), Failed> {
        if actual == self.expected {
            return Ok(());
        }
        if env::var_os("UPDATE").is_some() {
            let lines = actual
                .lines()
                .map(|line| format!("{EXPECTED} {line}").trim_end().to_owned() + "\n");
            return Ok(fs::write(
                &self.path,
                self.source.clone() + &lines.collect::<String>(),
            )?);
        }
        let diff = TextDiff::from_lines(self.expected.as_str(), actual);
        Err(format!("{}", diff.unified_diff().header("expected", "actual")).into())
    }
}

fn repeated(line: &str) -> Option<String> {
    let (times, text) = line
        .strip_prefix(REPEATED)?
        .trim_end_matches('\n')
        .split_once(' ')?;
    Some(text.repeat(times.parse().ok()?) + "\n")
}
