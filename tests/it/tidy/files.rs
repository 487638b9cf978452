//! What files look like and what they promise.

use super::{read, root, rust_files, tracked};
use journey_lang::diagnostic::Code;
use std::collections::BTreeSet;
use std::path::Path;

/// Lines of one file.
const MAX_LINES: usize = 500;

pub(crate) fn files_are_short() -> Vec<String> {
    let long = rust_files()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()));
    long.filter(|(_, lines)| *lines > MAX_LINES)
        .map(|(path, n)| format!("{}: {n} lines", path.display()))
        .collect()
}

pub(crate) fn modules_say_what_they_are_for() -> Vec<String> {
    let silent = rust_files()
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//!") && !text.starts_with("#!"));
    silent
        .map(|(path, _)| format!("{}: begins without `//!`", path.display()))
        .collect()
}

pub(crate) fn nothing_is_unfinished() -> Vec<String> {
    // Spelled in halves, so that this file does not find itself.
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
    ];
    let mut faults = Vec::new();
    for (path, text) in rust_files() {
        let found = text
            .lines()
            .enumerate()
            .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark)));
        faults.extend(
            found.map(|(n, line)| format!("{}:{}: {}", path.display(), n + 1, line.trim())),
        );
    }
    faults
}

pub(crate) fn no_folder_styles_are_mixed() -> Vec<String> {
    let old = tracked()
        .into_iter()
        .filter(|path| path.file_name().is_some_and(|n| n == "mod.rs"));
    old.map(|path| format!("{}: the style here is x.rs beside x/", path.display()))
        .collect()
}

/// Folders the README's map must name, and nothing else.
pub(crate) fn the_readme_maps_the_tree() -> Vec<String> {
    let readme = read(Path::new("README.md"));
    let map = readme.split("<!-- map -->").nth(1).unwrap_or_default();
    let named: BTreeSet<String> = map.lines().filter_map(folder).collect();
    let real: BTreeSet<String> = tracked().iter().filter_map(|path| mapped(path)).collect();
    let missing = real
        .difference(&named)
        .map(|f| format!("README.md: the map lacks {f}/"));
    let stale = named
        .difference(&real)
        .map(|f| format!("README.md: the map names {f}/, which is not there"));
    missing.chain(stale).collect()
}

/// `src/machine/   what it is` names `src/machine`.
fn folder(line: &str) -> Option<String> {
    line.split_whitespace()
        .next()?
        .strip_suffix('/')
        .map(str::to_owned)
}

/// The folder of the map a file belongs to: one level, below `src` and `journeys` two.
fn mapped(path: &Path) -> Option<String> {
    let parts: Vec<String> = path
        .parent()?
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    let first = parts.first()?;
    if first.starts_with('.') {
        return None;
    }
    let deep = matches!(first.as_str(), "src" | "journeys");
    Some(
        parts
            .iter()
            .take(if deep { 2 } else { 1 })
            .cloned()
            .collect::<Vec<_>>()
            .join("/"),
    )
}

pub(crate) fn every_code_has_a_page_and_a_case() -> Vec<String> {
    let cases: Vec<String> = tracked()
        .iter()
        .filter(|path| path.starts_with("tests/cases"))
        .filter_map(|path| path.file_name().map(|n| n.to_string_lossy().into_owned()))
        .collect();
    let mut faults = Vec::new();
    for code in Code::all() {
        // A contradiction within the compiler cannot be provoked: a case that could would be mended.
        let provokable = code != Code::CONTRADICTION;
        if provokable && !cases.iter().any(|case| case.starts_with(&code.to_string())) {
            faults.push(format!("{code} has no case in tests/cases"));
        }
        if !root().join(format!("src/lang/codes/{code}.md")).is_file() {
            faults.push(format!("{code} has no page in src/lang/codes"));
        }
    }
    faults
}
