//! Types as texts, object types as mappings; fields, parameters, answers.

use super::out::{Out, entry_raw, flow_map};
use crate::ast::{AnswerDecl, FieldDecl, OutcomeDecl, ParamDecl, TypeExpr, TypeKind};
use crate::format::doc::{Doc, documented, text};
use crate::format::expr::Writer;
use crate::format::print;
use crate::format::text::place_word;
use crate::format::types::up_to_type;
use journey_machine::span::Span;

impl Writer<'_> {
    #[expect(clippy::wildcard_enum_match_arm, reason = "all other types are texts")]
    pub(super) fn yaml_type(&self, ty: &TypeExpr) -> Out {
        match &ty.kind {
            TypeKind::Object { fields, open } if !is_long_form(fields, *open) => {
                self.yaml_fields(fields, *open, ty.span)
            }
            _ => {
                let doc = self.type_of(ty);
                Out::code(print::flat(&doc), doc)
            }
        }
    }

    /// A mapping of fields.
    pub(super) fn yaml_fields(&self, fields: &[FieldDecl], open: bool, span: Span) -> Out {
        let outs: Vec<_> = fields
            .iter()
            .map(|field| (field_key(field), self.yaml_field_value(field, None)))
            .collect();
        let has_docs = fields.iter().any(|field| !field.docs.is_empty());
        let flow = flow_map(outs.iter().map(|(key, out)| (key.as_str(), out)))
            .filter(|_| !has_docs && !open);
        let entries = fields.iter().zip(outs);
        let mut entries: Vec<Doc> = entries
            .map(|(field, (key, out))| documented(field.span, &field.docs, entry_raw(&key, out)))
            .collect();
        entries.extend(open.then(|| text("...:")));
        let flow = flow.filter(|_| !self.is_expanded(span, &entries));
        Out::map(span, flow, entries)
    }

    pub(super) fn yaml_field(&self, field: &FieldDecl) -> Doc {
        self.yaml_keyed_field(&field_key(field), field, None)
    }

    fn yaml_keyed_field(&self, key: &str, field: &FieldDecl, from: Option<&str>) -> Doc {
        documented(
            field.span,
            &field.docs,
            entry_raw(key, self.yaml_field_value(field, from)),
        )
    }

    /// The type, or the long form where there is more to say.
    pub(super) fn yaml_field_value(&self, field: &FieldDecl, from: Option<&str>) -> Out {
        if field.default.is_none() && from.is_none() {
            return self.yaml_type(&field.ty);
        }
        let mut parts = vec![("type".to_owned(), self.yaml_type(&field.ty))];
        parts.extend(
            field
                .default
                .as_ref()
                .map(|value| ("default".to_owned(), self.yaml_value(value))),
        );
        parts.extend(from.map(|from| ("from".to_owned(), Out::words(from))));
        Out::short_map(field.ty.span, parts)
    }

    /// A parameter; its place stands before its name if `placed`.
    pub(super) fn yaml_param(&self, param: &ParamDecl, placed: bool) -> Doc {
        let place = param
            .place
            .as_ref()
            .filter(|_| placed)
            .map(|place| format!("{} ", place_word(place.node)));
        let key = format!("{}{}", place.unwrap_or_default(), field_key(&param.field));
        self.yaml_keyed_field(
            &key,
            &param.field,
            param.wire.as_ref().map(|wire| wire.node.as_str()),
        )
    }

    pub(super) fn yaml_answers(&self, answers: &[AnswerDecl]) -> Option<Out> {
        let entries = answers.iter().map(|answer| {
            let span = up_to_type(answer.status.span, answer.ty.as_ref());
            self.yaml_typed(
                span,
                &answer.docs,
                &answer.status.node.to_string(),
                answer.ty.as_ref(),
            )
        });
        Out::block(entries.collect())
    }

    pub(super) fn yaml_outcomes(&self, outcomes: &[OutcomeDecl]) -> Option<Out> {
        let entries = outcomes.iter().map(|outcome| {
            let span = up_to_type(outcome.name.span, outcome.ty.as_ref());
            self.yaml_typed(span, &outcome.docs, &outcome.name.node, outcome.ty.as_ref())
        });
        Out::block(entries.collect())
    }

    fn yaml_typed(&self, span: Span, docs: &str, key: &str, ty: Option<&TypeExpr>) -> Doc {
        let body = match ty {
            Some(ty) => entry_raw(key, self.yaml_type(ty)),
            None => text(format!("{key}:")),
        };
        documented(span, docs, body)
    }
}

/// `name` or `name?`
fn field_key(field: &FieldDecl) -> String {
    format!(
        "{}{}",
        field.name.node,
        if field.optional { "?" } else { "" }
    )
}

/// Would these fields, as a mapping, be read as a type with its default?
fn is_long_form(fields: &[FieldDecl], open: bool) -> bool {
    let keys: Vec<String> = fields.iter().map(field_key).collect();
    let known = |key: &String| ["type", "default", "from"].contains(&key.as_str());
    !open && keys.len() > 1 && keys.iter().any(|key| key == "type") && keys.iter().all(known)
}
