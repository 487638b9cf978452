//! Steps on what survives a run.

use super::super::named;
use super::super::out::{Out, entry, entry_at, present};
use super::nesting::number;
use crate::ast::{Compare, Criterion, Delay, Expr, Start, StepKind, StoreAction, StoreStep};
use crate::format::doc::Doc;
use crate::format::expr::Writer;
use crate::format::text::duration;

impl Writer<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    pub(super) fn yaml_state(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::Store(step) => self.yaml_store_step(step),
            StepKind::Atomically(it) => vec![entry("atomically", self.yaml_steps(&it.block))],
            StepKind::Start(start) => self.yaml_start(start),
            StepKind::Sleep(time) => vec![self.yaml_delay("sleep", time)],
            StepKind::Wait(wait) => present([
                named("wait", Some(&wait.signal)),
                Some(self.yaml_at("key", &wait.key)),
                Some(self.yaml_delay("up_to", &wait.up_to)),
                named("as", wait.binding.as_ref()),
                self.yaml_on(wait.handlers.iter()),
            ]),
            StepKind::Signal(signal) => present([
                named("signal", Some(&signal.signal)),
                Some(self.yaml_at("key", &signal.key)),
                signal.data.as_ref().map(|data| self.yaml_at("data", data)),
            ]),
            StepKind::ReadBlob(read) => {
                let head = self.yaml_at("read_blob", &read.blob);
                self.yaml_work(head, None, read.binding.as_ref(), &read.handlers)
            }
            _ => Vec::new(),
        }
    }

    fn yaml_store_step(&self, step: &StoreStep) -> Vec<Doc> {
        let mut parts = present([
            named(step.action.word(), Some(&step.store)),
            self.yaml_criteria(&step.action),
        ]);
        let at = |at: &Option<Expr>| at.as_ref().map(|at| self.yaml_at("at", at));
        match &step.action {
            StoreAction::Insert { record } => parts.push(self.yaml_at("record", record)),
            StoreAction::Get { .. } => {}
            StoreAction::Update {
                set, at: version, ..
            } => {
                parts.push(self.yaml_at("set", set));
                parts.extend(at(version));
            }
            StoreAction::Delete { at: version, .. } => parts.extend(at(version)),
            StoreAction::Find {
                max, descending, ..
            } => {
                parts.push(number("max", max));
                let descending = descending.map(|span| (span, Out::words("true")));
                parts.extend(descending.map(|(span, out)| entry_at(span, "descending", out)));
            }
            StoreAction::Count { max, .. } => parts.push(number("max", max)),
        }
        let rest = [
            named("as", step.binding.as_ref()),
            self.yaml_on(step.handlers.iter()),
        ];
        parts.into_iter().chain(present(rest)).collect()
    }

    fn yaml_criteria(&self, action: &StoreAction) -> Option<Doc> {
        let by = action
            .by()
            .iter()
            .map(|criterion| self.yaml_criterion(criterion));
        match (Out::block(by.collect()), action) {
            (Some(by), _) => Some(entry("by", by)),
            (
                None,
                StoreAction::Get { .. } | StoreAction::Update { .. } | StoreAction::Delete { .. },
            ) => Some(entry("by", Out::as_written("{}"))),
            (None, _) => None,
        }
    }

    fn yaml_criterion(&self, criterion: &Criterion) -> Doc {
        let key = match criterion.compare {
            Compare::Equal => criterion.field.node.clone(),
            bound => format!("{} {}", criterion.field.node, bound.sign()),
        };
        let span = criterion.field.span.to(criterion.value.span);
        entry_at(span, &key, self.yaml_value(&criterion.value))
    }

    fn yaml_start(&self, start: &Start) -> Vec<Doc> {
        let after = start.after.as_ref();
        let key = start.key.as_ref();
        present([
            named("start", Some(&start.task)),
            self.yaml_args(&start.args),
            after.map(|time| self.yaml_delay("after", time)),
            key.map(|key| self.yaml_at("key", key)),
            named("as", start.binding.as_ref()),
        ])
    }

    fn yaml_delay(&self, word: &str, delay: &Delay) -> Doc {
        match delay {
            Delay::Time(time) => entry_at(time.span, word, Out::words(&duration(time.node))),
            Delay::Value(value) => entry_at(value.span, word, self.yaml_code(value)),
        }
    }
}
