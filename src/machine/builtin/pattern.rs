//! Regular expressions: linear in the text, bounded in memory, compiled once.

use crate::limits::{MAX_PATTERN, MAX_REGEX_BYTES};
use crate::value::{EvalError, Str};
use regex_automata::meta::{Builder, Config};
use regex_syntax::hir::{Hir, Look};
use std::cell::RefCell;
use thiserror::Error;

pub use regex_automata::meta::Regex;

/// Patterns a thread remembers. More than one journey commonly uses, few enough that a search through them costs nothing.
const REMEMBERED: usize = 64;

/// [`reading`] of the shortest pattern, of a class of characters, and of one that may be without regard to case.
const SMALLEST: usize = 4 * 1024;
const CLASS: usize = 2 * 1024;
const FOLDED: usize = 16 * 1024;

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
    build(&parse(pattern)?)
}

/// Compiles a pattern that is to match the whole of a text.
///
/// # Errors
/// The pattern is malformed or too large.
pub fn compile_whole(pattern: &str) -> Result<Regex, PatternError> {
    let (start, end) = (Hir::look(Look::Start), Hir::look(Look::End));
    build(&Hir::concat(vec![start, parse(pattern)?, end]))
}

/// What reading a pattern takes before anything is compiled, in bytes of compiled size that take as long: each class of
/// characters is a list of ranges, and without regard to upper and lower case it is looked up range by range.
#[must_use]
pub fn reading(pattern: &str) -> usize {
    let flags = |group: &str| {
        group
            .bytes()
            .take_while(u8::is_ascii_lowercase)
            .any(|b| b == b'i')
    };
    let folded = pattern.split("(?").skip(1).any(flags);
    let class = if folded { FOLDED } else { CLASS };
    let classes = pattern.bytes().filter(|byte| b"[\\.".contains(byte));
    SMALLEST.saturating_add(classes.count().saturating_mul(class))
}

fn parse(pattern: &str) -> Result<Hir, PatternError> {
    if pattern.len() > MAX_PATTERN {
        return Err(PatternError::TooLarge);
    }
    regex_syntax::parse(pattern)
        .map_err(|error| PatternError::Malformed(reason(&error.to_string()).to_owned()))
}

fn build(pattern: &Hir) -> Result<Regex, PatternError> {
    let config = Config::new()
        .nfa_size_limit(Some(MAX_REGEX_BYTES))
        .hybrid_cache_capacity(MAX_REGEX_BYTES);
    let regex = Builder::new().configure(config).build_from_hir(pattern);
    regex.map_err(|_| PatternError::TooLarge)
}

/// The last line of a report that draws the pattern above it.
fn reason(report: &str) -> &str {
    let line = report.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line)
}
