//! Regular expressions: linear in the text, bounded in memory, compiled once.

use crate::limits::{MAX_PATTERN, MAX_REGEX_BYTES};
use crate::value::{EvalError, Str};
use regex::{Regex, RegexBuilder};
use std::cell::RefCell;
use thiserror::Error;

/// Patterns a thread remembers. More than one journey commonly uses, few enough that a search through them costs nothing.
const REMEMBERED: usize = 64;

thread_local! {
    /// The latest patterns, compiled; the one used last comes last. What is remembered changes no result.
    static COMPILED: RefCell<Vec<(Str, Regex)>> = const { RefCell::new(Vec::new()) };
}

/// Does `pattern` (RE2 syntax) match some part of `text`?
///
/// # Errors
/// The pattern is malformed or too large.
pub fn is_match(pattern: &str, text: &str) -> Result<bool, EvalError> {
    COMPILED.with_borrow_mut(|compiled| {
        let known = compiled.iter().rposition(|(known, _)| known == pattern);
        let entry = match known {
            Some(at) => compiled.remove(at),
            None => (Str::from(pattern), compile(pattern)?),
        };
        let found = entry.1.is_match(text);
        if compiled.len() >= REMEMBERED {
            compiled.remove(0);
        }
        compiled.push(entry);
        Ok(found)
    })
}

impl From<PatternError> for EvalError {
    fn from(error: PatternError) -> Self {
        match error {
            PatternError::TooLarge => Self::fixed("regular expression is too large"),
            PatternError::Malformed(_) => Self::fixed("invalid regular expression"),
        }
    }
}

/// Why a pattern was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// It needs more than [`MAX_REGEX_BYTES`] once compiled, or is longer than [`MAX_PATTERN`].
    #[error("regular expression is too large")]
    TooLarge,
    /// It is no regular expression: what is wrong with it.
    #[error("invalid regular expression: {0}")]
    Malformed(String),
}

/// Compiles a pattern that is to match some part of a text.
///
/// # Errors
/// The pattern is malformed or too large.
pub fn compile(pattern: &str) -> Result<Regex, PatternError> {
    if pattern.len() > MAX_PATTERN {
        return Err(PatternError::TooLarge);
    }
    build(pattern)
}

/// Compiles a pattern that is to match the whole of a text.
///
/// # Errors
/// The pattern is malformed or too large.
pub fn compile_whole(pattern: &str) -> Result<Regex, PatternError> {
    compile(pattern)?;
    build(&format!(r"\A(?:{pattern})\z"))
}

fn build(source: &str) -> Result<Regex, PatternError> {
    let regex = RegexBuilder::new(source)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build();
    regex.map_err(|error| {
        if let regex::Error::Syntax(report) = error {
            PatternError::Malformed(reason(&report).to_owned())
        } else {
            PatternError::TooLarge
        }
    })
}

/// The last line of a report that draws the pattern above it.
fn reason(report: &str) -> &str {
    let line = report.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line)
}
