//! Which comment belongs to what: by place in the source, decided on the document that will be printed.

use super::doc::Doc;
use crate::ast::{Comment, File, Form};
use journey_machine::span::Span;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A comment on a line of its own.
#[derive(Clone, Debug)]
pub(super) struct Note<'a> {
    pub(super) text: &'a str,
    pub(super) blank_before: bool,
}

/// Comments by what they belong to.
#[derive(Debug, Default)]
pub(super) struct Comments<'a> {
    lines: Lines<'a>,
    /// Starts of items that have a blank line above them.
    after_blank: BTreeSet<u32>,
    /// What comments belong to.
    owners: BTreeSet<Span>,
    leading: BTreeMap<Span, Vec<Note<'a>>>,
    heading: BTreeMap<Span, Vec<&'a str>>,
    trailing: BTreeMap<Span, Vec<&'a str>>,
    below: BTreeMap<Span, Vec<Note<'a>>>,
    inside: BTreeMap<Span, Vec<Note<'a>>>,
}

impl<'a> Comments<'a> {
    /// Finds for each comment of a file what it belongs to among the items and scopes of its document.
    pub(super) fn attach(file: &'a File, source: &'a str, doc: &Doc) -> Self {
        let lines = Lines::new(source);
        let mut comments = Self {
            lines,
            ..Self::default()
        };
        let mut sweep = Sweep::new(file, source, doc);
        comments.find_blanks(file.form, &sweep.nodes);
        let closing = comments.lines.closing();
        for comment in &file.trivia.comments {
            let line = comments.lines.line(comment.span.start);
            let place = sweep.place(comment, closing.get(line).copied().flatten());
            comments.put(place, comment);
        }
        comments
    }

    /// An item has a blank line above it if it is the first on its line.
    fn find_blanks(&mut self, form: Form, nodes: &[Node]) {
        let items = nodes.iter().filter(|node| node.is_item);
        let mut taken = BTreeSet::new();
        for start in items.map(|node| node.span.start) {
            let line = self.lines.line(start);
            if taken.insert(line) && self.lines.blank_above_item(line, form, &taken) {
                self.after_blank.insert(start);
            }
        }
    }

    fn put(&mut self, place: Place, comment: &'a Comment) {
        let text = comment.text.as_str();
        let note = Note {
            text,
            blank_before: self.lines.blank_above(self.lines.line(comment.span.start)),
        };
        self.owners.insert(place.span());
        match place {
            Place::Leading(span) => self.leading.entry(span).or_default().push(note),
            Place::Below(span) => self.below.entry(span).or_default().push(note),
            Place::Inside(span) => self.inside.entry(span).or_default().push(note),
            Place::Heading(span) => self.heading.entry(span).or_default().push(text),
            Place::Trailing(span) => self.trailing.entry(span).or_default().push(text),
        }
    }

    /// On lines of their own before an item.
    pub(super) fn leading(&self, item: Span) -> &[Note<'a>] {
        self.leading.get(&item).map_or(&[], Vec::as_slice)
    }

    /// At the end of an item's first line.
    pub(super) fn heading(&self, item: Span) -> impl Iterator<Item = &'a str> {
        self.heading.get(&item).into_iter().flatten().copied()
    }

    /// At the end of an item's last line.
    pub(super) fn trailing(&self, item: Span) -> impl Iterator<Item = &'a str> {
        self.trailing.get(&item).into_iter().flatten().copied()
    }

    /// On lines of their own after the last item of a scope.
    pub(super) fn below(&self, item: Span) -> &[Note<'a>] {
        self.below.get(&item).map_or(&[], Vec::as_slice)
    }

    /// In a scope without items.
    pub(super) fn inside(&self, scope: Span) -> &[Note<'a>] {
        self.inside.get(&scope).map_or(&[], Vec::as_slice)
    }

    /// Does an item or a scope have comments?
    pub(super) fn belong_to(&self, owner: Span) -> bool {
        self.owners.contains(&owner)
    }

    /// Does a comment belong to something in this place?
    pub(super) fn stand_in(&self, place: Span) -> bool {
        let from = Span { end: 0, ..place };
        let mut owners = self
            .owners
            .range(from..)
            .take_while(|owner| owner.start < place.end);
        owners.any(|owner| owner.end <= place.end)
    }

    /// Does a blank line stand before an item and its documentation?
    pub(super) fn blank_before(&self, item: Span) -> bool {
        self.after_blank.contains(&item.start)
    }
}

/// The lines of a source.
#[derive(Debug, Default)]
struct Lines<'a> {
    lines: Vec<&'a str>,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(source: &'a str) -> Self {
        let lines: Vec<&str> = source.split('\n').collect();
        let next = |start: &mut usize, line: &&str| {
            let this = *start;
            *start += line.len() + 1;
            Some(this)
        };
        let starts = lines.iter().scan(0, next).collect();
        Self { lines, starts }
    }

    /// The line of a place, from 0.
    fn line(&self, at: u32) -> usize {
        let after = self.starts.partition_point(|start| *start <= at as usize);
        after.saturating_sub(1)
    }

    fn above(&self, line: usize) -> Option<&'a str> {
        self.lines.get(line.checked_sub(1)?).copied()
    }

    fn blank_above(&self, line: usize) -> bool {
        self.above(line)
            .is_some_and(|above| above.trim().is_empty())
    }

    /// For each line: if it is one of comments with a blank line below them and none above, where they begin.
    fn closing(&self) -> Vec<Option<usize>> {
        let comment = |line: &&str| line.trim_start().starts_with('#');
        let mut closing = vec![None; self.lines.len()];
        let mut line = 0;
        while line < self.lines.len() {
            let rest = self.lines.get(line..).unwrap_or_default();
            let end = line + rest.iter().take_while(|line| comment(line)).count();
            let attached = self.above(line).is_some() && !self.blank_above(line);
            let blank_below = self.lines.get(end).is_some_and(|l| l.trim().is_empty());
            let start = self.starts.get(line).copied();
            if let Some(group) = closing.get_mut(line..end) {
                group.fill(start.filter(|_| attached && blank_below));
            }
            line = end.max(line + 1);
        }
        closing
    }

    /// Is the line above an item blank? Its documentation and the line that opens it are part of it, if the latter is
    /// not taken by another.
    fn blank_above_item(&self, line: usize, form: Form, taken: &BTreeSet<usize>) -> bool {
        let mut line = line;
        let opening = match form {
            Form::Text => '{',
            Form::Yaml => ':',
        };
        while let Some(above) = self.above(line) {
            let this = self.lines.get(line).map_or(0, |this| indentation(this));
            let opens = above.trim_end().ends_with(opening) && indentation(above) < this;
            let opens = opens && !taken.contains(&(line - 1));
            if !opens && !above.trim_start().starts_with("##") {
                break;
            }
            line -= 1;
        }
        self.blank_above(line)
    }
}

/// What a comment belongs to.
#[derive(Clone, Copy)]
enum Place {
    Leading(Span),
    Heading(Span),
    Trailing(Span),
    Below(Span),
    Inside(Span),
}

impl Place {
    fn span(self) -> Span {
        match self {
            Self::Leading(span)
            | Self::Heading(span)
            | Self::Trailing(span)
            | Self::Below(span)
            | Self::Inside(span) => span,
        }
    }
}

/// An item or a scope of the document.
#[derive(Clone, Copy)]
struct Node {
    span: Span,
    is_item: bool,
    /// Does a dash stand before it?
    dashed: bool,
    /// A scope without items: does it print comments inside itself?
    hollow: bool,
}

/// A node around the current place, and the last item that ended in it.
struct Around {
    node: Node,
    last: Option<Span>,
}

/// Goes through comments and nodes together, by place.
struct Sweep<'a> {
    source: &'a str,
    /// By start; the outer before the inner.
    nodes: Vec<Node>,
    /// Items by end; the inner after the outer.
    ends: Vec<Span>,
    next: usize,
    around: Vec<Around>,
}

impl<'a> Sweep<'a> {
    fn new(file: &File, source: &'a str, doc: &Doc) -> Self {
        let mut nodes = collect(doc);
        if file.form == Form::Yaml {
            for node in nodes.iter_mut().filter(|node| !node.is_item) {
                node.span.end = extended(source, node.span, node.dashed);
            }
        }
        // What a declaration behind a dash holds may go on behind it: comments that are indented as it is.
        nodes.sort_by_key(|node| (node.span.start, node.dashed, Reverse(node.span.end)));
        let mut ends: Vec<Span> = nodes
            .iter()
            .filter(|node| node.is_item)
            .map(|node| node.span)
            .collect();
        ends.sort_by_key(|span| (span.end, span.start));
        let whole = Span::new(file.id, 0, u32::MAX);
        let root = Node {
            span: whole,
            is_item: false,
            dashed: false,
            hollow: true,
        };
        let around = vec![Around {
            node: root,
            last: None,
        }];
        Self {
            source,
            nodes,
            ends,
            next: 0,
            around,
        }
    }

    /// What a comment belongs to; `closing`: where comments begin that belong to what ends in the line
    /// above them.
    fn place(&mut self, comment: &Comment, closing: Option<usize>) -> Place {
        let at = comment.span.start;
        self.advance(at);
        let beside = if comment.trailing {
            self.beside(at)
        } else {
            None
        };
        beside
            .or_else(|| self.right_above(closing?).map(Place::Below))
            .unwrap_or_else(|| self.own_line())
    }

    /// Enters and leaves nodes up to a place.
    fn advance(&mut self, at: u32) {
        while let Some(node) = self
            .nodes
            .get(self.next)
            .copied()
            .filter(|node| node.span.start <= at)
        {
            self.leave(node.span.start);
            self.around.push(Around { node, last: None });
            self.next += 1;
        }
        self.leave(at);
    }

    fn leave(&mut self, at: u32) {
        while let Some(left) = self.around.pop_if(|around| around.node.span.end <= at) {
            let last = if left.node.is_item {
                Some(left.node.span)
            } else {
                left.last
            };
            if let Some(outer) = self.around.last_mut() {
                outer.last = last.or(outer.last);
            }
        }
    }

    /// What ends before a comment on its line, or else begins there.
    fn beside(&self, at: u32) -> Option<Place> {
        let same_line = |from: u32| {
            let between = self.source.get(from as usize..at as usize);
            between.is_some_and(|between| !between.contains('\n'))
        };
        let ended = self
            .ends
            .partition_point(|span| span.end <= at)
            .checked_sub(1);
        let ended = ended
            .and_then(|last| self.ends.get(last))
            .filter(|span| same_line(span.end));
        let begun = || {
            self.around
                .iter()
                .rev()
                .find(|around| around.node.is_item && same_line(around.node.span.start))
        };
        ended
            .map(|span| Place::Trailing(*span))
            .or_else(|| begun().map(|around| Place::Heading(around.node.span)))
    }

    /// The last declaration, if it ends in the line above comments.
    fn right_above(&self, comments: usize) -> Option<Span> {
        let [file] = self.around.as_slice() else {
            return None;
        };
        let last = file.last?;
        let between = self.source.get(last.end as usize..comments)?;
        (between.matches('\n').count() == 1).then_some(last)
    }

    /// The next item in what is around the place, or the last one, or what is around itself.
    fn own_line(&self) -> Place {
        let Some(around) = self.around.last() else {
            return Place::Inside(Span::default());
        };
        let within = |node: &&Node| node.span.start < around.node.span.end;
        for node in self.nodes.iter().skip(self.next).take_while(within) {
            match node.is_item {
                true => return Place::Leading(node.span),
                false if node.hollow => return Place::Inside(node.span),
                false => {}
            }
        }
        if let Some(last) = around.last {
            return Place::Below(last);
        }
        let prints = |around: &&Around| around.node.is_item || around.node.hollow;
        match self.around.iter().rev().find(prints).map(|a| a.node) {
            Some(node) if node.is_item => Place::Leading(node.span),
            Some(node) => Place::Inside(node.span),
            None => Place::Inside(around.node.span),
        }
    }
}

/// The items and scopes of a document.
fn collect(doc: &Doc) -> Vec<Node> {
    let mut nodes = Vec::new();
    let mut stack = vec![doc];
    while let Some(doc) = stack.pop() {
        match doc {
            Doc::Concat(docs) => stack.extend(docs),
            Doc::Nest(doc) | Doc::Group(doc) | Doc::Choice { broken: doc, .. } => stack.push(doc),
            Doc::Item { span, body, .. } => {
                nodes.push(Node {
                    span: *span,
                    is_item: true,
                    dashed: false,
                    hollow: false,
                });
                stack.push(body);
            }
            Doc::Scope { span, dashed, body } => {
                nodes.push(Node {
                    span: *span,
                    is_item: false,
                    dashed: *dashed,
                    hollow: false,
                });
                stack.push(body);
            }
            Doc::Hole(span) => {
                let of_it = |node: &&mut Node| !node.is_item && node.span == *span;
                if let Some(scope) = nodes.iter_mut().rev().find(of_it) {
                    scope.hollow = true;
                }
            }
            Doc::Text(_)
            | Doc::Line
            | Doc::SoftLine
            | Doc::HardLine
            | Doc::Flat(_)
            | Doc::Seal
            | Doc::Expand => {}
        }
    }
    nodes
}

/// The end of a scope of block style, with the comments below it that are indented as it is; behind a dash as what it holds.
fn extended(source: &str, scope: Span, dashed: bool) -> u32 {
    let (start, end) = (scope.start as usize, scope.end as usize);
    let line = source
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let before = source.get(line..start).unwrap_or_default();
    let in_brackets = source
        .get(start..)
        .is_none_or(|rest| rest.starts_with(['{', '[']));
    if in_brackets || !before.trim_matches([' ', '-']).is_empty() {
        return scope.end;
    }
    let column = if dashed {
        start - line
    } else {
        source.get(line..).map_or(0, indentation)
    };
    let mut at = source
        .get(end..)
        .and_then(|rest| rest.find('\n'))
        .map_or(source.len(), |newline| end + newline + 1);
    let mut last = end;
    for line in source.get(at..).unwrap_or_default().split_inclusive('\n') {
        let content = line.trim_start();
        let belongs = content.starts_with('#') && indentation(line) >= column;
        if !belongs && !content.is_empty() {
            break;
        }
        at += line.len();
        last = if belongs { at } else { last };
    }
    u32::try_from(last).unwrap_or(u32::MAX)
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}
