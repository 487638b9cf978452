//! Source to its canonical layout: in the other form too, and back.
//!
//! Whatever the layout, the tree stays the same, and so do the comments; printing what was printed changes nothing.

use super::case::Case;
use super::dump;
use journey_lang::ast::{File, Form};
use journey_lang::diagnostic::{self, Diagnostics};
use journey_lang::format;
use journey_lang::source::{Source, Sources};
use libtest_mimic::Failed;
use similar::TextDiff;
use std::path::Path;
use std::{env, fs};

/// Runs one case: a source, and how it is printed.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let sources = case.sources();
    let Some((_, source)) = sources.iter().next() else {
        return Err("the case is empty".into());
    };
    let form = Form::of(&source.path);
    let printed = check(&source.text, form)?;
    case.settle(&printed)
}

/// Runs a source that ships: it stands in its canonical layout.
pub fn shipped(path: &Path) -> Result<(), Failed> {
    let text = fs::read_to_string(path)?;
    let printed = check(&text, Form::of(&path.to_string_lossy()))?;
    if printed == text {
        return Ok(());
    }
    if env::var_os("UPDATE").is_some() {
        return Ok(fs::write(path, printed)?);
    }
    let diff = TextDiff::from_lines(&text, &printed);
    Err(format!("{}", diff.unified_diff()).into())
}

/// Prints a source in its own form, after trying everything that must hold.
pub fn check(text: &str, form: Form) -> Result<String, Failed> {
    let file = parse(text, form)?;
    let printed = print(&file, text, form);
    same(&file, &parse(&printed, form)?, form, &printed)?;
    let again = print(&parse(&printed, form)?, &printed, form);
    if again != printed {
        return Err(changed(&printed, &again));
    }
    let other = other(form);
    let converted = print(&file, text, other);
    let there = parse(&converted, other)?;
    same(&file, &there, other, &converted)?;
    let back = print(&there, &converted, form);
    same(&file, &parse(&back, form)?, form, &back)?;
    let again = print(&there, &converted, other);
    if again != converted {
        return Err(changed(&converted, &again));
    }
    Ok(printed)
}

fn changed(printed: &str, again: &str) -> Failed {
    let diff = TextDiff::from_lines(printed, again);
    format!(
        "printing it again changes it:\n{}\n{printed}",
        diff.unified_diff()
    )
    .into()
}

fn other(form: Form) -> Form {
    match form {
        Form::Text => Form::Yaml,
        Form::Yaml => Form::Text,
    }
}

/// Prints a file.
pub fn print(file: &File, source: &str, form: Form) -> String {
    match form {
        Form::Text => format::to_text(file, source),
        Form::Yaml => format::to_yaml(file, source),
    }
}

/// Reads a source without faults.
pub fn parse(text: &str, form: Form) -> Result<File, Failed> {
    let path = match form {
        Form::Text => "it.journey",
        Form::Yaml => "it.journey.yaml",
    };
    let sources = Sources::new(vec![Source {
        path: path.to_owned(),
        text: text.to_owned(),
    }]);
    let mut findings = Diagnostics::new();
    let files = journey_lang::parse(&sources, &mut findings);
    if !findings.is_empty() {
        findings.sort();
        return Err(format!("{}\n{text}", diagnostic::plain(&findings, &sources)).into());
    }
    files
        .into_iter()
        .next()
        .ok_or_else(|| "nothing was read".into())
}

/// Are two trees and their comments equal, but for places?
pub fn same(a: &File, b: &File, form: Form, printed: &str) -> Result<(), Failed> {
    let (left, right) = (dump::declarations(a), dump::declarations(b));
    if left != right {
        let diff = TextDiff::from_lines(&left, &right);
        return Err(format!(
            "the tree changes as {form:?}:\n{}\n{printed}",
            diff.unified_diff()
        )
        .into());
    }
    let (left, right) = (comments(a), comments(b));
    if left != right {
        return Err(
            format!("comments change as {form:?}: {left:?} to {right:?}\n{printed}").into(),
        );
    }
    Ok(())
}

fn comments(file: &File) -> Vec<&str> {
    let mut texts: Vec<&str> = file
        .trivia
        .comments
        .iter()
        .map(|comment| comment.text.as_str())
        .collect();
    texts.sort_unstable();
    texts
}
