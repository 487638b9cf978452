//! Types and fields: `name?: T`, `name?: { type: T, default: V }`, and mappings as object types.

use super::node::{Entry, Kind, Map, Node};
use super::read::{Construct, Fields, Reader, Shape, optional, required};
use crate::ast::{
    AnswerDecl, Expr, FieldDecl, Label, Name, OutcomeDecl, ParamDecl, Place, Spanned, TypeExpr,
    TypeKind,
};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::expr;
use crate::text::phrase;
use journey_machine::span::Span;

pub(super) const TYPE: Shape = Shape::TextOrMap("a type");

/// The long form of a field: with a default, or a parameter with its name in the request.
static FIELD: Construct = Construct {
    what: "a field",
    fields: &[
        required("type", TYPE),
        optional("default", Shape::Value),
        optional("from", Shape::Text("the name in the request")),
    ],
};

impl Reader<'_> {
    /// A type: a text, or a mapping for an object type.
    pub(super) fn type_of(&mut self, node: &Node<'_>) -> TypeExpr {
        match &node.kind {
            Kind::Scalar(scalar) => {
                let map = self.map(scalar, node.span);
                expr::parse_type(&scalar.text, &map, self.ids, self.findings)
            }
            Kind::Map(map) => {
                let (fields, open) = self.field_list(map);
                TypeExpr {
                    kind: TypeKind::Object { fields, open },
                    span: node.span,
                }
            }
            Kind::Null | Kind::List(_) | Kind::Poison => {
                self.expected("a type", node);
                TypeExpr {
                    kind: TypeKind::Error,
                    span: node.span,
                }
            }
        }
    }

    fn optional_type(&mut self, node: &Node<'_>) -> Option<TypeExpr> {
        (!matches!(node.kind, Kind::Null)).then(|| self.type_of(node))
    }

    /// Fields of an object, and whether it ends in `...`.
    pub(super) fn field_list(&mut self, map: &Map<'_>) -> (Vec<FieldDecl>, bool) {
        let open = map.entries.iter().any(|entry| entry.key.text() == "...");
        let named = map.entries.iter().filter(|entry| entry.key.text() != "...");
        (named.filter_map(|entry| self.field(entry)).collect(), open)
    }

    /// Fields where there cannot be others.
    pub(super) fn closed_fields(&mut self, map: &Map<'_>) -> Vec<FieldDecl> {
        if let Some(dots) = map.entries.iter().find(|entry| entry.key.text() == "...") {
            let finding =
                Diagnostic::new(Code::WRONG_ITEM, dots.key.span, "`...` has no meaning here");
            self.report(finding.help("leave it out"));
        }
        self.field_list(map).0
    }

    fn field(&mut self, entry: &Entry<'_>) -> Option<FieldDecl> {
        let (name, optional) = self.key_name(entry);
        let docs = self.docs(entry);
        let long = self.long_form(&entry.value, &["type", "default"]);
        let ok = self.is_name(&name);
        let (ty, default) = self.type_and_default(&entry.value, long.as_ref());
        ok.then(|| FieldDecl {
            docs,
            name,
            optional,
            ty,
            default,
            span: entry.span(),
        })
    }

    /// The fields of the long form, if a value has it: `type`, something else, and no other key.
    fn long_form<'n, 's>(&mut self, node: &'n Node<'s>, keys: &[&str]) -> Option<Fields<'n, 's>> {
        let Kind::Map(map) = &node.kind else {
            return None;
        };
        let has = |key: &str| map.entries.iter().any(|entry| entry.key.text() == key);
        let long = has("type")
            && map.entries.len() > 1
            && map
                .entries
                .iter()
                .all(|entry| keys.contains(&entry.key.text()));
        long.then(|| self.fields(map, node.span, &FIELD))
    }

    fn type_and_default(
        &mut self,
        node: &Node<'_>,
        long: Option<&Fields<'_, '_>>,
    ) -> (TypeExpr, Option<Box<Expr>>) {
        let Some(fields) = long else {
            return (self.type_of(node), None);
        };
        let error = TypeExpr {
            kind: TypeKind::Error,
            span: node.span,
        };
        let ty = fields.get("type").map_or(error, |ty| self.type_of(ty));
        let default = fields.get("default").map(|value| self.value(value));
        (ty, default.map(Box::new))
    }

    /// Settings: fields; a secret may have no type.
    pub(super) fn settings(&mut self, map: &Map<'_>, secret: bool) -> Vec<FieldDecl> {
        let mut fields = Vec::new();
        for entry in &map.entries {
            if secret && matches!(entry.value.kind, Kind::Null) {
                fields.extend(self.bare_secret(entry));
            } else {
                fields.extend(self.field(entry));
            }
        }
        fields
    }

    fn bare_secret(&mut self, entry: &Entry<'_>) -> Option<FieldDecl> {
        let (name, optional) = self.key_name(entry);
        let docs = self.docs(entry);
        let span = name.span;
        let string = TypeExpr {
            kind: TypeKind::Named("string".to_owned()),
            span,
        };
        let kind = TypeKind::Labelled(
            Spanned {
                node: Label::Secret,
                span,
            },
            Box::new(string),
        );
        let ty = TypeExpr { kind, span };
        let field = FieldDecl {
            docs,
            name,
            optional,
            ty,
            default: None,
            span,
        };
        self.is_name(&field.name).then_some(field)
    }

    /// Parameters of one place: `{ name: T, name?: { type: T, default: V, from: NAME } }`.
    pub(super) fn params(
        &mut self,
        place: Option<&Spanned<Place>>,
        map: &Map<'_>,
    ) -> Vec<ParamDecl> {
        map.entries
            .iter()
            .filter_map(|entry| self.param(place, entry, 0))
            .collect()
    }

    /// A parameter whose name begins at byte `at` of its key.
    pub(super) fn param(
        &mut self,
        place: Option<&Spanned<Place>>,
        entry: &Entry<'_>,
        at: usize,
    ) -> Option<ParamDecl> {
        let key = entry.key.text().get(at..).unwrap_or_default();
        let text = key.strip_suffix('?').unwrap_or(key);
        let optional = text.len() < key.len();
        let span = self
            .map(&entry.key.scalar, entry.key.span)
            .span(at, at + text.len());
        let name = Name {
            node: text.to_owned(),
            span,
        };
        let docs = self.docs(entry);
        let ok = self.is_name(&name);
        let long = self.long_form(&entry.value, &["type", "default", "from"]);
        let (ty, default) = self.type_and_default(&entry.value, long.as_ref());
        let wire = long
            .as_ref()
            .and_then(|fields| self.plain(fields.get("from")));
        let field = FieldDecl {
            docs,
            name,
            optional,
            ty,
            default,
            span: entry.span(),
        };
        let place = place.cloned();
        ok.then_some(ParamDecl { place, field, wire })
    }

    /// Parameters whose keys may begin with a place: `query verbose?`.
    pub(super) fn placed_params(&mut self, map: &Map<'_>) -> Vec<ParamDecl> {
        map.entries
            .iter()
            .filter_map(|entry| self.placed_param(entry))
            .collect()
    }

    fn placed_param(&mut self, entry: &Entry<'_>) -> Option<ParamDecl> {
        match self.place(entry, &PLACES) {
            Some((place, at)) => self.param(Some(&place), entry, at),
            None => self.param(None, entry, 0),
        }
    }

    /// The place a key begins with, and where its name begins.
    pub(super) fn place(
        &self,
        entry: &Entry<'_>,
        places: &[(&str, Place)],
    ) -> Option<(Spanned<Place>, usize)> {
        let (word, name) = entry.key.text().split_once(' ')?;
        let (_, place) = places.iter().find(|(known, _)| *known == word)?;
        let span = self
            .map(&entry.key.scalar, entry.key.span)
            .span(0, word.len());
        let at = entry.key.text().len() - name.trim_start().len();
        Some((Spanned { node: *place, span }, at))
    }

    /// `{ 200: T, 404: }`
    pub(super) fn answers(&mut self, map: &Map<'_>) -> Vec<AnswerDecl> {
        map.entries
            .iter()
            .filter_map(|entry| self.answer(entry))
            .collect()
    }

    fn answer(&mut self, entry: &Entry<'_>) -> Option<AnswerDecl> {
        let docs = self.docs(entry);
        let status = self.status(&self.whole_key(entry));
        let ty = self.optional_type(&entry.value);
        Some(AnswerDecl {
            docs,
            status: status?,
            ty,
        })
    }

    /// A status of three digits, as in the text form.
    pub(super) fn status(&mut self, text: &Name) -> Option<Spanned<u16>> {
        phrase::status(&text.node, text.span, self.findings)
    }

    /// `{ ok: T, denied: }`
    pub(super) fn outcomes(&mut self, map: &Map<'_>) -> Vec<OutcomeDecl> {
        map.entries
            .iter()
            .filter_map(|entry| self.outcome(entry))
            .collect()
    }

    fn outcome(&mut self, entry: &Entry<'_>) -> Option<OutcomeDecl> {
        let docs = self.docs(entry);
        let name = self.whole_key(entry);
        let ty = self.optional_type(&entry.value);
        self.is_name(&name)
            .then_some(OutcomeDecl { docs, name, ty })
    }

    /// The documentation above an entry.
    pub(super) fn docs(&mut self, entry: &Entry<'_>) -> String {
        self.docs_above(entry.key.span)
    }

    /// The documentation above a place that begins its line.
    pub(super) fn docs_above(&mut self, place: Span) -> String {
        self.docs.take(self.text, place.start)
    }
}

/// The words for places in the keys of an operation's parameters.
pub(super) const PLACES: [(&str, Place); 7] = [
    ("path", Place::Path),
    ("query", Place::Query),
    ("header", Place::Header),
    ("cookie", Place::Cookie),
    ("field", Place::Field),
    ("form", Place::Form),
    ("body", Place::Body),
];
