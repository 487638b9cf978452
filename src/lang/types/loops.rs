//! Branches and loops: what they bind inside, what their turns collect, what they give.

use super::fit::Use;
use super::infer::Checker;
use super::steps::Turn;
use super::template::Want;
use super::{FieldTy, ObjectTy, Ty, report};
use crate::ast::{Block, Branch, Expr, Name, ParallelPolicy};
use crate::ends;
use journey_machine::span::Span;
use std::sync::Arc;

impl Checker<'_, '_> {
    pub(super) fn parallel(
        &mut self,
        policy: ParallelPolicy,
        branches: &[Branch],
        turn: &Turn<'_>,
    ) -> Ty {
        let mut fields = Vec::new();
        let mut first = Ty::Never;
        for branch in branches {
            let mut inside = Turn::new(turn.journey);
            self.block(&branch.block, &mut inside);
            let ends = ends::of_block(&branch.block);
            if ends.collects && ends.through {
                self.report(report::mixed_branch(&branch.name));
            }
            let ty = if ends.through && !ends.collects {
                Ty::Null
            } else {
                inside.collected
            };
            first = self.table.join(&first, &ty).unwrap_or(Ty::Dyn);
            let ty = if policy == ParallelPolicy::Settle {
                Ty::Optional(Arc::new(ty))
            } else {
                ty
            };
            fields.push(FieldTy {
                declared: Some(branch.name.span),
                ..FieldTy::new(&branch.name.node, ty)
            });
        }
        match policy {
            ParallelPolicy::First => first,
            ParallelPolicy::All | ParallelPolicy::Settle => {
                Ty::Object(Arc::new(ObjectTy::new(fields, false)))
            }
        }
    }

    pub(super) fn for_step(
        &mut self,
        (item, index): (&Name, Option<&Name>),
        list: &Expr,
        block: &Block,
        turn: &Turn<'_>,
    ) -> Ty {
        let of = self.infer(list);
        let ty = match self.table.resolve(&of).clone() {
            Ty::List(ty) => Ty::clone(&ty),
            Ty::Dyn => Ty::Dyn,
            Ty::Error | Ty::Never => Ty::Error,
            other => self.wrong(report::not_a_list(list, &other)),
        };
        let mark = self.scope.mark();
        self.bind(item, ty);
        index.iter().for_each(|name| self.bind(name, Ty::Int));
        let mut inside = Turn::new(turn.journey);
        self.block(block, &mut inside);
        self.leave(mark);
        Ty::List(Arc::new(inside.collected))
    }

    pub(super) fn repeat(
        &mut self,
        condition: &Expr,
        accumulators: &[(Name, Expr)],
        block: &Block,
        turn: &Turn<'_>,
    ) -> Ty {
        let mut inside = Turn::new(turn.journey);
        for (name, value) in accumulators {
            let ty = self.infer(value);
            inside
                .accumulators
                .push((name.node.clone(), self.accumulator(&ty), name.span));
        }
        let mark = self.scope.mark();
        for ((name, _), (_, ty, _)) in accumulators.iter().zip(&inside.accumulators) {
            self.bind(name, ty.clone());
        }
        self.condition(condition);
        self.given(condition, true, |checker| checker.block(block, &mut inside));
        self.leave(mark);
        let field = |(name, ty, span): (String, Ty, Span)| FieldTy {
            declared: Some(span),
            ..FieldTy::new(name, ty)
        };
        Ty::Object(Arc::new(ObjectTy::new(
            inside.accumulators.into_iter().map(field).collect(),
            false,
        )))
    }

    /// The type of an accumulator by its first value: what that leaves open is known at run time only.
    fn accumulator(&self, first: &Ty) -> Ty {
        match self.table.widen(first) {
            Ty::Null | Ty::Never => Ty::Dyn,
            Ty::List(item) => Ty::List(Arc::new(self.accumulator(&item))),
            Ty::Map(key, value) => Ty::Map(
                Arc::new(self.accumulator(&key)),
                Arc::new(self.accumulator(&value)),
            ),
            Ty::Optional(inner) => Ty::Optional(Arc::new(self.accumulator(&inner))),
            Ty::Object(object) => {
                let field = |f: &FieldTy| FieldTy {
                    ty: self.accumulator(&f.ty),
                    ..f.clone()
                };
                Ty::Object(Arc::new(ObjectTy::new(
                    object.fields.iter().map(field).collect(),
                    object.open,
                )))
            }
            ty => ty,
        }
    }

    pub(super) fn next(&mut self, span: Span, values: &[Expr], turn: &Turn<'_>) {
        let accumulators = &turn.accumulators;
        if values.len() != accumulators.len() && !accumulators.is_empty() {
            let names: Vec<String> = accumulators
                .iter()
                .map(|(name, ..)| format!("`{name}`"))
                .collect();
            self.report(report::wrong_count(span, values.len(), &names));
        }
        for (i, value) in values.iter().enumerate() {
            match accumulators.get(i) {
                Some((_, ty, declared)) => {
                    self.check(
                        value,
                        Want {
                            ty,
                            used: Use::Value,
                            declared: Some(*declared),
                            limits: &[],
                        },
                    );
                }
                None => _ = self.infer(value),
            }
        }
    }
}
