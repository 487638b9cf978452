//! What the loader makes of a document: nodes with places, without anchors, tags or other surprises.

use journey_machine::span::Span;
use std::borrow::Cow;

pub(super) use granit_parser::ScalarStyle as Style;

/// A value with its place.
#[derive(Debug)]
pub(super) struct Node<'s> {
    pub(super) kind: Kind<'s>,
    /// From its first to its last character; empty for what is not written.
    pub(super) span: Span,
}

#[derive(Debug)]
pub(super) enum Kind<'s> {
    /// Nothing, or `null`.
    Null,
    Scalar(Scalar<'s>),
    List(Vec<Node<'s>>),
    Map(Map<'s>),
    /// Could not be read, and has been reported.
    Poison,
}

/// A text, as written and as meant.
#[derive(Debug)]
pub(super) struct Scalar<'s> {
    /// Decoded.
    pub(super) text: Cow<'s, str>,
    pub(super) style: Style,
}

#[derive(Debug)]
pub(super) struct Map<'s> {
    pub(super) entries: Vec<Entry<'s>>,
    /// Something in it could not be read, so that nobody should miss a key.
    pub(super) broken: bool,
}

#[derive(Debug)]
pub(super) struct Entry<'s> {
    pub(super) key: Key<'s>,
    pub(super) value: Node<'s>,
}

impl Entry<'_> {
    /// From the key to the end of the value.
    pub(super) fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

#[derive(Debug)]
pub(super) struct Key<'s> {
    pub(super) scalar: Scalar<'s>,
    pub(super) span: Span,
}

impl Key<'_> {
    pub(super) fn text(&self) -> &str {
        &self.scalar.text
    }
}

/// The entries of a mapping; of anything else, none: that it should be one was reported where it was looked up.
pub(super) fn entries<'n, 's>(node: Option<&'n Node<'s>>) -> &'n [Entry<'s>] {
    match node.map(|node| &node.kind) {
        Some(Kind::Map(map)) => &map.entries,
        _ => &[],
    }
}

impl Node<'_> {
    /// What it is, for people.
    pub(super) fn what(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "nothing",
            Kind::Scalar(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
            Kind::Poison => "something unreadable",
        }
    }
}
