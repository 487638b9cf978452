//! Values of the YAML form as documents: what fits stands behind its key, other lists and mappings below it.

use super::scalar::{self, Context};
use crate::format::doc::{Doc, concat, item, lines, nest, scope, text};
use journey_machine::span::Span;

/// Columns a list or mapping in brackets may have: longer ones are hard to read.
const MAX_FLOW: usize = 80;

/// A value.
pub(super) struct Out {
    span: Span,
    /// In one line, as it may stand in brackets; `None` if it cannot or should not.
    flow: Option<String>,
    body: Body,
}

enum Body {
    /// Stands behind its key, whatever its length.
    Line(String),
    /// Begins behind its key: in one line if there is one that fits, else over several.
    Scalar { line: Option<String>, lines: Doc },
    /// Stands behind its key in brackets if it may and fits, else below.
    Below { line: Option<String>, below: Doc },
}

impl Out {
    fn line(line: String, flow: String) -> Self {
        let flow = (line == flow).then_some(flow);
        Self {
            span: Span::default(),
            flow,
            body: Body::Line(line),
        }
    }

    /// Words of the language, in quotes if YAML needs them.
    pub(super) fn words(words: &str) -> Self {
        let [block, flow] =
            [Context::Block, Context::Flow].map(|context| scalar::words(words, context));
        Self::line(block, flow)
    }

    /// A scalar as its author wrote it.
    pub(super) fn as_written(written: &str) -> Self {
        let is_quoted = written.starts_with(['"', '\'']);
        let flow = if is_quoted {
            written.to_owned()
        } else {
            scalar::words(written, Context::Flow)
        };
        Self::line(written.to_owned(), flow)
    }

    /// A text.
    pub(super) fn string(value: &str) -> Self {
        if let Some(lines) = scalar::literal_block(value) {
            let body = Body::Scalar { line: None, lines };
            return Self {
                span: Span::default(),
                flow: None,
                body,
            };
        }
        let [block, flow] =
            [Context::Block, Context::Flow].map(|context| scalar::string(value, context));
        Self::line(block, flow)
    }

    /// An expression or a type: in one line if it has one that fits, else below `|-`.
    pub(super) fn code(line: Option<String>, doc: Doc) -> Self {
        let lines = scalar::below("|-", concat([Doc::HardLine, doc]));
        let flow = line
            .as_ref()
            .map(|line| scalar::words(line, Context::Flow))
            .filter(|flow| !flow.contains("${"));
        let line = line.map(|line| scalar::words(&line, Context::Block));
        let flow = flow.filter(|flow| Some(flow) == line.as_ref());
        let body = Body::Scalar { line, lines };
        Self {
            span: Span::default(),
            flow,
            body,
        }
    }

    /// A mapping in a place of the source: its entries, and what they are in brackets.
    pub(super) fn map(span: Span, flow: Option<String>, entries: Vec<Doc>) -> Self {
        Self::collection(span, flow, entries, "{}")
    }

    /// A list in a place of the source.
    pub(super) fn list(span: Span, flow: Option<String>, items: Vec<Doc>) -> Self {
        Self::collection(span, flow, items, "[]")
    }

    fn collection(span: Span, flow: Option<String>, parts: Vec<Doc>, empty: &str) -> Self {
        if parts.is_empty() {
            let below = scope(span, concat([Doc::Hole(span), text(empty)]));
            let line = Some(empty.to_owned());
            let flow = line.clone();
            let body = Body::Below { line, below };
            return Self { span, flow, body };
        }
        let below = scope(span, lines(parts));
        let line = flow.clone();
        let body = Body::Below { line, below };
        Self { span, flow, body }
    }

    /// A mapping of a few short values.
    pub(super) fn short_map(span: Span, entries: Vec<(String, Self)>) -> Self {
        let flow = flow_map(entries.iter().map(|(key, out)| (key.as_str(), out)));
        let entries = entries.into_iter().map(|(key, out)| entry_raw(&key, out));
        Self::map(span, flow, entries.collect())
    }

    /// A mapping that has no place of its own in the source, always below its key; `None` without entries.
    pub(super) fn block(entries: Vec<Doc>) -> Option<Self> {
        if entries.is_empty() {
            return None;
        }
        let place = entries.iter().filter_map(Doc::place).reduce(Span::to);
        let below = lines(entries);
        let below = match place {
            Some(place) => scope(place, below),
            None => below,
        };
        let body = Body::Below { line: None, below };
        Some(Self {
            span: Span::default(),
            flow: None,
            body,
        })
    }

    /// In one line, as it may stand in brackets.
    pub(super) fn flow(&self) -> Option<String> {
        self.flow.clone()
    }

    /// Behind a key and its colon.
    fn after_key(self) -> Doc {
        let (line, broken) = match self.body {
            Body::Line(line) => return text(format!(" {line}")),
            Body::Scalar { line, lines } => (line, concat([text(" "), lines])),
            Body::Below { line, below } => (line, nest(concat([Doc::HardLine, below]))),
        };
        choice(self.span, line.map(|line| format!(" {line}")), broken)
    }

    /// Where nothing stands before it but a dash.
    pub(super) fn alone(self) -> Doc {
        match self.body {
            Body::Line(line) => text(line),
            Body::Scalar { line, lines } => choice(self.span, line, lines),
            Body::Below { line, below } => choice(self.span, line, below),
        }
    }
}

fn choice(span: Span, line: Option<String>, broken: Doc) -> Doc {
    match line {
        Some(line) => Doc::Choice {
            span,
            line,
            broken: Box::new(broken),
        },
        None => broken,
    }
}

/// `{ key: value, … }`
pub(super) fn flow_map<'a>(entries: impl Iterator<Item = (&'a str, &'a Out)>) -> Option<String> {
    let pair = |(key, out): (&str, &Out)| {
        let plain = scalar::is_plain(key, Context::Flow) || key.starts_with(['"', '\'', '.']);
        out.flow()
            .filter(|_| plain)
            .map(|value| format!("{key}: {value}"))
    };
    flow("{ ", entries.map(pair), " }")
}

/// `[value, …]`
pub(super) fn flow_list<'a>(items: impl Iterator<Item = &'a Out>) -> Option<String> {
    flow("[", items.map(Out::flow), "]")
}

/// Parts in brackets, if each can stand there and all are not too long.
fn flow(open: &str, parts: impl Iterator<Item = Option<String>>, close: &str) -> Option<String> {
    let mut line = open.to_owned();
    for (at, part) in parts.enumerate() {
        if at > 0 {
            line.push_str(", ");
        }
        line.push_str(&part?);
        if line.len() > MAX_FLOW {
            return None;
        }
    }
    Some(line + close)
}

/// `key: value`
pub(super) fn entry(key: &str, value: Out) -> Doc {
    entry_raw(&super::key(key), value)
}

/// `key: value`, the key as it is.
pub(super) fn entry_raw(key: &str, value: Out) -> Doc {
    concat([text(format!("{key}:")), value.after_key()])
}

/// `key: value` of something with a place.
pub(super) fn entry_at(span: Span, key: &str, value: Out) -> Doc {
    item(span, entry(key, value))
}

/// `key:`
pub(super) fn key_only(key: &str) -> Doc {
    text(format!("{}:", super::key(key)))
}

/// `- …`
pub(super) fn dashed(body: Doc) -> Doc {
    concat([text("- "), nest(body)])
}

/// Documents that are there.
pub(super) fn present(docs: impl IntoIterator<Item = Option<Doc>>) -> Vec<Doc> {
    docs.into_iter().flatten().collect()
}
