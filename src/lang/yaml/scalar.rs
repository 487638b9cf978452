//! Where each byte of a scalar's content stands in the file, through quotes, escapes, folded lines and indentation.

use super::node::Style;
use crate::source::SpanMap;
use journey_machine::span::Span;

/// The map of a scalar: `raw` is what stands in the file at `span`, `content` what it means.
pub(super) fn map(raw: &str, content: &str, style: Style, span: Span) -> SpanMap {
    let quote = usize::from(matches!(style, Style::SingleQuoted | Style::DoubleQuoted));
    if raw
        .get(quote..)
        .is_some_and(|body| body.starts_with(content))
    {
        return SpanMap::verbatim(span.file, span.start.saturating_add(offset(quote)));
    }
    let map = SpanMap::verbatim(span.file, span.start);
    Aligner {
        raw,
        at: quote,
        style,
        base: span.start,
        map,
        copying: false,
    }
    .align(content)
}

/// Walks along both sides. The parser decided what the content is; here it is only found again in the source.
struct Aligner<'a> {
    raw: &'a str,
    at: usize,
    style: Style,
    base: u32,
    map: SpanMap,
    copying: bool,
}

impl<'a> Aligner<'a> {
    fn align(mut self, content: &str) -> SpanMap {
        let mut rest = content;
        while let Some(c) = rest.chars().next() {
            let taken = self.piece(content.len() - rest.len(), c, rest);
            rest = rest.get(taken..).unwrap_or_default();
        }
        self.map
    }

    /// Aligns what begins with `c`; says how many bytes of the content that were.
    fn piece(&mut self, done: usize, c: char, rest: &str) -> usize {
        match self.tail().chars().next() {
            Some('\\') if self.style == Style::DoubleQuoted => self.escape(done, c),
            Some('\'') if self.style == Style::SingleQuoted => self.decoded(done, 2, c.len_utf8()),
            Some('\r' | '\n') => self.line_break(done, rest),
            Some(' ' | '\t') if !self.is_block() && self.ends_line() => self.line_break(done, rest),
            Some(_) => self.copied(done, c),
            None => c.len_utf8(),
        }
    }

    fn tail(&self) -> &'a str {
        self.raw.get(self.at..).unwrap_or_default()
    }

    fn is_block(&self) -> bool {
        matches!(self.style, Style::Literal | Style::Folded)
    }

    fn ends_line(&self) -> bool {
        self.tail()
            .trim_start_matches([' ', '\t'])
            .starts_with(['\r', '\n'])
    }

    fn copied(&mut self, done: usize, c: char) -> usize {
        if !self.copying {
            self.map.copied(offset(done), self.source());
            self.copying = true;
        }
        self.at += c.len_utf8();
        c.len_utf8()
    }

    fn decoded(&mut self, done: usize, raw_len: usize, content_len: usize) -> usize {
        if content_len > 0 {
            self.map
                .decoded(offset(done), self.source(), offset(raw_len));
        }
        self.copying = false;
        self.at += raw_len;
        content_len
    }

    fn source(&self) -> u32 {
        self.base.saturating_add(offset(self.at))
    }

    fn escape(&mut self, done: usize, c: char) -> usize {
        let digits = match self.tail().chars().nth(1) {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some('\r' | '\n') => return self.decoded(done, 1 + white(self.tail().get(1..)), 0),
            Some(other) => return self.decoded(done, 1 + other.len_utf8(), c.len_utf8()),
            None => 0,
        };
        // A character beyond the basic plane may be written as two escapes of four digits.
        let pair = if digits == 4 && c > '\u{FFFF}' { 2 } else { 1 };
        self.decoded(done, (digits + 2) * pair, c.len_utf8())
    }

    /// Line breaks of the source, with the space around them, are a space or some line breaks in the content.
    fn line_break(&mut self, done: usize, rest: &str) -> usize {
        let run = white(Some(self.tail()));
        let breaks = self
            .tail()
            .get(..run)
            .map_or(0, |run| run.matches('\n').count());
        let kept = if self.is_block() {
            breaks
        } else {
            breaks.saturating_sub(1)
        };
        let newlines = rest.len() - rest.trim_start_matches('\n').len();
        let content_len = if newlines == 0 {
            usize::from(rest.starts_with(' '))
        } else {
            newlines.min(kept).max(1)
        };
        let after = rest.get(content_len..).unwrap_or_default();
        // Spaces beyond the indentation of a block scalar belong to its content.
        let indented = if self.is_block() {
            after.len() - after.trim_start_matches(' ').len()
        } else {
            0
        };
        self.decoded(done, run.saturating_sub(indented).max(1), content_len)
    }
}

fn white(text: Option<&str>) -> usize {
    let text = text.unwrap_or_default();
    text.len() - text.trim_start_matches([' ', '\t', '\r', '\n']).len()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
