//! Steps whose parts run at once: each part is a function of its own that is given the names it uses.

use super::expr::registers;
use super::frame::{Frame, Turn};
use super::loops::{Items, position};
use crate::ast::{Block, Branch, Expr, ExprKind, Handler, Name, ParallelPolicy};
use crate::ends::Ends;
use crate::walk;
use journey_machine::op::{Op, Reg};
use journey_machine::program::{FuncId, JoinPolicy, ScopeSite, Source};
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};
use std::collections::BTreeSet;

impl<'a> Frame<'_, 'a> {
    pub(super) fn parallel(
        &mut self,
        span: Span,
        (policy, branches, ends): (ParallelPolicy, &'a [Branch], Ends),
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let join = match policy {
            ParallelPolicy::All => JoinPolicy::All,
            ParallelPolicy::First => JoinPolicy::First,
            ParallelPolicy::Settle => JoinPolicy::Settle,
        };
        let scope = self.scope(span, join, branches.len());
        for branch in branches {
            let captured = self.captures(&branch.block);
            let func = self.part(
                &branch.name.node,
                Turn::Branch,
                &branch.block,
                captured.iter().map(|(name, _)| *name),
            );
            let mark = self.code.mark();
            let first = self.code.alloc(captured.len());
            self.pass_captures(branch.span, &captured, first);
            self.code.emit(branch.span, Op::Fork { scope, func, first });
            self.code.release(mark);
        }
        let dst = attempt.result().unwrap_or(scope);
        self.code.emit(span, Op::Join { dst, scope });
        if !ends.through {
            self.never(span);
        }
        self.succeed(&attempt, |me, dst| {
            if policy != ParallelPolicy::First {
                me.by_name(span, dst, branches);
            }
        });
        self.guard(&attempt, range);
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// Results in the order of the branches become an object by their names.
    fn by_name(&mut self, span: Span, results: Reg, branches: &'a [Branch]) {
        let mark = self.code.mark();
        let first = self.code.alloc(branches.len());
        for (place, reg) in (0..).zip(registers(first)).take(branches.len()) {
            self.load(span, reg, Value::Int(place));
            self.code.emit(
                span,
                Op::Index {
                    dst: reg,
                    obj: results,
                    key: reg,
                },
            );
        }
        let names = branches.iter().map(|b| Str::from(&b.name.node)).collect();
        let sources = registers(first).take(branches.len());
        let sources = sources.map(Source::Take).collect();
        self.object_of(span, results, names, sources);
        self.code.release(mark);
    }

    pub(super) fn for_each_forked(
        &mut self,
        span: Span,
        (items, limit): (Items<'a>, u64),
        block: &'a Block,
        (binding, handlers): (Option<&'a Name>, &'a [Handler]),
    ) {
        let attempt = self.attempt(span, binding, handlers);
        let range = self.code.open();
        let captured = self.captures(block);
        let own = [Some(items.item), items.index]
            .into_iter()
            .flatten()
            .map(|name| name.node.as_str());
        let names: Vec<&'a str> = own.chain(captured.iter().map(|(name, _)| *name)).collect();
        let func = self.part(&items.item.node, Turn::Forked, block, names.iter().copied());
        let scope = self.scope(
            span,
            JoinPolicy::All,
            usize::try_from(limit).unwrap_or(usize::MAX),
        );
        let iter = self.iterate(span, items);
        let first = self.code.alloc(names.len());
        let mut behind = registers(first).skip(1);
        let index = items.index.and_then(|_| behind.next());
        if let Some(rest) = behind.next() {
            self.pass_captures(span, &captured, rest);
        }
        let done = self.code.label();
        let head = self.code.here();
        if let Some(dst) = index {
            self.code.emit(
                span,
                Op::Move {
                    dst,
                    src: position(iter),
                },
            );
        }
        self.code.next(span, first, iter, done);
        self.code.emit(span, Op::Fork { scope, func, first });
        self.code.jump(span, head);
        self.code.bind(done);
        self.code.emit(span, Op::Join { dst: scope, scope });
        self.succeed(&attempt, |me, dst| me.present(span, dst, scope));
        self.guard(&attempt, range);
        self.catch(&attempt);
        self.finish(&attempt);
    }

    /// The values of those optionals of a list that have one.
    fn present(&mut self, span: Span, dst: Reg, optionals: Reg) {
        let mark = self.code.mark();
        self.list_of(span, dst, &[]);
        let iter = self.code.alloc(2);
        self.code.emit(
            span,
            Op::Iter {
                dst: iter,
                src: optionals,
            },
        );
        let done = self.code.label();
        let head = self.code.here();
        let item = self.temp();
        self.code.next(span, item, iter, done);
        self.code.emit(span, Op::AppendOpt { list: dst, item });
        self.code.jump(span, head);
        self.code.bind(done);
        self.code.release(mark);
    }

    fn scope(&mut self, span: Span, policy: JoinPolicy, limit: usize) -> Reg {
        let dst = self.temp();
        let limit = u16::try_from(limit.max(1)).unwrap_or(u16::MAX);
        let site = self.project.tables.scope(ScopeSite { policy, limit });
        self.code.emit(span, Op::Scope { dst, site });
        dst
    }

    /// A block as a function; a path that collects nothing returns nothing.
    fn part(
        &mut self,
        name: &str,
        turn: Turn,
        block: &'a Block,
        params: impl IntoIterator<Item = &'a str>,
    ) -> FuncId {
        self.function(name, turn, block.span, params, |inner| {
            inner.block(block);
            let src = inner.temp();
            if matches!(turn, Turn::Forked) {
                inner.builtin(block.span, src, "optional.none", src, 0);
            } else {
                inner.load(block.span, src, Value::Null);
            }
            inner.code.emit(block.span, Op::Return { src });
        })
    }

    /// The names in scope that a block uses, outermost first.
    fn captures(&self, block: &'a Block) -> Vec<(&'a str, Reg)> {
        let mut used = BTreeSet::new();
        walk::steps(block, &mut |step| {
            for expr in walk::exprs(step) {
                identifiers(expr, &mut used);
            }
        });
        let used = self.locals().iter().filter(|(name, _)| used.contains(name));
        used.copied().collect()
    }

    fn pass_captures(&mut self, span: Span, captured: &[(&'a str, Reg)], first: Reg) {
        for ((_, src), dst) in captured.iter().zip(registers(first)) {
            self.code.emit(span, Op::Move { dst, src: *src });
        }
    }
}

/// The names that stand in an expression as identifiers.
fn identifiers<'e>(expr: &'e Expr, names: &mut BTreeSet<&'e str>) {
    if let ExprKind::Ident { name, .. } = &expr.kind {
        names.insert(name);
    }
    for part in walk::operands(expr) {
        identifiers(part, names);
    }
}
