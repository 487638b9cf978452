//! Brackets that do not match: reported, and mended in a copy of the text.

use super::{Open, Scanner};
use crate::diagnostic::{Code, Diagnostic};
use crate::source::SpanMap;
use journey_machine::span::FileId;
use std::borrow::Cow;

/// Changes to a text.
#[derive(Default)]
pub(super) struct Repair {
    edits: Vec<Edit>,
    /// Where the text is cut off.
    end: Option<usize>,
}

/// At a place bytes are taken out and something is put in.
struct Edit {
    at: usize,
    removed: usize,
    inserted: &'static str,
}

impl Repair {
    /// Cuts the text off, with an empty text in place of what is gone.
    pub(super) fn truncate(&mut self, at: usize) {
        self.end = Some(at);
        self.insert(at, "\"\"");
    }

    /// Puts something in the place of a part and of everything that was put into it.
    fn remove(&mut self, from: usize, to: usize, instead: &'static str) {
        self.edits.retain(|edit| edit.at < from || edit.at >= to);
        self.edits.push(Edit {
            at: from,
            removed: to - from,
            inserted: instead,
        });
    }

    fn insert(&mut self, at: usize, inserted: &'static str) {
        self.edits.push(Edit {
            at,
            removed: 0,
            inserted,
        });
    }

    /// Puts something in the place of a bracket.
    fn replace(&mut self, at: usize, inserted: &'static str) {
        self.edits.push(Edit {
            at,
            removed: 1,
            inserted,
        });
    }

    /// The mended text, and where its bytes stand in the file.
    pub(super) fn apply(mut self, file: FileId, text: &str) -> (Cow<'_, str>, SpanMap) {
        let mut map = SpanMap::verbatim(file, 0);
        if self.edits.is_empty() && self.end.is_none() {
            return (Cow::Borrowed(text), map);
        }
        self.edits.sort_by_key(|edit| edit.at);
        let text = text.get(..self.end.unwrap_or(text.len())).unwrap_or(text);
        let mut mended = String::with_capacity(text.len() + self.edits.len());
        let mut copied = 0;
        for edit in &self.edits {
            let at = edit.at.min(text.len());
            mended.push_str(text.get(copied..at).unwrap_or_default());
            map.decoded(offset(mended.len()), offset(at), offset(edit.removed));
            mended.push_str(edit.inserted);
            copied = (at + edit.removed).max(copied).min(text.len());
            map.copied(offset(mended.len()), offset(copied));
        }
        mended.push_str(text.get(copied..).unwrap_or_default());
        (Cow::Owned(mended), map)
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

impl Scanner<'_, '_> {
    /// A closing bracket: it closes what it can, and what stands in between was never closed.
    pub(super) fn closes(&mut self, closing: u8) {
        if closing == b'}' && self.by_indentation {
            self.close_by_indentation();
        }
        if self.by_indentation && self.closes_nothing() && self.without_opener(closing) {
            return;
        }
        if closing == b'}' && self.by_indentation && self.closes_too_early() {
            let place = self.span(self.at, self.at + 1);
            let finding = Diagnostic::new(Code::UNBALANCED, place, "this `}` closes nothing");
            self.diags
                .push(finding.help("is a `{` missing before it on its line?"));
            self.repair.replace(self.at, " ");
            self.at += 1;
            return;
        }
        let partner = |open: &Open| partners(open.kind, closing);
        // What is open around a text in backticks cannot be closed within it.
        let within = self
            .open
            .iter()
            .rposition(|open| open.kind == b'`')
            .map_or(0, |at| at + 1);
        let reachable = self.open.get(within..).unwrap_or_default();
        match reachable.iter().rposition(partner) {
            Some(found) => {
                self.unclosed(within + found + 1, Some(self.at));
                self.open.pop();
            }
            None => self.no_partner(closing, reachable.last().copied()),
        }
        self.at += 1;
    }

    /// A `}` at the start of a line, indented less than what it would close, and as much as something further out:
    /// then it is the inner brace that was forgotten.
    fn close_by_indentation(&mut self) {
        let indent = self.line.indent;
        if self.at - self.line.start != indent {
            return;
        }
        let braces = |open: &Open| open.kind == b'{' && open.indent <= indent;
        let inner = self
            .open
            .iter()
            .rposition(|open| open.kind != b'{')
            .map_or(0, |at| at + 1);
        let Some(outer) = self
            .open
            .iter()
            .rposition(braces)
            .filter(|outer| *outer >= inner)
        else {
            return;
        };
        if self
            .open
            .get(outer)
            .is_some_and(|open| open.indent == indent)
        {
            self.unclosed(outer + 1, Some(self.line.start));
        }
    }

    /// Is this a `}` within a line that would close a brace of an earlier one, though the next line belongs to that still?
    fn closes_too_early(&self) -> bool {
        let Some(open) = self.open.last().filter(|open| open.kind == b'{') else {
            return false;
        };
        let within = open.line_end.is_some() && self.at - self.line.start != self.line.indent;
        let mut lines = self.rest().lines().skip(1);
        within
            && lines
                .find(|line| !line.trim().is_empty())
                .is_some_and(|line| {
                    let indent = line.len() - line.trim_start().len();
                    let closes = line.trim_start().starts_with('}');
                    indent + usize::from(closes) > open.indent
                })
    }

    /// Is this bracket at the start of its line indented more than anything that it could close?
    fn closes_nothing(&self) -> bool {
        let indent = self.line.indent;
        self.at - self.line.start == indent && self.open.iter().all(|open| open.indent < indent)
    }

    /// Lines are closed by a bracket that was never opened: it is put behind the line before them. If it cannot stand there,
    /// a whole line is gone, and what belongs to it is taken out; then the closing bracket is dealt with.
    fn without_opener(&mut self, closing: u8) -> bool {
        let Some(inner) = self.heads.inner() else {
            return false;
        };
        match self.heads.lost_opener(self.text) {
            Some(end) => self.put_opener(end, closing),
            None => self.take_out(inner, closing),
        }
        true
    }

    fn put_opener(&mut self, end: usize, closing: u8) {
        let (opener, written) = match closing {
            b')' => ("(", "("),
            b']' => (" [", "["),
            _ => (" {", "{"),
        };
        let message = format!("a `{written}` is missing here");
        let finding = Diagnostic::new(Code::UNBALANCED, self.span(end, end), message);
        let place = self.span(self.at, self.at + 1);
        self.diags.push(finding.label(place, "this would close it"));
        self.repair.insert(end, opener);
        self.at += 1;
    }

    /// Takes lines out that have lost the one they belong to, up to the steps in braces that may follow.
    fn take_out(&mut self, inner: usize, closing: u8) {
        let message = format!("this `{}` closes nothing", char::from(closing));
        let finding = Diagnostic::new(Code::UNBALANCED, self.span(self.at, self.at + 1), message);
        let place = self.span(inner, inner + 1);
        self.diags.push(
            finding
                .label(place, "what it would close begins here")
                .help("is a line missing before that?"),
        );
        let line = self.rest().split(['\n', '#']).next().unwrap_or_default();
        let (end, instead) = match line.trim_end().strip_suffix('{') {
            Some(head) => (self.at + head.len(), "block "),
            None => (self.at + 1, " "),
        };
        self.diags
            .unread(self.text.get(inner..end).unwrap_or_default());
        self.repair.remove(inner, end, instead);
        self.at = end;
    }

    /// Does a text begin with this backtick that ends neither on its line nor on the next one that has any? What goes on for
    /// lines ends on one with an odd number of them.
    pub(super) fn is_lone_backtick(&self) -> bool {
        let count = |line: &str| line.matches('`').count();
        let (line, below) = self.rest().split_once('\n').unwrap_or((self.rest(), ""));
        let is_last = !line.get(1..).is_some_and(|rest| rest.contains('`'));
        let within = self.open.iter().any(|open| open.kind == b'`');
        is_last
            && !within
            && below
                .lines()
                .map(count)
                .find(|count| *count > 0)
                .is_none_or(|count| count % 2 == 0)
    }

    /// Reports a backtick without a partner; its text ends with its line.
    pub(super) fn lone_backtick(&mut self) {
        let place = self.span(self.at, self.at + 1);
        let finding = Diagnostic::new(Code::UNBALANCED, place, "this backtick has no partner");
        self.diags.push(finding.help(
            "a text in backticks begins and ends with one: is the other missing on this line?",
        ));
        let line = self.rest().lines().next().unwrap_or_default();
        let braces = |brace: char| line.matches(brace).count();
        // Braces at the end of the line that belong to what is around the text.
        let mut text = line.trim_end();
        for _ in braces('{')..braces('}') {
            text = text.strip_suffix('}').unwrap_or(text).trim_end();
        }
        self.at += text.len();
        self.repair.insert(self.at, "`");
    }

    /// A line begins that is indented no more than the one a bracket stands on, behind lines that were: they ended it.
    pub(super) fn close_by_dedent(&mut self, first: u8) {
        let Some(end) = self.heads.dedent() else {
            return;
        };
        let indent = self.line.indent;
        // A closing bracket closes what stands on a line indented like its own.
        let least = indent + usize::from(matches!(first, b')' | b']' | b'}'));
        let ended = |open: &&Open| !matches!(open.kind, b'`' | b'$') && open.indent >= least;
        let from = self.open.len() - self.open.iter().rev().take_while(ended).count();
        for open in self.open.split_off(from).into_iter().rev() {
            self.never_closed(open, Some(self.line.start));
            // Round and square brackets hold the lines below them only if what follows stands where they began.
            let own = open
                .line_end
                .filter(|_| open.kind != b'{' && open.indent != indent);
            self.repair.insert(own.unwrap_or(end), closer(open.kind));
        }
    }

    /// Reports what is open from number `from` on and closes it: round and square brackets at the end of the line they
    /// began on, braces at `end`.
    fn unclosed(&mut self, from: usize, end: Option<usize>) {
        for open in self
            .open
            .split_off(from.min(self.open.len()))
            .into_iter()
            .rev()
        {
            let place = match open.kind {
                b'{' | b'$' => end,
                _ => open.line_end.or(end),
            };
            self.repair
                .insert(place.unwrap_or(self.text.len()), closer(open.kind));
            if self.repair.end.is_some() {
                // What would close it is gone with the rest of the file.
                continue;
            }
            self.never_closed(open, end);
        }
    }

    /// Reports a bracket without a partner; `end`: what it should stand before.
    fn never_closed(&mut self, open: Open, end: Option<usize>) {
        let (written, start) = match open.kind {
            b'$' => ("${", open.at - 1),
            kind => (opener(kind), open.at),
        };
        let place = self.span(start, start + written.len());
        let message = format!("this `{written}` is never closed");
        let mut diagnostic = Diagnostic::new(Code::UNBALANCED, place, message);
        if let Some(end) = end.filter(|end| *end < self.text.len()) {
            diagnostic = diagnostic.label(
                self.span(end, end + 1),
                format!("`{}` was expected before this", closer(open.kind)),
            );
        }
        self.diags.push(diagnostic);
    }

    /// A closing bracket that closes nothing: it is taken out, or put right if it has the wrong shape.
    fn no_partner(&mut self, closing: u8, last: Option<Open>) {
        let place = self.span(self.at, self.at + 1);
        let written = char::from(closing);
        if let Some(last) = last.filter(|last| matches!(last.kind, b'(' | b'[') && closing != b'}')
        {
            let (found, expected) = (opener(last.kind), closer(last.kind));
            let message = format!("`{found}` is closed by `{written}`");
            let diagnostic = Diagnostic::new(Code::UNBALANCED, place, message)
                .at(format!("expected `{expected}`"));
            self.diags
                .push(diagnostic.label(self.span(last.at, last.at + 1), "opened here"));
            self.repair.replace(self.at, expected);
            self.open.pop();
            return;
        }
        self.diags.push(Diagnostic::new(
            Code::UNBALANCED,
            place,
            format!("this `{written}` closes nothing"),
        ));
        self.repair.replace(self.at, " ");
    }

    /// Nothing stays open beyond this place: the end of the file, or a declaration.
    pub(super) fn close_all(&mut self, end: usize, of_file: bool) {
        let text = self.open.iter().position(|open| open.kind == b'`');
        if let Some(open) = text
            .and_then(|text| self.open.get(text))
            .copied()
            .filter(|_| of_file)
        {
            self.open.truncate(text.unwrap_or_default());
            self.endless(open.at, 1, "close it with a backtick");
        }
        if text.is_none() || of_file {
            self.unclosed(0, Some(end));
        }
    }
}

fn partners(opening: u8, closing: u8) -> bool {
    matches!(
        (opening, closing),
        (b'(', b')') | (b'[', b']') | (b'{' | b'$', b'}')
    )
}

fn opener(kind: u8) -> &'static str {
    match kind {
        b'(' => "(",
        b'[' => "[",
        _ => "{",
    }
}

fn closer(kind: u8) -> &'static str {
    match kind {
        b'(' => ")",
        b'[' => "]",
        _ => "}",
    }
}
