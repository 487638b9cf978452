//! Steps: one table each. The first key of a mapping that names a step says which it is.

use super::node::{Entry, Kind, Map, Node, entries};
use super::read::{Construct, Fields, Reader, Shape};
use crate::ast::{Block, Branch, Handler, HandlerEvent, MatchArm, Name, Spanned, Step, StepKind};
use crate::codes::Code;
use crate::diagnostic::Diagnostic;
use crate::suggest::suggestion;
use journey_machine::span::Span;

mod end;
mod flow;
mod state;
mod work;

/// Reads a step from its fields; `None`: a part that it needs could not be read, and that has been reported.
type ReadStep = fn(&mut Reader<'_>, &Fields<'_, '_>) -> Option<StepKind>;

/// A step: its table, whose first key names it, and its reader.
pub(super) struct StepForm {
    construct: Construct,
    read: ReadStep,
}

impl StepForm {
    const fn new(construct: Construct, read: ReadStep) -> Self {
        Self { construct, read }
    }

    fn key(&self) -> &'static str {
        self.construct.fields.first().map_or("", |field| field.name)
    }
}

/// All steps. Where a mapping has the keys of two, the one that stands further up here wins.
static STEPS: [&StepForm; 28] = [
    &work::LET,
    &flow::IF,
    &flow::MATCH,
    &work::CALL,
    &work::VALIDATE,
    &flow::FOR,
    &flow::REPEAT,
    &flow::PARALLEL,
    &work::RUN,
    &flow::BLOCK,
    &work::EMIT,
    &end::COMPLETE,
    &end::FAIL,
    &end::COLLECT,
    &end::NEXT,
    &end::RETURN,
    &state::INSERT,
    &state::GET,
    &state::UPDATE,
    &state::DELETE,
    &state::FIND,
    &state::COUNT,
    &state::ATOMICALLY,
    &state::START,
    &state::SLEEP,
    &state::WAIT,
    &state::SIGNAL,
    &state::READ_BLOB,
];

pub(super) const AS: Shape = Shape::Text("a name");
pub(super) const ON: Shape = Shape::Map("a mapping of events to lists of steps");
pub(super) const CONDITION: Shape = Shape::Text("a condition: \"${ … }\"");

impl Reader<'_> {
    /// The steps of a list.
    pub(super) fn block(&mut self, node: Option<&Node<'_>>) -> Block {
        let Some(node) = node else {
            return Block::default();
        };
        let Kind::List(items) = &node.kind else {
            self.expected("a list of steps", node);
            return Block {
                steps: Vec::new(),
                span: node.span,
            };
        };
        Block {
            steps: items.iter().map(|item| self.step(item)).collect(),
            span: node.span,
        }
    }

    fn step(&mut self, node: &Node<'_>) -> Step {
        let docs = self.docs_above(node.span);
        let kind = match &node.kind {
            Kind::Map(map) => self.step_of(map, node.span),
            Kind::Null | Kind::Scalar(_) | Kind::List(_) | Kind::Poison => {
                self.expected("a step: a mapping", node);
                StepKind::Error
            }
        };
        Step {
            docs,
            kind,
            span: node.span,
        }
    }

    fn step_of(&mut self, map: &Map<'_>, span: Span) -> StepKind {
        let has = |form: &&&StepForm| {
            map.entries
                .iter()
                .any(|entry| entry.key.text() == form.key())
        };
        let Some(form) = STEPS.iter().find(has) else {
            self.no_step(map);
            return StepKind::Error;
        };
        let fields = self.fields(map, span, &form.construct);
        (form.read)(self, &fields).unwrap_or(StepKind::Error)
    }

    fn no_step(&mut self, map: &Map<'_>) {
        let Some(entry) = map.entries.first().filter(|_| !map.broken) else {
            return;
        };
        let key = entry.key.text();
        let names = || STEPS.iter().map(|form| form.key());
        let help = suggestion(key, names())
            .unwrap_or_else(|| format!("steps are {}", super::read::list(names())));
        let finding = Diagnostic::new(
            Code::WRONG_STEP,
            entry.key.span,
            format!("`{key}` is not a step"),
        );
        self.report(finding.help(help));
    }

    /// The handlers of a step.
    pub(super) fn handlers(&mut self, node: Option<&Node<'_>>) -> Vec<Handler> {
        entries(node)
            .iter()
            .filter_map(|entry| self.handler(entry))
            .collect()
    }

    /// `failure as e: […]`
    fn handler(&mut self, entry: &Entry<'_>) -> Option<Handler> {
        let (event, binding) = self.event_and_binding(entry);
        let event = self.event(event);
        let block = self.block(Some(&entry.value));
        let binding = binding.filter(|name| self.is_name(name));
        Some(Handler {
            event: event?,
            binding,
            block,
            span: entry.span(),
        })
    }

    /// The two sides of ` as ` in a key.
    pub(super) fn event_and_binding(&mut self, entry: &Entry<'_>) -> (Name, Option<Name>) {
        let key = entry.key.text();
        let map = self.map(&entry.key.scalar, entry.key.span);
        let name = |from: usize, text: &str| {
            let start = from + text.len() - text.trim_start().len();
            let text = text.trim();
            Name {
                node: text.to_owned(),
                span: map.span(start, start + text.len()),
            }
        };
        match key.split_once(" as ") {
            Some((event, binding)) => (
                name(0, event),
                Some(name(event.len() + " as ".len(), binding)),
            ),
            None => (name(0, key), None),
        }
    }

    fn event(&mut self, word: Name) -> Option<Spanned<HandlerEvent>> {
        let span = word.span;
        let node = match word.node.as_str() {
            "timeout" => HandlerEvent::Timeout,
            "failure" => HandlerEvent::Failure,
            "exhausted" => HandlerEvent::Exhausted,
            text if text.starts_with(|c: char| c.is_ascii_digit()) => {
                HandlerEvent::Status(self.status(&word)?.node)
            }
            _ if !self.is_name(&word) => return None,
            _ => HandlerEvent::Outcome(word.node),
        };
        Some(Spanned { node, span })
    }

    /// The one handler a construct may have: `on: { failure: […] }`.
    pub(super) fn on_failure(&mut self, node: Option<&Node<'_>>, what: &str) -> Option<Handler> {
        let handlers = self.handlers(node);
        let (mut failures, others): (Vec<_>, Vec<_>) = handlers
            .into_iter()
            .partition(|handler| handler.event.node == HandlerEvent::Failure);
        for other in others {
            let finding = Diagnostic::new(
                Code::WRONG_ITEM,
                other.event.span,
                format!("{what} handles `failure` only"),
            );
            self.report(finding.help("handle other events at the step where they happen"));
        }
        failures.pop()
    }

    /// A branch of `parallel`.
    pub(super) fn branch(&mut self, entry: &Entry<'_>) -> Option<Branch> {
        let name = self.whole_key(entry);
        let block = self.block(Some(&entry.value));
        self.is_name(&name).then(|| Branch {
            name,
            block,
            span: entry.span(),
        })
    }

    /// An arm of `match`.
    pub(super) fn arm(&mut self, node: &Node<'_>) -> Option<MatchArm> {
        let Kind::Map(map) = &node.kind else {
            self.expected("a case: a mapping with `when` and `do`", node);
            return None;
        };
        let fields = self.fields(map, node.span, &flow::CASE);
        let values = match fields.get("when") {
            Some(Node {
                kind: Kind::List(items),
                ..
            }) => items.iter().map(|item| self.value(item)).collect(),
            Some(one) => vec![self.value(one)],
            None => Vec::new(),
        };
        let guard = fields.get("if").map(|guard| self.expression(guard));
        let block = self.block(fields.get("do"));
        Some(MatchArm {
            values,
            guard,
            block,
            span: node.span,
        })
    }
}
