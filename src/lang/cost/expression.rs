//! One expression: what each operation costs, how large its value is, and which part costs most.
//!
//! The constants say how many operations a construct is lowered to, at most. The conformance cases hold them against
//! what the machine takes.

use super::range::Range;
use super::size::{Size, Sizes};
use super::{ExpressionCost, Part};
use crate::Checked;
use crate::ast::{
    BinaryOp, Expr, ExprKind, ListItem, Literal, MapEntry, TemplateEntry, TemplateItem, TextPart,
};
use crate::types::{Callee, Ty, TypeTable};
use journey_machine::limits::BYTES_PER_STEP;
use journey_machine::span::Span;
use std::collections::BTreeMap;
use std::rc::Rc;

/// An operation, and a move of its result to where it is wanted.
const OPERATION: u64 = 2;
/// `&&`, `||`: an error register, its clearing, and raising what it holds.
const LOGIC: u64 = 4;
/// Taking the value of a constant or a name.
const TAKE: u64 = 1;

/// Steps with what they are spent on.
pub(super) struct Cost<'a> {
    pub(super) steps: Range,
    pub(super) size: Size<'a>,
    pub(super) dominant: Part,
}

impl Cost<'_> {
    /// Of an expression that a run computes so many times.
    pub(super) fn of(&self, expr: &Expr, times: u64) -> ExpressionCost {
        ExpressionCost {
            span: expr.span,
            steps: self.steps,
            times,
            dominant: self.dominant,
        }
    }
}

/// A sum of steps that remembers its largest part.
pub(super) struct Sum {
    pub(super) steps: Range,
    dominant: Part,
}

impl Sum {
    /// Steps of an operation itself, and the bytes it looks at or makes.
    pub(super) fn own(span: Span, operations: u64, bytes: u64) -> Self {
        let looked = bytes / BYTES_PER_STEP as u64;
        let most = operations.saturating_add(looked);
        Self {
            steps: Range::up_to(most),
            dominant: Part {
                span,
                steps: most,
                times: 1,
                bytes,
            },
        }
    }

    /// With at least one step.
    pub(super) fn certain(mut self) -> Self {
        self.steps.min = self.steps.min.max(1);
        self
    }

    pub(super) fn and(self, cost: &Cost<'_>) -> Self {
        self.with(cost.steps, cost.dominant)
    }

    pub(super) fn plus(self, other: &Self) -> Self {
        self.with(other.steps, other.dominant)
    }

    fn with(self, steps: Range, part: Part) -> Self {
        Self {
            steps: self.steps.plus(steps),
            dominant: if part.steps > self.dominant.steps {
                part
            } else {
                self.dominant
            },
        }
    }

    /// One of several, whichever it is.
    fn and_one_of(self, costs: &[&Cost<'_>]) -> Self {
        let steps = costs.iter().map(|c| c.steps).reduce(Range::or);
        let part = costs.iter().map(|c| c.dominant).max_by_key(|p| p.steps);
        match steps.zip(part) {
            Some((steps, part)) => self.with(steps, part),
            None => self,
        }
    }

    /// All of it so many times.
    pub(super) fn repeated(self, turns: Range) -> Self {
        let times = |n: u64| n.saturating_mul(turns.max);
        Self {
            steps: self.steps.times(turns),
            dominant: Part {
                steps: times(self.dominant.steps),
                times: times(self.dominant.times),
                ..self.dominant
            },
        }
    }

    pub(super) fn gives(self, size: Size<'_>) -> Cost<'_> {
        Cost {
            steps: self.steps,
            size,
            dominant: self.dominant,
        }
    }
}

/// Finds what expressions cost.
pub(super) struct Estimator<'a> {
    pub(super) types: &'a TypeTable,
    pub(super) sizes: Rc<Sizes<'a>>,
    /// Values of names, as far as more is known of them than their types.
    pub(super) locals: BTreeMap<&'a str, Size<'a>>,
}

impl<'a> Estimator<'a> {
    pub(super) fn new(checked: &'a Checked<'a>, sizes: Rc<Sizes<'a>>) -> Self {
        Self {
            types: &checked.types,
            sizes,
            locals: BTreeMap::new(),
        }
    }

    /// All that is known only from the type.
    pub(super) fn typed(&self, expr: &Expr) -> Size<'a> {
        match self.types.ty(expr.id) {
            Ty::Null | Ty::Bool | Ty::Int | Ty::Uint | Ty::Double => Size::Scalar,
            ty => Size::Typed(ty.clone(), None),
        }
    }

    pub(super) fn cost(&mut self, expr: &'a Expr) -> Cost<'a> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Literal(literal) => Sum::own(span, TAKE, 0).gives(of_literal(literal)),
            ExprKind::Ident { name, .. } => {
                let known = self.locals.get(name.as_str()).cloned();
                Sum::own(span, TAKE, 0).gives(known.unwrap_or_else(|| self.typed(expr)))
            }
            ExprKind::Member { object, field, .. } => self.member(expr, object, &field.node),
            ExprKind::Index { object, index, .. } => {
                let (of, by) = (self.cost(object), self.cost(index));
                let size = self.scalar_or(expr, self.sizes.item(&of.size));
                Sum::own(span, OPERATION, 0).and(&of).and(&by).gives(size)
            }
            ExprKind::Call { receiver, args, .. } => self.call(expr, receiver.as_deref(), args),
            ExprKind::Unary { operand, .. } => {
                let operand = self.cost(operand);
                Sum::own(span, OPERATION, 0)
                    .and(&operand)
                    .gives(Size::Scalar)
            }
            ExprKind::Arithmetic { first, rest } => self.arithmetic(expr, first, rest),
            ExprKind::Binary { op, left, right } => self.relation(span, *op, left, right),
            ExprKind::Logic { operands, .. } => {
                let own = Sum::own(span, LOGIC + OPERATION * operands.len() as u64, 0);
                self.all(own, operands).gives(Size::Scalar)
            }
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(span, condition, [then, otherwise]),
            ExprKind::List(items) => self.list(span, items),
            ExprKind::Map(entries) => self.map(span, entries),
            ExprKind::Object(entries) => self.object(expr, entries),
            ExprKind::Array(items) => self.array(expr, items),
            ExprKind::Interpolation(parts) => self.interpolation(span, parts),
            ExprKind::Struct { .. } | ExprKind::Error => {
                Sum::own(span, TAKE, 0).gives(Size::Scalar)
            }
        }
    }

    /// All of several expressions.
    pub(super) fn all(&mut self, sum: Sum, exprs: impl IntoIterator<Item = &'a Expr>) -> Sum {
        exprs.into_iter().fold(sum, |sum, e| sum.and(&self.cost(e)))
    }

    /// What is known of a part, unless its type says that it is a scalar.
    fn scalar_or(&self, expr: &Expr, part: Size<'a>) -> Size<'a> {
        match self.typed(expr) {
            Size::Scalar => Size::Scalar,
            _ => part,
        }
    }

    fn member(&mut self, expr: &'a Expr, object: &'a Expr, field: &str) -> Cost<'a> {
        let own = Sum::own(expr.span, OPERATION, 0);
        if self.types.globals.contains_key(&expr.id) {
            return own.gives(self.typed(expr));
        }
        let of = self.cost(object);
        let size = self.sizes.field(&of.size, field);
        let size = self.scalar_or(expr, size.unwrap_or_else(|| self.typed(expr)));
        own.and(&of).gives(size)
    }

    /// Comparing ends with the smaller side; searching a list looks at all of it.
    fn relation(&mut self, span: Span, op: BinaryOp, left: &'a Expr, right: &'a Expr) -> Cost<'a> {
        let (a, b) = (self.cost(left), self.cost(right));
        let bytes = |side: &Cost<'a>| self.sizes.bytes(&side.size);
        let bytes = match (op, &a.size, &b.size) {
            (BinaryOp::In, ..) => bytes(&a).max(bytes(&b)),
            (_, Size::Scalar, _) | (_, _, Size::Scalar) => 0,
            _ => bytes(&a).min(bytes(&b)),
        };
        Sum::own(span, OPERATION, bytes)
            .and(&a)
            .and(&b)
            .gives(Size::Scalar)
    }

    fn arithmetic(
        &mut self,
        expr: &'a Expr,
        first: &'a Expr,
        rest: &'a [(BinaryOp, Expr)],
    ) -> Cost<'a> {
        let first = self.cost(first);
        let mut sum = Sum::own(expr.span, OPERATION * rest.len() as u64, 0).and(&first);
        let mut size = first.size;
        for (_, operand) in rest {
            let operand = self.cost(operand);
            sum = sum.and(&operand);
            size = self.joined(&size, &operand.size);
        }
        sum.gives(self.scalar_or(expr, size))
    }

    /// Two texts or lists in one.
    fn joined(&self, a: &Size<'a>, b: &Size<'a>) -> Size<'a> {
        match (a, b) {
            (Size::Scalar, Size::Scalar) => Size::Scalar,
            (Size::Items(..), _) | (_, Size::Items(..)) => {
                let count = self.sizes.turns(a).plus(self.sizes.turns(b));
                let item = self.sizes.either(self.sizes.item(a), self.sizes.item(b));
                Size::Items(count, Rc::new(item))
            }
            (Size::Text(a), Size::Text(b)) => Size::Text(a.plus(*b)),
            _ => Size::Bytes(self.sizes.bytes(a).saturating_add(self.sizes.bytes(b))),
        }
    }

    fn conditional(&mut self, span: Span, condition: &'a Expr, arms: [&'a Expr; 2]) -> Cost<'a> {
        let condition = self.cost(condition);
        let [then, otherwise] = arms.map(|arm| self.cost(arm));
        let sum = Sum::own(span, OPERATION, 0).and(&condition);
        let sum = sum.and_one_of(&[&then, &otherwise]);
        sum.gives(self.sizes.either(then.size, otherwise.size))
    }

    fn list(&mut self, span: Span, items: &'a [ListItem]) -> Cost<'a> {
        let always = items.iter().filter(|i| !i.optional).count() as u64;
        let all = items.len() as u64;
        let mut sum = Sum::own(span, OPERATION + all, 0);
        let mut item = None;
        for part in items {
            let cost = self.cost(&part.value);
            sum = sum.and(&cost);
            item = Some(self.with(item, cost.size));
        }
        let count = Range {
            min: always,
            max: all,
        };
        sum.gives(Size::Items(count, Rc::new(item.unwrap_or(Size::Scalar))))
    }

    fn with(&self, all: Option<Size<'a>>, one: Size<'a>) -> Size<'a> {
        match all {
            Some(all) => self.sizes.either(all, one),
            None => one,
        }
    }

    fn map(&mut self, span: Span, entries: &'a [MapEntry]) -> Cost<'a> {
        let always = entries.iter().filter(|e| !e.optional).count() as u64;
        let all = entries.len() as u64;
        let mut sum = Sum::own(span, OPERATION + all, 0);
        let (mut keys, mut values) = (None, None);
        for entry in entries {
            let (key, value) = (self.cost(&entry.key), self.cost(&entry.value));
            sum = sum.and(&key).and(&value);
            keys = Some(self.with(keys, key.size));
            values = Some(self.with(values, value.size));
        }
        let count = Range {
            min: always,
            max: all,
        };
        let parts = [keys, values].map(|size| size.unwrap_or(Size::Scalar));
        sum.gives(Size::Entries(count, Rc::new(parts.into())))
    }

    fn object(&mut self, expr: &'a Expr, entries: &'a [TemplateEntry]) -> Cost<'a> {
        let mut sum = Sum::own(expr.span, OPERATION + OPERATION * entries.len() as u64, 0);
        let mut fields = BTreeMap::new();
        let mut all_known = true;
        for entry in entries {
            let (TemplateEntry::Field { value, .. } | TemplateEntry::Spread(value)) = entry;
            let cost = self.cost(value);
            sum = sum.and(&cost);
            match entry {
                TemplateEntry::Field { key, .. } => {
                    _ = fields.insert(key.node.as_str(), cost.size);
                }
                TemplateEntry::Spread(_) => all_known = false,
            }
        }
        let known = all_known.then(|| Size::Fields(Rc::new(fields)));
        sum.gives(known.unwrap_or_else(|| self.typed(expr)))
    }

    fn array(&mut self, expr: &'a Expr, items: &'a [TemplateItem]) -> Cost<'a> {
        let own = Sum::own(expr.span, OPERATION + OPERATION * items.len() as u64, 0);
        let values = items.iter().map(|item| match item {
            TemplateItem::Value(value) | TemplateItem::Spread(value) => value,
        });
        self.all(own, values).gives(self.typed(expr))
    }

    fn interpolation(&mut self, span: Span, parts: &'a [TextPart]) -> Cost<'a> {
        let mut sum = Sum::own(span, OPERATION + parts.len() as u64, 0);
        let mut bytes: u64 = 0;
        for part in parts {
            match part {
                TextPart::Literal(text) => bytes = bytes.saturating_add(text.len() as u64),
                TextPart::Value(value) => {
                    let cost = self.cost(value);
                    bytes = bytes.saturating_add(self.sizes.bytes(&cost.size));
                    sum = sum.and(&cost);
                }
            }
        }
        sum.gives(Size::Bytes(bytes))
    }

    fn call(&mut self, expr: &'a Expr, receiver: Option<&'a Expr>, args: &'a [Expr]) -> Cost<'a> {
        let types = self.types;
        match types.callees.get(&expr.id) {
            Some(Callee::Macro(name)) => self.expanded(expr, name, receiver, args),
            Some(Callee::Builtin {
                name,
                receiver: is_argument,
            }) => self.builtin(expr, name, receiver.filter(|_| *is_argument), args),
            Some(Callee::Missing) | None => Sum::own(expr.span, TAKE, 0).gives(Size::Scalar),
        }
    }
}

fn of_literal<'a>(literal: &Literal) -> Size<'a> {
    match literal {
        Literal::String(text) => Size::Text(Range::exactly(text.chars().count() as u64)),
        Literal::Bytes(bytes) => Size::Text(Range::exactly(bytes.len() as u64)),
        _ => Size::Scalar,
    }
}
