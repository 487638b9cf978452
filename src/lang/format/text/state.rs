//! Steps on what survives a run.

use super::journey::duration;
use super::step::as_name;
use crate::ast::{Compare, Criterion, Delay, Expr, StepKind, StoreAction, StoreStep, Wait};
use crate::format::doc::{Doc, concat, item, nothing, text};
use crate::format::expr::Writer;
use journey_machine::span::Span;

impl Writer<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    pub(super) fn state_step(&self, kind: &StepKind, span: Span) -> Doc {
        match kind {
            StepKind::Store(step) => self.store_step(step, span),
            StepKind::Atomically(it) => concat([text("atomically "), self.block(&it.block, &[])]),
            StepKind::Start(start) => concat([
                text(format!("start {}", start.task.node)),
                self.arguments(&start.args),
                self.clause("after", start.after.as_ref().map(|time| self.delay(time))),
                self.clause("key", start.key.as_ref().map(|key| self.expr(key))),
                as_name(&start.binding),
            ]),
            StepKind::Sleep(time) => concat([text("sleep "), self.delay(time)]),
            StepKind::Wait(wait) => self.with_handlers(self.wait(wait), &wait.handlers, span),
            StepKind::Signal(signal) => {
                let key = concat([text("("), self.expr(&signal.key), text(")")]);
                let data = signal.data.as_ref().map(|data| self.value(data));
                let head = text(format!("signal {}", signal.signal.node));
                concat([head, key, self.clause("", data)])
            }
            StepKind::ReadBlob(read) => {
                let head = [
                    text("read blob "),
                    self.expr(&read.blob),
                    as_name(&read.binding),
                ];
                self.with_handlers(concat(head), &read.handlers, span)
            }
            _ => nothing(),
        }
    }

    fn store_step(&self, step: &StoreStep, span: Span) -> Doc {
        let head = text(format!("{} {}", step.action.word(), step.store.node));
        let by = || self.criteria(step.action.by());
        let at = |at: &Option<Expr>| self.clause("at", at.as_ref().map(|at| self.expr(at)));
        let rest = match &step.action {
            StoreAction::Insert { record } => concat([text(" "), self.value(record)]),
            StoreAction::Get { .. } => by(),
            StoreAction::Update {
                set, at: version, ..
            } => concat([by(), text(" "), self.value(set), at(version)]),
            StoreAction::Delete { at: version, .. } => concat([by(), at(version)]),
            StoreAction::Find {
                max, descending, ..
            } => {
                let descending = descending.map_or("", |_| " descending");
                concat([by(), text(format!(" max {}{descending}", max.node))])
            }
            StoreAction::Count { max, .. } => concat([by(), text(format!(" max {}", max.node))]),
        };
        let head = concat([head, rest, as_name(&step.binding)]);
        self.with_handlers(head, &step.handlers, span)
    }

    fn criteria(&self, by: &[Criterion]) -> Doc {
        let by = by.iter().map(|criterion| {
            let span = criterion.field.span.to(criterion.value.span);
            let between = match criterion.compare {
                Compare::Equal => ": ".to_owned(),
                bound => format!(" {} ", bound.sign()),
            };
            let name = text(format!("{}{between}", criterion.field.node));
            (
                span,
                item(span, concat([name, self.value(&criterion.value)])),
            )
        });
        self.parentheses(by.collect())
    }

    fn wait(&self, wait: &Wait) -> Doc {
        concat([
            text(format!("wait {}(", wait.signal.node)),
            self.expr(&wait.key),
            text(") up to "),
            self.delay(&wait.up_to),
            as_name(&wait.binding),
        ])
    }

    fn delay(&self, delay: &Delay) -> Doc {
        match delay {
            Delay::Time(time) => text(duration(time.node)),
            Delay::Value(value) => self.expr(value),
        }
    }

    /// A word and what belongs to it, if it is there.
    fn clause(&self, word: &str, operand: Option<Doc>) -> Doc {
        let Some(operand) = operand else {
            return nothing();
        };
        let gap = if word.is_empty() { "" } else { " " };
        concat([text(format!("{gap}{word} ")), operand])
    }
}
