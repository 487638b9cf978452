//! Steps on what survives a run: stores, tasks, signals, blobs.

use super::grammar::Rule;
use super::reader::{Parts, Reader, Seen};
use crate::ast::{
    Atomically, Criterion, Delay, Expr, Handler, ReadBlob, SendSignal, Spanned, Start, StepKind,
    StoreAction, StoreStep, Wait,
};

impl Reader<'_> {
    pub(super) fn state_step(&mut self, rule: Rule, mut parts: Parts<'_>) -> Option<StepKind> {
        Some(match rule {
            Rule::insert_step => StepKind::Store(Box::new(self.insert_step(parts)?)),
            Rule::get_step | Rule::update_step | Rule::delete_step => {
                StepKind::Store(Box::new(self.one_record(rule, parts)?))
            }
            Rule::find_step | Rule::count_step => {
                StepKind::Store(Box::new(self.records(rule, parts)?))
            }
            Rule::atomically_step => StepKind::Atomically(Atomically {
                block: self.plain_block(&mut parts, "`{` and steps"),
            }),
            Rule::start_step => StepKind::Start(Box::new(self.start_step(parts)?)),
            Rule::sleep_step => StepKind::Sleep(self.delay(&mut parts)),
            Rule::wait_step => StepKind::Wait(Box::new(self.wait_step(parts)?)),
            Rule::signal_step => StepKind::Signal(self.signal_step(parts)?),
            _ => StepKind::ReadBlob(self.read_blob_step(parts)),
        })
    }

    /// Handlers of a step on a store or a blob.
    fn state_handlers(&mut self, parts: &mut Parts<'_>) -> Vec<Handler> {
        let handlers = self.handlers(parts).into_iter();
        handlers.map(Handler::of_state).collect()
    }

    fn insert_step(&mut self, mut parts: Parts<'_>) -> Option<StoreStep> {
        let store = self.name(&mut parts, "the name of a store");
        let record = self.value(&mut parts, "the record: `{ id: … }`");
        let binding = self.binding(&mut parts);
        let handlers = self.state_handlers(&mut parts);
        Some(StoreStep {
            store: store?,
            action: StoreAction::Insert { record },
            binding,
            handlers,
        })
    }

    /// `get`, `update` and `delete`.
    fn one_record(&mut self, rule: Rule, mut parts: Parts<'_>) -> Option<StoreStep> {
        let store = self.name(&mut parts, "the name of a store");
        let by = self.criteria(&mut parts);
        let action = match rule {
            Rule::get_step => StoreAction::Get { by },
            Rule::update_step => StoreAction::Update {
                by,
                set: self.value(&mut parts, "the fields to set: `{ status: … }`"),
                at: self.at(&mut parts),
            },
            _ => StoreAction::Delete {
                by,
                at: self.at(&mut parts),
            },
        };
        let binding = self.binding(&mut parts);
        let handlers = self.state_handlers(&mut parts);
        Some(StoreStep {
            store: store?,
            action,
            binding,
            handlers,
        })
    }

    /// `(field: V, …)`
    fn criteria(&mut self, parts: &mut Parts<'_>) -> Vec<Criterion> {
        match self.need(parts, Rule::parens, "`(` and the fields to go by") {
            Some(parens) => self.criteria_of(&parens),
            None => Vec::new(),
        }
    }

    /// `at E`
    fn at(&mut self, parts: &mut Parts<'_>) -> Option<Expr> {
        let mut inner = Parts::of(parts.take(Rule::at)?);
        inner.next();
        Some(self.expression(&mut inner, "the version to write at"))
    }

    /// `find` and `count`: their clauses stand in any order.
    fn records(&mut self, rule: Rule, mut parts: Parts<'_>) -> Option<StoreStep> {
        let store = self.name(&mut parts, "the name of a store");
        let by = self.criteria(&mut parts);
        let (mut max, mut descending, mut binding) = (None, None, None);
        let (mut seen, mut has_max) = (Seen::default(), false);
        while let Some(node) = parts.any(&[Rule::max, Rule::descending, Rule::binding]) {
            match node.as_rule() {
                Rule::max => {
                    has_max = true;
                    let mut inner = Parts::of(node.clone());
                    inner.next();
                    let most = self.number(&mut inner, "the largest number of records");
                    self.once(&mut max, most, &mut seen, &node);
                }
                Rule::descending => {
                    let span = self.span(&node);
                    self.once(&mut descending, Some(span), &mut seen, &node);
                }
                _ => {
                    let name = self.binding(&mut Parts::alone(node.clone()));
                    self.once(&mut binding, name, &mut seen, &node);
                }
            }
        }
        if !has_max {
            self.missing(&mut parts, "`max` and the largest number of records");
        }
        let max: Spanned<u64> = max?;
        let action = match rule {
            Rule::find_step => StoreAction::Find {
                by,
                max,
                descending,
            },
            _ => StoreAction::Count { by, max },
        };
        Some(StoreStep {
            store: store?,
            action,
            binding,
            handlers: Vec::new(),
        })
    }

    fn start_step(&mut self, mut parts: Parts<'_>) -> Option<Start> {
        let task = self.name(&mut parts, "the name of a task");
        let args = self.arguments(&mut parts);
        let (mut after, mut key, mut binding) = (None, None, None);
        let mut seen = Seen::default();
        while let Some(node) = parts.any(&[Rule::after, Rule::key_part, Rule::binding]) {
            let mut inner = Parts::of(node.clone());
            match node.as_rule() {
                Rule::after => {
                    inner.next();
                    let delay = self.delay(&mut inner);
                    self.once(&mut after, Some(delay), &mut seen, &node);
                }
                Rule::key_part => {
                    inner.next();
                    let value = self.expression(&mut inner, "a text after `key`");
                    self.once(&mut key, Some(value), &mut seen, &node);
                }
                _ => {
                    let name = self.binding(&mut Parts::alone(node.clone()));
                    self.once(&mut binding, name, &mut seen, &node);
                }
            }
        }
        Some(Start {
            task: task?,
            args,
            after,
            key,
            binding,
        })
    }

    /// A time, or an expression that is one.
    fn delay(&mut self, parts: &mut Parts<'_>) -> Delay {
        let what = "a time: `5m`, or an expression that is a duration";
        let Some(node) = parts.take(Rule::delay) else {
            return Delay::Value(self.expression(parts, what));
        };
        let mut inner = Parts::of(node);
        if let Some(time) = inner.take(Rule::time)
            && let Some(time) = super::phrase::time(time.as_str(), self.span(&time), self.diags)
        {
            return Delay::Time(time);
        }
        Delay::Value(self.expression(&mut inner, what))
    }

    /// `(E)`
    fn key_of(&mut self, parts: &mut Parts<'_>) -> Expr {
        match parts.take(Rule::parens) {
            Some(parens) => self.expression_of(&parens),
            None => self.expression(parts, "`(` and the key of the signal"),
        }
    }

    fn wait_step(&mut self, mut parts: Parts<'_>) -> Option<Wait> {
        let signal = self.name(&mut parts, "the name of a signal");
        let key = self.key_of(&mut parts);
        let up_to = self.need(&mut parts, Rule::up_to, "`up to` and a time");
        let up_to = up_to.map(|node| {
            let mut inner = Parts::of(node);
            inner.next();
            self.need(&mut inner, Rule::to_, "`to` after `up`");
            self.delay(&mut inner)
        });
        let binding = self.binding(&mut parts);
        let handlers = self.handlers(&mut parts);
        Some(Wait {
            signal: signal?,
            key,
            up_to: up_to?,
            binding,
            handlers,
        })
    }

    fn signal_step(&mut self, mut parts: Parts<'_>) -> Option<SendSignal> {
        let signal = self.name(&mut parts, "the name of a signal");
        let key = self.key_of(&mut parts);
        let data = parts
            .any(&[Rule::value, Rule::bad_value])
            .map(|value| self.value_of(&value));
        Some(SendSignal {
            signal: signal?,
            key,
            data,
        })
    }

    fn read_blob_step(&mut self, mut parts: Parts<'_>) -> ReadBlob {
        parts.take(Rule::blob_);
        let blob = self.expression(&mut parts, "the blob: an expression");
        let binding = self.binding(&mut parts);
        let handlers = self.state_handlers(&mut parts);
        ReadBlob {
            blob,
            binding,
            handlers,
        }
    }
}
