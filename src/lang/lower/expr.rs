//! Expressions to operations: the one evaluator there is.

use super::builder::Label;
use super::constant;
use super::frame::Frame;
use super::part::Chain;
use crate::ast::{BinaryOp, Expr, ExprId, ExprKind, ListItem, MapEntry, UnaryOp};
use crate::types::{Callee, Global, Ty};
use journey_machine::builtin::pattern::{KNOWN, MATCHES};
use journey_machine::op::{Op, Reg};
use journey_machine::program::{FieldId, Path};
use journey_machine::span::Span;
use journey_machine::value::{Str, Value};
use std::collections::BTreeSet;

impl<'a> Frame<'_, 'a> {
    /// `dst` = the value of the expression. `dst` must be a register that the expression itself cannot name.
    pub(super) fn put(&mut self, expr: &'a Expr, dst: Reg) {
        let mark = self.code.mark();
        match constant::fold(&self.project.checked.types, expr) {
            Some(value) => self.load(expr.span, dst, value),
            None => self.compute(expr, dst),
        }
        self.code.release(mark);
    }

    /// The register that holds the expression's value: that of a local name, or a new one.
    pub(super) fn value(&mut self, expr: &'a Expr) -> Reg {
        self.as_local(expr).unwrap_or_else(|| {
            let dst = self.temp();
            self.put(expr, dst);
            dst
        })
    }

    /// As [`Self::value`], with `dst` as the new register: for the operand that is computed first.
    pub(super) fn value_or(&mut self, expr: &'a Expr, dst: Reg) -> Reg {
        self.as_local(expr).unwrap_or_else(|| {
            self.put(expr, dst);
            dst
        })
    }

    /// Consecutive registers with the values of the expressions.
    pub(super) fn values(&mut self, exprs: &[&'a Expr]) -> Reg {
        if let [only] = exprs {
            return self.value(only);
        }
        let first = self.code.alloc(exprs.len());
        for (reg, expr) in registers(first).zip(exprs) {
            self.put(expr, reg);
        }
        first
    }

    pub(super) fn as_local(&self, expr: &Expr) -> Option<Reg> {
        match (&expr.kind, self.project.checked.types.globals.get(&expr.id)) {
            (_, Some(Global::Variable(name))) => self.variable(name),
            (ExprKind::Ident { name, .. }, None) => self.local(name),
            _ => None,
        }
    }

    fn compute(&mut self, expr: &'a Expr, dst: Reg) {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Ident { .. } => self.identifier(expr, dst),
            ExprKind::Member {
                object,
                field,
                optional,
            } => {
                self.member(expr, dst, (object, &field.node, *optional));
            }
            ExprKind::Index {
                object,
                index,
                optional,
            } => self.index(expr, dst, (object, index, *optional)),
            ExprKind::Call { receiver, args, .. } => {
                self.call_expr(expr, dst, receiver.as_deref(), args)
            }
            ExprKind::Unary { op, operand } => {
                let a = self.value_or(operand, dst);
                let op = match op {
                    UnaryOp::Neg => Op::Neg { dst, a },
                    UnaryOp::Not => Op::Not { dst, a },
                };
                self.code.emit(span, op);
            }
            ExprKind::Arithmetic { .. } if self.is_text(expr.id) => self.concatenation(expr, dst),
            ExprKind::Arithmetic { first, rest } => self.arithmetic(dst, first, rest),
            ExprKind::Binary { op, left, right } => {
                let a = self.value_or(left, dst);
                let b = self.value(right);
                self.code.emit(span, binary(*op, dst, a, b));
            }
            ExprKind::Logic { .. } => self.truth(expr, dst),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => match self.chain(expr) {
                Some(chain) => self.selected(span, dst, chain),
                None => self.conditional(span, dst, condition, [then, otherwise]),
            },
            ExprKind::List(items) => self.list(span, dst, items),
            ExprKind::Map(entries) => self.map(span, dst, entries),
            ExprKind::Object(entries) => self.object(span, dst, entries),
            ExprKind::Array(items) => self.array(span, dst, items),
            ExprKind::Interpolation(parts) => self.interpolation(span, dst, parts),
            ExprKind::Literal(_) | ExprKind::Struct { .. } | ExprKind::Error => {
                self.project.unexpected(span)
            }
        }
    }

    fn identifier(&mut self, expr: &'a Expr, dst: Reg) {
        match self.as_local(expr) {
            Some(src) => self.code.emit(expr.span, Op::Move { dst, src }),
            None => self.global(expr, dst),
        }
    }

    fn global(&mut self, expr: &'a Expr, dst: Reg) {
        match self.project.checked.types.globals.get(&expr.id) {
            Some(Global::Context(what)) => {
                self.surrounding(expr.span, dst, *what, Path::default());
            }
            Some(Global::Now) => self.code.emit(expr.span, Op::Now { dst }),
            Some(Global::Missing) => self.raise(expr.span, "evaluation: no such attribute"),
            Some(Global::Type(_) | Global::Variable(_)) | None => {
                self.project.unexpected(expr.span);
            }
        }
    }

    fn member(
        &mut self,
        expr: &'a Expr,
        dst: Reg,
        (object, name, optional): (&'a Expr, &str, bool),
    ) {
        if self.project.checked.types.globals.contains_key(&expr.id) {
            return self.identifier(expr, dst);
        }
        if !optional && !matches!(self.ty(object.id), Ty::Optional(_)) {
            return self.copy_part(expr, dst);
        }
        let obj = self.value_or(object, dst);
        let field = self.field(object.id, name);
        self.code.emit(expr.span, Op::OptField { dst, obj, field });
    }

    /// A field with the slot it has in the type of the object.
    pub(super) fn field(&mut self, object: ExprId, name: &str) -> FieldId {
        let field = self.field_ref(object, name);
        self.project.tables.field(field)
    }

    fn index(
        &mut self,
        expr: &'a Expr,
        dst: Reg,
        (object, index, optional): (&'a Expr, &'a Expr, bool),
    ) {
        if !self.path_to(expr).1.0.is_empty() {
            return self.copy_part(expr, dst);
        }
        let obj = self.value_or(object, dst);
        let key = self.value(index);
        let optional = optional || matches!(self.ty(object.id), Ty::Optional(_));
        let op = if optional {
            Op::OptIndex { dst, obj, key }
        } else {
            Op::Index { dst, obj, key }
        };
        self.code.emit(expr.span, op);
    }

    fn call_expr(
        &mut self,
        expr: &'a Expr,
        dst: Reg,
        receiver: Option<&'a Expr>,
        args: &'a [Expr],
    ) {
        match self.project.checked.types.callees.get(&expr.id) {
            Some(Callee::Macro(name)) => self.expand(expr.span, dst, name, (receiver, args)),
            Some(Callee::Builtin { name, .. }) if name == "uuid" => {
                self.code.emit(expr.span, Op::Uuid { dst })
            }
            Some(Callee::Builtin {
                name,
                receiver: is_argument,
            }) => {
                let receiver = receiver.filter(|_| *is_argument);
                if let ("or" | "orValue", Some(of), [other]) = (name.as_str(), receiver, args)
                    && self.can_raise(other)
                {
                    return self.or_else(expr.span, dst, name == "orValue", [of, other]);
                }
                let all: Vec<&'a Expr> = receiver.into_iter().chain(args).collect();
                let first = if let [only] = all.as_slice() {
                    self.value_or(only, dst)
                } else {
                    self.values(&all)
                };
                self.builtin(expr.span, dst, called(name, &all), first, count(all.len()));
            }
            Some(Callee::Missing) => self.raise(expr.span, "evaluation: no such overload"),
            None => self.project.unexpected(expr.span),
        }
    }

    /// What stands in for an empty optional is computed only if it is needed; that can be seen where it may fail.
    fn or_else(&mut self, span: Span, dst: Reg, unwrap: bool, [of, other]: [&'a Expr; 2]) {
        let [empty, end] = [self.code.label(), self.code.label()];
        self.put(of, dst);
        let cond = self.temp();
        self.builtin(span, cond, "hasValue", dst, 1);
        self.code.jump_unless(span, cond, empty);
        if unwrap {
            self.builtin(span, dst, "value", dst, 1);
        }
        self.code.jump(span, end);
        self.code.bind(empty);
        self.put(other, dst);
        self.code.bind(end);
    }

    fn conditional(
        &mut self,
        span: Span,
        dst: Reg,
        condition: &'a Expr,
        [then, otherwise]: [&'a Expr; 2],
    ) {
        let [no, end] = [self.code.label(), self.code.label()];
        self.unless(condition, no);
        self.put(then, dst);
        self.code.jump(span, end);
        self.code.bind(no);
        self.put(otherwise, dst);
        self.code.bind(end);
    }

    /// `dst` = the arm of a chain of conditionals that fits, by a jump table.
    fn selected(&mut self, span: Span, dst: Reg, chain: Chain<'a>) {
        let (Some(subject), Some(otherwise)) = (chain.subject, chain.otherwise) else {
            return self.project.unexpected(span);
        };
        let end = self.code.label();
        let labels: Vec<Label> = chain.arms.iter().map(|_| self.code.label()).collect();
        let mark = self.code.mark();
        let value = self.placed(subject);
        let (constants, results): (Vec<_>, Vec<_>) = chain.arms.into_iter().unzip();
        let arms = constants.into_iter().zip(labels.iter().copied());
        self.code.switch(span, value, arms.collect());
        self.code.release(mark);
        self.put(otherwise, dst);
        for (label, result) in labels.into_iter().zip(results) {
            self.code.jump(span, end);
            self.code.bind(label);
            self.put(result, dst);
        }
        self.code.bind(end);
    }

    /// Is it a string for sure?
    pub(super) fn is_text(&self, id: ExprId) -> bool {
        matches!(self.ty(id), Ty::String | Ty::Enum(_))
    }

    /// A chain of `+` over strings is put together once.
    fn concatenation(&mut self, expr: &'a Expr, dst: Reg) {
        let mut parts = Vec::new();
        self.flatten(expr, &mut parts);
        let first = self.values(&parts);
        self.code.emit(
            expr.span,
            Op::Concat {
                dst,
                first,
                count: count(parts.len()),
            },
        );
    }

    /// What a text is put together of: all operands of a `+` that gives a text are texts.
    fn flatten(&self, expr: &'a Expr, parts: &mut Vec<&'a Expr>) {
        match &expr.kind {
            ExprKind::Arithmetic { first, rest } if self.is_text(expr.id) => {
                let operands = std::iter::once(&**first).chain(rest.iter().map(|(_, e)| e));
                operands.for_each(|operand| self.flatten(operand, parts));
            }
            _ => parts.push(expr),
        }
    }

    /// `dst` takes the operands one after the other; what is known of the first ones is computed now.
    fn arithmetic(&mut self, dst: Reg, first: &'a Expr, rest: &'a [(BinaryOp, Expr)]) {
        let (mut a, rest) = match constant::prefix(&self.project.checked.types, first, rest) {
            Some((value, rest)) => {
                self.load(first.span, dst, value);
                (dst, rest)
            }
            None => (self.value_or(first, dst), rest),
        };
        for (op, operand) in rest {
            let mark = self.code.mark();
            let b = self.value(operand);
            let span = first.span.to(operand.span);
            self.code.emit(span, binary(*op, dst, a, b));
            self.code.release(mark);
            a = dst;
        }
    }

    /// The items before the first optional one at once, the others one by one.
    fn list(&mut self, span: Span, dst: Reg, items: &'a [ListItem]) {
        let plain: Vec<&'a Expr> = items
            .iter()
            .take_while(|i| !i.optional)
            .map(|i| &i.value)
            .collect();
        self.list_of(span, dst, &plain);
        for ListItem { optional, value } in items.iter().skip(plain.len()) {
            let mark = self.code.mark();
            let item = self.value(value);
            let op = if *optional {
                Op::AppendOpt { list: dst, item }
            } else {
                Op::Append { list: dst, item }
            };
            self.code.emit(value.span, op);
            self.code.release(mark);
        }
    }

    pub(super) fn list_of(&mut self, span: Span, dst: Reg, items: &[&'a Expr]) {
        let mark = self.code.mark();
        let first = self.values(items);
        self.code.emit(
            span,
            Op::List {
                dst,
                first,
                count: count(items.len()),
            },
        );
        self.code.release(mark);
    }

    /// The entries before the first optional one at once, the others one by one; a repeated key is an error.
    fn map(&mut self, span: Span, dst: Reg, entries: &'a [MapEntry]) {
        let plain: Vec<&'a MapEntry> = entries.iter().take_while(|e| !e.optional).collect();
        match self.names(&plain) {
            Some(fields) => self.shaped(span, dst, &fields),
            None => self.pairs(span, dst, &plain),
        }
        for entry in entries.iter().skip(plain.len()) {
            self.entry(dst, entry);
        }
    }

    /// One entry more; an optional one only if it holds a value.
    fn entry(&mut self, map: Reg, entry: &'a MapEntry) {
        let span = entry.key.span;
        let end = self.code.label();
        let mark = self.code.mark();
        let key = self.value(&entry.key);
        let item = self.temp();
        self.put(&entry.value, item);
        if entry.optional {
            let cond = self.temp();
            self.builtin(span, cond, "hasValue", item, 1);
            self.code.jump_unless(span, cond, end);
            self.builtin(span, item, "value", item, 1);
        }
        self.code.emit(span, Op::InsertNew { map, key, item });
        self.code.release(mark);
        self.code.bind(end);
    }

    /// Entries whose keys are different names: they have a shape.
    fn names(&self, entries: &[&'a MapEntry]) -> Option<Vec<(Str, &'a Expr)>> {
        let types = &self.project.checked.types;
        let named = entries
            .iter()
            .map(|entry| match constant::fold(types, &entry.key) {
                Some(Value::String(name)) => Some((name, &entry.value)),
                _ => None,
            });
        let fields: Vec<_> = named.collect::<Option<_>>()?;
        let distinct: BTreeSet<&Str> = fields.iter().map(|(name, _)| name).collect();
        (distinct.len() == fields.len()).then_some(fields)
    }

    fn pairs(&mut self, span: Span, dst: Reg, entries: &[&'a MapEntry]) {
        let mark = self.code.mark();
        let pairs: Vec<&'a Expr> = entries.iter().flat_map(|e| [&e.key, &e.value]).collect();
        let first = self.values(&pairs);
        let count = count(entries.len());
        self.code.emit(span, Op::Map { dst, first, count });
        self.code.release(mark);
    }
}

fn binary(op: BinaryOp, dst: Reg, a: Reg, b: Reg) -> Op {
    match op {
        BinaryOp::Add => Op::Add { dst, a, b },
        BinaryOp::Sub => Op::Sub { dst, a, b },
        BinaryOp::Mul => Op::Mul { dst, a, b },
        BinaryOp::Div => Op::Div { dst, a, b },
        BinaryOp::Rem => Op::Rem { dst, a, b },
        BinaryOp::Eq => Op::Eq { dst, a, b },
        BinaryOp::Ne => Op::Ne { dst, a, b },
        BinaryOp::Lt => Op::Lt { dst, a, b },
        BinaryOp::Le => Op::Le { dst, a, b },
        BinaryOp::Gt => Op::Gt { dst, a, b },
        BinaryOp::Ge => Op::Ge { dst, a, b },
        BinaryOp::In => Op::In { dst, a, b },
    }
}

/// The function that a call is lowered to.
fn called<'n>(name: &'n str, args: &[&Expr]) -> &'n str {
    let pattern = args.get(1).and_then(|pattern| pattern.as_written_text());
    if name == MATCHES && pattern.is_some() {
        KNOWN
    } else {
        name
    }
}

/// `first`, the one after it, and so on.
pub(super) fn registers(first: Reg) -> impl Iterator<Item = Reg> {
    (first.0..=u16::MAX).map(Reg)
}

/// How many registers an operation takes; a function with more than fit was refused by its builder.
pub(super) fn count(len: usize) -> u16 {
    u16::try_from(len).unwrap_or(u16::MAX)
}
