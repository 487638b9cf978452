//! Templates, and values where a declared type wants them: field by field, so that each fault is shown at its place.

use super::fit::Use;
use super::infer::{Checker, of_literal};
use super::{FieldTy, ObjectTy, Ty, limits, report};
use crate::ast::{
    Expr, ExprKind, Limit, ListItem, Literal, Name, TemplateEntry, TemplateItem, TextPart,
};
use crate::suggest::did_you_mean;
use journey_machine::span::Span;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A declared type that a value meets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want<'w> {
    /// The type.
    pub(super) ty: &'w Ty,
    /// What becomes of the value.
    pub(super) used: Use,
    /// Where it is declared.
    pub(super) declared: Option<Span>,
    /// Its limits.
    pub(super) limits: &'w [Limit],
}

impl<'w> Want<'w> {
    pub(super) fn of(field: &'w FieldTy, used: Use) -> Self {
        Self {
            ty: &field.ty,
            used,
            declared: field.declared,
            limits: &field.limits,
        }
    }

    /// The same place, but a part of the type.
    fn part<'p>(&self, ty: &'p Ty) -> Want<'p> {
        Want {
            ty,
            used: self.used,
            declared: self.declared,
            limits: &[],
        }
    }
}

impl Checker<'_, '_> {
    /// Checks a value against a declared type; gives the type it has.
    pub(super) fn check(&mut self, expr: &Expr, want: Want<'_>) -> Ty {
        let target = match self.table.resolve(want.ty) {
            _ if self.table.is_blob(want.ty) => want.ty.clone(),
            Ty::Nullable(inner) if self.table.is_blob(inner) => Ty::clone(inner),
            Ty::Nullable(inner) => self.table.resolve(inner).clone(),
            other => other.clone(),
        };
        let ty = match (&expr.kind, &target) {
            (ExprKind::Literal(literal), _) => self.literal(expr, literal, &target, want),
            (
                ExprKind::Conditional {
                    condition,
                    then,
                    otherwise,
                },
                _,
            ) => {
                self.condition(condition);
                let a = self.given(condition, true, |checker| checker.check(then, want));
                let b = self.given(condition, false, |checker| checker.check(otherwise, want));
                self.table.join(&a, &b).unwrap_or(target)
            }
            (ExprKind::Object(entries), Ty::Object(object)) => {
                self.object_against(expr, entries, object, want)
            }
            (ExprKind::Object(entries), Ty::Map(_, value)) => {
                self.map_against(entries, want.part(value))
            }
            (ExprKind::Array(items), Ty::List(item)) => self.array_against(items, want.part(item)),
            (ExprKind::List(items), Ty::List(item)) => self.list_against(items, want.part(item)),
            _ => return self.inferred_against(expr, want),
        };
        self.settle(expr.id, ty)
    }

    fn inferred_against(&mut self, expr: &Expr, want: Want<'_>) -> Ty {
        let got = self.infer(expr);
        self.fit(expr, &got, want);
        got
    }

    fn fit(&mut self, expr: &Expr, got: &Ty, want: Want<'_>) {
        if let Err(misfit) = self.table.fits(got, want.ty, want.used) {
            let finding = report::mismatch(expr, got, want, &misfit, self);
            self.report(finding);
        }
    }

    fn literal(&mut self, expr: &Expr, literal: &Literal, target: &Ty, want: Want<'_>) -> Ty {
        let got = match (literal, target) {
            (Literal::Int(_), Ty::Double) => Ty::Double,
            (literal, _) => of_literal(literal),
        };
        if self.table.fits(&got, want.ty, want.used).is_err() {
            let finding = report::wrong_constant(expr, literal, &got, want, target, self);
            self.report(finding);
        } else if let Some(problem) =
            limits::broken(literal, want.limits, expr.span, &mut self.patterns)
        {
            self.report(report::out_of_limits(expr, &problem, want));
        }
        got
    }

    fn object_against(
        &mut self,
        expr: &Expr,
        entries: &[TemplateEntry],
        object: &ObjectTy,
        want: Want<'_>,
    ) -> Ty {
        let mut given = Fields::default();
        for entry in entries {
            match entry {
                TemplateEntry::Field {
                    key,
                    optional,
                    value,
                } => {
                    let ty = match object.field(&key.node) {
                        Some((_, field)) => {
                            self.field_against(key, *optional, value, field, want.used)
                        }
                        None => self.undeclared(key, value, object, want),
                    };
                    self.give(&mut given, key, *optional, ty);
                }
                TemplateEntry::Spread(value) => self.spread(&mut given, value),
            }
        }
        self.spread_against(expr, &given, object, want);
        given.into_ty()
    }

    fn field_against(
        &mut self,
        key: &Name,
        optional: bool,
        value: &Expr,
        field: &FieldTy,
        used: Use,
    ) -> Ty {
        let want = Want::of(field, used);
        if !optional {
            return self.check(value, want);
        }
        let got = self.infer(value);
        let inner = self.inside(value, got);
        self.fit(value, &inner, want);
        if !field.optional {
            self.report(report::left_out(key, field));
        }
        inner
    }

    fn undeclared(&mut self, key: &Name, value: &Expr, object: &ObjectTy, want: Want<'_>) -> Ty {
        if !object.open {
            let known = object.fields.iter().map(|f| f.name.as_str());
            let guess = self.guess(&key.node, known);
            self.report(report::undeclared_field(key, object, want, guess));
        }
        self.infer(value)
    }

    /// What no field of the template itself answers for: fields of spreads, and fields that are missing.
    fn spread_against(&mut self, expr: &Expr, given: &Fields, object: &ObjectTy, want: Want<'_>) {
        for (field, spread) in given
            .fields
            .values()
            .filter_map(|f| Some((&f.ty, f.spread?)))
        {
            let fits = match object.field(&field.name) {
                Some((_, wanted)) => self.table.fits(&field.ty, &wanted.ty, want.used).is_ok(),
                None => object.open,
            };
            if !fits {
                self.report(report::bad_spread(spread, field, object, want));
            }
        }
        let there = |name: &str| given.fields.get(name).is_some_and(|f| !f.ty.optional);
        let missing: Vec<&FieldTy> = object
            .fields
            .iter()
            .filter(|f| !f.optional && !there(&f.name))
            // Left out in a way that has been reported at its place.
            .filter(|f| given.fields.get(&f.name).is_none_or(|g| g.spread.is_some()))
            .filter(|f| did_you_mean(&f.name, given.undeclared(object)).is_none())
            .collect();
        if !missing.is_empty() && !given.unknown {
            self.report(report::missing_fields(expr, &missing));
        }
    }

    fn map_against(&mut self, entries: &[TemplateEntry], want: Want<'_>) -> Ty {
        let mut given = Fields::default();
        for entry in entries {
            match entry {
                TemplateEntry::Field {
                    key,
                    optional: false,
                    value,
                } => {
                    let ty = self.check(value, want);
                    self.give(&mut given, key, false, ty);
                }
                TemplateEntry::Field {
                    key,
                    optional: true,
                    value,
                } => {
                    let got = self.infer(value);
                    let ty = self.inside(value, got);
                    self.fit(value, &ty, want);
                    self.give(&mut given, key, true, ty);
                }
                TemplateEntry::Spread(value) => {
                    let map = Ty::Map(Arc::new(Ty::String), Arc::new(want.ty.clone()));
                    self.check(value, want.part(&map));
                }
            }
        }
        Ty::Map(Arc::new(Ty::String), Arc::new(want.ty.clone()))
    }

    fn array_against(&mut self, items: &[TemplateItem], want: Want<'_>) -> Ty {
        let mut all = Ty::Never;
        for item in items {
            let ty = match item {
                TemplateItem::Value(value) => self.check(value, want),
                TemplateItem::Spread(value) => {
                    let list = Ty::List(Arc::new(want.ty.clone()));
                    self.check(value, want.part(&list));
                    want.ty.clone()
                }
            };
            all = self
                .table
                .join(&all, &ty)
                .unwrap_or_else(|| want.ty.clone());
        }
        Ty::List(Arc::new(all))
    }

    fn list_against(&mut self, items: &[ListItem], want: Want<'_>) -> Ty {
        let mut all = Ty::Never;
        for ListItem { optional, value } in items {
            let ty = if *optional {
                let got = self.infer(value);
                let inner = self.inside(value, got);
                self.fit(value, &inner, want);
                inner
            } else {
                self.check(value, want)
            };
            all = self
                .table
                .join(&all, &ty)
                .unwrap_or_else(|| want.ty.clone());
        }
        Ty::List(Arc::new(all))
    }

    /// An object template that no type wants.
    pub(super) fn object_template(&mut self, entries: &[TemplateEntry]) -> Ty {
        let mut given = Fields::default();
        for entry in entries {
            match entry {
                TemplateEntry::Field {
                    key,
                    optional,
                    value,
                } => {
                    let ty = self.infer(value);
                    let ty = if *optional {
                        self.inside(value, ty)
                    } else {
                        ty
                    };
                    self.give(&mut given, key, *optional, ty);
                }
                TemplateEntry::Spread(value) => self.spread(&mut given, value),
            }
        }
        given.into_ty()
    }

    /// A list template that no type wants.
    pub(super) fn array_template(&mut self, items: &[TemplateItem]) -> Ty {
        let mut all = Ty::Never;
        for item in items {
            let ty = match item {
                TemplateItem::Value(value) => self.infer(value),
                TemplateItem::Spread(value) => self.items_of(value),
            };
            all = self.table.join(&all, &ty).unwrap_or(Ty::Dyn);
        }
        Ty::List(Arc::new(all))
    }

    fn items_of(&mut self, spread: &Expr) -> Ty {
        let ty = self.infer(spread);
        match self.table.resolve(&ty) {
            Ty::List(item) => Ty::clone(item),
            Ty::Dyn | Ty::Error | Ty::Never => ty,
            other => {
                let finding = report::not_spread(spread, other, "list");
                self.wrong(finding)
            }
        }
    }

    fn give(&mut self, given: &mut Fields, key: &Name, optional: bool, ty: Ty) {
        let field = FieldTy {
            optional,
            declared: Some(key.span),
            ..FieldTy::new(&key.node, ty)
        };
        let before = given.fields.insert(
            key.node.clone(),
            Given {
                ty: field,
                spread: None,
            },
        );
        match before {
            Some(Given { spread: None, ty }) => self.report(report::repeated_key(key, ty.declared)),
            Some(_) => {}
            None => given.order.push(key.node.clone()),
        }
    }

    fn spread(&mut self, given: &mut Fields, value: &Expr) {
        let ty = self.infer(value);
        match self.table.resolve(&ty).clone() {
            Ty::Object(object) if !self.table.compare(object.fields.len()) => given.unknown = true,
            Ty::Object(object) => {
                given.unknown |= object.open && object.fields.is_empty();
                for field in &object.fields {
                    let own = Given {
                        ty: field.clone(),
                        spread: Some(value.span),
                    };
                    // A field that may be absent leaves what stood before it.
                    let keep = field.optional && given.fields.contains_key(&field.name);
                    if !keep && given.fields.insert(field.name.clone(), own).is_none() {
                        given.order.push(field.name.clone());
                    }
                }
            }
            Ty::Map(..) | Ty::Dyn | Ty::Error | Ty::Never => given.unknown = true,
            other => self.report(report::not_spread(value, &other, "object")),
        }
    }

    /// `` `Dear ${name}` ``: every part must have a text of its own.
    pub(super) fn interpolation(&mut self, parts: &[TextPart]) -> Ty {
        for part in parts {
            let TextPart::Value(value) = part else {
                continue;
            };
            let ty = self.infer(value);
            match self.table.resolve(&ty) {
                Ty::Nullable(_) | Ty::Null => {
                    let finding = report::maybe_null(value, "put it into a text", self);
                    self.report(finding);
                }
                other @ (Ty::List(_)
                | Ty::Map(..)
                | Ty::Object(_)
                | Ty::Optional(_)
                | Ty::Type
                | Ty::Bytes) => {
                    let finding = report::no_text(value, other);
                    self.report(finding);
                }
                _ => {}
            }
        }
        Ty::String
    }
}

/// Fields given by a template so far.
#[derive(Default)]
struct Fields {
    fields: BTreeMap<String, Given>,
    order: Vec<String>,
    /// Has something been spread whose fields are not known?
    unknown: bool,
}

struct Given {
    ty: FieldTy,
    spread: Option<Span>,
}

impl Fields {
    /// Names that a type does not have: they have been reported, with the field they may mean.
    fn undeclared<'n>(&'n self, object: &'n ObjectTy) -> impl Iterator<Item = &'n str> {
        let names = self.fields.keys().map(String::as_str);
        names.filter(|name| !object.open && object.field(name).is_none())
    }

    fn into_ty(mut self) -> Ty {
        if self.unknown {
            return Ty::Map(Arc::new(Ty::String), Arc::new(Ty::Dyn));
        }
        let fields = self
            .order
            .iter()
            .filter_map(|name| self.fields.remove(name))
            .map(|g| g.ty)
            .collect();
        Ty::Object(Arc::new(ObjectTy::new(fields, false)))
    }
}
