//! Steps on what survives a run: stores, tasks, signals, blobs.

use super::expr::{count, registers};
use super::frame::Frame;
use crate::ast::{
    Compare, Criterion, Delay, Expr, Handler, IndexDecl, JourneyKind, Name, ReadBlob, SendSignal,
    Start, StoreAction, StoreStep, Wait,
};
use crate::names::stores::{self, Way};
use journey_machine::manifest::{SignalId, StoreId, TaskId};
use journey_machine::op::{Op, Reg};
use journey_machine::program::{Edge, EffectSite, Scan, StateSite};
use journey_machine::span::Span;
use journey_machine::value::{Duration, Value};

/// What goes into a register of an effect.
enum Given<'a> {
    Expr(&'a Expr),
    Constant(Span, Value),
    /// A new id.
    Fresh(Span),
}

impl<'a> Given<'a> {
    fn delay(delay: &'a Delay) -> Self {
        match delay {
            Delay::Value(value) => Self::Expr(value),
            Delay::Time(time) => {
                // None is longer than a duration can be.
                let millis = i64::try_from(time.node).ok();
                let time_of = millis.and_then(Duration::from_millis).unwrap_or_default();
                Self::Constant(time.span, Value::Duration(time_of))
            }
        }
    }
}

impl<'a> Frame<'_, 'a> {
    pub(super) fn store_step(&mut self, span: Span, step: &'a StoreStep) {
        let result = (step.binding.as_ref(), step.handlers.as_slice());
        match self.store_effect(step) {
            Some((site, given)) => self.ask(span, EffectSite::State(site), given, result),
            None => self.project.unexpected(span),
        }
    }

    fn store_effect(&mut self, step: &'a StoreStep) -> Option<(StateSite, Vec<Given<'a>>)> {
        let names = &self.project.checked.names;
        let store = StoreId(place(names.stores.keys(), &step.store.node)?);
        if let StoreAction::Insert { record } = &step.action {
            return Some((StateSite::Insert(store), vec![Given::Expr(record)]));
        }
        let declared = names.stores.get(step.store.node.as_str()).copied()?;
        let (way, fields) = stores::way(declared, &step.action)?;
        let index = match way {
            Way::Key => None,
            Way::Index(place) => Some(u16::try_from(place).ok()?),
        };
        let mut given = equal(fields, step.action.by());
        let site = match &step.action {
            StoreAction::Update { set, at, .. } => {
                given.push(Given::Expr(set));
                given.extend(at.iter().map(Given::Expr));
                let at = at.is_some();
                StateSite::Update { store, at }
            }
            StoreAction::Delete { at, .. } => {
                given.extend(at.iter().map(Given::Expr));
                let at = at.is_some();
                StateSite::Delete { store, at }
            }
            StoreAction::Find {
                by,
                max,
                descending,
            } => {
                let scan = scan((store, index), by, max.node, &mut given);
                let descending = descending.is_some();
                StateSite::Find { scan, descending }
            }
            StoreAction::Count { by, max } => {
                StateSite::Count(scan((store, index), by, max.node, &mut given))
            }
            StoreAction::Get { .. } | StoreAction::Insert { .. } => StateSite::Get { store, index },
        };
        Some((site, given))
    }

    pub(super) fn start(&mut self, span: Span, start: &'a Start) {
        let names = &self.project.checked.names;
        let declared = names.tasks.get(start.task.node.as_str()).map(|t| &t.kind);
        let task = place(names.tasks.keys(), &start.task.node).map(TaskId);
        let (Some(JourneyKind::Task(declared)), Some(task)) = (declared, task) else {
            return self.project.unexpected(span);
        };
        let params = declared.params.iter().map(|param| {
            let given = start.args.iter().find(|a| a.name.node == param.name.node);
            let value = given.map(|a| &a.value).or(param.default.as_deref());
            value.map_or(Given::Constant(span, Value::Null), Given::Expr)
        });
        let after = start.after.iter().map(Given::delay);
        let key = start.key.iter().map(Given::Expr);
        let given = std::iter::once(Given::Fresh(span)).chain(params);
        let site = StateSite::Start {
            task,
            after: start.after.is_some(),
            key: start.key.is_some(),
        };
        let given = given.chain(after).chain(key).collect();
        let result = (start.binding.as_ref(), [].as_slice());
        self.ask(span, EffectSite::State(site), given, result);
    }

    pub(super) fn sleep(&mut self, span: Span, time: &'a Delay) {
        let given = vec![Given::delay(time)];
        self.ask(span, EffectSite::Sleep, given, (None, &[]));
    }

    pub(super) fn wait(&mut self, span: Span, wait: &'a Wait) {
        let Some(signal) = self.signal(&wait.signal) else {
            return self.project.unexpected(span);
        };
        let given = vec![Given::Expr(&wait.key), Given::delay(&wait.up_to)];
        let result = (wait.binding.as_ref(), wait.handlers.as_slice());
        self.ask(span, EffectSite::Wait(signal), given, result);
    }

    pub(super) fn send(&mut self, span: Span, step: &'a SendSignal) {
        let Some(signal) = self.signal(&step.signal) else {
            return self.project.unexpected(span);
        };
        let data = step.data.as_ref();
        let data = data.map_or(Given::Constant(span, Value::Null), Given::Expr);
        let given = vec![Given::Fresh(span), Given::Expr(&step.key), data];
        let site = EffectSite::State(StateSite::Signal(signal));
        self.ask(span, site, given, (None, &[]));
    }

    pub(super) fn read_blob(&mut self, span: Span, read: &'a ReadBlob) {
        let given = vec![Given::Expr(&read.blob)];
        let result = (read.binding.as_ref(), read.handlers.as_slice());
        self.ask(span, EffectSite::Read, given, result);
    }

    fn signal(&self, name: &Name) -> Option<SignalId> {
        let names = &self.project.checked.names;
        place(names.signals.keys(), &name.node).map(SignalId)
    }

    /// An effect whose errors the handlers catch, and whose result is what is bound.
    fn ask(
        &mut self,
        span: Span,
        site: EffectSite,
        given: Vec<Given<'a>>,
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let first = self.given(given);
        let dst = attempt.result().unwrap_or_else(|| self.temp());
        let site = self.project.tables.site(site);
        self.code.emit(span, Op::Perform { dst, site, first });
        self.succeed(&attempt, |_, _| ());
        self.guard(&attempt, range);
        self.catch(&attempt);
        self.finish(&attempt);
    }

    fn given(&mut self, given: Vec<Given<'a>>) -> Reg {
        let first = self.code.alloc(given.len());
        for (given, reg) in given.into_iter().zip(registers(first)) {
            match given {
                Given::Expr(expr) => self.put(expr, reg),
                Given::Constant(span, value) => self.load(span, reg, value),
                Given::Fresh(span) => self.code.emit(span, Op::Uuid { dst: reg }),
            }
        }
        first
    }
}

fn place<'k>(mut names: impl Iterator<Item = &'k &'k str>, name: &str) -> Option<u16> {
    u16::try_from(names.position(|n| *n == name)?).ok()
}

/// The values that fields of an index are equal to, in the order of the index.
fn equal<'a>(index: &IndexDecl, by: &'a [Criterion]) -> Vec<Given<'a>> {
    let value = |name: &Name| {
        let found = by
            .iter()
            .find(|c| c.compare == Compare::Equal && c.field.node == name.node)?;
        Some(Given::Expr(&found.value))
    };
    index.fields.iter().filter_map(value).collect()
}

/// The stretch that is asked for; its bounds go behind the values that are given.
fn scan<'a>(
    (store, index): (StoreId, Option<u16>),
    by: &'a [Criterion],
    max: u64,
    given: &mut Vec<Given<'a>>,
) -> Scan {
    let equal = count(given.len());
    let mut edge = |inclusive, exclusive| {
        let bound = by
            .iter()
            .find(|c| c.compare == inclusive || c.compare == exclusive);
        given.extend(bound.map(|c| Given::Expr(&c.value)));
        match bound {
            None => Edge::Open,
            Some(c) if c.compare == inclusive => Edge::Inclusive,
            Some(_) => Edge::Exclusive,
        }
    };
    Scan {
        store,
        index,
        equal,
        lower: edge(Compare::AtLeast, Compare::Above),
        upper: edge(Compare::AtMost, Compare::Below),
        max: u16::try_from(max).unwrap_or(u16::MAX),
    }
}
