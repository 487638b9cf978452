//! `for` and `repeat`, one turn after the other.

use super::expr::registers;
use super::frame::{Frame, Turn};
use crate::ast::{Block, Expr, Handler, HandlerEvent, Name};
use journey_machine::op::{Op, Reg};
use journey_machine::program::Source;
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};

/// The head of a `for`.
#[derive(Clone, Copy)]
pub(super) struct Items<'a> {
    pub(super) item: &'a Name,
    pub(super) index: Option<&'a Name>,
    pub(super) list: &'a Expr,
    pub(super) max: u64,
}

/// The head of a `repeat`.
#[derive(Clone, Copy)]
pub(super) struct Rounds<'a> {
    pub(super) max: u64,
    pub(super) condition: &'a Expr,
    pub(super) accumulators: &'a [(Name, Expr)],
}

impl<'a> Frame<'_, 'a> {
    pub(super) fn for_each(
        &mut self,
        span: Span,
        items: Items<'a>,
        block: &'a Block,
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let collected = attempt.result();
        if let Some(list) = collected {
            self.list_of(span, list, &[]);
        }
        let depth = self.depth();
        let iter = self.iterate(span, items);
        let done = self.code.label();
        let head = self.code.here();
        let index = items.index.map(|name| (name, self.binding(&name.node)));
        if let Some((_, dst)) = index {
            self.code.emit(
                span,
                Op::Move {
                    dst,
                    src: position(iter),
                },
            );
        }
        let item = self.binding(&items.item.node);
        self.code.next(span, item, iter, done);
        self.declare(&items.item.node, item);
        if let Some((name, reg)) = index {
            self.declare(&name.node, reg);
        }
        self.turn(
            Turn::For {
                list: collected,
                head,
            },
            block,
        );
        self.code.jump(span, head);
        self.code.bind(done);
        self.leave(depth, span);
        self.succeed(&attempt, |_, _| ());
        self.guard(&attempt, range);
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// The registers of an iteration over the list, once it is known to be no longer than allowed.
    pub(super) fn iterate(&mut self, span: Span, items: Items<'a>) -> Reg {
        let iter = self.code.alloc(2);
        let list = self.value_or(items.list, iter);
        let mark = self.code.mark();
        let fits = self.code.label();
        let length = self.temp();
        self.builtin(span, length, "size", list, 1);
        let most = self.constant_in_temp(
            span,
            Value::Int(i64::try_from(items.max).unwrap_or(i64::MAX)),
        );
        self.code.emit(
            span,
            Op::Gt {
                dst: length,
                a: length,
                b: most,
            },
        );
        self.code.jump_unless(span, length, fits);
        self.raise(
            span,
            &format!("limit_exceeded: the list has more than {} items", items.max),
        );
        self.code.bind(fits);
        self.code.release(mark);
        self.code.emit(
            span,
            Op::Iter {
                dst: iter,
                src: list,
            },
        );
        iter
    }

    pub(super) fn repeat(
        &mut self,
        span: Span,
        rounds: Rounds<'a>,
        block: &'a Block,
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let depth = self.depth();
        let first = self.accumulators(rounds.accumulators);
        let left = self.constant_in_temp(
            span,
            Value::Int(i64::try_from(rounds.max).unwrap_or(i64::MAX)),
        );
        let [zero, one] = [0, 1].map(|n| self.constant_in_temp(span, Value::Int(n)));
        let [done, exhausted] = [self.code.label(), self.code.label()];
        let head = self.code.here();
        self.unless(rounds.condition, done);
        let mark = self.code.mark();
        let dst = self.temp();
        self.code.emit(
            span,
            Op::Eq {
                dst,
                a: left,
                b: zero,
            },
        );
        self.code.jump_if(span, dst, exhausted);
        self.code.release(mark);
        self.code.emit(
            span,
            Op::Sub {
                dst: left,
                a: left,
                b: one,
            },
        );
        self.turn(Turn::Repeat { first, head }, block);
        self.code.bind(done);
        if let Some(dst) = attempt.result() {
            let names = rounds
                .accumulators
                .iter()
                .map(|(name, _)| Str::from(&name.node));
            let sources = registers(first).take(rounds.accumulators.len());
            let sources = sources.map(Source::Copy).collect();
            self.object_of(span, dst, names.collect(), sources);
        }
        self.leave(depth, span);
        self.succeed(&attempt, |_, _| ());
        let handler = handlers
            .iter()
            .find(|h| h.event.node == HandlerEvent::Exhausted);
        if handler.is_none() {
            self.code.bind(exhausted);
            self.raise(
                span,
                &format!("limit_exceeded: not done after {} turns", rounds.max),
            );
        }
        self.guard(&attempt, range);
        if let Some(handler) = handler {
            self.code.bind(exhausted);
            self.handler(&attempt, handler, |_, _| ());
        }
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// Accumulators with their first values, which do not see each other.
    fn accumulators(&mut self, accumulators: &'a [(Name, Expr)]) -> Reg {
        let first = self.code.alloc(accumulators.len());
        for ((_, value), reg) in accumulators.iter().zip(registers(first)) {
            self.put(value, reg);
        }
        for ((name, _), reg) in accumulators.iter().zip(registers(first)) {
            self.code.name_register(reg, &name.node);
            self.declare(&name.node, reg);
        }
        first
    }

    /// A block in which `collect` and `next` have this meaning.
    pub(super) fn turn(&mut self, turn: Turn, block: &'a Block) {
        let outer = std::mem::replace(&mut self.turn, turn);
        self.block(block);
        self.turn = outer;
    }
}

/// The position of an iteration: the index of the item that comes next.
pub(super) fn position(iter: Reg) -> Reg {
    Reg(iter.0.saturating_add(1))
}
