//! Going on after a fault of syntax: the parser stops at the first one, so the faulty lines are blanked out and the
//! text is read again. Offsets stay what they are, and what stood in the blanked lines is known to be unreadable.

use super::load::{Failure, Loader};
use super::syntax;
use crate::diagnostic::Diagnostics;
use crate::limits::{MAX_RECOVERIES, MAX_RESCANNED};
use journey_machine::span::{FileId, Span};
use std::ops::Range;

/// The blanked parts of a text.
#[derive(Debug, Default)]
pub(super) struct Masks {
    ranges: Vec<Range<usize>>,
}

impl Masks {
    /// Is what would stand at `at`, after `key:` or `-`, blanked out?
    pub(super) fn begin_after(&self, text: &str, at: u32) -> bool {
        self.ranges.iter().any(|range| {
            let gap = text
                .get(at as usize..range.start.max(at as usize))
                .filter(|_| at as usize <= range.end);
            gap.is_some_and(|gap| {
                gap.chars()
                    .all(|c| c.is_whitespace() || matches!(c, ':' | '-' | '"' | '\''))
            })
        })
    }

    /// Has something between the two places been blanked out?
    pub(super) fn touch(&self, start: u32, end: u32) -> bool {
        self.ranges
            .iter()
            .any(|range| range.start <= end as usize && start as usize <= range.end)
    }
}

/// The text with what could not be read blanked out.
pub(super) struct Recovered {
    pub(super) text: String,
    pub(super) masks: Masks,
}

/// Blanks out faulty lines, reporting each fault, until the rest can be read. `None`: nothing more can be done.
pub(super) fn recover(
    file: FileId,
    text: &str,
    first: Box<Failure>,
    findings: &mut Diagnostics,
) -> Option<Recovered> {
    let mut this = Recovered {
        text: text.to_owned(),
        masks: Masks::default(),
    };
    let mut failure = first;
    for _ in 0..(MAX_RESCANNED / text.len().max(1)).min(MAX_RECOVERIES) {
        findings.push(syntax::finding(
            file,
            text,
            failure.error.as_ref()?,
            &failure,
        ));
        let fault = this.fault(&failure)?;
        findings.unread(this.slice(&fault));
        this.blank(fault);
        let (loaded, _) = Loader::new(&this.text, file, &this.masks).load();
        match loaded.failure {
            Some(next) => failure = next,
            None => return Some(this),
        }
    }
    None
}

impl Recovered {
    /// What is to be blanked out: the value of a key, an item of a list, or a line, with all that is indented below it.
    fn fault(&self, failure: &Failure) -> Option<Range<usize>> {
        let error = failure
            .error
            .as_ref()
            .and_then(|error| error.marker().byte_offset());
        let candidates = [
            failure.flow.and_then(|start| self.value_at(start)),
            failure.key.and_then(|key| self.value(key)),
            self.next_content(failure.last).and_then(|at| self.item(at)),
            self.next_content(failure.last).and_then(|at| self.line(at)),
            error.and_then(|at| self.line(at)),
        ];
        candidates
            .into_iter()
            .flatten()
            .find(|range| !self.slice(range).trim().is_empty())
    }

    /// What stands behind a key.
    fn value(&self, key: Span) -> Option<Range<usize>> {
        let colon = self.text.get(key.end as usize..)?.find(':')?;
        let start = key.end as usize + colon + 1;
        let column = key.start as usize - self.line_start(key.start as usize);
        Some(start..self.block_end(start, column))
    }

    /// A value in brackets and what is indented below it.
    fn value_at(&self, start: usize) -> Option<Range<usize>> {
        let line = self.line_start(start);
        let before = self.text.get(line..start)?.trim_end();
        let opens = before.is_empty() || before.ends_with([':', '-']);
        opens.then(|| start..self.block_end(start, self.indent(line)))
    }

    /// An item of a list without its `-`.
    fn item(&self, at: usize) -> Option<Range<usize>> {
        let line = self.line_start(at);
        let indent = self.indent(line);
        let content = self.text.get(line + indent..)?;
        let dashes = content.len() - content.trim_start_matches(['-', ' ']).len();
        content
            .starts_with("- ")
            .then(|| line + indent + dashes..self.block_end(at, indent))
    }

    fn line(&self, at: usize) -> Option<Range<usize>> {
        let line = self.line_start(at);
        Some(line..self.block_end(at, self.indent(line)))
    }

    /// The first byte at or after `at` that is neither white space nor in a comment.
    fn next_content(&self, at: usize) -> Option<usize> {
        let mut from = at;
        loop {
            let tail = self.text.get(from..)?;
            let start = from + (tail.len() - tail.trim_start().len());
            let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
            if !rest.starts_with('#') {
                return Some(start);
            }
            from = start + rest.find('\n')?;
        }
    }

    /// The end of the lines that are indented more than `column`, after the line of `at`.
    fn block_end(&self, at: usize, column: usize) -> usize {
        let mut end = self.line_end(at);
        let mut next = end;
        while let Some(line) = self.text.get(next + 1..) {
            let content = line.split('\n').next().unwrap_or_default();
            let blank = content.trim().is_empty();
            if !blank && indentation(content) <= column {
                break;
            }
            next += 1 + content.len();
            end = if blank { end } else { next };
        }
        end
    }

    fn line_start(&self, at: usize) -> usize {
        self.text
            .get(..at)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |newline| newline + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        self.text
            .get(at..)
            .and_then(|after| after.find('\n'))
            .map_or(self.text.len(), |newline| at + newline)
    }

    fn indent(&self, line: usize) -> usize {
        self.text.get(line..).map_or(0, indentation)
    }

    fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    fn blank(&mut self, range: Range<usize>) {
        let blanked: String = self
            .slice(&range)
            .chars()
            .flat_map(|c| blank(c).take(c.len_utf8()))
            .collect();
        self.text.replace_range(range.clone(), &blanked);
        self.masks.ranges.push(range);
    }
}

fn blank(c: char) -> impl Iterator<Item = char> {
    std::iter::repeat(if c == '\n' { '\n' } else { ' ' })
}

/// Tabs indent too, here: what they indent belongs to what is faulty.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
