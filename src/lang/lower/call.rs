//! Steps that ask something else and choose a path by what it says: `call`, `run`, `validate token`.

use super::attempt::Attempt;
use super::builder::{Label, Range};
use super::expr::registers;
use super::frame::Frame;
use crate::ast::{Argument, Expr, FieldDecl, Handler, HandlerEvent, Name, OutcomeDecl};
use crate::names::head;
use journey_machine::op::{Op, Reg};
use journey_machine::program::{EffectSite, FieldId, FieldRef, Path};
use journey_machine::span::Span;
use journey_machine::value::Value;

/// A result other than the main one: its tag, who handles it, and the error it is if nobody does.
struct Choice<'a> {
    tag: Value,
    handler: Option<&'a Handler>,
    error: String,
}

/// A result that says what it is in its first field and carries something in its second.
struct Tagged {
    reg: Reg,
    tag: FieldId,
    payload: FieldId,
}

impl<'a> Frame<'_, 'a> {
    pub(super) fn call(
        &mut self,
        span: Span,
        (connection, operation): (&'a Name, &'a Name),
        args: &'a [Argument],
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let Some((id, declared)) = self.project.operation(&connection.node, &operation.node) else {
            return self.project.unexpected(span);
        };
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let params: Vec<&FieldDecl> = head::operation_params(declared)
            .iter()
            .map(|p| p.field)
            .collect();
        let first = self.arguments(span, &params, args);
        let reg = self.temp();
        let site = self.project.tables.site(EffectSite::Call(id));
        self.code.emit(
            span,
            Op::Perform {
                dst: reg,
                site,
                first,
            },
        );
        let success = head::success(declared).map(|r| r.status.node);
        let others = declared
            .responses
            .iter()
            .map(|r| r.status.node)
            .filter(|s| Some(*s) != success);
        let choice = |status: u16| Choice {
            tag: Value::Int(status.into()),
            handler: handlers
                .iter()
                .find(|h| h.event.node == HandlerEvent::Status(status)),
            error: format!(
                "unexpected_status: {}.{} answered {status}",
                connection.node, operation.node
            ),
        };
        let result = self.tagged(reg, ["status", "body"]);
        self.choose(
            &attempt,
            range,
            &result,
            &others.map(choice).collect::<Vec<_>>(),
        );
    }

    pub(super) fn run(
        &mut self,
        span: Span,
        sub: &'a Name,
        args: &'a [Argument],
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let Some((func, params, outcomes)) = self.project.sub(&sub.node) else {
            return self.project.unexpected(span);
        };
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let first = self.parameters(span, params, args);
        let reg = self.temp();
        self.code.emit(
            span,
            Op::Call {
                dst: reg,
                func,
                first,
            },
        );
        let choice = |outcome: &OutcomeDecl| Choice {
            tag: Value::string(outcome.name.node.as_str()),
            handler: handlers.iter().find(
                |h| matches!(&h.event.node, HandlerEvent::Outcome(o) if *o == outcome.name.node),
            ),
            error: format!("evaluation: {} ended in {}", sub.node, outcome.name.node),
        };
        let result = self.tagged(reg, ["outcome", "value"]);
        self.choose(
            &attempt,
            range,
            &result,
            &outcomes.iter().skip(1).map(choice).collect::<Vec<_>>(),
        );
    }

    pub(super) fn validate(
        &mut self,
        span: Span,
        (token, issuer): (&'a Expr, &'a Name),
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let Some(issuer) = self.project.issuer(&issuer.node) else {
            return self.project.unexpected(span);
        };
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let first = self.value(token);
        let dst = attempt.result().unwrap_or_else(|| self.temp());
        let site = self.project.tables.site(EffectSite::Validate(issuer));
        self.code.emit(span, Op::Perform { dst, site, first });
        self.succeed(&attempt, |_, _| ());
        self.guard(&attempt, range);
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// Consecutive registers with one argument for each parameter of an operation; null for one that is not given.
    fn arguments(&mut self, span: Span, params: &[&FieldDecl], args: &'a [Argument]) -> Reg {
        let first = self.code.alloc(params.len());
        for (param, reg) in params.iter().zip(registers(first)) {
            match argument(args, param) {
                Some(value) => self.put(value, reg),
                None => self.load(span, reg, Value::Null),
            }
        }
        first
    }

    /// The same for a sub-journey: it has its defaults from here, and sees an optional parameter as an optional.
    fn parameters(&mut self, span: Span, params: &'a [FieldDecl], args: &'a [Argument]) -> Reg {
        let first = self.code.alloc(params.len());
        for (param, dst) in params.iter().zip(registers(first)) {
            let optional = param.optional && param.default.is_none();
            match argument(args, param).or(param.default.as_deref()) {
                Some(value) => {
                    self.put(value, dst);
                    if optional {
                        self.code.emit(span, Op::Some { dst, src: dst });
                    }
                }
                None => self.builtin(span, dst, "optional.none", dst, 0),
            }
        }
        first
    }

    fn tagged(&mut self, reg: Reg, [tag, payload]: [&str; 2]) -> Tagged {
        let tables = &mut self.project.tables;
        Tagged {
            reg,
            tag: tables.field(FieldRef::new(tag, 0)),
            payload: tables.field(FieldRef::new(payload, 1)),
        }
    }

    /// Goes where the result says: the main one, which none of the choices names, comes first.
    fn choose(
        &mut self,
        attempt: &Attempt<'a>,
        range: Range,
        result: &Tagged,
        choices: &[Choice<'a>],
    ) {
        let span = attempt.span;
        let labels: Vec<Label> = choices.iter().map(|_| self.code.label()).collect();
        if !choices.is_empty() {
            let tag = self.temp();
            self.code.emit(
                span,
                Op::Field {
                    dst: tag,
                    obj: result.reg,
                    field: result.tag,
                },
            );
            self.code.switch(
                span,
                (tag, Path::default()),
                choices
                    .iter()
                    .map(|c| c.tag.clone())
                    .zip(labels.iter().copied())
                    .collect(),
            );
        }
        let payload = |me: &mut Self, dst| {
            me.code.emit(
                span,
                Op::Field {
                    dst,
                    obj: result.reg,
                    field: result.payload,
                },
            );
        };
        self.succeed(attempt, payload);
        let (handled, others): (Vec<_>, Vec<_>) = choices
            .iter()
            .zip(labels)
            .partition(|(c, _)| c.handler.is_some());
        for (choice, label) in others {
            self.code.bind(label);
            self.raise(span, &choice.error);
        }
        self.guard(attempt, range);
        for (choice, label) in handled {
            self.code.bind(label);
            if let Some(handler) = choice.handler {
                self.handler(attempt, handler, payload);
            }
        }
        self.catch(attempt);
        self.finish(attempt);
    }
}

fn argument<'e>(args: &'e [Argument], param: &FieldDecl) -> Option<&'e Expr> {
    args.iter()
        .find(|a| a.name.node == param.name.node)
        .map(|a| &a.value)
}
