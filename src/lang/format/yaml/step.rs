//! Steps.

use super::named;
use super::out::{Out, dashed, entry, entry_at, present};
use crate::ast::{
    Argument, Block, Branch, CompleteBody, Expr, Handler, HandlerEvent, MatchArm, Name, Spanned,
    Step, StepKind,
};
use crate::format::doc::{Doc, documented, item, lines};
use crate::format::expr::Writer;
use crate::format::text::policy_word;

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
            StepKind::Let { name, value } => {
                let binding =
                    entry_at(name.span.to(value.span), &name.node, self.yaml_value(value));
                present([Out::block(vec![binding]).map(|binding| entry("let", binding))])
            }
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => self.yaml_if(branches, otherwise.as_ref(), on_failure.as_ref()),
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => {
                let cases = arms.iter().map(|arm| self.yaml_arm(arm)).collect();
                let cases = Out::block(cases).unwrap_or_else(|| Out::as_written("[]"));
                let otherwise = otherwise
                    .as_ref()
                    .map(|block| entry("otherwise", self.yaml_steps(block)));
                present([
                    Some(self.yaml_at("match", subject)),
                    Some(entry("cases", cases)),
                    otherwise,
                ])
            }
            StepKind::Call {
                connection,
                operation,
                args,
                binding,
                handlers,
            } => {
                let target = format!("{}.{}", connection.node, operation.node);
                let target = entry_at(
                    connection.span.to(operation.span),
                    "call",
                    Out::words(&target),
                );
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
                self.yaml_work(
                    token,
                    named("with", Some(issuer)),
                    binding.as_ref(),
                    handlers,
                )
            }
            StepKind::Parallel {
                policy,
                branches,
                binding,
                handlers,
            } => {
                let policy = entry_at(
                    policy.span,
                    "parallel",
                    Out::words(policy_word(policy.node)),
                );
                let branches = branches
                    .iter()
                    .map(|branch| self.yaml_branch(branch))
                    .collect();
                let branches = Out::block(branches).unwrap_or_else(|| Out::as_written("{}"));
                self.yaml_work(
                    policy,
                    Some(entry("branches", branches)),
                    binding.as_ref(),
                    handlers,
                )
            }
            StepKind::Block { block, handlers } => present([
                Some(entry("block", self.yaml_steps(block))),
                self.yaml_on(handlers.iter()),
            ]),
            StepKind::For { .. } | StepKind::Repeat { .. } => self.yaml_loop(kind),
            _ => self.yaml_end(kind),
        }
    }

    fn yaml_at(&self, word: &str, value: &Expr) -> Doc {
        entry_at(value.span, word, self.yaml_value(value))
    }

    /// What a step does, with what, its result and its handlers.
    fn yaml_work(
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

    fn yaml_args(&self, args: &[Argument]) -> Option<Doc> {
        let args = args.iter().map(|arg| {
            entry_at(
                arg.name.span.to(arg.value.span),
                &arg.name.node,
                self.yaml_value(&arg.value),
            )
        });
        Out::block(args.collect()).map(|args| entry("args", args))
    }

    fn yaml_if(
        &self,
        branches: &[(Expr, Block)],
        otherwise: Option<&Block>,
        on_failure: Option<&Handler>,
    ) -> Vec<Doc> {
        let branch = |(condition, block): &(Expr, Block)| {
            vec![
                self.yaml_at("if", condition),
                entry("then", self.yaml_steps(block)),
            ]
        };
        let mut branches = branches.iter().map(branch);
        let mut parts = branches.next().unwrap_or_default();
        let others = branches.map(|parts| dashed(lines(parts))).collect();
        parts.extend(Out::block(others).map(|others| entry("elif", others)));
        parts.extend(otherwise.map(|block| entry("else", self.yaml_steps(block))));
        parts.extend(self.yaml_on(on_failure.into_iter()));
        parts
    }

    fn yaml_arm(&self, arm: &MatchArm) -> Doc {
        let when = match arm.values.as_slice() {
            [only] => self.yaml_value(only),
            values => self.yaml_list(values),
        };
        let parts = present([
            Some(entry("when", when)),
            arm.guard.as_ref().map(|guard| self.yaml_at("if", guard)),
            Some(entry("do", self.yaml_steps(&arm.block))),
        ]);
        item(arm.span, dashed(lines(parts)))
    }

    fn yaml_list(&self, values: &[Expr]) -> Out {
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

    fn yaml_branch(&self, branch: &Branch) -> Doc {
        item(
            branch.span,
            entry(&branch.name.node, self.yaml_steps(&branch.block)),
        )
    }

    fn yaml_loop(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::For {
                item,
                index,
                list,
                max,
                parallel,
                block,
                binding,
                handlers,
            } => {
                let index_part = index
                    .as_ref()
                    .map(|index| format!(", {}", index.node))
                    .unwrap_or_default();
                let names = Out::words(&format!("{}{index_part}", item.node));
                present([
                    Some(entry_at(
                        item.span
                            .to(index.as_ref().map_or(item.span, |index| index.span)),
                        "for",
                        names,
                    )),
                    Some(self.yaml_at("in", list)),
                    Some(number("max", max)),
                    parallel.as_ref().map(|most| number("parallel", most)),
                    Some(entry("do", self.yaml_steps(block))),
                    named("as", binding.as_ref()),
                    self.yaml_on(handlers.iter()),
                ])
            }
            StepKind::Repeat {
                max,
                condition,
                accumulators,
                block,
                binding,
                handlers,
            } => {
                let start = accumulators.iter();
                let start = start.map(|(name, value)| {
                    entry_at(name.span.to(value.span), &name.node, self.yaml_value(value))
                });
                present([
                    Some(number("repeat", max)),
                    Some(self.yaml_at("while", condition)),
                    Out::block(start.collect()).map(|start| entry("with", start)),
                    Some(entry("do", self.yaml_steps(block))),
                    named("as", binding.as_ref()),
                    self.yaml_on(handlers.iter()),
                ])
            }
            _ => Vec::new(),
        }
    }

    /// `on: { … }`
    pub(super) fn yaml_on<'h>(&self, handlers: impl Iterator<Item = &'h Handler>) -> Option<Doc> {
        let handlers = handlers.map(|handler| {
            let event = match &handler.event.node {
                HandlerEvent::Status(status) => status.to_string(),
                HandlerEvent::Timeout => "timeout".to_owned(),
                HandlerEvent::Failure => "failure".to_owned(),
                HandlerEvent::Exhausted => "exhausted".to_owned(),
                HandlerEvent::Outcome(name) => name.clone(),
            };
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

    /// Steps without steps in them.
    fn yaml_end(&self, kind: &StepKind) -> Vec<Doc> {
        match kind {
            StepKind::Emit { name, data } => present([
                named("emit", Some(name)),
                data.as_ref().map(|data| self.yaml_at("data", data)),
            ]),
            StepKind::Complete {
                status,
                body,
                location,
                headers,
            } => {
                let headers = headers.iter();
                let headers = headers.map(|(name, value)| {
                    entry_at(name.span.to(value.span), &name.node, self.yaml_value(value))
                });
                present([
                    Some(entry_at(
                        status.span,
                        "complete",
                        Out::words(&status.node.to_string()),
                    )),
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
                named("return", Some(outcome)),
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

fn number(word: &str, number: &Spanned<u64>) -> Doc {
    entry_at(number.span, word, Out::words(&number.node.to_string()))
}
