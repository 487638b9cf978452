//! CEL's macros: `has`, the comprehensions as loops, the optionals' maps, `cel.bind`.

use super::builder::Label;
use super::expr::registers;
use super::frame::Frame;
use crate::ast::{Expr, ExprKind};
use crate::types::{Callee, Ty};
use journey_machine::builtin::SORT_BY_KEYS;
use journey_machine::op::{Op, Reg};
use journey_machine::span::Span;
use journey_machine::value::Value;

/// `over.name(vars, filter, body)`, as far as the macro has these parts.
#[derive(Clone, Copy)]
struct Comprehension<'a> {
    over: &'a Expr,
    vars: &'a [Expr],
    filter: Option<&'a Expr>,
    body: &'a Expr,
}

/// A variable and what has to hold for it.
type Filter<'a> = (&'a Expr, &'a Expr);

/// Its loop, while its body is being lowered.
struct Turns {
    head: Label,
    exit: Label,
    depth: usize,
}

impl<'a> Comprehension<'a> {
    fn new(name: &str, over: &'a Expr, args: &'a [Expr]) -> Option<Self> {
        let (body, before) = args.split_last()?;
        let vars = match name {
            "map" | "filter" | "sortBy" => 1,
            "all" | "exists" | "exists_one" | "existsOne" => before.len(),
            "transformList" | "transformMap" | "transformMapEntry" => 2,
            _ => return None,
        };
        let (vars, filter) = before.split_at_checked(vars)?;
        let comprehension = Self {
            over,
            vars,
            filter: filter.first(),
            body,
        };
        // What `filter` gathers is the item itself.
        let item = vars.first().filter(|_| name == "filter");
        Some(item.map_or(comprehension, |item| Self {
            filter: Some(body),
            body: item,
            ..comprehension
        }))
    }
}

impl<'a> Frame<'_, 'a> {
    pub(super) fn expand(
        &mut self,
        span: Span,
        dst: Reg,
        name: &str,
        (receiver, args): (Option<&'a Expr>, &'a [Expr]),
    ) {
        match (name, receiver, args) {
            ("has", _, [field]) => return self.has(span, dst, field),
            ("cel.bind", _, [var, init, body]) => {
                return self.bind_in(span, dst, var, [init, body]);
            }
            ("optMap" | "optFlatMap", Some(of), [var, body]) => {
                return self.map_optional(span, dst, name == "optMap", (of, var, body));
            }
            _ => {}
        }
        let Some(parts) = receiver.and_then(|over| Comprehension::new(name, over, args)) else {
            return self.project.unexpected(span);
        };
        match name {
            "all" | "exists" => self.quantifier(span, dst, name == "all", parts),
            "exists_one" | "existsOne" => self.exactly_one(span, dst, parts),
            "sortBy" => self.sorted(span, dst, parts),
            "transformMap" | "transformMapEntry" => {
                self.transform_map(span, dst, name == "transformMapEntry", parts)
            }
            _ => self.gather(span, dst, parts),
        }
    }

    fn has(&mut self, span: Span, dst: Reg, tested: &'a Expr) {
        let ExprKind::Member { object, field, .. } = &tested.kind else {
            return self.project.unexpected(span);
        };
        let obj = self.value_or(object, dst);
        let field = self.field(object.id, &field.node);
        self.code.emit(span, Op::Has { dst, obj, field });
    }

    fn bind_in(&mut self, span: Span, dst: Reg, var: &'a Expr, [init, body]: [&'a Expr; 2]) {
        let depth = self.depth();
        let reg = self.binding(variable(var));
        self.put(init, reg);
        self.declare(variable(var), reg);
        self.put(body, dst);
        self.leave(depth, span);
    }

    fn map_optional(
        &mut self,
        span: Span,
        dst: Reg,
        wrap: bool,
        (of, var, body): (&'a Expr, &'a Expr, &'a Expr),
    ) {
        let depth = self.depth();
        let end = self.code.label();
        self.put(of, dst);
        let item = self.temp();
        self.builtin(span, item, "hasValue", dst, 1);
        self.code.jump_unless(span, item, end);
        self.builtin(span, item, "value", dst, 1);
        self.declare(variable(var), item);
        self.put(body, dst);
        if wrap {
            self.code.emit(span, Op::Some { dst, src: dst });
        }
        self.leave(depth, span);
        self.code.bind(end);
    }

    /// False for one item decides `all`, true for one decides `exists`, whatever errors there were before.
    fn quantifier(&mut self, span: Span, dst: Reg, all: bool, parts: Comprehension<'a>) {
        let decided = self.code.label();
        let error = self.error_register(span, self.can_fail(parts.body));
        let src = self.value(parts.over);
        let turns = self.begin_turns(span, (parts, &[]), src);
        let range = self.code.open();
        self.branch(parts.body, !all, decided);
        if let Some(error) = error {
            self.code.close(range, turns.head, error);
        }
        self.end_turns(span, &turns);
        if let Some(src) = error {
            self.code.emit(span, Op::RaiseIf { src });
        }
        self.decided(span, dst, all, decided);
    }

    fn exactly_one(&mut self, span: Span, dst: Reg, parts: Comprehension<'a>) {
        let count = self.constant_in_temp(span, Value::Int(0));
        let one = self.constant_in_temp(span, Value::Int(1));
        let src = self.value(parts.over);
        let turns = self.begin_turns(span, (parts, &[]), src);
        self.unless(parts.body, turns.head);
        self.code.emit(
            span,
            Op::Add {
                dst: count,
                a: count,
                b: one,
            },
        );
        self.end_turns(span, &turns);
        self.code.emit(
            span,
            Op::Eq {
                dst,
                a: count,
                b: one,
            },
        );
    }

    /// `map`, `filter`, `transformList`: a list of what the body is for the items that the filter lets through.
    /// What is gathered from the items that `filter` lets through is gathered in one loop, without a list between.
    fn gather(&mut self, span: Span, dst: Reg, mut parts: Comprehension<'a>) {
        let mut filters = Vec::new();
        if parts.vars.len() == 1 {
            (parts.over, filters) = self.filtered(parts.over);
            filters.extend(parts.vars.first().zip(parts.filter.take()));
        }
        let src = self.value(parts.over);
        self.gather_from(span, dst, (parts, &filters), src);
    }

    /// `list` and the filters of `list.filter(…).filter(…)`, in the order in which they hold.
    fn filtered(&self, over: &'a Expr) -> (&'a Expr, Vec<Filter<'a>>) {
        let ExprKind::Call {
            receiver: Some(receiver),
            args,
            ..
        } = &over.kind
        else {
            return (over, Vec::new());
        };
        let callee = self.project.checked.types.callees.get(&over.id);
        let is_filter = matches!(callee, Some(Callee::Macro(name)) if name == "filter");
        let [var, condition] = args.as_slice() else {
            return (over, Vec::new());
        };
        if !is_filter {
            return (over, Vec::new());
        }
        let (list, mut filters) = self.filtered(receiver);
        filters.push((var, condition));
        (list, filters)
    }

    fn gather_from(
        &mut self,
        span: Span,
        dst: Reg,
        (parts, filters): (Comprehension<'a>, &[Filter<'a>]),
        src: Reg,
    ) {
        self.list_of(span, dst, &[]);
        let turns = self.begin_turns(span, (parts, filters), src);
        self.pass(parts.filter, turns.head);
        let mark = self.code.mark();
        let item = self.value(parts.body);
        self.code
            .emit(parts.body.span, Op::Append { list: dst, item });
        self.code.release(mark);
        self.end_turns(span, &turns);
    }

    /// `sortBy`: the keys first, then the items in their order.
    fn sorted(&mut self, span: Span, dst: Reg, parts: Comprehension<'a>) {
        let list = self.code.alloc(2);
        self.put(parts.over, list);
        self.gather_from(span, Reg(list.0.saturating_add(1)), (parts, &[]), list);
        self.builtin(span, dst, SORT_BY_KEYS, list, 2);
    }

    fn transform_map(&mut self, span: Span, dst: Reg, entries: bool, parts: Comprehension<'a>) {
        let src = self.value(parts.over);
        self.code.emit(
            span,
            Op::Map {
                dst,
                first: dst,
                count: 0,
            },
        );
        let turns = self.begin_turns(span, (parts, &[]), src);
        self.pass(parts.filter, turns.head);
        let mark = self.code.mark();
        let item = self.value(parts.body);
        if entries {
            self.code.emit(
                parts.body.span,
                Op::SpreadNew {
                    into: dst,
                    src: item,
                },
            );
        } else if let Some(key) = parts.vars.first().and_then(|v| self.local(variable(v))) {
            self.code.emit(
                parts.body.span,
                Op::Insert {
                    map: dst,
                    key,
                    item,
                },
            );
        }
        self.code.release(mark);
        self.end_turns(span, &turns);
    }

    fn pass(&mut self, filter: Option<&'a Expr>, next: Label) {
        if let Some(filter) = filter {
            self.unless(filter, next);
        }
    }

    /// Begins a loop over the items with the variables bound; the body follows.
    fn begin_turns(
        &mut self,
        span: Span,
        (parts, filters): (Comprehension<'a>, &[Filter<'a>]),
        src: Reg,
    ) -> Turns {
        let depth = self.depth();
        let exit = self.code.label();
        let [first, second] = [parts.vars.first(), parts.vars.get(1)].map(|v| v.map(variable));
        let iter = self.code.alloc(2);
        let pair = second.map(|_| self.pair_source(span, parts.over, src));
        self.code.emit(span, Op::Iter { dst: iter, src });
        let head = self.code.here();
        let vars = self.code.alloc(parts.vars.len());
        for (name, reg) in [first, second].into_iter().flatten().zip(registers(vars)) {
            self.code.name_register(reg, name);
        }
        let filters = self.seek(span, filters, (vars, iter), exit);
        match pair {
            None => self.code.next(span, vars, iter, exit),
            Some(pair) => self.next_pair(span, vars, iter, (&pair, exit)),
        }
        for (var, condition) in filters {
            self.known_as(variable(var), vars, |me| me.unless(condition, head));
        }
        for (name, reg) in [first, second].into_iter().flatten().zip(registers(vars)) {
            self.declare(name, reg);
        }
        Turns { head, exit, depth }
    }

    /// A first filter that is a test is applied before an item is taken. The others.
    fn seek<'f>(
        &mut self,
        span: Span,
        filters: &'f [Filter<'a>],
        (item, iter): (Reg, Reg),
        exit: Label,
    ) -> &'f [Filter<'a>] {
        let Some(((var, condition), others)) = filters.split_first() else {
            return filters;
        };
        let mut test = None;
        self.known_as(variable(var), item, |me| {
            test = me.test_of(item, condition);
        });
        let Some(test) = test else {
            return filters;
        };
        self.code.seek(span, (iter, test), exit);
        others
    }

    fn end_turns(&mut self, span: Span, turns: &Turns) {
        self.code.jump(span, turns.head);
        self.code.bind(turns.exit);
        self.leave(turns.depth, span);
    }

    /// What a loop with two variables goes over, as far as it is known.
    fn pair_source(&mut self, span: Span, over: &Expr, src: Reg) -> PairSource {
        let ty = self.ty(over.id);
        if matches!(ty, Ty::List(_)) {
            return PairSource::List;
        }
        if matches!(ty, Ty::Map(..) | Ty::Object(_)) {
            return PairSource::Map(src);
        }
        let is_list = self.temp();
        self.builtin(span, is_list, "type", src, 1);
        let b = self.constant_in_temp(span, Value::Type("list".into()));
        let equal = Op::Eq {
            dst: is_list,
            a: is_list,
            b,
        };
        self.code.emit(span, equal);
        PairSource::Either { src, is_list }
    }

    /// The two variables of the next turn: index and item of a list, key and value of a map.
    fn next_pair(&mut self, span: Span, vars: Reg, iter: Reg, (pair, exit): (&PairSource, Label)) {
        let [first, second] = [vars, Reg(vars.0.saturating_add(1))];
        let position = Reg(iter.0.saturating_add(1));
        match *pair {
            PairSource::List => {
                self.code.emit(
                    span,
                    Op::Move {
                        dst: first,
                        src: position,
                    },
                );
                self.code.next(span, second, iter, exit);
            }
            PairSource::Map(obj) => {
                self.code.next(span, first, iter, exit);
                self.code.emit(
                    span,
                    Op::Index {
                        dst: second,
                        obj,
                        key: first,
                    },
                );
            }
            PairSource::Either { src, is_list } => {
                let [map, end] = [self.code.label(), self.code.label()];
                self.code.jump_unless(span, is_list, map);
                self.next_pair(span, vars, iter, (&PairSource::List, exit));
                self.code.jump(span, end);
                self.code.bind(map);
                self.next_pair(span, vars, iter, (&PairSource::Map(src), exit));
                self.code.bind(end);
            }
        }
    }
}

#[derive(Clone, Copy)]
enum PairSource {
    List,
    Map(Reg),
    Either { src: Reg, is_list: Reg },
}

/// The name that a macro's variable declares; the checker has seen to it that it is one.
fn variable(var: &Expr) -> &str {
    if let ExprKind::Ident { name, .. } = &var.kind {
        name
    } else {
        ""
    }
}
