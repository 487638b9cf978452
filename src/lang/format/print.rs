//! Documents to lines: groups are flat where they fit, comments and blank lines come back where they were.

use super::comments::{Comments, Note};
use super::doc::Doc;
use journey_machine::span::Span;
use std::collections::BTreeSet;

/// Columns a line may have, if it can be broken.
pub(super) const WIDTH: usize = 120;
const INDENT: usize = 2;

/// Prints a document with the comments that belong to it.
pub(super) fn print(doc: &Doc, comments: &Comments<'_>) -> String {
    let mut printer = Printer::new(comments, WIDTH);
    printer.print(doc);
    printer.finish()
}

/// Prints a document without breaking it, or `None` if it cannot be one line.
pub(super) fn flat(doc: &Doc) -> Option<String> {
    let comments = Comments::default();
    let mut printer = Printer::new(&comments, usize::MAX);
    printer.print(doc);
    (!printer.out.contains('\n')).then_some(printer.out)
}

struct Printer<'a> {
    width: usize,
    comments: &'a Comments<'a>,
    out: String,
    column: usize,
    /// Nothing stands in this line yet, not even its indentation.
    fresh: bool,
    /// Comments that wait for the end of the line.
    waiting: Vec<&'a str>,
    /// Nothing can be added to this line.
    sealed: bool,
    /// Items whose comments before and after them are printed: two items may have one place.
    begun: BTreeSet<Span>,
    ended: BTreeSet<Span>,
}

/// What is still to be printed.
#[derive(Clone, Copy)]
enum Work<'a> {
    Doc(&'a Doc, Mode),
    /// The end of an item.
    After(Span, Mode),
}

#[derive(Clone, Copy)]
struct Mode {
    indent: usize,
    flat: bool,
}

impl<'a> Printer<'a> {
    fn new(comments: &'a Comments<'a>, width: usize) -> Self {
        Self {
            width,
            comments,
            out: String::new(),
            column: 0,
            fresh: true,
            waiting: Vec::new(),
            sealed: false,
            begun: BTreeSet::new(),
            ended: BTreeSet::new(),
        }
    }

    fn print(&mut self, doc: &'a Doc) {
        let mode = Mode {
            indent: 0,
            flat: false,
        };
        let mut stack = vec![Work::Doc(doc, mode)];
        while let Some(work) = stack.pop() {
            match work {
                Work::Doc(doc, mode) => self.doc(doc, mode, &mut stack),
                Work::After(span, mode) => self.after(span, mode),
            }
        }
    }

    fn finish(mut self) -> String {
        if !self.fresh || !self.waiting.is_empty() {
            self.newline(0);
        }
        self.out
    }

    fn doc(&mut self, doc: &'a Doc, mode: Mode, stack: &mut Vec<Work<'a>>) {
        let Mode { indent, flat } = mode;
        match doc {
            Doc::Text(text) => self.text(text, indent),
            Doc::Line if flat => self.text(" ", indent),
            Doc::SoftLine if flat => {}
            Doc::Flat(_) if !flat => {}
            Doc::Flat(text) => self.text(text, indent),
            Doc::Line | Doc::SoftLine | Doc::HardLine => self.newline(indent),
            Doc::Concat(docs) => stack.extend(docs.iter().rev().map(|doc| Work::Doc(doc, mode))),
            Doc::Nest(doc) => {
                let indent = indent + INDENT;
                stack.push(Work::Doc(doc, Mode { indent, flat }));
            }
            Doc::Group(doc) => {
                let flat = flat || self.fits(doc, indent, stack);
                stack.push(Work::Doc(doc, Mode { indent, flat }));
            }
            Doc::Choice { span, line, broken } => {
                if flat || self.line_fits(*span, line, indent, stack) {
                    self.text(line, indent);
                } else {
                    stack.push(Work::Doc(broken, mode));
                }
            }
            Doc::Item {
                span,
                docs,
                body,
                first,
            } => {
                self.before(*span, docs, mode, *first);
                stack.push(Work::After(*span, mode));
                stack.push(Work::Doc(body, mode));
            }
            Doc::Scope { body, .. } => stack.push(Work::Doc(body, mode)),
            Doc::Hole(span) => self.hole(*span, indent),
            Doc::Seal => self.sealed = true,
            Doc::Expand => {}
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        if text.is_empty() {
            return;
        }
        if self.fresh {
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
            self.fresh = false;
        }
        self.out.push_str(text);
        match text.rsplit_once('\n') {
            Some((_, last)) => self.column = last.chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    /// Ends the line, with the first comment that waits for it; others get lines of their own.
    fn newline(&mut self, indent: usize) {
        let waiting = std::mem::take(&mut self.waiting);
        for (at, comment) in waiting.into_iter().enumerate() {
            if at > 0 || self.sealed {
                self.out.push('\n');
                self.fresh = true;
                self.comment(comment, indent);
            } else {
                let gap = if !self.fresh { "  " } else { "" };
                self.text(&format!("{gap}{}", marked(comment)), indent);
            }
        }
        self.out.push('\n');
        self.column = 0;
        self.fresh = true;
        self.sealed = false;
    }

    fn comment(&mut self, comment: &str, indent: usize) {
        self.text(&marked(comment), indent);
        self.sealed = true;
    }

    /// Comments, blank lines and documentation before an item.
    fn before(&mut self, span: Span, docs: &'a str, mode: Mode, first: bool) {
        let comments = self.comments;
        let again = comments.belong_to(span) && !self.begun.insert(span);
        let notes = if again { &[] } else { comments.leading(span) };
        let has_lines = !notes.is_empty() || !docs.is_empty();
        if has_lines && !self.fresh && !mode.flat {
            self.newline(mode.indent);
        }
        self.own_lines(notes, mode.indent, first);
        let blank = comments.blank_before(span) && !(first && notes.is_empty());
        if blank && !mode.flat && self.fresh {
            self.out.push('\n');
        }
        for line in docs.lines() {
            self.text(format!("## {line}").trim_end(), mode.indent);
            self.newline(mode.indent);
        }
        self.waiting
            .extend(comments.heading(span).filter(|_| !again));
    }

    fn own_lines(&mut self, notes: &'a [Note<'a>], indent: usize, first: bool) {
        for (at, note) in notes.iter().enumerate() {
            if note.blank_before && !(first && at == 0) {
                self.out.push('\n');
            }
            self.comment(note.text, indent);
            self.newline(indent);
        }
    }

    /// Comments behind and below an item.
    fn after(&mut self, span: Span, mode: Mode) {
        let comments = self.comments;
        if !comments.belong_to(span) || !self.ended.insert(span) {
            return;
        }
        for comment in comments.trailing(span) {
            if self.waiting.is_empty() && !self.sealed {
                self.waiting.push(comment);
            } else {
                self.newline(mode.indent);
                self.comment(comment, mode.indent);
            }
        }
        for note in comments.below(span) {
            self.newline(mode.indent);
            if note.blank_before {
                self.out.push('\n');
            }
            self.comment(note.text, mode.indent);
        }
    }

    fn hole(&mut self, span: Span, indent: usize) {
        let notes = self.comments.inside(span);
        for (at, note) in notes.iter().enumerate() {
            if !self.fresh {
                self.newline(indent);
            }
            if note.blank_before && at > 0 {
                self.out.push('\n');
            }
            self.comment(note.text, indent);
        }
        if !notes.is_empty() {
            self.newline(indent);
        }
    }

    fn line_fits(&self, span: Span, line: &str, indent: usize, rest: &[Work<'a>]) -> bool {
        let used = self.column.max(indent) + line.chars().count();
        !self.comments.stand_in(span) && used <= self.width && self.rest_fits(used, rest)
    }

    /// Does a document fit into this line, flat, with what follows it up to the next line break?
    fn fits(&self, doc: &'a Doc, indent: usize, rest: &[Work<'a>]) -> bool {
        let flat = Mode { indent, flat: true };
        let mut measure = Measure::new(self, self.column.max(indent));
        measure.all(vec![Work::Doc(doc, flat)]) != Fit::No
            && (measure.ended || self.rest_fits(measure.column, rest))
    }

    fn rest_fits(&self, column: usize, rest: &[Work<'a>]) -> bool {
        let mut measure = Measure::new(self, column);
        rest.iter()
            .rev()
            .all(|work| measure.ended || measure.all(vec![*work]) != Fit::No)
    }
}

fn marked(comment: &str) -> String {
    if comment.is_empty() {
        "#".to_owned()
    } else {
        format!("# {comment}")
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
}

/// Goes through documents as far as the line they begin on.
struct Measure<'p, 'a> {
    printer: &'p Printer<'a>,
    column: usize,
    /// A line break was reached.
    ended: bool,
}

impl<'p, 'a> Measure<'p, 'a> {
    fn new(printer: &'p Printer<'a>, column: usize) -> Self {
        Self {
            printer,
            column,
            ended: false,
        }
    }

    fn all(&mut self, mut stack: Vec<Work<'a>>) -> Fit {
        while let Some(work) = stack.pop() {
            let Work::Doc(doc, mode) = work else { continue };
            if self.doc(doc, mode, &mut stack) == Fit::No || self.column > self.printer.width {
                return Fit::No;
            }
            if self.ended {
                return Fit::Yes;
            }
        }
        Fit::Yes
    }

    fn doc(&mut self, doc: &'a Doc, mode: Mode, stack: &mut Vec<Work<'a>>) -> Fit {
        match doc {
            Doc::Text(text) => return self.text(text),
            Doc::Line if mode.flat => self.column += 1,
            Doc::SoftLine if mode.flat => {}
            Doc::HardLine | Doc::Expand if mode.flat => return Fit::No,
            Doc::Flat(_) if !mode.flat => {}
            Doc::Flat(text) => return self.text(text),
            Doc::Line | Doc::SoftLine | Doc::HardLine => self.ended = true,
            Doc::Concat(docs) => stack.extend(docs.iter().rev().map(|doc| Work::Doc(doc, mode))),
            Doc::Nest(doc) | Doc::Group(doc) => stack.push(Work::Doc(doc, mode)),
            Doc::Choice { span, line, .. } => {
                if mode.flat && self.printer.comments.stand_in(*span) {
                    return Fit::No;
                }
                return self.text(line);
            }
            Doc::Item {
                span, body, docs, ..
            } => {
                if mode.flat && (!docs.is_empty() || self.printer.comments.belong_to(*span)) {
                    return Fit::No;
                }
                stack.push(Work::Doc(body, mode));
            }
            Doc::Scope { body, .. } => stack.push(Work::Doc(body, mode)),
            Doc::Hole(span) if self.printer.comments.inside(*span).is_empty() => {}
            Doc::Hole(_) => return Fit::No,
            Doc::Seal | Doc::Expand => {}
        }
        Fit::Yes
    }

    fn text(&mut self, text: &str) -> Fit {
        let first = text.split('\n').next().unwrap_or_default();
        self.column += first.chars().count();
        self.ended = first.len() < text.len();
        if self.column > self.printer.width {
            Fit::No
        } else {
            Fit::Yes
        }
    }
}
