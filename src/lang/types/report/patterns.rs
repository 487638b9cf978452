//! Findings about regular expressions, and about windows, which are read before anything runs, too.

use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::limits::MAX_PATTERNS;
use crate::types::patterns::Refused;
use journey_machine::builtin::pattern::PatternError;
use journey_machine::span::Span;

/// A pattern among the limits of a type.
pub(in crate::types) fn bad_limit_pattern(place: Span, why: Refused) -> Option<Diagnostic> {
    refused(Code::BAD_LIMIT, place, why)
}

/// A constant pattern in an expression.
pub(in crate::types) fn bad_pattern(place: Span, why: Refused) -> Option<Diagnostic> {
    refused(Code::BAD_PATTERN, place, why)
}

fn refused(code: Code, place: Span, why: Refused) -> Option<Diagnostic> {
    match why {
        Refused::Wrong(PatternError::TooLarge) => {
            let title = "this pattern is too large";
            let finding = Diagnostic::new(code, place, title);
            Some(finding.help("shorten it, bound its repetitions, or write `[0-9]` for `\\d`"))
        }
        Refused::Wrong(PatternError::Malformed(reason)) => {
            let title = format!("this is not a regular expression: {reason}");
            Some(Diagnostic::new(code, place, title))
        }
        Refused::TooMany { first: true } => {
            let most = MAX_PATTERNS / (1024 * 1024);
            let title = format!("the patterns of this file take more than {most} MiB");
            let finding = Diagnostic::new(Code::TOO_MANY_PATTERNS, place, title);
            Some(finding.help(
                "write `[0-9]` for `\\d` where only those are meant, give a pattern that stands often a `type`, or split the file",
            ))
        }
        Refused::TooMany { first: false } => None,
    }
}

/// Windows that cannot be counted over, or that only a run would know.
pub(in crate::types) fn bad_windows(place: Span, constant: bool) -> Diagnostic {
    let title = if constant {
        "these are no windows to count over"
    } else {
        "windows are written where they are counted over"
    };
    Diagnostic::new(Code::BAD_WINDOWS, place, title).help(
        "write lengths, each a multiple of its buckets, 256 buckets in all: `\"1m by 5s, 1h by 1m\"`",
    )
}
