//! Declarations of what survives a run: stores, tasks, signals.

use super::grammar::Rule;
use super::phrase;
use super::reader::{Node, Parts, Reader, Seen};
use super::wrong;
use crate::ast::{
    Attempts, IndexDecl, Journey, JourneyKind, SignalDecl, Spanned, Store, Task, TypeExpr,
};
use crate::diagnostic::{Code, Diagnostic};
use journey_machine::span::Span;

impl Reader<'_> {
    pub(super) fn store(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<Store> {
        let name = self.name(&mut parts, "a name after `store`");
        self.noise(&mut parts);
        let body = self.need(&mut parts, Rule::store_body, "`{` and the store");
        let mut store = Store {
            docs,
            name: name?,
            span,
            record: None,
            key: None,
            uniques: Vec::new(),
            indexes: Vec::new(),
            retain: None,
        };
        let mut seen = Seen::default();
        for item in body.into_iter().flat_map(Node::into_inner) {
            self.store_item(&item, &mut store, &mut seen);
        }
        Some(store)
    }

    fn store_item(&mut self, node: &Node<'_>, store: &mut Store, seen: &mut Seen) {
        const ITEM: wrong::Context = wrong::items(
            "an item of a store",
            &["record", "key", "unique", "index", "retain"],
        );
        let mut parts = Parts::of(node.clone());
        parts.next();
        match node.as_rule() {
            Rule::record => {
                let record = self.record(&mut parts);
                self.once(&mut store.record, record, seen, node);
            }
            Rule::store_key => {
                let key = self.index(parts, node);
                self.once(&mut store.key, key, seen, node);
            }
            Rule::unique => store.uniques.extend(self.index(parts, node)),
            Rule::index => store.indexes.extend(self.index(parts, node)),
            Rule::retain => {
                let retain = self.time(&mut parts, "a time after `retain`: `90d`");
                self.once(&mut store.retain, retain, seen, node);
            }
            _ => self.wrong_item(node, &ITEM),
        }
    }

    fn record(&mut self, parts: &mut Parts<'_>) -> Option<TypeExpr> {
        self.noise(parts);
        let ty = self.need(parts, Rule::type_text, "`{` and fields, or a type")?;
        Some(self.type_of(&ty))
    }

    fn index(&mut self, mut parts: Parts<'_>, node: &Node<'_>) -> Option<IndexDecl> {
        let fields = self.words(&mut parts, "fields of the record: `status, created`");
        (!fields.is_empty()).then(|| IndexDecl {
            fields,
            span: self.span(node),
        })
    }

    pub(super) fn task(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<Journey> {
        let name = self.name(&mut parts, "a name after `task`");
        let params = self.need(&mut parts, Rule::params, "`(` and parameters, or `()`");
        let params = params.map(|node| self.params(node)).unwrap_or_default();
        self.noise(&mut parts);
        let node = self.need(&mut parts, Rule::task_body, "`{` and the steps");
        let (mut task, mut seen) = (Task::default(), Seen::default());
        let body = self.journey_body(node, span, |reader, item, first_step| {
            reader.before_steps(&item, first_step);
            reader.task_item(&item, &mut task, &mut seen);
        });
        let (body, on_failure) = self.journey_handler(body);
        Some(Journey {
            docs,
            name: name?,
            span,
            kind: JourneyKind::Task(Task { params, ..task }),
            body,
            on_failure,
        })
    }

    fn task_item(&mut self, node: &Node<'_>, task: &mut Task, seen: &mut Seen) {
        let mut parts = Parts::of(node.clone());
        parts.next();
        match node.as_rule() {
            Rule::attempts => {
                let attempts = self.attempts(&mut parts);
                self.once(&mut task.attempts, attempts, seen, node);
            }
            Rule::timeout => {
                let timeout = self.time(&mut parts, "a time after `timeout`: `30s`");
                self.once(&mut task.timeout, timeout, seen, node);
            }
            _ => {
                let keep = self.time(&mut parts, "a time after `keep`: `7d`");
                self.once(&mut task.keep, keep, seen, node);
            }
        }
    }

    fn attempts(&mut self, parts: &mut Parts<'_>) -> Option<Spanned<Attempts>> {
        self.noise(parts);
        match parts.any(&[Rule::attempts_phrase, Rule::rest]) {
            Some(node) if node.as_rule() == Rule::attempts_phrase => self.phrase().attempts(node),
            Some(node) => self.wrong_phrase(&node, phrase::ATTEMPTS),
            None => {
                self.missing(parts, "attempts: `4 after 5m, 10m, 15m`");
                None
            }
        }
    }

    pub(super) fn signal(
        &mut self,
        mut parts: Parts<'_>,
        docs: String,
        span: Span,
    ) -> Option<SignalDecl> {
        let name = self.name(&mut parts, "a name after `signal`");
        self.noise(&mut parts);
        let ty = parts.take(Rule::type_text).map(|ty| self.type_of(&ty));
        Some(SignalDecl {
            docs,
            name: name?,
            ty,
            span,
        })
    }

    /// Says so if an item of a head stands behind a step.
    pub(super) fn before_steps(&mut self, node: &Node<'_>, first_step: Option<Span>) {
        if let Some(step) = first_step {
            let span = self.span(node);
            let title = "the head of a journey stands before its steps";
            let finding = Diagnostic::new(Code::WRONG_ITEM, span, title);
            self.report(finding.label(step, "the first step"));
        }
    }
}
