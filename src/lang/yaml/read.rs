//! The engine behind the tables: what keys a construct has, which of them it needs, and what stands behind each.
//!
//! A construct is read in two steps. [`Reader::fields`] compares a mapping with its table and reports everything that
//! does not fit; what a construct's own reader then asks for by name is there and has the right shape, or is absent.

use super::docs::DocLines;
use super::node::{Entry, Kind, Map, Node, Scalar};
use super::scalar;
use crate::ast::{Ids, Name};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::SpanMap;
use crate::suggest::{did_you_mean, suggestion};
use journey_machine::span::Span;

/// What may stand behind a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text; what it says is read by its own reader.
    Text(&'static str),
    /// A list of steps.
    Steps,
    /// A list; the text says of what.
    List(&'static str),
    /// A mapping; the text says of what to what.
    Map(&'static str),
    /// A text or a mapping: a type, a way to authenticate.
    TextOrMap(&'static str),
    /// A text or a list of them.
    TextOrList(&'static str),
    /// Nothing, a text or a mapping.
    Optional(&'static str),
    /// Anything.
    Value,
}

impl Shape {
    fn fits(self, kind: &Kind<'_>) -> bool {
        match kind {
            Kind::Poison => false,
            Kind::Null => matches!(self, Self::Optional(_) | Self::Value),
            Kind::Scalar(_) => !matches!(self, Self::Steps | Self::List(_) | Self::Map(_)),
            Kind::List(_) => matches!(
                self,
                Self::Steps | Self::List(_) | Self::TextOrList(_) | Self::Value
            ),
            Kind::Map(_) => matches!(
                self,
                Self::Map(_) | Self::TextOrMap(_) | Self::Optional(_) | Self::Value
            ),
        }
    }

    /// What it is, for people.
    fn what(self) -> &'static str {
        match self {
            Self::Steps => "a list of steps",
            Self::Value => "a value",
            Self::Text(what)
            | Self::List(what)
            | Self::Map(what)
            | Self::TextOrMap(what)
            | Self::TextOrList(what)
            | Self::Optional(what) => what,
        }
    }
}

/// A key of a construct.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) required: bool,
}

/// A key that must be there.
pub(super) const fn required(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        required: true,
    }
}

/// A key that may be there.
pub(super) const fn optional(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        shape,
        required: false,
    }
}

/// A table: everything the reader knows about the keys of a construct.
#[derive(Clone, Copy, Debug)]
pub(super) struct Construct {
    /// What it is, for people, with its article.
    pub(super) what: &'static str,
    pub(super) fields: &'static [Field],
}

impl Construct {
    fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == key)
    }
}

/// The entries of a mapping that fit its table.
#[derive(Debug)]
pub(super) struct Fields<'n, 's> {
    found: Vec<(&'static str, &'n Entry<'s>)>,
    /// All that is required is there.
    pub(super) complete: bool,
}

impl<'n, 's> Fields<'n, 's> {
    /// The entry with this key, if it is there and has the right shape.
    pub(super) fn entry(&self, name: &str) -> Option<&'n Entry<'s>> {
        self.found
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, entry)| *entry)
    }

    /// Its value.
    pub(super) fn get(&self, name: &str) -> Option<&'n Node<'s>> {
        self.entry(name).map(|entry| &entry.value)
    }
}

/// What all readers share.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) ids: &'a mut Ids,
    pub(super) findings: &'a mut Diagnostics,
    pub(super) docs: DocLines,
}

impl Reader<'_> {
    /// Reports.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Compares a mapping with its table.
    pub(super) fn fields<'n, 's>(
        &mut self,
        map: &'n Map<'s>,
        span: Span,
        table: &Construct,
    ) -> Fields<'n, 's> {
        let mut fields = Fields {
            found: Vec::new(),
            complete: true,
        };
        for entry in &map.entries {
            match self.known(entry, table) {
                Some(field) if self.fits(field.shape, &entry.value) => {
                    fields.found.push((field.name, entry))
                }
                Some(field) => fields.complete &= !field.required,
                None => {}
            }
        }
        let keys: Vec<&str> = map.entries.iter().map(|entry| entry.key.text()).collect();
        for field in table
            .fields
            .iter()
            .filter(|field| field.required && !keys.contains(&field.name))
        {
            fields.complete = false;
            let unknown = keys
                .iter()
                .copied()
                .filter(|key| table.field(key).is_none());
            // A key that is misspelt has been reported.
            if did_you_mean(field.name, unknown).is_none() {
                self.missing_key(field, map, span, table);
            }
        }
        fields
    }

    /// The row of an entry in a table. Reports a key that is not in it.
    pub(super) fn known(&mut self, entry: &Entry<'_>, table: &Construct) -> Option<Field> {
        let field = table.field(entry.key.text());
        if field.is_none() {
            self.unknown_key(entry, table);
        }
        field.copied()
    }

    /// Has the node this shape? Reports it if not.
    pub(super) fn fits(&mut self, shape: Shape, node: &Node<'_>) -> bool {
        let fits = shape.fits(&node.kind);
        if !fits {
            self.expected(shape.what(), node);
        }
        fits
    }

    /// Reports that something else stands where `what` is expected.
    pub(super) fn expected(&mut self, what: &str, node: &Node<'_>) {
        if !matches!(node.kind, Kind::Poison) {
            self.lose(node.span);
            let message = format!("expected {what}, found {}", node.what());
            self.report(Diagnostic::new(Code::WRONG_SHAPE, node.span, message));
        }
    }

    /// Notes what is not read, and is not in the tree.
    fn lose(&mut self, place: Span) {
        let part = self.text.get(place.start as usize..place.end as usize);
        self.findings.unread(part.unwrap_or_default());
    }

    fn unknown_key(&mut self, entry: &Entry<'_>, table: &Construct) {
        self.lose(entry.key.span.to(entry.value.span));
        let key = entry.key.text();
        let names = table.fields.iter().map(|field| field.name);
        let help = suggestion(key, names.clone());
        let all = format!("its keys are {}", list(names));
        let message = format!("`{key}` is not a key of {}", table.what);
        self.report(
            Diagnostic::new(Code::WRONG_ITEM, entry.key.span, message).help(help.unwrap_or(all)),
        );
    }

    fn missing_key(&mut self, field: &Field, map: &Map<'_>, span: Span, table: &Construct) {
        if map.broken {
            return;
        }
        let place = map.entries.first().map_or(span, |entry| entry.key.span);
        let message = format!("{} needs the key `{}`", table.what, field.name);
        let help = format!("add `{}:` with {}", field.name, field.shape.what());
        self.report(Diagnostic::new(Code::MISSING_PART, place, message).help(help));
    }

    /// Where the bytes of a scalar's content stand in the file.
    pub(super) fn map(&self, scalar: &Scalar<'_>, span: Span) -> SpanMap {
        let raw = self
            .text
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default();
        scalar::map(raw, &scalar.text, scalar.style, span)
    }

    /// The content of a text with its map.
    pub(super) fn scalar<'n>(
        &mut self,
        what: &str,
        node: &'n Node<'_>,
    ) -> Option<(&'n str, SpanMap)> {
        let Kind::Scalar(scalar) = &node.kind else {
            self.expected(what, node);
            return None;
        };
        Some((&scalar.text, self.map(scalar, node.span)))
    }

    /// The content of a text, whatever it says.
    pub(super) fn plain(&mut self, node: Option<&Node<'_>>) -> Option<Name> {
        let node = node?;
        let (text, map) = self.scalar("a text", node)?;
        Some(Name {
            node: text.to_owned(),
            span: map.span(0, text.len()),
        })
    }

    /// A name.
    pub(super) fn name(&mut self, node: Option<&Node<'_>>) -> Option<Name> {
        let name = self.plain(node)?;
        self.is_name(&name).then_some(name)
    }

    /// Reports what is not a name.
    pub(super) fn is_name(&mut self, name: &Name) -> bool {
        let ok = is_name(&name.node);
        if !ok {
            let message = format!("`{}` is not a name", name.node);
            let finding = Diagnostic::new(Code::UNEXPECTED, name.span, message);
            self.report(finding.help(
                "a name consists of letters, digits and `_` and does not begin with a digit",
            ));
        }
        ok
    }

    /// The text of a key as a name with its place, and whether it is optional: a `?` at the end says so, `??` stands for
    /// one that belongs to the name.
    pub(super) fn key_name(&self, entry: &Entry<'_>) -> (Name, bool) {
        let key = entry.key.text();
        let bare = key.trim_end_matches('?').len();
        let marks = key.len() - bare;
        let name = key.get(..bare + marks / 2).unwrap_or(key);
        let span = self
            .map(&entry.key.scalar, entry.key.span)
            .span(0, key.len() - marks % 2);
        let node = name.to_owned();
        (Name { node, span }, marks % 2 == 1)
    }
}

/// Letters, digits and `_`, no digit first.
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `` `a`, `b` and `c` ``
pub(super) fn list(names: impl Iterator<Item = &'static str>) -> String {
    let mut quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    match quoted.pop() {
        Some(last) if quoted.is_empty() => last,
        Some(last) => format!("{} and {last}", quoted.join(", ")),
        None => String::new(),
    }
}
