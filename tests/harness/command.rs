//! What people type and what they see: `$` begins a command line, `<` a line of its standard input. Files of the case stand
//! in the folder in which its commands run. A word that holds blanks stands in single quotes.

use super::case::Case;
use journey_lang::source::Sources;
use libtest_mimic::Failed;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{fs, io};

/// Runs one case: its commands one after the other.
pub fn run(path: &Path) -> Result<(), Failed> {
    let case = Case::read(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("command")
        .join(&*name);
    let sources = case.sources();
    let script = place(&sources, &name, &folder)?;
    let mut shown = String::new();
    let mut lines = script.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(command) = line.strip_prefix("$ journey ") else {
            continue;
        };
        let mut input = String::new();
        while let Some(line) = lines.next_if(|line| line.starts_with('<')) {
            writeln!(input, "{}", line.trim_start_matches('<').trim_start())?;
        }
        writeln!(shown, "{line}\n{}", output(command, &input, &folder)?)?;
    }
    // No case has blanks at the end of a line.
    let lines = shown.lines().map(|line| line.trim_end().to_owned() + "\n");
    case.settle(&lines.collect::<String>())
}

/// Writes the files of a case; what is left are its commands.
fn place(sources: &Sources, case: &str, folder: &PathBuf) -> io::Result<String> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    let mut script = String::new();
    for (_, source) in sources.iter() {
        if source.path == case {
            script.clone_from(&source.text);
        } else {
            fs::write(folder.join(&source.path), &source.text)?;
        }
    }
    Ok(script)
}

fn output(command: &str, input: &str, folder: &Path) -> Result<String, Failed> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_journey"))
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .args(words(command))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not ask for its input may be gone already.
        _ = stdin.write_all(input.as_bytes());
    }
    let output = child.wait_with_output()?;
    let mut shown = String::from_utf8(output.stdout)? + &String::from_utf8(output.stderr)?;
    if let Some(code) = output.status.code().filter(|code| *code != 0) {
        writeln!(shown, "exit {code}")?;
    }
    Ok(shown)
}

/// The words of a command line.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('\'') {
            Some(quoted) => quoted.split_once('\'').unwrap_or((quoted, "")),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start();
    }
    words
}
