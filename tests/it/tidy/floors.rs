//! Arrows point down only: between the crates, and between the modules of a crate.

use super::{read, rust_files};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Each floor, and those it may use.
const FLOORS: [(&str, &[&str]); 4] = [
    ("src/machine", &[]),
    ("src/lang", &["journey-machine"]),
    ("src/server", &["journey-machine"]),
    (".", &["journey-machine", "journey-lang", "journey-server"]),
];

/// Crates that do I/O, tell the time or roll dice: not for the pure floors.
const IMPURE: [&str; 9] = [
    "tokio",
    "hyper",
    "mio",
    "rand",
    "getrandom",
    "notify",
    "tracing",
    "rustls",
    "futures-util",
];

pub(crate) fn floors_depend_downwards() -> Vec<String> {
    let mut faults = Vec::new();
    for (floor, allowed) in FLOORS {
        let dependencies = dependencies(&read(&Path::new(floor).join("Cargo.toml")));
        let ours = dependencies.iter().filter(|d| d.starts_with("journey-"));
        faults.extend(
            ours.filter(|d| !allowed.contains(&d.as_str()))
                .map(|d| format!("{floor} must not use {d}")),
        );
        if matches!(floor, "src/machine" | "src/lang") {
            let impure = dependencies.iter().filter(|d| IMPURE.contains(&d.as_str()));
            faults.extend(impure.map(|d| format!("{floor} is pure and must not use {d}")));
        }
    }
    faults
}

/// Names in `[dependencies]` of a manifest.
fn dependencies(manifest: &str) -> Vec<String> {
    let section = manifest
        .split("\n[dependencies]\n")
        .nth(1)
        .unwrap_or_default();
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|n| !n.is_empty())
        .map(str::to_owned)
        .collect()
}

pub(crate) fn modules_use_only_those_above() -> Vec<String> {
    let order = orders();
    let mut faults = Vec::new();
    for (path, text) in rust_files() {
        let Some((floor, module)) = place(&path) else {
            continue;
        };
        let Some(order) = order.get(floor.as_str()) else {
            continue;
        };
        let position = |name: &str| order.iter().position(|m| m == name);
        let Some(own) = position(&module) else {
            continue;
        };
        for used in uses(&text) {
            if position(&used).is_some_and(|p| p > own) {
                faults.push(format!(
                    "{}: uses {used}, which stands below {module} in {floor}/lib.rs",
                    path.display()
                ));
            }
        }
    }
    faults
}

/// The modules of each library crate, in their order.
fn orders() -> BTreeMap<&'static str, Vec<String>> {
    ["src/machine", "src/lang", "src/server"]
        .into_iter()
        .map(|floor| (floor, modules(floor)))
        .collect()
}

fn modules(floor: &str) -> Vec<String> {
    let lib = read(&Path::new(floor).join("lib.rs"));
    let names = lib.lines().filter_map(|l| {
        l.trim_start_matches("pub ")
            .trim_start_matches("pub(crate) ")
            .strip_prefix("mod ")
    });
    names
        .map(|name| name.trim_end_matches(';').to_owned())
        .collect()
}

/// `src/machine/value/map.rs` is in floor `src/machine`, module `value`.
fn place(path: &Path) -> Option<(String, String)> {
    let parts: Vec<String> = path
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    let [src, floor, module, ..] = parts.as_slice() else {
        return None;
    };
    Some((
        format!("{src}/{floor}"),
        module.trim_end_matches(".rs").to_owned(),
    ))
}

/// Names after `crate::` outside comments and test modules.
fn uses(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut names = Vec::new();
    for line in lines {
        for rest in line.split("crate::").skip(1) {
            let group = rest
                .strip_prefix('{')
                .map(|g| g.split('}').next().unwrap_or_default());
            for item in
                group
                    .unwrap_or(rest)
                    .split(',')
                    .take(if group.is_some() { usize::MAX } else { 1 })
            {
                let end = item
                    .trim()
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap_or_default();
                names.push(end.to_owned());
            }
        }
    }
    names
}

pub(crate) fn pure_floors_share_the_lints() -> Vec<String> {
    let shared = read(Path::new("clippy.toml"));
    let floors = ["src/machine/clippy.toml", "src/lang/clippy.toml"].map(PathBuf::from);
    let missing = floors
        .iter()
        .filter(|path| !read(path).starts_with(&shared));
    missing
        .map(|path| {
            format!(
                "{}: must begin with the text of clippy.toml, which it replaces",
                path.display()
            )
        })
        .collect()
}
