//! `if` and `match`.

use super::attempt::Attempt;
use super::builder::Label;
use super::constant;
use super::frame::Frame;
use crate::ast::{Block, Expr, Handler, MatchArm};
use crate::types::Ty;
use journey_machine::op::{Op, Reg};
use journey_machine::program::Path;
use journey_machine::span::Span;
use journey_machine::value::Value;

impl<'a> Frame<'_, 'a> {
    /// `if`: its handler is for the conditions, not for the blocks.
    pub(super) fn choice(
        &mut self,
        span: Span,
        branches: &'a [(Expr, Block)],
        otherwise: Option<&'a Block>,
        handlers: &'a [Handler],
    ) {
        let attempt = self.attempt(span, None, handlers);
        for (condition, block) in branches {
            let next = self.code.label();
            let range = self.code.open();
            self.unless(condition, next);
            self.guard(&attempt, range);
            self.arm(&attempt, block);
            self.code.bind(next);
        }
        if let Some(block) = otherwise {
            self.block(block);
        }
        self.succeed(&attempt, |_, _| ());
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// A block, and on behind the step.
    fn arm(&mut self, attempt: &Attempt<'a>, block: &'a Block) {
        self.block(block);
        self.succeed(attempt, |_, _| ());
    }

    /// `match`: a jump table where all values are known and nothing else is asked, else one test after the other.
    pub(super) fn selection(
        &mut self,
        span: Span,
        subject: &'a Expr,
        arms: &'a [MatchArm],
        otherwise: Option<&'a Block>,
    ) {
        let attempt = self.attempt(span, None, &[]);
        let value = self.value(subject);
        let otherwise = |me: &mut Self| match otherwise {
            Some(block) => me.arm(&attempt, block),
            None => me.never(span),
        };
        match self.table(subject, arms) {
            Some(values) => {
                let labels: Vec<Label> = arms.iter().map(|_| self.code.label()).collect();
                let jumps = values
                    .into_iter()
                    .filter_map(|(arm, value)| Some((value, *labels.get(arm)?)));
                self.code
                    .switch(span, (value, Path::default()), jumps.collect());
                otherwise(self);
                for (arm, label) in arms.iter().zip(labels) {
                    self.code.bind(label);
                    self.arm(&attempt, &arm.block);
                }
            }
            None => {
                for arm in arms {
                    let next = self.code.label();
                    self.test(arm, value, next);
                    self.arm(&attempt, &arm.block);
                    self.code.bind(next);
                }
                otherwise(self);
            }
        }
        self.finish(&attempt);
    }

    /// The values of all arms, each with the place of its arm, if a jump table can hold them.
    fn table(&self, subject: &Expr, arms: &[MatchArm]) -> Option<Vec<(usize, Value)>> {
        let texts = self.is_text(subject.id);
        if arms.iter().any(|a| a.guard.is_some()) || !(texts || *self.ty(subject.id) == Ty::Int) {
            return None;
        }
        let all = arms
            .iter()
            .enumerate()
            .flat_map(|(place, arm)| arm.values.iter().map(move |v| (place, v)));
        let types = &self.project.checked.types;
        let fits = |v: &Value| {
            matches!(
                (v, texts),
                (Value::String(_), true) | (Value::Int(_), false)
            )
        };
        all.map(|(place, value)| Some((place, constant::fold(types, value).filter(fits)?)))
            .collect()
    }

    /// Goes to `next` unless the arm is for this value.
    fn test(&mut self, arm: &'a MatchArm, value: Reg, next: Label) {
        let Some((last, others)) = arm.values.split_last() else {
            return;
        };
        let hit = self.code.label();
        for candidate in others {
            self.compare(candidate, value, |me, dst| {
                me.code.jump_if(candidate.span, dst, hit)
            });
        }
        self.compare(last, value, |me, dst| {
            me.code.jump_unless(last.span, dst, next)
        });
        self.code.bind(hit);
        if let Some(guard) = &arm.guard {
            self.unless(guard, next);
        }
    }

    fn compare(&mut self, candidate: &'a Expr, value: Reg, then: impl FnOnce(&mut Self, Reg)) {
        let mark = self.code.mark();
        let dst = self.temp();
        self.put(candidate, dst);
        self.code.emit(
            candidate.span,
            Op::Eq {
                dst,
                a: value,
                b: dst,
            },
        );
        then(self, dst);
        self.code.release(mark);
    }
}
