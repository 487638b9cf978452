//! `match`: cases fit the subject, none is dead, none is missing.

use super::infer::{Checker, of_literal};
use super::steps::Turn;
use super::{Ty, facts, report};
use crate::ast::{Block, Expr, ExprKind, Literal, MatchArm};
use journey_machine::span::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Constants by how they are shown, each with the first unguarded case that takes it.
type Taken = BTreeMap<String, Span>;

impl Checker<'_, '_> {
    pub(super) fn match_step(
        &mut self,
        subject: &Expr,
        arms: &[MatchArm],
        otherwise: Option<&Block>,
        turn: &mut Turn,
    ) {
        let ty = self.infer(subject);
        let ty = self.table.resolve(&ty).clone();
        if matches!(ty, Ty::Optional(_)) {
            let finding = report::optional(subject, &ty, self);
            self.report(finding);
        }
        let mut taken = Taken::new();
        for arm in arms {
            for value in &arm.values {
                self.case(value, subject, &ty, arm.guard.is_some(), &mut taken);
            }
            self.arm(arm, subject, &ty, turn);
        }
        let all = all_values(&ty, self);
        match (&all, otherwise) {
            (Some(all), None) => self.exhaustive(subject, &ty, all, &taken),
            (None, None) if !matches!(ty, Ty::Error | Ty::Never | Ty::Optional(_)) => {
                self.report(report::not_exhaustive(subject, &ty, &[], None));
            }
            (Some(all), Some(block)) if all.iter().all(|v| taken.contains_key(v)) => {
                self.report(report::dead_otherwise(block.span));
            }
            _ => {}
        }
        if let Some(block) = otherwise {
            let rest = if taken.contains_key("null") {
                without_null(&ty)
            } else {
                None
            };
            self.narrowed(subject, rest, |checker| checker.block(block, turn));
        }
    }

    fn case(&mut self, value: &Expr, subject: &Expr, ty: &Ty, guarded: bool, taken: &mut Taken) {
        let ExprKind::Literal(literal) = &value.kind else {
            if !matches!(self.infer(value), Ty::Error) {
                self.report(report::not_constant_case(value));
            }
            return;
        };
        let shown = shown(literal);
        let own = match (
            literal,
            self.table.resolve(without_null(ty).as_ref().unwrap_or(ty)),
        ) {
            (Literal::Int(_), Ty::Double) => Ty::Double,
            _ => of_literal(literal),
        };
        let of_enum =
            |values: &Arc<[String]>| matches!(literal, Literal::String(s) if !values.contains(s));
        let foreign = matches!(self.table.resolve(without_null(ty).as_ref().unwrap_or(ty)), Ty::Enum(v) if of_enum(v));
        if foreign || !(self.table.comparable(&own, ty) || matches!(ty, Ty::Optional(_))) {
            let inner =
                without_null(ty).map_or_else(|| ty.clone(), |t| self.table.resolve(&t).clone());
            self.report(report::mismatched_case(value, &shown, subject, &inner));
        }
        self.settle(value.id, own);
        match taken.get(&shown) {
            Some(first) => self.report(report::repeated_case(value, &shown, *first)),
            None if !guarded => _ = taken.insert(shown, value.span),
            None => {}
        }
    }

    fn arm(&mut self, arm: &MatchArm, subject: &Expr, ty: &Ty, turn: &mut Turn) {
        let narrow = narrow(ty, &arm.values);
        self.narrowed(subject, narrow, |checker| {
            if let Some(guard) = &arm.guard {
                checker.condition(guard);
                checker.assume(guard, true);
            }
            checker.block(&arm.block, turn);
        });
    }

    /// Does something where the subject is known to have a narrower type.
    fn narrowed(&mut self, subject: &Expr, ty: Option<Ty>, check: impl FnOnce(&mut Self)) {
        let mark = self.scope.mark();
        if let Some((path, ty)) = facts::path(subject).zip(ty) {
            self.scope.learn(path, ty);
        }
        check(self);
        self.scope.forget(mark);
    }

    fn exhaustive(&mut self, subject: &Expr, ty: &Ty, all: &BTreeSet<String>, taken: &Taken) {
        let missing: Vec<String> = all
            .iter()
            .filter(|v| !taken.contains_key(*v))
            .cloned()
            .collect();
        if missing.is_empty() {
            return;
        }
        let declared = match &subject.kind {
            ExprKind::Member { object, field, .. } => self
                .table
                .object(object.id)
                .and_then(|o| o.field(&field.node))
                .and_then(|(_, f)| f.declared),
            _ => None,
        };
        self.report(report::not_exhaustive(subject, ty, &missing, declared));
    }
}

/// Every value of a type, as shown, if they can be counted.
fn all_values(ty: &Ty, checker: &Checker<'_, '_>) -> Option<BTreeSet<String>> {
    match checker.table.resolve(ty) {
        Ty::Enum(values) => Some(values.iter().map(|v| format!("{v:?}")).collect()),
        Ty::Bool => Some(["true".to_owned(), "false".to_owned()].into()),
        Ty::Null => Some(["null".to_owned()].into()),
        Ty::Nullable(inner) => {
            let mut values = all_values(inner, checker)?;
            values.insert("null".to_owned());
            Some(values)
        }
        _ => None,
    }
}

fn without_null(ty: &Ty) -> Option<Ty> {
    if let Ty::Nullable(inner) = ty {
        Some(Ty::clone(inner))
    } else {
        None
    }
}

/// The subject's type inside an arm with these values.
fn narrow(ty: &Ty, values: &[Expr]) -> Option<Ty> {
    let mut texts = Vec::new();
    for value in values {
        match &value.kind {
            ExprKind::Literal(Literal::Null) => return None,
            ExprKind::Literal(Literal::String(text)) => texts.push(text.clone()),
            _ => {}
        }
    }
    let inner = without_null(ty);
    match inner.as_ref().unwrap_or(ty) {
        Ty::Enum(_) if texts.len() == values.len() => {
            texts.sort();
            texts.dedup();
            Some(Ty::Enum(texts.into()))
        }
        _ => inner,
    }
}

fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".into(),
        Literal::Bool(b) => b.to_string(),
        // Equal numbers are one case, whatever their type.
        Literal::Int(n) => n.to_string(),
        Literal::Uint(n) => n.to_string(),
        Literal::Double(n) => n.to_string(),
        Literal::String(text) => format!("{text:?}"),
        Literal::Bytes(bytes) => format!("b{bytes:?}"),
    }
}
