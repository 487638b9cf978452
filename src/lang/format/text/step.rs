//! Steps.

use super::{braces, short_block};
use crate::ast::{
    Argument, Block, Branch, CompleteBody, Expr, Handler, MatchArm, Name, ReadBlob, Step, StepKind,
};
use crate::format::doc::{Doc, concat, documented, group, item, join, nest, nothing, text};
use crate::format::expr::{Writer, listed};
use crate::format::spell;
use journey_machine::span::Span;

impl Writer<'_> {
    pub(super) fn step(&self, step: &Step) -> Doc {
        documented(step.span, &step.docs, self.step_kind(&step.kind, step.span))
    }

    fn step_kind(&self, kind: &StepKind, span: Span) -> Doc {
        match kind {
            StepKind::If { .. }
            | StepKind::Match { .. }
            | StepKind::Parallel { .. }
            | StepKind::For { .. }
            | StepKind::Repeat { .. }
            | StepKind::Block { .. } => self.nesting(kind, span),
            StepKind::Let { .. }
            | StepKind::Call { .. }
            | StepKind::Validate { .. }
            | StepKind::Run { .. }
            | StepKind::Emit { .. } => self.work(kind, span),
            StepKind::Complete { .. }
            | StepKind::Fail { .. }
            | StepKind::Collect { .. }
            | StepKind::Next { .. }
            | StepKind::Return { .. } => self.end(kind),
            StepKind::Store(_)
            | StepKind::Atomically(_)
            | StepKind::Start(_)
            | StepKind::Sleep(_)
            | StepKind::Wait(_)
            | StepKind::Signal(_)
            | StepKind::ReadBlob(_) => self.state_step(kind, span),
            StepKind::Error => nothing(),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    fn nesting(&self, kind: &StepKind, span: Span) -> Doc {
        match kind {
            StepKind::If {
                branches,
                otherwise,
                on_failure,
            } => self.if_step(branches, otherwise.as_ref(), on_failure.as_ref()),
            StepKind::Match {
                subject,
                arms,
                otherwise,
            } => self.match_step(subject, arms, otherwise.as_ref(), span),
            StepKind::Parallel {
                policy,
                branches,
                binding,
                handlers,
            } => {
                let head = text(format!("parallel {}", policy.node.word()));
                let branches = branches.iter().map(|branch| self.branch(branch));
                let items = branches.chain(handlers.iter().map(|handler| self.handler(handler)));
                concat([
                    head,
                    as_name(binding),
                    text(" "),
                    braces(span, items.collect()),
                ])
            }
            StepKind::For {
                block, handlers, ..
            } => concat([self.for_head(kind), self.block(block, handlers)]),
            StepKind::Repeat {
                block, handlers, ..
            } => concat([self.repeat_head(kind), self.block(block, handlers)]),
            StepKind::Block { block, handlers } => {
                concat([text("block "), self.block(block, handlers)])
            }
            _ => nothing(),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    fn work(&self, kind: &StepKind, span: Span) -> Doc {
        match kind {
            StepKind::Let { name, value } => {
                concat([text(format!("let {} = ", name.node)), self.value(value)])
            }
            StepKind::Call {
                connection,
                operation,
                args,
                binding,
                handlers,
            } => {
                let head = text(format!("call {}.{}", connection.node, operation.node));
                let head = concat([head, self.arguments(args), as_name(binding)]);
                self.with_handlers(head, handlers, span)
            }
            StepKind::Validate {
                token,
                issuer,
                binding,
                handlers,
            } => {
                let issuer = text(format!(" with {}", issuer.node));
                let head = [
                    text("validate token "),
                    self.expr(token),
                    issuer,
                    as_name(binding),
                ];
                self.with_handlers(concat(head), handlers, span)
            }
            StepKind::Run {
                sub,
                args,
                binding,
                handlers,
            } => {
                let head = text(format!("run {}", sub.node));
                let head = concat([head, self.arguments(args), as_name(binding)]);
                self.with_handlers(head, handlers, span)
            }
            StepKind::Emit { name, data } => {
                self.word_and_value(format!("emit {}", name.node), data.as_ref())
            }
            _ => nothing(),
        }
    }

    /// Steps that end something.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the others are printed elsewhere"
    )]
    fn end(&self, kind: &StepKind) -> Doc {
        match kind {
            StepKind::Complete {
                status,
                body,
                location,
                headers,
            } => concat([
                text(format!("complete {}", status.node)),
                self.complete_body(body),
                self.location(location.as_ref()),
                self.headers(headers),
            ]),
            StepKind::Return { outcome, value } => {
                let outcome = outcome.as_ref().map(|outcome| format!(" {}", outcome.node));
                let word = format!("return{}", outcome.unwrap_or_default());
                self.word_and_value(word, value.as_ref())
            }
            StepKind::Fail { code } => text(format!("fail {}", code.node)),
            StepKind::Collect { value } => self.word_and_value("collect".to_owned(), Some(value)),
            StepKind::Next { values } => {
                let values = values.iter().map(|value| self.value(value));
                let values = join(values, || concat([text(","), Doc::Line]));
                group(concat([text("next "), nest(values)]))
            }
            _ => nothing(),
        }
    }

    fn word_and_value(&self, word: String, value: Option<&Expr>) -> Doc {
        match value {
            Some(value) => concat([text(word + " "), self.value(value)]),
            None => text(word),
        }
    }

    pub(super) fn arguments(&self, args: &[Argument]) -> Doc {
        let args = args.iter().map(|arg| {
            let span = arg.name.span.to(arg.value.span);
            let body = [text(format!("{}: ", arg.name.node)), self.value(&arg.value)];
            (span, item(span, concat(body)))
        });
        self.parentheses(args.collect())
    }

    /// The head of a step and, in braces, its handlers.
    pub(super) fn with_handlers(&self, head: Doc, handlers: &[Handler], span: Span) -> Doc {
        if handlers.is_empty() {
            return head;
        }
        let handlers = handlers
            .iter()
            .map(|handler| self.handler(handler))
            .collect();
        concat([head, text(" "), braces(span, handlers)])
    }

    pub(super) fn handler(&self, handler: &Handler) -> Doc {
        let event = &handler.event.node;
        let head = concat([
            text(format!("on {event}")),
            as_name(&handler.binding),
            text(" "),
        ]);
        item(
            handler.span,
            concat([head, self.small_block(&handler.block)]),
        )
    }

    /// Steps and handlers in braces.
    pub(super) fn block(&self, block: &Block, handlers: &[Handler]) -> Doc {
        let steps = block.steps.iter().map(|step| self.step(step));
        let handlers = handlers.iter().map(|handler| self.handler(handler));
        braces(block.span, steps.chain(handlers).collect())
    }

    /// Steps in braces; a single short one stays in the line.
    fn small_block(&self, block: &Block) -> Doc {
        match block.steps.as_slice() {
            [only] if is_short(&only.kind) => short_block(block.span, self.step(only)),
            _ => self.block(block, &[]),
        }
    }

    fn if_step(
        &self,
        branches: &[(Expr, Block)],
        otherwise: Option<&Block>,
        on_failure: Option<&Handler>,
    ) -> Doc {
        let mut parts = Vec::new();
        for (condition, block) in branches {
            parts.push(text(if parts.is_empty() { "if " } else { " else if " }));
            parts.extend([self.condition(condition), text(" "), self.block(block, &[])]);
        }
        parts.extend(otherwise.map(|block| concat([text(" else "), self.block(block, &[])])));
        parts.extend(on_failure.map(|handler| concat([text(" "), self.handler(handler)])));
        Doc::Concat(parts)
    }

    fn match_step(
        &self,
        subject: &Expr,
        arms: &[MatchArm],
        otherwise: Option<&Block>,
        span: Span,
    ) -> Doc {
        let mut items: Vec<Doc> = arms.iter().map(|arm| self.arm(arm)).collect();
        items.extend(otherwise.map(|block| {
            item(
                block.span,
                concat([text("otherwise "), self.small_block(block)]),
            )
        }));
        concat([
            text("match "),
            self.condition(subject),
            text(" "),
            braces(span, items),
        ])
    }

    fn arm(&self, arm: &MatchArm) -> Doc {
        let mut values = arm.values.iter().map(|value| self.condition(value));
        let first = values.next().unwrap_or_else(nothing);
        let others = values.map(|value| concat([text(","), Doc::Line, value]));
        let values = group(concat([first, nest(concat(others))]));
        let guard = arm.guard.as_ref().map_or_else(nothing, |guard| {
            concat([text(" if "), self.condition(guard)])
        });
        item(
            arm.span,
            concat([values, guard, text(" "), self.small_block(&arm.block)]),
        )
    }

    fn branch(&self, branch: &Branch) -> Doc {
        let head = text(format!("branch {} ", branch.name.node));
        item(branch.span, concat([head, self.block(&branch.block, &[])]))
    }

    fn for_head(&self, kind: &StepKind) -> Doc {
        let StepKind::For {
            item,
            index,
            list,
            max,
            parallel,
            binding,
            ..
        } = kind
        else {
            return nothing();
        };
        let index = index
            .as_ref()
            .map(|index| format!(", {}", index.node))
            .unwrap_or_default();
        let at_once = parallel
            .as_ref()
            .map(|most| format!(" parallel {}", most.node))
            .unwrap_or_default();
        concat([
            text(format!("for {}{index} in ", item.node)),
            self.expr(list),
            text(format!(" max {}{at_once}", max.node)),
            as_name(binding),
            text(" "),
        ])
    }

    fn repeat_head(&self, kind: &StepKind) -> Doc {
        let StepKind::Repeat {
            max,
            condition,
            accumulators,
            binding,
            ..
        } = kind
        else {
            return nothing();
        };
        let start = accumulators
            .iter()
            .map(|(name, value)| concat([text(format!("{} = ", name.node)), self.value(value)]));
        let with = if accumulators.is_empty() {
            nothing()
        } else {
            text(" with ")
        };
        concat([
            text(format!("repeat max {} while ", max.node)),
            self.condition(condition),
            with,
            join(start, || text(", ")),
            as_name(binding),
            text(" "),
        ])
    }

    fn complete_body(&self, body: &CompleteBody) -> Doc {
        let (word, value) = match body {
            CompleteBody::Empty => return nothing(),
            CompleteBody::Problem(code) => {
                return text(format!(" problem({})", spell::quoted(&code.node)));
            }
            CompleteBody::Json(value) => (" json ", value),
            CompleteBody::Text(value) => (" text ", value),
            CompleteBody::Html(value) => (" html ", value),
            CompleteBody::Bytes(value) => (" bytes ", value),
        };
        concat([text(word), self.value(value)])
    }

    fn location(&self, location: Option<&Expr>) -> Doc {
        location.map_or_else(nothing, |location| {
            concat([text(" location "), self.value(location)])
        })
    }

    fn headers(&self, headers: &[(Name, Expr)]) -> Doc {
        if headers.is_empty() {
            return nothing();
        }
        let items = headers.iter().map(|(name, value)| {
            let body = concat([
                text(format!("{}: ", spell::quoted(&name.node))),
                self.value(value),
            ]);
            item(name.span.to(value.span), body)
        });
        concat([
            text(" headers "),
            listed("{", items.collect(), "}", || Doc::Line),
        ])
    }
}

pub(super) fn as_name(binding: &Option<Name>) -> Doc {
    binding
        .as_ref()
        .map_or_else(nothing, |name| text(format!(" as {}", name.node)))
}

/// Can a step stand alone in a line of braces?
fn is_short(kind: &StepKind) -> bool {
    match kind {
        StepKind::Let { .. }
        | StepKind::Emit { .. }
        | StepKind::Complete { .. }
        | StepKind::Fail { .. }
        | StepKind::Collect { .. }
        | StepKind::Next { .. }
        | StepKind::Return { .. }
        | StepKind::Start(_)
        | StepKind::Sleep(_)
        | StepKind::Signal(_) => true,
        StepKind::Call { handlers, .. }
        | StepKind::Validate { handlers, .. }
        | StepKind::Run { handlers, .. }
        | StepKind::ReadBlob(ReadBlob { handlers, .. }) => handlers.is_empty(),
        StepKind::Store(step) => step.handlers.is_empty(),
        StepKind::Wait(wait) => wait.handlers.is_empty(),
        StepKind::If { .. }
        | StepKind::Match { .. }
        | StepKind::Parallel { .. }
        | StepKind::For { .. }
        | StepKind::Repeat { .. }
        | StepKind::Block { .. }
        | StepKind::Atomically(_)
        | StepKind::Error => false,
    }
}
