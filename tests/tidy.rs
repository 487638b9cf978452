//! The rules of the house, as tests: floors, sizes, names, licences, the map in the README.

mod dependencies;
mod files;
mod floors;

use libtest_mimic::{Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One test a rule.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        rule("floors_depend_downwards", floors::floors_depend_downwards),
        rule(
            "modules_use_only_those_above",
            floors::modules_use_only_those_above,
        ),
        rule(
            "pure_floors_share_the_lints",
            floors::pure_floors_share_the_lints,
        ),
        rule("files_are_short", files::files_are_short),
        rule(
            "modules_say_what_they_are_for",
            files::modules_say_what_they_are_for,
        ),
        rule("nothing_is_unfinished", files::nothing_is_unfinished),
        rule(
            "no_folder_styles_are_mixed",
            files::no_folder_styles_are_mixed,
        ),
        rule("the_readme_maps_the_tree", files::the_readme_maps_the_tree),
        rule(
            "every_code_has_a_page_and_a_case",
            files::every_code_has_a_page_and_a_case,
        ),
        rule(
            "every_dependency_says_why",
            dependencies::every_dependency_says_why,
        ),
        rule(
            "licences_are_permissive",
            dependencies::licences_are_permissive,
        ),
        rule(
            "banned_crates_are_absent",
            dependencies::banned_crates_are_absent,
        ),
    ]
}

fn rule(name: &str, check: fn() -> Vec<String>) -> Trial {
    Trial::test(format!("tidy::{name}"), move || verdict(&check()))
}

fn verdict(faults: &[String]) -> Result<(), Failed> {
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("\n{}", faults.join("\n")).into())
    }
}

/// The folder of the project.
pub(crate) fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All files of the project that are not ignored, relative to its folder, sorted.
pub(crate) fn tracked() -> Vec<PathBuf> {
    let output = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .expect("git lists the files");
    assert!(
        output.status.success(),
        "git ls-files failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut files: Vec<PathBuf> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(PathBuf::from)
        .collect();
    files.retain(|file| root().join(file).is_file());
    files.sort();
    files.dedup();
    files
}

/// The tracked Rust files, with their texts.
pub(crate) fn rust_files() -> Vec<(PathBuf, String)> {
    tracked()
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "rs"))
        .map(|path| {
            let text = read(&path);
            (path, text)
        })
        .collect()
}

/// A file of the project.
pub(crate) fn read(path: &Path) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}
