//! Documents: texts with places where a line may break, and with places in the source.
//!
//! What comes from a place in the source (an [`Doc::Item`], a [`Doc::Scope`]) says so: that is how comments and blank
//! lines find their way back.

use journey_machine::span::Span;

#[derive(Debug)]
pub(super) enum Doc {
    /// A text; line breaks in it are printed as they are.
    Text(String),
    /// A line break; flat, a space.
    Line,
    /// A line break; flat, nothing.
    SoftLine,
    /// A line break always: what holds it is never flat.
    HardLine,
    /// A text where the lines around are not broken.
    Flat(&'static str),
    Concat(Vec<Doc>),
    /// Lines in it are indented.
    Nest(Box<Doc>),
    /// Flat if it fits.
    Group(Box<Doc>),
    /// A line if it fits and no comment stands in the place, else the document.
    Choice {
        span: Span,
        line: String,
        broken: Box<Doc>,
    },
    /// Something that comments may belong to, and that may have a blank line before it unless it is the first.
    Item {
        span: Span,
        docs: String,
        body: Box<Doc>,
        first: bool,
    },
    /// What holds items: comments that stand in it stay in it. `dashed`: in YAML it stands behind a dash.
    Scope {
        span: Span,
        dashed: bool,
        body: Box<Doc>,
    },
    /// The comments of a scope without items.
    Hole(Span),
    /// Nothing can be added to this line.
    Seal,
    /// What holds it is never flat.
    Expand,
}

impl Doc {
    /// The place of an item.
    pub(super) fn place(&self) -> Option<Span> {
        if let Self::Item { span, .. } = self {
            Some(*span)
        } else {
            None
        }
    }
}

pub(super) fn text(text: impl Into<String>) -> Doc {
    Doc::Text(text.into())
}

pub(super) fn concat(docs: impl IntoIterator<Item = Doc>) -> Doc {
    Doc::Concat(docs.into_iter().collect())
}

pub(super) fn nothing() -> Doc {
    Doc::Concat(Vec::new())
}

pub(super) fn nest(doc: Doc) -> Doc {
    Doc::Nest(Box::new(doc))
}

pub(super) fn group(doc: Doc) -> Doc {
    Doc::Group(Box::new(doc))
}

pub(super) fn scope(span: Span, body: Doc) -> Doc {
    Doc::Scope {
        span,
        dashed: false,
        body: Box::new(body),
    }
}

/// A scope behind a dash.
pub(super) fn dashed_scope(span: Span, body: Doc) -> Doc {
    Doc::Scope {
        span,
        dashed: true,
        body: Box::new(body),
    }
}

pub(super) fn item(span: Span, body: Doc) -> Doc {
    documented(span, "", body)
}

/// An item with its documentation.
pub(super) fn documented(span: Span, docs: &str, body: Doc) -> Doc {
    Doc::Item {
        span,
        docs: docs.to_owned(),
        body: Box::new(body),
        first: false,
    }
}

/// An item without a blank line before it.
pub(super) fn first(mut doc: Doc) -> Doc {
    if let Doc::Item { first, .. } = &mut doc {
        *first = true;
    }
    doc
}

/// Documents with something between them; the first has no blank line before it.
pub(super) fn join(docs: impl IntoIterator<Item = Doc>, between: impl Fn() -> Doc) -> Doc {
    let mut joined = Vec::new();
    for doc in docs {
        if joined.is_empty() {
            joined.push(first(doc));
        } else {
            joined.extend([between(), doc]);
        }
    }
    Doc::Concat(joined)
}

/// Documents a line each.
pub(super) fn lines(docs: impl IntoIterator<Item = Doc>) -> Doc {
    join(docs, || Doc::HardLine)
}
