//! Faults of YAML's syntax, in words that help someone who writes a journey.

use super::load::Failure;
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use granit_parser::{ErrorKind, ScanError};
use journey_machine::span::{FileId, Span};

/// The finding for what made the parser give up.
pub(super) fn finding(
    file: FileId,
    text: &str,
    error: &ScanError,
    failure: &Failure,
) -> Diagnostic {
    let at = error
        .marker()
        .byte_offset()
        .unwrap_or(text.len())
        .min(text.len());
    let place = place(
        file,
        text,
        opening_quote(text, at, error.kind(), failure).unwrap_or(at),
    );
    if let Some((message, help)) = unquoted_expression(text, at, failure) {
        return Diagnostic::new(Code::YAML_SYNTAX, place, message).help(help);
    }
    let (message, help) = words(error.kind());
    let finding = Diagnostic::new(code(error.kind()), place, message).help(help);
    match failure.flow.and_then(|start| u32::try_from(start).ok()) {
        Some(open) => finding.label(Span::new(file, open, open.saturating_add(1)), "opened here"),
        None => finding,
    }
}

/// Where a text that is not closed begins.
fn opening_quote(text: &str, at: usize, kind: &ErrorKind, failure: &Failure) -> Option<usize> {
    let unclosed = matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar
    );
    let skipped = text.get(failure.last..at).filter(|_| unclosed)?;
    Some(failure.last + skipped.find(['"', '\''])?)
}

/// The character at the fault; at the end of a line or the file the one before.
fn place(file: FileId, text: &str, at: usize) -> Span {
    let at = text.floor_char_boundary(at);
    let width = text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .filter(|c| *c != '\n')
        .map_or(0, char::len_utf8);
    let end = u32::try_from(at + width).unwrap_or(u32::MAX);
    Span::new(file, u32::try_from(at).unwrap_or(u32::MAX), end)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser knows a hundred kinds of faults"
)]
fn code(kind: &ErrorKind) -> Code {
    match kind {
        ErrorKind::RecursionLimitExceeded => Code::TOO_DEEP,
        ErrorKind::DirectiveDisallowed => Code::YAML_FEATURE,
        _ => Code::YAML_SYNTAX,
    }
}

/// An expression whose characters mean something to YAML.
fn unquoted_expression(
    text: &str,
    at: usize,
    failure: &Failure,
) -> Option<(&'static str, &'static str)> {
    let line = text.get(..at)?.rsplit('\n').next()?;
    let open = line.rfind("$").filter(|at| {
        line.get(*at..)
            .is_some_and(|tail| tail.starts_with("${") || tail == "$")
    })?;
    let quoted = line.get(..open)?.ends_with(['"', '\'']);
    if quoted {
        return None;
    }
    Some(if failure.flow.is_some() {
        (
            "an expression inside `{ }` or `[ ]` stands without quotes",
            "put quotes around it: \"${ … }\"",
        )
    } else {
        (
            "an expression with `: ` or ` #` in it stands without quotes",
            "put quotes around it: \"${ … }\" or '${ … }'",
        )
    })
}

type Words = (&'static str, &'static str);

fn words(kind: &ErrorKind) -> Words {
    layout(kind)
        .or_else(|| bracket(kind))
        .or_else(|| quoted(kind))
        .unwrap_or((
            "this is not YAML",
            "look at the indentation, quotes and brackets here and in the line above",
        ))
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser knows a hundred kinds of faults"
)]
fn layout(kind: &ErrorKind) -> Option<Words> {
    Some(match kind {
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation
        | ErrorKind::TabAtBlockScalarStart
        | ErrorKind::TabInPlainScalar => {
            ("a tab where YAML allows spaces only", "indent with spaces")
        }
        ErrorKind::MappingValueNotAllowed
        | ErrorKind::InvalidColonPlacement
        | ErrorKind::InvalidSimpleKey
        | ErrorKind::MappingKeyNotAllowed => (
            "`:` begins a value, but no value may stand here",
            "put a text that contains `: ` in quotes, and write a key in the same column as the other keys",
        ),
        ErrorKind::SimpleKeyExpected => ("a key without `:`", "write `key: value`"),
        ErrorKind::ExpectedBlockMappingKey => (
            "a key was expected here",
            "write `key: value` in the same column as the keys above",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "an item of the list was expected here",
            "begin it with `-` in the same column as the items above",
        ),
        ErrorKind::InvalidIndentation
        | ErrorKind::InvalidBlockScalarIndent
        | ErrorKind::InvalidFlowScalarIndent => (
            "the indentation fits nothing above",
            "indent with the same number of spaces as what it belongs to",
        ),
        ErrorKind::BlockSequenceEntryNotAllowed | ErrorKind::BlockEntryInFlowCollection => (
            "a list with `-` cannot begin here",
            "begin the list on a line of its own, or write `[a, b]`",
        ),
        ErrorKind::RecursionLimitExceeded => {
            ("nested too deeply", "move inner steps into a sub-journey")
        }
        ErrorKind::DirectiveDisallowed => {
            ("directives are not used", "leave the line with `%` out")
        }
        ErrorKind::UnexpectedCharacter { .. } => (
            "a text cannot begin with this character",
            "put the text in quotes",
        ),
        _ => return None,
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser knows a hundred kinds of faults"
)]
fn bracket(kind: &ErrorKind) -> Option<Words> {
    Some(match kind {
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            "`,` or the closing bracket was expected here",
            "separate items by `, ` and put texts with `{ } [ ] ,` in quotes",
        ),
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => (
            "a bracket that closes nothing",
            "look which bracket was opened",
        ),
        ErrorKind::UnclosedFlowCollection { .. }
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofImplicitFlowMapping => {
            ("a bracket is not closed", "close it with `}` or `]`")
        }
        _ => return None,
    })
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the parser knows a hundred kinds of faults"
)]
fn quoted(kind: &ErrorKind) -> Option<Words> {
    Some(match kind {
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => (
            "a text in quotes is not closed",
            "close it with the quote it began with; write longer texts with `|`",
        ),
        ErrorKind::InvalidTrailingSingleQuotedScalar
        | ErrorKind::InvalidTrailingDoubleQuotedScalar => (
            "something follows a text in quotes",
            "put quotes around the whole value; a quote inside '…' is written ''",
        ),
        ErrorKind::UnknownQuotedScalarEscape
        | ErrorKind::InvalidQuotedScalarHexEscape
        | ErrorKind::InvalidLowSurrogateHexEscape
        | ErrorKind::InvalidLowSurrogate
        | ErrorKind::MissingLowSurrogate
        | ErrorKind::UnpairedLowSurrogate
        | ErrorKind::InvalidUnicodeEscape => (
            "an escape that YAML does not know",
            "write `\\\\` for a backslash, or use '…', where nothing is escaped",
        ),
        _ => return None,
    })
}
