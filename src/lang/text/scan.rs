//! The scanner that runs before the grammar: comments, documentation and blank lines, and brackets that do not match.
//!
//! It gives the grammar a text in which every bracket has its partner: what is missing is put in, what is too much is
//! taken out, and both are reported. So one forgotten brace does not hide what comes after it, and the grammar never has
//! to look for a partner that is not there.

mod heads;
mod repair;

use crate::ast::{Comment, Trivia};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::expr::{STEP_WORDS, pattern_length, text_length};
use crate::limits::{MAX_DEPTH, MAX_PARTS};
use crate::source::SpanMap;
use heads::Heads;
use journey_machine::span::{FileId, Span};
use repair::Repair;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// What the scanner found.
pub(super) struct Scanned<'a> {
    /// The text with all brackets matched.
    pub(super) text: Cow<'a, str>,
    /// Where its bytes stand in the file.
    pub(super) map: SpanMap,
    /// Comments and blank lines.
    pub(super) trivia: Trivia,
    pub(super) docs: DocsByPlace,
}

/// Documentation by the offset in the file of what it stands before.
pub(super) type DocsByPlace = BTreeMap<u32, Documentation>;

/// Lines of `##`, without their marks, and where each stands.
pub(super) struct Documentation {
    pub(super) lines: Vec<(String, Span)>,
}

/// Scans a file. `None`: it is nested too deeply, or has too much in it, to be read.
///
/// Where brackets or backticks do not match, it is scanned again with an eye on lines and their indentation, which tell
/// which one was forgotten.
pub(super) fn scan<'a>(
    file: FileId,
    text: &'a str,
    diags: &mut Diagnostics,
) -> Option<Scanned<'a>> {
    let mut findings = Diagnostics::new();
    let mut scanned = pass(file, text, false, &mut findings);
    let mendable = |finding: &Diagnostic| matches!(finding.code, Code::UNBALANCED | Code::BAD_TEXT);
    if findings.iter().any(mendable) {
        findings = Diagnostics::new();
        scanned = pass(file, text, true, &mut findings);
    }
    diags.append(findings);
    scanned
}

fn pass<'a>(
    file: FileId,
    text: &'a str,
    by_indentation: bool,
    diags: &mut Diagnostics,
) -> Option<Scanned<'a>> {
    let start = if text.starts_with('\u{FEFF}') {
        '\u{FEFF}'.len_utf8()
    } else {
        0
    };
    let mut scanner = Scanner {
        file,
        text,
        at: start,
        open: Vec::new(),
        repair: Repair::default(),
        by_indentation,
        heads: Heads::default(),
        line: Line {
            start,
            blank: true,
            indent: 0,
        },
        after_text: false,
        last: b' ',
        pending: Vec::new(),
        trivia: Trivia::default(),
        docs: BTreeMap::new(),
        parts: 0,
        diags,
    };
    scanner.run()?;
    let Scanner {
        repair,
        trivia,
        docs,
        ..
    } = scanner;
    let (text, map) = repair.apply(file, text);
    Some(Scanned {
        text,
        map,
        trivia,
        docs,
    })
}

/// An open bracket; `` ` `` for a text in backticks, `$` for the `${` in one.
#[derive(Clone, Copy)]
struct Open {
    kind: u8,
    at: usize,
    /// Indentation of its line.
    indent: usize,
    /// Where its line ends, once it has: where its partner is put if it has none.
    line_end: Option<usize>,
}

struct Line {
    start: usize,
    blank: bool,
    indent: usize,
}

struct Scanner<'a, 'd> {
    file: FileId,
    text: &'a str,
    at: usize,
    open: Vec<Open>,
    repair: Repair,
    /// Is a brace at the start of a line closed by what its indentation says?
    by_indentation: bool,
    /// Lines that may have lost a brace.
    heads: Heads,
    line: Line,
    /// Was the line before this one not blank?
    after_text: bool,
    /// The last byte that means something.
    last: u8,
    /// Lines of documentation that wait for what they stand before.
    pending: Vec<(usize, usize)>,
    trivia: Trivia,
    docs: DocsByPlace,
    /// What [`MAX_PARTS`] counts, so far.
    parts: usize,
    diags: &'d mut Diagnostics,
}

impl<'a> Scanner<'a, '_> {
    fn run(&mut self) -> Option<()> {
        while let Some(byte) = self.byte(0) {
            if self.open.last().is_some_and(|open| open.kind == b'`') {
                self.backtick_text(byte);
            } else {
                self.code(byte);
            }
            if self.open.len() > MAX_DEPTH || self.parts > MAX_PARTS {
                self.refuse();
                return None;
            }
            // So many brackets without a partner are no journey, and all that is shown of them has been found.
            if self.diags.dropped() > 0 {
                return None;
            }
        }
        self.documents();
        self.line_ends(self.at);
        self.close_all(self.text.len(), true);
        Some(())
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span::new(self.file, offset(start), offset(end))
    }

    fn code(&mut self, byte: u8) {
        match byte {
            b'\n' => {
                self.line_ends(self.at);
                self.at += 1;
            }
            b' ' | b'\t' | b'\r' | 0x0C => self.at += 1,
            b'#' => self.comment(),
            b'/' if self.byte(1) == Some(b'/') => self.comment(),
            _ => self.word(byte),
        }
    }

    /// Something that is neither space nor comment.
    fn word(&mut self, byte: u8) {
        self.documents();
        if self.line.blank {
            (self.line.blank, self.line.indent) = (false, self.at - self.line.start);
            if self.by_indentation {
                self.heads.begin(self.line.indent, self.at);
                self.close_by_dedent(byte);
            }
        }
        let last = std::mem::replace(&mut self.last, byte);
        match byte {
            b'"' | b'\'' => self.quoted(byte, false),
            b'`' if self.by_indentation && self.is_lone_backtick() => self.lone_backtick(),
            b'`' | b'(' | b'[' | b'{' => self.push(byte),
            b')' | b']' | b'}' => self.closes(byte),
            b'/' if matches!(last, b'(' | b',') => {
                self.at += 1;
                self.at += pattern_length(self.rest()).map_or(0, |length| length + 1);
            }
            _ if byte.is_ascii_alphanumeric() || byte == b'_' => self.name(last),
            // A byte at a time is enough: no byte of a longer character looks like one of the above.
            _ => self.at += 1,
        }
    }

    /// A name or a number, after something that ends in `last`.
    fn name(&mut self, last: u8) {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let length = self.rest().bytes().take_while(is_word).count();
        let name = self.rest().get(..length).unwrap_or_default();
        if !self.open.is_empty() && self.at == self.line.start && declares(name, self.rest()) {
            self.close_all(self.at, false);
        }
        self.at += length;
        let in_braces = self.open.last().is_none_or(|open| open.kind == b'{');
        if in_braces && last != b'.' {
            // A step takes more room than what it is made of.
            self.parts += if STEP_WORDS.contains(&name) { 3 } else { 1 };
        }
        let raw = matches!(name, "r" | "R" | "br" | "bR" | "Br" | "BR");
        match self.byte(0) {
            Some(quote @ (b'"' | b'\'')) if raw => self.quoted(quote, true),
            _ => {}
        }
    }

    fn quoted(&mut self, quote: u8, raw: bool) {
        let start = self.at;
        let quotes = if self
            .rest()
            .bytes()
            .take(3)
            .filter(|byte| *byte == quote)
            .count()
            == 3
        {
            3
        } else {
            1
        };
        self.at += quotes;
        let (length, closed) = text_length(self.rest().as_bytes(), quote, quotes, raw);
        self.at += length;
        if !closed && quotes == 3 {
            self.endless(start, 3, "close it with three quotes");
        }
    }

    /// A text that takes all the rest of the file with it.
    fn endless(&mut self, start: usize, quotes: usize, help: &str) {
        let place = self.span(start, start + quotes);
        self.diags
            .push(Diagnostic::new(Code::BAD_TEXT, place, "this text does not end").help(help));
        self.repair.truncate(start);
        self.at = self.text.len();
    }

    fn backtick_text(&mut self, byte: u8) {
        match byte {
            b'\\' => self.at += 1 + usize::from(self.byte(1).is_some()),
            b'$' if self.byte(1) == Some(b'{') => {
                self.at += 1;
                self.push(b'$');
            }
            b'`' => {
                self.open.pop();
                self.at += 1;
            }
            _ => self.at += 1,
        }
    }

    fn push(&mut self, kind: u8) {
        self.parts += usize::from(kind == b'{');
        self.open.push(Open {
            kind,
            at: self.at,
            indent: self.line.indent,
            line_end: None,
        });
        self.at += 1;
    }

    fn line_ends(&mut self, end: usize) {
        self.heads.end(end);
        for open in self
            .open
            .iter_mut()
            .rev()
            .take_while(|open| open.line_end.is_none())
        {
            open.line_end = Some(end);
        }
        if self.line.blank && self.after_text && self.at < self.text.len() {
            self.trivia
                .blank_lines
                .extend(u32::try_from(self.line.start));
        }
        self.after_text = !self.line.blank;
        self.parts += usize::from(!self.line.blank);
        self.line = Line {
            start: self.at + 1,
            blank: true,
            indent: 0,
        };
    }

    /// `#`, `##`, or `//`, which is explained.
    fn comment(&mut self) {
        let start = self.at;
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        let written = self.rest().get(..length).unwrap_or_default();
        let end = start + written.trim_end().len();
        if written.starts_with("##") {
            self.pending.push((start, end));
        } else {
            let text = written
                .trim_start_matches('/')
                .strip_prefix('#')
                .unwrap_or(written)
                .trim_start_matches('/');
            let comment = Comment {
                text: text.trim().to_owned(),
                span: self.span(start, end),
                trailing: !self.line.blank,
            };
            self.trivia.comments.push(comment);
        }
        if written.starts_with("//") {
            let place = self.span(start, start + 2);
            let diagnostic =
                Diagnostic::new(Code::UNEXPECTED, place, "comments do not begin with `//`");
            self.diags.push(diagnostic.help("write `#`"));
        }
        // The line is not blank, and what is put in at its end stands before the comment.
        self.line_has_comment(start);
        self.at = start + length;
    }

    fn line_has_comment(&mut self, start: usize) {
        self.heads.end(start);
        for open in self
            .open
            .iter_mut()
            .rev()
            .take_while(|open| open.line_end.is_none())
        {
            open.line_end = Some(start);
        }
        if self.line.blank {
            (self.line.blank, self.line.indent) = (false, start - self.line.start);
        }
    }

    /// Something stands here: documentation that waited for it is its own.
    fn documents(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let pending = std::mem::take(&mut self.pending);
        let line = |(start, end): (usize, usize)| {
            let written = self.text.get(start..end).unwrap_or_default();
            (
                crate::expr::documentation(written).to_owned(),
                self.span(start, end),
            )
        };
        let lines = pending.into_iter().map(line).collect();
        self.docs.extend(
            u32::try_from(self.at)
                .ok()
                .map(|at| (at, Documentation { lines })),
        );
    }

    /// There is too much of something: the file is not looked at further.
    fn refuse(&mut self) {
        let place = self.span(self.at.saturating_sub(1), self.at);
        let diagnostic = if self.open.len() > MAX_DEPTH {
            let message = format!("this is nested more than {MAX_DEPTH} levels deep");
            Diagnostic::new(Code::TOO_DEEP, place, message)
                .help("move inner steps into a sub-journey, inner types into a `type`; the file is not looked at further")
        } else {
            let message = format!("this file has more than {MAX_PARTS} lines and words");
            Diagnostic::new(Code::TOO_MANY_PARTS, place, message)
                .help("split it: all files share one namespace; the file is not looked at further")
        };
        self.diags.push(diagnostic);
    }
}

/// Does a line that begins with this word begin a declaration? Then nothing before it is still open.
fn declares(word: &str, line: &str) -> bool {
    let named = matches!(
        word,
        "journey" | "sub" | "type" | "connection" | "issuer" | "errors" | "store" | "task"
    );
    if !named && !matches!(word, "config" | "secret" | "errors") {
        return false;
    }
    let rest = line.get(word.len()..).unwrap_or_default();
    let rest = rest.trim_start_matches([' ', '\t']);
    let after_name = rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let has_name = after_name.len() < rest.len();
    let after = after_name.trim_start_matches([' ', '\t']);
    (named && has_name || !has_name && (!named || word == "errors"))
        && after.starts_with(['{', '(', '='])
}
