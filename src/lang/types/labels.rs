//! What is labelled is stored only where its label is declared: there it is encrypted.

use super::infer::Checker;
use super::{FieldTy, ObjectTy, Ty, TypeTable, report};
use crate::ast::{Expr, ExprKind, Label, TemplateEntry};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Checker<'_, '_> {
    /// Says so if a labelled value would be stored in a field without its label.
    pub(super) fn keep_labels(&mut self, value: &Expr, field: &FieldTy, sink: &str) {
        let wanted = self.table.resolve(&field.ty).clone();
        match (&value.kind, &wanted) {
            (ExprKind::Object(entries), Ty::Object(object)) => {
                for entry in entries {
                    match entry {
                        TemplateEntry::Field { key, value, .. } => {
                            if let Some((_, inner)) = object.field(&key.node) {
                                self.keep_labels(value, &inherited(inner, field.label), sink);
                            }
                        }
                        TemplateEntry::Spread(value) => self.keep_leaf(value, field, sink),
                    }
                }
            }
            (
                ExprKind::Conditional {
                    then, otherwise, ..
                },
                _,
            ) => {
                self.keep_labels(then, field, sink);
                self.keep_labels(otherwise, field, sink);
            }
            _ => self.keep_leaf(value, field, sink),
        }
    }

    /// Says so if a labelled value would go where others than its receiver read it.
    pub(super) fn keep_unseen(&mut self, value: &Expr, sink: &str, help: &str) {
        if self.secret_in(value).is_some() {
            return;
        }
        let direct = self.labelled_in(value, Label::Pii);
        let direct = direct.map(|source| (Some(source), Label::Pii));
        let found = direct.or_else(|| self.lost(value, &Ty::Dyn, None));
        if let Some((source, label)) = found {
            let source = source.unwrap_or(value.span);
            self.report(report::label_seen(value.span, source, label, sink, help));
        }
    }

    /// A label that the type of a value declares and this one does not.
    fn lost(&self, value: &Expr, want: &Ty, covered: Option<Label>) -> Option<Found> {
        let mut lost = Lost {
            table: &self.table,
            seen: BTreeSet::new(),
        };
        lost.find(&self.table.ty(value.id).clone(), want, covered)
    }

    fn keep_leaf(&mut self, value: &Expr, field: &FieldTy, sink: &str) {
        for label in [Label::Secret, Label::Pii] {
            if covers(field.label, label) {
                continue;
            }
            if let Some(source) = self.labelled_in(value, label) {
                self.report(report::label_lost(value.span, source, label, field, sink));
                return;
            }
        }
        if let Some((declared, label)) = self.lost(value, &field.ty, field.label) {
            let source = declared.unwrap_or(value.span);
            self.report(report::label_lost(value.span, source, label, field, sink));
        }
    }
}

/// A field with at least the label of what it stands in.
fn inherited(field: &FieldTy, outer: Option<Label>) -> FieldTy {
    let label = match (field.label, outer) {
        (Some(own), Some(outer)) => Some(own.min(outer)),
        (own, outer) => own.or(outer),
    };
    FieldTy {
        label,
        ..field.clone()
    }
}

/// May a value with this label be where that one is declared? A secret place is the stricter one.
fn covers(declared: Option<Label>, label: Label) -> bool {
    declared.is_some_and(|declared| declared <= label)
}

/// Goes through two types for a label of the first that the second lacks.
struct Lost<'t> {
    table: &'t TypeTable,
    seen: BTreeSet<Arc<str>>,
}

type Found = (Option<journey_machine::span::Span>, Label);

impl Lost<'_> {
    fn find(&mut self, got: &Ty, want: &Ty, covered: Option<Label>) -> Option<Found> {
        if let Ty::Named(name) = got
            && !self.seen.insert(name.clone())
        {
            return None;
        }
        let table = self.table;
        match (table.resolve(got), table.resolve(want)) {
            (Ty::Nullable(got) | Ty::Optional(got), want) => self.find(got, want, covered),
            (got, Ty::Nullable(want)) => self.find(got, want, covered),
            (Ty::List(got), Ty::List(want)) | (Ty::Map(_, got), Ty::Map(_, want)) => {
                self.find(got, want, covered)
            }
            (Ty::Object(got), want) => self.object(got, want, covered),
            (Ty::List(got) | Ty::Map(_, got), _) => self.find(got, &Ty::Dyn, covered),
            _ => None,
        }
    }

    fn object(&mut self, got: &ObjectTy, want: &Ty, covered: Option<Label>) -> Option<Found> {
        got.fields.iter().find_map(|field| {
            let (inner, label) = match want {
                Ty::Object(object) => object
                    .field(&field.name)
                    .map_or((&Ty::Dyn, None), |(_, f)| (&f.ty, f.label)),
                Ty::Map(_, value) => (&**value, None),
                _ => (&Ty::Dyn, None),
            };
            let covered = match (label, covered) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
            match field.label {
                Some(own) if !covers(covered, own) => Some((field.declared, own)),
                _ => self.find(&field.ty, inner, covered),
            }
        })
    }
}
