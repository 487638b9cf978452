//! A step that can fail in ways its handlers catch: guarded ranges, the handlers, and the binding that they may leave
//! without a value.

use super::builder::{Label, Mark, Range};
use super::frame::Frame;
use crate::ast::{Handler, HandlerEvent, Name};
use crate::ends;
use journey_machine::op::{Op, Reg};
use journey_machine::span::Span;
use journey_machine::value::{ErrorKind, Value};

/// See the module.
pub(super) struct Attempt<'a> {
    pub(super) span: Span,
    pub(super) handlers: &'a [Handler],
    binding: Option<(&'a Name, Reg)>,
    /// A handler lets the journey go on, so what is bound is an optional.
    optional: bool,
    error: Option<Reg>,
    caught: Label,
    end: Label,
    mark: Mark,
}

impl Attempt<'_> {
    /// Where the result belongs, if anybody wants it.
    pub(super) fn result(&self) -> Option<Reg> {
        self.binding.map(|(_, reg)| reg)
    }
}

impl<'a> Frame<'_, 'a> {
    pub(super) fn attempt(
        &mut self,
        span: Span,
        binding: Option<&'a Name>,
        handlers: &'a [Handler],
    ) -> Attempt<'a> {
        let binding = binding.map(|name| (name, self.binding(&name.node)));
        let mark = self.code.mark();
        let catches = handlers
            .iter()
            .any(|h| h.event.node == HandlerEvent::Failure || kind(&h.event.node).is_some());
        Attempt {
            span,
            handlers,
            binding,
            optional: binding.is_some() && ends::handlers_go_on(handlers),
            error: catches.then(|| self.temp()),
            caught: self.code.label(),
            end: self.code.label(),
            mark,
        }
    }

    /// Errors raised since `range` was opened are the handlers' business.
    pub(super) fn guard(&mut self, attempt: &Attempt<'a>, range: Range) {
        if let Some(error) = attempt.error {
            self.code.close(range, attempt.caught, error);
        }
    }

    /// The step has its result: `produce` writes it, and the journey goes on behind the step.
    pub(super) fn succeed(&mut self, attempt: &Attempt<'a>, produce: impl FnOnce(&mut Self, Reg)) {
        if let Some(dst) = attempt.result() {
            produce(self, dst);
            if attempt.optional {
                self.code.emit(attempt.span, Op::Some { dst, src: dst });
            }
        }
        self.code.jump(attempt.span, attempt.end);
    }

    /// `on timeout`, `on missing`, `on conflict`, then `on failure`, for the errors of the guarded ranges.
    pub(super) fn catch(&mut self, attempt: &Attempt<'a>) {
        let Some(error) = attempt.error else { return };
        let describe =
            |me: &mut Self, dst| me.code.emit(attempt.span, Op::Describe { dst, src: error });
        self.code.bind(attempt.caught);
        for handler in attempt.handlers {
            if let Some(kind) = kind(&handler.event.node) {
                let other = self.code.label();
                self.unless_kind(handler.event.span, error, kind, other);
                self.handler(attempt, handler, describe);
                self.code.bind(other);
            }
        }
        let failure = |h: &&Handler| h.event.node == HandlerEvent::Failure;
        match attempt.handlers.iter().find(failure) {
            Some(handler) => self.handler(attempt, handler, describe),
            None => self.code.emit(attempt.span, Op::Raise { src: error }),
        }
    }

    fn unless_kind(&mut self, span: Span, error: Reg, kind: ErrorKind, other: Label) {
        let mark = self.code.mark();
        let dst = self.temp();
        let kind = self.project.tables.constant(Value::string(kind.code()));
        self.code.emit(
            span,
            Op::ErrorIs {
                dst,
                src: error,
                kind,
            },
        );
        self.code.jump_unless(span, dst, other);
        self.code.release(mark);
    }

    /// One handler; `bind` writes what it is given a name for.
    pub(super) fn handler(
        &mut self,
        attempt: &Attempt<'a>,
        handler: &'a Handler,
        bind: impl FnOnce(&mut Self, Reg),
    ) {
        let depth = self.depth();
        let mark = self.code.mark();
        if let Some(name) = &handler.binding {
            let reg = self.binding(&name.node);
            bind(self, reg);
            self.declare(&name.node, reg);
        }
        self.block(&handler.block);
        self.leave(depth, handler.span);
        self.code.release(mark);
        if let Some(dst) = attempt.result().filter(|_| attempt.optional) {
            self.builtin(attempt.span, dst, "optional.none", dst, 0);
        }
        self.code.jump(attempt.span, attempt.end);
    }

    /// Everything that goes on goes on here, with the result in scope.
    pub(super) fn finish(&mut self, attempt: &Attempt<'a>) {
        self.code.bind(attempt.end);
        self.code.release(attempt.mark);
        if let Some((name, reg)) = attempt.binding {
            self.declare(&name.node, reg);
        }
    }
}

/// The one kind of error that an event is about.
fn kind(event: &HandlerEvent) -> Option<ErrorKind> {
    match event {
        HandlerEvent::Timeout => Some(ErrorKind::Timeout),
        HandlerEvent::Missing => Some(ErrorKind::Missing),
        HandlerEvent::Conflict => Some(ErrorKind::Conflict),
        HandlerEvent::Status(_)
        | HandlerEvent::Failure
        | HandlerEvent::Outcome(_)
        | HandlerEvent::Exhausted => None,
    }
}
