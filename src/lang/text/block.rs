//! Blocks: steps and the handlers at their end.

use super::grammar::Rule;
use super::reader::{Node, Parts, Reader};
use crate::ast::{Block, Handler, Step, StepKind};
use crate::diagnostic::{Code, Diagnostic};

/// What stands in braces.
#[derive(Default)]
pub(super) struct Body {
    pub(super) block: Block,
    pub(super) handlers: Vec<Handler>,
}

impl Body {
    /// Without room for more: most blocks have one step, and a list has room for four to begin with.
    pub(super) fn finished(mut self) -> Self {
        self.block.steps.shrink_to_fit();
        self
    }
}

impl Reader<'_> {
    /// The braces of a step, which must be there, with handlers at their end.
    pub(super) fn body(&mut self, parts: &mut Parts<'_>, what: &str) -> Body {
        self.noise(parts);
        match parts.take(Rule::block) {
            Some(node) => self.block(node),
            None => self.no_body(parts, what),
        }
    }

    /// The braces of a step that has handlers only, and may have none.
    pub(super) fn handlers(&mut self, parts: &mut Parts<'_>) -> Vec<Handler> {
        self.noise(parts);
        let Some(node) = parts.take(Rule::block) else {
            return Vec::new();
        };
        let Body { block, handlers } = self.block(node);
        if let Some(step) = block
            .steps
            .iter()
            .find(|step| !matches!(step.kind, StepKind::Error))
        {
            let message = "a step stands where only handlers can";
            let help =
                "steps that follow stand after the closing brace; a handler is `on failure { … }`";
            self.report(Diagnostic::new(Code::WRONG_STEP, step.span, message).help(help));
        }
        handlers
    }

    /// Braces that hold steps and no handlers.
    pub(super) fn plain_block(&mut self, parts: &mut Parts<'_>, what: &str) -> Block {
        let Body { block, handlers } = self.body(parts, what);
        for handler in &handlers {
            let message = "no handler can stand here";
            let help = "put the steps it is for into `block { … on failure { … } }`";
            self.report(Diagnostic::new(Code::WRONG_ITEM, handler.event.span, message).help(help));
        }
        block
    }

    /// Anything may happen where nothing could be read.
    fn no_body(&mut self, parts: &mut Parts<'_>, what: &str) -> Body {
        self.missing(parts, what);
        let span = self.map.span(parts.end, parts.end);
        Body {
            block: Block {
                steps: vec![error_step(span)],
                span,
            },
            handlers: Vec::new(),
        }
    }

    /// Reads braces of steps.
    pub(super) fn block(&mut self, node: Node<'_>) -> Body {
        let mut body = Body {
            block: Block {
                steps: Vec::new(),
                span: self.span(&node),
            },
            handlers: Vec::new(),
        };
        let mut end = node.as_span().start();
        for item in node.into_inner() {
            let item_end = item.as_span().end();
            self.item(item, end, &mut body);
            end = item_end;
        }
        body.finished()
    }

    /// One item of a block; `end`: where the one before it ends.
    pub(super) fn item(&mut self, item: Node<'_>, end: usize, body: &mut Body) {
        let start = item.as_span().start();
        match item.as_rule() {
            Rule::handler => {
                let same_line = !self
                    .text
                    .get(end..start)
                    .is_some_and(|between| between.contains('\n'));
                let Some(handler) = self.handler(item) else {
                    return;
                };
                Self::add_handler(handler, same_line, body);
            }
            Rule::wrong_step => {
                let span = self.span(&item);
                self.wrong_step(&item);
                // One says already that anything may happen here.
                let last = body.block.steps.last();
                if !last.is_some_and(|step| matches!(step.kind, StepKind::Error)) {
                    body.block.steps.push(error_step(span));
                }
            }
            _ => {
                let step = self.step(item);
                self.after_handlers(&step, body);
                body.block.steps.push(step);
            }
        }
    }

    /// `on failure` on the line of an `if`'s last brace is that `if`'s; any other belongs to the block.
    fn add_handler(handler: Handler, same_line: bool, body: &mut Body) {
        let last = body
            .block
            .steps
            .last_mut()
            .filter(|_| same_line && body.handlers.is_empty());
        match last {
            Some(Step {
                kind:
                    StepKind::If {
                        on_failure: slot @ None,
                        ..
                    },
                span,
                ..
            }) => {
                *span = span.to(handler.span);
                *slot = Some(handler);
            }
            _ => body.handlers.push(handler),
        }
    }

    fn after_handlers(&mut self, step: &Step, body: &Body) {
        let Some(handler) = body.handlers.last() else {
            return;
        };
        let diagnostic =
            Diagnostic::new(Code::WRONG_STEP, step.span, "a step stands after a handler");
        let diagnostic = diagnostic.label(handler.event.span, "the handler");
        self.report(diagnostic.help("handlers stand at the end of the braces they belong to"));
    }

    /// `on EVENT [as NAME] { … }`
    pub(super) fn handler(&mut self, node: Node<'_>) -> Option<Handler> {
        let span = self.span(&node);
        let mut parts = Parts::of(node);
        parts.next();
        let what = "what the handler is for: a status, `timeout`, `failure`, …";
        let event = self.need(&mut parts, Rule::event, what);
        let event = event.and_then(|event| {
            super::phrase::event_of(event.as_str(), self.span(&event), self.diags)
        });
        let binding = self.binding(&mut parts);
        let block = self.plain_block(&mut parts, "`{` and the steps of the handler");
        Some(Handler {
            event: event?,
            binding,
            block,
            span,
        })
    }

    fn wrong_step(&mut self, node: &Node<'_>) {
        let mut parts = Parts::of(node.clone());
        let junk = parts.take(Rule::junk);
        if let Some(junk) = &junk {
            self.wrong_words(junk, &super::wrong::STEP);
        }
        self.lose(node);
        if let Some(block) = parts.take(Rule::block) {
            self.block(block);
        }
        if let Some(braces) = parts.take(Rule::braces).filter(|_| junk.is_none()) {
            let diagnostic = Diagnostic::new(
                Code::WRONG_STEP,
                self.span(&braces),
                "braces without a step before them",
            );
            self.report(diagnostic.help("a group of steps is `block { … }`"));
        }
    }
}

pub(super) fn error_step(span: journey_machine::span::Span) -> Step {
    Step {
        docs: String::new(),
        kind: StepKind::Error,
        span,
    }
}
