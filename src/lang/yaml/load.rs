//! Parser events to nodes: without recursion, within limits, and only the part of YAML that journeys use.

use super::node::{Entry, Key, Kind, Map, Node, Scalar, Style};
use super::recover::Masks;
use crate::ast::Comment;
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_DEPTH, MAX_NODES};
use granit_parser::{Event, Options, Parser, ScanError, Span as Range, StructureStyle};
use journey_machine::span::{FileId, Span};
use std::borrow::Cow;

/// What one pass over the text gave.
pub(super) struct Loaded<'s> {
    /// The document, if there is one and it was read to its end.
    pub(super) root: Option<Node<'s>>,
    pub(super) comments: Vec<Comment>,
    /// Where and why the parser gave up.
    pub(super) failure: Option<Box<Failure>>,
}

/// The end of a pass that could not go on.
pub(super) struct Failure {
    /// `None`: reported already, and nothing can be done about it.
    pub(super) error: Option<ScanError>,
    /// End of the last event before.
    pub(super) last: usize,
    /// Start of the outermost `[` or `{` that is open.
    pub(super) flow: Option<usize>,
    /// The key whose value was being read.
    pub(super) key: Option<Span>,
}

pub(super) struct Loader<'s, 'm> {
    text: &'s str,
    file: FileId,
    masks: &'m Masks,
    stack: Vec<Open<'s>>,
    root: Option<Node<'s>>,
    comments: Vec<Comment>,
    findings: Diagnostics,
    nodes: usize,
    documents: usize,
    last: usize,
}

/// A collection whose end has not come yet.
struct Open<'s> {
    start: u32,
    end: u32,
    flow: bool,
    content: Content<'s>,
}

enum Content<'s> {
    List(Vec<Node<'s>>),
    Map {
        entries: Vec<Entry<'s>>,
        key: Option<Pending<'s>>,
    },
}

/// A key that waits for its value; `None` where it cannot be used as one.
struct Pending<'s> {
    key: Option<Key<'s>>,
    span: Span,
}

/// Goes no further: the reason is in the findings.
struct Stop;

impl<'s, 'm> Loader<'s, 'm> {
    pub(super) fn new(text: &'s str, file: FileId, masks: &'m Masks) -> Self {
        Self {
            text,
            file,
            masks,
            stack: Vec::new(),
            root: None,
            comments: Vec::new(),
            findings: Diagnostics::new(),
            nodes: 0,
            documents: 0,
            last: 0,
        }
    }

    /// Reads the text; the findings are those of this pass alone.
    pub(super) fn load(mut self) -> (Loaded<'s>, Diagnostics) {
        let failure = self.events().err();
        let loaded = Loaded {
            root: self.root.take(),
            comments: self.comments,
            failure,
        };
        (loaded, self.findings)
    }

    fn events(&mut self) -> Result<(), Box<Failure>> {
        for next in Parser::new_from_str_with_options(self.text, options(self.text)) {
            let (event, range) = next.map_err(|error| self.failure(Some(error)))?;
            let span = self.span(&range);
            self.event(event, &range, span)
                .map_err(|Stop| self.failure(None))?;
            self.last = self.last.max(span.end as usize);
        }
        Ok(())
    }

    fn failure(&self, error: Option<ScanError>) -> Box<Failure> {
        let flow = self
            .stack
            .iter()
            .find(|open| open.flow)
            .map(|open| open.start as usize);
        let key = self.stack.last().and_then(|open| match &open.content {
            Content::Map { key, .. } => key.as_ref().map(|pending| pending.span),
            Content::List(_) => None,
        });
        Box::new(Failure {
            error,
            last: self.last,
            flow,
            key,
        })
    }

    fn span(&self, range: &Range) -> Span {
        let bytes = range.byte_range().unwrap_or_default();
        // Some events end with the white space after them.
        let written = self.text.get(bytes.clone()).unwrap_or_default().trim_end();
        let end = bytes.start.saturating_add(written.len());
        Span::new(self.file, offset(bytes.start), offset(end))
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "other events hold nothing")]
    fn event(&mut self, event: Event<'s>, range: &Range, span: Span) -> Result<(), Stop> {
        if let Some(tag) = range.tag_span() {
            let tag = self.span(&tag);
            self.refuse(
                tag,
                "tags are not used",
                "a value says what it is by its form: leave the tag out",
            );
        }
        match event {
            Event::DocumentStart(..) => return self.document(span),
            Event::Comment(text, _) => self.comments.push(super::comment(self.text, &text, span)),
            Event::Anchor(..) => self.refuse(
                span,
                "anchors are not used",
                "write the value where it is needed",
            ),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                self.refuse(
                    span,
                    "aliases are not used",
                    "write the value out, or name it with `let` or a `type`",
                );
                let kind = Kind::Poison;
                return self.node(Node { kind, span });
            }
            Event::Scalar(text, style, ..) => return self.scalar(text, style, span),
            Event::SequenceStart(style, ..) => {
                return self.open(Content::List(Vec::new()), style, span);
            }
            Event::MappingStart(style, ..) => {
                let (entries, key) = (Vec::new(), None);
                return self.open(Content::Map { entries, key }, style, span);
            }
            Event::SequenceEnd | Event::MappingEnd => return self.close(span),
            _ => {}
        }
        Ok(())
    }

    fn document(&mut self, span: Span) -> Result<(), Stop> {
        self.documents += 1;
        if self.documents == 1 {
            return Ok(());
        }
        self.refuse(
            span,
            "a file is one document",
            "put the declarations into one list, or into files of their own",
        );
        Err(Stop)
    }

    fn refuse(&mut self, span: Span, what: &str, help: &str) {
        let finding = Diagnostic::new(Code::YAML_FEATURE, span, what);
        self.findings.push(finding.help(help));
    }

    fn scalar(&mut self, text: Cow<'s, str>, style: Style, span: Span) -> Result<(), Stop> {
        let implicit = span.start == span.end && style == Style::Plain;
        let kind = match () {
            () if implicit && self.masks.begin_after(self.text, span.start) => Kind::Poison,
            () if style == Style::Plain && (implicit || is_null(&text)) && !self.expects_key() => {
                Kind::Null
            }
            () => Kind::Scalar(Scalar { text, style }),
        };
        self.node(Node { kind, span })
    }

    fn expects_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Open {
                content: Content::Map { key: None, .. },
                ..
            })
        )
    }

    fn open(
        &mut self,
        content: Content<'s>,
        style: StructureStyle,
        span: Span,
    ) -> Result<(), Stop> {
        if self.stack.len() >= MAX_DEPTH {
            let message = format!("nested more than {MAX_DEPTH} levels deep");
            self.findings.push(
                Diagnostic::new(Code::TOO_DEEP, span, message)
                    .help("move inner steps into a sub-journey"),
            );
            return Err(Stop);
        }
        let flow = style == StructureStyle::Flow;
        self.stack.push(Open {
            start: span.start,
            end: span.end,
            flow,
            content,
        });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), Stop> {
        let Some(open) = self.stack.pop() else {
            return Ok(());
        };
        let last = if open.flow { end.end } else { open.end };
        let span = Span::new(self.file, open.start, last.max(open.start));
        let kind = match open.content {
            Content::List(items) => Kind::List(items),
            Content::Map { entries, .. } => {
                self.duplicates(&entries);
                let broken = self.masks.touch(open.start, end.end);
                Kind::Map(Map { entries, broken })
            }
        };
        self.node(Node { kind, span })
    }

    fn duplicates(&mut self, entries: &[Entry<'s>]) {
        let mut keys: Vec<&Key<'_>> = entries.iter().map(|entry| &entry.key).collect();
        keys.sort_by(|a, b| a.text().cmp(b.text()).then(a.span.cmp(&b.span)));
        for pair in keys.chunk_by(|a, b| a.text() == b.text()) {
            let [first, again @ ..] = pair else { continue };
            for key in again {
                let message = format!("the key `{}` stands twice", key.text());
                let finding = Diagnostic::new(Code::REPEATED_ITEM, key.span, message);
                self.findings.push(
                    finding
                        .label(first.span, "it stands here already")
                        .help("keep one of them"),
                );
            }
        }
    }

    /// Puts a finished node where it belongs.
    fn node(&mut self, node: Node<'s>) -> Result<(), Stop> {
        self.count(&node)?;
        if self.expects_key() {
            let pending = Pending {
                span: node.span,
                key: self.key(node),
            };
            if let Some(Open {
                end,
                content: Content::Map { key, .. },
                ..
            }) = self.stack.last_mut()
            {
                *end = pending.span.end.max(*end);
                *key = Some(pending);
            }
            return Ok(());
        }
        let Some(open) = self.stack.last_mut() else {
            self.root.get_or_insert(node);
            return Ok(());
        };
        if node.span.start < node.span.end {
            open.end = open.end.max(node.span.end);
        }
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { entries, key } => {
                let key = key.take().and_then(|pending| pending.key);
                entries.extend(key.map(|key| Entry { key, value: node }));
            }
        }
        Ok(())
    }

    fn count(&mut self, node: &Node<'s>) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let message = format!("the file has more than {MAX_NODES} values");
        let finding = Diagnostic::new(Code::TOO_MANY_NODES, node.span, message);
        self.findings.push(finding.help(super::SPLIT));
        Err(Stop)
    }

    /// A key, if it is one that journeys use.
    fn key(&mut self, node: Node<'s>) -> Option<Key<'s>> {
        let Node { kind, span } = node;
        let Kind::Scalar(scalar) = kind else {
            self.refuse(span, "a key is a text", "lists and mappings cannot be keys");
            return None;
        };
        if self.is_explicit(span) {
            self.refuse(span, "`?` before a key is not used", "write `key: value`");
        }
        if scalar.text == "<<" && scalar.style == Style::Plain {
            self.refuse(
                span,
                "merge keys are not used",
                "write the keys out, or use `...` to spread an object",
            );
            return None;
        }
        Some(Key { scalar, span })
    }

    /// Does `? ` stand before the key on its line?
    fn is_explicit(&self, key: Span) -> bool {
        let before = self.text.get(..key.start as usize).unwrap_or_default();
        let before = before.trim_end_matches([' ', '\t']).strip_suffix('?');
        before.is_some_and(|rest| rest.is_empty() || rest.ends_with([' ', '\n', '{', '[', ',']))
    }
}

fn options(text: &str) -> Options {
    granit_parser::options! {
        strict_indentation: true,
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        max_buffered_comment_events: text.len(),
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    }
}

/// The words for nothing of YAML 1.2's core schema.
fn is_null(text: &str) -> bool {
    matches!(text, "~" | "null" | "Null" | "NULL")
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
