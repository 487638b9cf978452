//! What we build on: each dependency with its reason, permissive licences, nothing banned.

use super::{read, root};
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

pub(crate) fn every_dependency_says_why() -> Vec<String> {
    let manifest = read(Path::new("Cargo.toml"));
    let section = manifest
        .split("[workspace.dependencies]\n")
        .nth(1)
        .unwrap_or_default();
    let lines: Vec<&str> = section
        .lines()
        .take_while(|line| !line.starts_with('['))
        .collect();
    let silent = lines
        .iter()
        .enumerate()
        .filter(|(i, line)| is_third_party(line) && !reasoned(&lines, *i));
    silent
        .map(|(_, line)| format!("Cargo.toml: no comment above `{line}`"))
        .collect()
}

fn is_third_party(line: &str) -> bool {
    line.contains(" = ") && !line.starts_with('#') && !line.starts_with("journey-")
}

/// A comment stands above it, or above its neighbours that share one (no blank line between).
fn reasoned(lines: &[&str], i: usize) -> bool {
    let above = lines.iter().take(i).rev();
    above
        .take_while(|line| !line.is_empty())
        .take(2)
        .any(|line| line.starts_with('#'))
}

/// A licence expression is fine if one alternative of each of its parts is in `deny.toml`.
pub(crate) fn licences_are_permissive() -> Vec<String> {
    let allowed = quoted(
        read(Path::new("deny.toml"))
            .split("[bans]")
            .next()
            .unwrap_or_default(),
    );
    let strange = packages()
        .iter()
        .filter(|p| p.0 != "journey" && !p.0.starts_with("journey-"));
    strange
        .filter(|p| !permissive(&p.2, &allowed))
        .map(|p| format!("{} {}: licence {:?}", p.0, p.1, p.2))
        .collect()
}

fn permissive(licence: &str, allowed: &[String]) -> bool {
    let plain = licence.replace(['(', ')'], "").replace('/', " OR ");
    let known = |name: &str| allowed.iter().any(|a| a == name.trim());
    plain
        .split(" AND ")
        .all(|part| part.split(" OR ").any(known))
}

/// Everything in quotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

pub(crate) fn banned_crates_are_absent() -> Vec<String> {
    let text = read(Path::new("deny.toml"));
    let bans: Vec<&str> = text
        .lines()
        .filter_map(|l| l.split("crate = \"").nth(1)?.split('"').next())
        .collect();
    assert!(!bans.is_empty(), "deny.toml lists bans");
    let packages = packages();
    let hit = packages
        .iter()
        .filter(|p| bans.iter().any(|ban| banned(ban, &p.0, &p.1)));
    hit.map(|p| format!("{} {} is banned by deny.toml", p.0, p.1))
        .collect()
}

/// `name`, or `name@<1.2` for versions below.
fn banned(ban: &str, name: &str, version: &str) -> bool {
    match ban.split_once("@<") {
        Some((banned, limit)) => banned == name && numbers(version) < numbers(limit),
        None => ban == name,
    }
}

fn numbers(version: &str) -> Vec<u64> {
    version
        .split(['.', '-', '+'])
        .map_while(|part| part.parse().ok())
        .collect()
}

/// Name, version and licence of each package of the lock file.
fn packages() -> &'static [(String, String, String)] {
    static PACKAGES: OnceLock<Vec<(String, String, String)>> = OnceLock::new();
    PACKAGES.get_or_init(|| {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(root())
            .output();
        let output = output.expect("cargo metadata runs");
        let metadata: Value =
            serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
        let text =
            |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
        let all = metadata["packages"].as_array().cloned().unwrap_or_default();
        all.iter()
            .map(|p| (text(p, "name"), text(p, "version"), text(p, "license")))
            .collect()
    })
}
