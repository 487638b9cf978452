//! Regular expressions: linear in the text, bounded in memory, compiled once.

mod weight;

use crate::limits::{MAX_PATTERN, MAX_REGEX_BYTES};
use crate::value::{EvalError, Str};
use regex_automata::meta::{Builder, Config};
use regex_syntax::hir::{Hir, Look};
use std::cell::RefCell;
use thiserror::Error;

pub use regex_automata::meta::Regex;
pub use weight::{MAX_WEIGHT, weight};

/// The function that [`KNOWN`] stands for where only a run knows the pattern.
pub const MATCHES: &str = "matches";
/// What `matches` is lowered to where its pattern stands in the source: the checker has compiled it, and it is paid for.
pub const KNOWN: &str = "@matches";

/// Patterns of the source that a thread remembers: more than one journey commonly uses, few enough that a search through
/// them costs nothing.
const REMEMBERED: usize = 64;
/// The same for patterns that only a run knows: whoever chooses them chooses how much room each takes.
const REMEMBERED_FOREIGN: usize = 8;

/// The latest patterns, compiled; the one used last comes last. What is remembered changes no result.
type Compiled = RefCell<Vec<(Str, Regex)>>;

thread_local! {
    static OWN: Compiled = const { RefCell::new(Vec::new()) };
    static FOREIGN: Compiled = const { RefCell::new(Vec::new()) };
}

/// Does a pattern of the source (RE2 syntax) match some part of `text`?
///
/// # Errors
/// The pattern is malformed or too large.
pub fn is_match(pattern: &str, text: &str) -> Result<bool, EvalError> {
    OWN.with_borrow_mut(|compiled| look(compiled, REMEMBERED, (pattern, text)))
}

/// The same for a pattern that only a run knows: it may be as heavy as what it is compiled to, before that is known.
///
/// # Errors
/// The pattern is malformed or too large.
pub fn is_foreign_match(pattern: &str, text: &str) -> Result<bool, EvalError> {
    if weight(pattern) > MAX_WEIGHT {
        return Err(PatternError::TooLarge.into());
    }
    FOREIGN.with_borrow_mut(|compiled| look(compiled, REMEMBERED_FOREIGN, (pattern, text)))
}

fn look(
    compiled: &mut Vec<(Str, Regex)>,
    most: usize,
    (pattern, text): (&str, &str),
) -> Result<bool, EvalError> {
    let known = compiled.iter().rposition(|(known, _)| known == pattern);
    let entry = match known {
        Some(at) => compiled.remove(at),
        None => (Str::from(pattern), compile(pattern)?),
    };
    let found = entry.1.is_match(text);
    if compiled.len() >= most {
        compiled.remove(0);
    }
    compiled.push(entry);
    Ok(found)
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
