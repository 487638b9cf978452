//! A document as plain data with places: what settings and test specifications are read from.

use super::node::{Kind, Node, Style};
use super::value::core;
use crate::ast::{Literal, Name, Spanned};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use journey_machine::span::Span;
use journey_machine::value::{Map, Value};

/// A piece of data with its place.
#[derive(Clone, Debug)]
pub struct Data {
    /// What.
    pub kind: DataKind,
    /// From its first to its last character; empty for what is not written.
    pub span: Span,
}

/// Kinds of data.
#[derive(Clone, Debug)]
pub enum DataKind {
    /// Null, a boolean, a number or a text.
    Scalar(Value),
    /// A sequence.
    List(Vec<Data>),
    /// A mapping, in the order in which it is written.
    Map(Vec<(Name, Data)>),
}

impl Data {
    pub(super) fn new(node: Node<'_>, diags: &mut Diagnostics) -> Self {
        let span = node.span;
        let kind = match node.kind {
            Kind::Null | Kind::Poison => DataKind::Scalar(Value::Null),
            Kind::Scalar(scalar) => {
                let plain = scalar.style == Style::Plain;
                let literal = plain.then(|| core(&scalar.text)).flatten();
                DataKind::Scalar(match literal {
                    None => Value::string(&*scalar.text),
                    Some(Ok(literal)) => number(&literal),
                    Some(Err(_)) => {
                        let message = "the number does not fit into 64 bits";
                        diags.push(Diagnostic::new(Code::BAD_NUMBER, span, message));
                        Value::Null
                    }
                })
            }
            Kind::List(items) => DataKind::List(
                items
                    .into_iter()
                    .map(|item| Self::new(item, diags))
                    .collect(),
            ),
            Kind::Map(map) => {
                let entry = |entry: super::node::Entry<'_>| {
                    let node = entry.key.scalar.text.into_owned();
                    let span = entry.key.span;
                    (Spanned { node, span }, Self::new(entry.value, diags))
                };
                DataKind::Map(map.entries.into_iter().map(entry).collect())
            }
        };
        Self { kind, span }
    }

    /// The value of a key, if it is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let DataKind::Map(entries) = &self.kind else {
            return None;
        };
        entries
            .iter()
            .find(|(name, _)| name.node == key)
            .map(|(_, value)| value)
    }

    /// The whole of it without places.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match &self.kind {
            DataKind::Scalar(value) => value.clone(),
            DataKind::List(items) => {
                Value::from(items.iter().map(Self::to_value).collect::<Vec<_>>())
            }
            DataKind::Map(entries) => {
                let entries = entries
                    .iter()
                    .map(|(name, value)| (name.node.as_str(), value.to_value()));
                Value::from(entries.collect::<Map>())
            }
        }
    }
}

fn number(literal: &Literal) -> Value {
    match literal {
        Literal::Bool(flag) => Value::Bool(*flag),
        Literal::Int(n) => Value::Int(*n),
        Literal::Double(x) => Value::Double(*x),
        // The core schema has no other words.
        Literal::Null | Literal::Uint(_) | Literal::String(_) | Literal::Bytes(_) => Value::Null,
    }
}
