//! Regular expressions: linear in the text, bounded in memory, compiled once.

use crate::limits::MAX_REGEX_BYTES;
use crate::value::{EvalError, Str};
use regex::{Regex, RegexBuilder};
use std::cell::RefCell;

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

/// Compiles a pattern within [`MAX_REGEX_BYTES`].
///
/// # Errors
/// The pattern is malformed or too large.
pub fn compile(pattern: &str) -> Result<Regex, EvalError> {
    let regex = RegexBuilder::new(pattern)
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build();
    regex.map_err(|error| {
        let too_large = matches!(error, regex::Error::CompiledTooBig(_));
        EvalError::fixed(if too_large {
            "regular expression is too large"
        } else {
            "invalid regular expression"
        })
    })
}
