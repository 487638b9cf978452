//! The rules of the house, as tests: floors, sizes, names, licences, the map in the README.

mod dependencies;
mod docs;
mod files;
mod floors;

use std::path::{Path, PathBuf};
use std::process::Command;

macro_rules! rules {
    ($($module:ident: $($rule:ident)*;)*) => {$($(
        #[test]
        fn $rule() {
            let faults = $module::$rule();
            assert!(faults.is_empty(), "\n{}", faults.join("\n"));
        }
    )*)*};
}

rules! {
    floors: floors_depend_downwards modules_use_only_those_above pure_floors_share_the_lints;
    files: files_are_short modules_say_what_they_are_for nothing_is_unfinished no_folder_styles_are_mixed the_readme_maps_the_tree every_code_has_a_page_and_a_case;
    docs: documentation_points_at_what_is_there;
    dependencies: every_dependency_says_why licences_are_permissive banned_crates_are_absent;
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
