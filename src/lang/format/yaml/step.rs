//! Steps.

mod nesting;
mod state;

use super::named;
use super::out::{Out, dashed, entry, entry_at, key_only, present};
use crate::ast::{Argument, Block, CompleteBody, Expr, Handler, Name, Step, StepKind};
use crate::format::doc::{Doc, documented, item, lines};
use crate::format::expr::Writer;

impl Writer<'_> {
    /// A list of steps.
    pub(super) fn yaml_steps(&self, block: &Block) -> Out {
        let steps = block.steps.iter().map(|step| self.yaml_step(step));
        Out::list(block.span, None, steps.collect())
    }

    fn yaml_step(&self, step: &Step) -> Doc {
        documented(
            step.span,
            &step.docs,
            dashed(lines(self.yaml_step_parts(&step.kind))),
        )
    }

    fn yaml_step_parts(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::If { .. }
            | StepKind::Match { .. }
            | StepKind::Parallel { .. }
            | StepKind::For { .. }
            | StepKind::Repeat { .. }
            | StepKind::Block { .. } => self.yaml_nesting(kind),
            StepKind::Let { .. }
            | StepKind::Call { .. }
            | StepKind::Validate { .. }
            | StepKind::Run { .. }
            | StepKind::Emit { .. } => self.yaml_doing(kind),
            StepKind::Complete { .. }
            | StepKind::Fail { .. }
            | StepKind::Collect { .. }
            | StepKind::Next { .. }
            | StepKind::Return { .. } => self.yaml_end(kind),
            StepKind::Store(_)
            | StepKind::Atomically(_)
            | StepKind::Start(_)
            | StepKind::Sleep(_)
            | StepKind::Wait(_)
            | StepKind::Signal(_)
            | StepKind::ReadBlob(_) => self.yaml_state(kind),
            StepKind::Error => Vec::new(),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    fn yaml_doing(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::Let { name, value } => {
                let binding = Out::block(vec![self.yaml_pair(name, value)]);
                present([binding.map(|binding| entry("let", binding))])
            }
            StepKind::Call {
                connection,
                operation,
                args,
                binding,
                handlers,
            } => {
                let target = Out::words(&format!("{}.{}", connection.node, operation.node));
                let target = entry_at(connection.span.to(operation.span), "call", target);
                self.yaml_work(target, self.yaml_args(args), binding.as_ref(), handlers)
            }
            StepKind::Run {
                sub,
                args,
                binding,
                handlers,
            } => {
                let target = entry_at(sub.span, "run", Out::words(&sub.node));
                self.yaml_work(target, self.yaml_args(args), binding.as_ref(), handlers)
            }
            StepKind::Validate {
                token,
                issuer,
                binding,
                handlers,
            } => {
                let token = self.yaml_at("validate_token", token);
                let issuer = named("with", Some(issuer));
                self.yaml_work(token, issuer, binding.as_ref(), handlers)
            }
            StepKind::Emit { name, data } => present([
                named("emit", Some(name)),
                data.as_ref().map(|data| self.yaml_at("data", data)),
            ]),
            _ => Vec::new(),
        }
    }

    pub(super) fn yaml_at(&self, word: &str, value: &Expr) -> Doc {
        entry_at(value.span, word, self.yaml_value(value))
    }

    /// What a step does, with what, its result and its handlers.
    pub(super) fn yaml_work(
        &self,
        head: Doc,
        with: Option<Doc>,
        binding: Option<&Name>,
        handlers: &[Handler],
    ) -> Vec<Doc> {
        present([
            Some(head),
            with,
            named("as", binding),
            self.yaml_on(handlers.iter()),
        ])
    }

    pub(super) fn yaml_args(&self, args: &[Argument]) -> Option<Doc> {
        let args = args.iter().map(|arg| self.yaml_pair(&arg.name, &arg.value));
        Out::block(args.collect()).map(|args| entry("args", args))
    }

    /// `name: value`
    pub(super) fn yaml_pair(&self, name: &Name, value: &Expr) -> Doc {
        entry_at(name.span.to(value.span), &name.node, self.yaml_value(value))
    }

    pub(super) fn yaml_list(&self, values: &[Expr]) -> Out {
        let span = values
            .iter()
            .map(|value| value.span)
            .reduce(|a, b| a.to(b))
            .unwrap_or_default();
        let outs: Vec<Out> = values.iter().map(|value| self.yaml_value(value)).collect();
        let flow = super::out::flow_list(outs.iter());
        let items = values
            .iter()
            .zip(outs)
            .map(|(value, out)| item(value.span, dashed(out.alone())));
        Out::list(span, flow, items.collect())
    }

    /// `on: { … }`
    pub(super) fn yaml_on<'h>(&self, handlers: impl Iterator<Item = &'h Handler>) -> Option<Doc> {
        let handlers = handlers.map(|handler| {
            let event = handler.event.node.to_string();
            let binding = handler
                .binding
                .as_ref()
                .map(|name| format!(" as {}", name.node))
                .unwrap_or_default();
            item(
                handler.span,
                entry(&(event + &binding), self.yaml_steps(&handler.block)),
            )
        });
        Out::block(handlers.collect()).map(|handlers| entry("on", handlers))
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    fn yaml_end(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::Complete {
                status,
                body,
                location,
                headers,
            } => {
                let status_line = Out::words(&status.node.to_string());
                let headers = headers
                    .iter()
                    .map(|(name, value)| self.yaml_pair(name, value));
                present([
                    Some(entry_at(status.span, "complete", status_line)),
                    self.yaml_body_of(body),
                    location
                        .as_ref()
                        .map(|location| self.yaml_at("location", location)),
                    Out::block(headers.collect()).map(|headers| entry("headers", headers)),
                ])
            }
            StepKind::Fail { code } => present([named("fail", Some(code))]),
            StepKind::Collect { value } => vec![self.yaml_at("collect", value)],
            StepKind::Next { values } => vec![entry("next", self.yaml_list(values))],
            StepKind::Return { outcome, value } => present([
                named("return", outcome.as_ref()).or_else(|| Some(key_only("return"))),
                value.as_ref().map(|value| self.yaml_at("value", value)),
            ]),
            _ => Vec::new(),
        }
    }

    fn yaml_body_of(&self, body: &CompleteBody) -> Option<Doc> {
        match body {
            CompleteBody::Empty => None,
            CompleteBody::Json(value) => Some(self.yaml_at("json", value)),
            CompleteBody::Text(value) => Some(self.yaml_at("text", value)),
            CompleteBody::Html(value) => Some(self.yaml_at("html", value)),
            CompleteBody::Bytes(value) => Some(self.yaml_at("bytes", value)),
            CompleteBody::Problem(code) => named("problem", Some(code)),
        }
    }
}
