//! One mistake, one finding: shipped sources with one mistake on one line, and how much is said about each.

use super::case;
use super::format;
use journey_lang::ast::Form;
use journey_lang::diagnostic::Diagnostics;
use journey_lang::source::{Source, Sources};
use libtest_mimic::{Failed, Trial};
use std::path::Path;

/// Folders whose sources are whole projects.
const PROJECTS: [&str; 7] = [
    "journeys/backend",
    "journeys/client-actions",
    "journeys/journey-builder",
    "journeys/social-login",
    "examples/tour",
    "examples/payment-yaml",
    "examples/social-login",
];
/// Of so many mistakes one is made.
const EVERY: usize = 300;
/// Findings for a hundred mistakes that are found, at most.
const MOST_FOR_HUNDRED: usize = 250;
/// The most for one mistake: a declaration that is gone is missed wherever it was used.
const MOST: usize = 30;

/// A trial for each form.
pub fn trials() -> Vec<Trial> {
    let of = |form: Form| Trial::test(format!("mistakes/{form:?}"), move || run(form));
    [Form::Text, Form::Yaml].map(of).into()
}

fn run(form: Form) -> Result<(), Failed> {
    let (mut mistakes, mut findings) = (0, 0);
    for project in PROJECTS {
        let sources = sources(project, form)?;
        for (place, text) in mistaken(&sources).step_by(EVERY) {
            let found = found(&sources, place, &text);
            if found > MOST {
                return Err(format!("{found} findings for one mistake:\n{text}").into());
            }
            mistakes += usize::from(found > 0);
            findings += found;
        }
    }
    if findings * 100 > mistakes * MOST_FOR_HUNDRED {
        return Err(format!("{findings} findings for {mistakes} mistakes").into());
    }
    Ok(())
}

fn sources(project: &str, form: Form) -> Result<Vec<Source>, Failed> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = case::files(&root.join(project), case::SOURCE)?;
    files.iter().map(|file| source(file, form)).collect()
}

/// A file in one of the forms.
fn source(file: &Path, form: Form) -> Result<Source, Failed> {
    let path = file.to_string_lossy().into_owned();
    let text = std::fs::read_to_string(file)?;
    let own = Form::of(&path);
    if own == form {
        return Ok(Source { path, text });
    }
    let ending = match form {
        Form::Text => ".journey",
        Form::Yaml => ".journey.yaml",
    };
    let name = path.trim_end_matches(".yaml").trim_end_matches(".journey");
    Ok(Source {
        path: format!("{name}{ending}"),
        text: format::print(&format::parse(&text, own)?, &text, form),
    })
}

/// How much is found where one of the sources is another.
fn found(sources: &[Source], place: usize, text: &str) -> usize {
    let mut sources = sources.to_vec();
    if let Some(source) = sources.get_mut(place) {
        text.clone_into(&mut source.text);
    }
    let mut found = Diagnostics::new();
    journey_lang::compile(&Sources::new(sources), &mut found);
    found.len()
}

/// All sources with one mistake: which one it is in, and its text.
fn mistaken(sources: &[Source]) -> impl Iterator<Item = (usize, String)> {
    let of = |(place, source): (usize, &Source)| {
        let texts = source.text.lines().flat_map(|line| {
            let start = line.as_ptr() as usize - source.text.as_ptr() as usize;
            let mistakes = mistakes(line).into_iter();
            mistakes.map(move |wrong| replaced(&source.text, start, line, &wrong))
        });
        texts.map(|text| (place, text)).collect::<Vec<_>>()
    };
    sources.iter().enumerate().flat_map(of)
}

/// A line that is gone, has a word that is misspelt or another type, or lacks a bracket.
fn mistakes(line: &str) -> Vec<String> {
    let code = line.trim_start();
    if code.is_empty() || code.starts_with('#') {
        return Vec::new();
    }
    let mut all = vec![String::new()];
    for (at, bracket) in line.match_indices(['{', '}', '(', ')', '[', ']']) {
        all.push(replaced(line, at, bracket, ""));
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for word in line.split(|c| !is_word(c)).filter(|word| word.len() > 2) {
        let at = word.as_ptr() as usize - line.as_ptr() as usize;
        let misspelt: String = word.chars().skip(1).collect();
        all.push(replaced(line, at, word, &misspelt));
        let other = match word {
            "string" => "int",
            "int" => "bool",
            "bool" | "double" => "string",
            _ => continue,
        };
        all.push(replaced(line, at, word, other));
    }
    all
}

/// A text with something else in the place of a part.
fn replaced(text: &str, at: usize, part: &str, other: &str) -> String {
    let before = text.get(..at).unwrap_or_default();
    let after = text.get(at + part.len()..).unwrap_or_default();
    format!("{before}{other}{after}")
}
