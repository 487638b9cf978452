//! `cargo bench --bench compile`: what compiling costs. Megabytes a second of each phase on an ordinary source in growing
//! sizes, then time and memory of the sources that are dense in one thing, the worst first.
//!
//! Each source is compiled in a process of its own, so that its memory is its own. Nothing is asserted: times belong to
//! the machine they were taken on.

use journey_lang::diagnostic::Diagnostics;
use journey_lang::limits::MAX_SOURCE;
use journey_lang::source::{Source, Sources};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs, iter};

#[path = "../tests/it/bombs/sources.rs"]
mod sources;

/// What an ordinary source is made of; `@` is a number that grows.
const ORDINARY: &str = include_str!("compile/ordinary.txt");
/// The best of these counts.
const ROUNDS: usize = 5;
/// Sources shown of those dense in one thing.
const SHOWN: usize = 16;

/// Seconds of each phase, and the most memory of the process.
#[derive(Clone, Copy)]
struct Cost {
    phases: [f64; 3],
    memory: f64,
}

impl Cost {
    fn total(self) -> f64 {
        self.phases.iter().sum()
    }

    /// As the child process writes it.
    fn read(line: &str) -> Option<Self> {
        let mut numbers = line.split_whitespace().map(str::parse);
        let mut next = || numbers.next()?.ok();
        let phases = [next()?, next()?, next()?];
        let memory = next()?;
        Some(Self { phases, memory })
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    if let Some(file) = env::args().skip_while(|arg| arg != "--file").nth(1) {
        return child(Path::new(&file));
    }
    let folder = tempfile::tempdir()?;
    println!("ordinary source       parse      check      lower        all     memory");
    for size in [64, 128, 256, 384].map(|kilobytes| kilobytes * 1024) {
        let cost = measure(folder.path(), "ordinary.journey", &ordinary(size))?;
        let megabytes = size as f64 / MAX_SOURCE as f64;
        let [parse, check, lower] = cost.phases.map(|seconds| megabytes / seconds);
        let all = megabytes / cost.total();
        println!(
            "{:>8} KiB {parse:>9.1} {check:>10.1} {lower:>10.1} {all:>10.1} MiB/s {:>5.0} MiB",
            size / 1024,
            cost.memory
        );
    }
    println!("\nworst sources         parse      check      lower        all     memory");
    let mut costs = Vec::new();
    for (bombs, ending) in [
        (sources::text(), "journey"),
        (sources::yaml(), "journey.yaml"),
    ] {
        for bomb in bombs {
            let path = format!("{}.{ending}", bomb.name);
            costs.push((measure(folder.path(), &path, &bomb.source())?, path));
        }
    }
    costs.sort_by(|(a, _), (b, _)| b.total().total_cmp(&a.total()));
    costs.iter().take(SHOWN).for_each(show);
    println!("\nby memory");
    costs.sort_by(|(a, _), (b, _)| b.memory.total_cmp(&a.memory));
    costs.iter().take(SHOWN).for_each(show);
    Ok(())
}

fn show((cost, path): &(Cost, String)) {
    let [parse, check, lower] = cost.phases.map(|seconds| seconds * 1000.0);
    println!(
        "{:>22.0} {check:>10.0} {lower:>10.0} {:>10.0} ms {:>8.0} MiB  {path}",
        parse,
        cost.total() * 1000.0,
        cost.memory
    );
}

/// An ordinary source of about this size.
fn ordinary(size: usize) -> String {
    let parts = iter::successors(Some(0), |number| Some(number + 1));
    let mut text = String::new();
    for part in parts.map(|number: usize| ORDINARY.replace('@', &number.to_string())) {
        if text.len() + part.len() > size {
            break;
        }
        text.push_str(&part);
    }
    text
}

/// The least of some rounds.
fn measure(folder: &Path, path: &str, text: &str) -> Result<Cost, Box<dyn Error>> {
    let file = folder.join(path);
    fs::write(&file, text)?;
    let mut best: Option<Cost> = None;
    for _ in 0..ROUNDS {
        let output = Command::new(env::current_exe()?)
            .arg("--file")
            .arg(&file)
            .output()?;
        let line = String::from_utf8(output.stdout)?;
        let cost = Cost::read(&line).ok_or_else(|| format!("{path} ended: {line}"))?;
        best = best
            .filter(|best| best.total() <= cost.total())
            .or(Some(cost));
    }
    Ok(best.ok_or("no rounds")?)
}

/// Compiles a file, and says what it cost.
fn child(file: &Path) -> Result<(), Box<dyn Error>> {
    let path = file.file_name().ok_or("no file")?.to_string_lossy();
    let sources = Sources::new(vec![Source {
        path: path.into_owned(),
        text: fs::read_to_string(file)?,
    }]);
    let mut diagnostics = Diagnostics::new();
    let begin = Instant::now();
    let files = journey_lang::parse(&sources, &mut diagnostics);
    let parsed = begin.elapsed();
    let checked = journey_lang::check(&files, &mut diagnostics);
    let inferred = begin.elapsed();
    if !diagnostics.has_errors() {
        let _ = journey_lang::lower::lower(&checked, &sources, &mut diagnostics);
    }
    let all = begin.elapsed();
    let phases = [parsed, inferred - parsed, all - inferred].map(|phase| phase.as_secs_f64());
    println!(
        "{} {} {} {}",
        phases[0],
        phases[1],
        phases[2],
        most_memory().unwrap_or_default()
    );
    Ok(())
}

/// The most memory this process had at a time, in MiB; only Linux tells.
fn most_memory() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024.0)
}
