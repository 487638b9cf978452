//! Functions of the library: by their entries, and by the sizes of their arguments.

use super::expression::{Cost, Estimator, Sum};
use super::range::Range;
use super::size::Size;
use crate::ast::{Expr, ExprKind, Literal};
use crate::lower::constant::fold;
use crate::types::Ty;
use journey_machine::builtin::pattern::MAX_WEIGHT;
use journey_machine::builtin::{self, Builtin, Cost as Price};
use std::rc::Rc;

/// A call; where an argument is computed only if it is needed, the test and its jumps.
const CALL: u64 = 6;
/// How many times larger than its arguments the result of a function is that only changes them: percent-encoding
/// makes three bytes of one.
const CHANGED: u64 = 3;
/// How many times larger than a text a list of its parts is.
const TAKEN_APART: u64 = 32;
/// Bytes of the text of a number or a time, at most.
const SPELT: u64 = 64;

impl<'a> Estimator<'a> {
    pub(super) fn builtin(
        &mut self,
        expr: &'a Expr,
        name: &str,
        receiver: Option<&'a Expr>,
        args: &'a [Expr],
    ) -> Cost<'a> {
        let all: Vec<&'a Expr> = receiver.into_iter().chain(args).collect();
        let costs: Vec<Cost<'a>> = all.iter().map(|arg| self.cost(arg)).collect();
        let sizes: Vec<&Size<'a>> = costs.iter().map(|c| &c.size).collect();
        let Some(function) = builtin::find(name) else {
            return Sum::own(expr.span, CALL, 0)
                .certain()
                .gives(self.typed(expr));
        };
        let size = self.result(expr, function, &all, &sizes);
        let made = match &size {
            Size::Scalar => 0,
            _ if function.cost == Price::Fixed => 0,
            size => self.sizes.bytes(size),
        };
        let bytes = self.looked_at(function, &all, &sizes).saturating_add(made);
        let own = Sum::own(expr.span, CALL, bytes);
        let own = if fold(self.types, expr).is_none() {
            own.certain()
        } else {
            own
        };
        costs.iter().fold(own, Sum::and).gives(size)
    }

    /// Bytes that a call looks at, at most: what [`Builtin::looks_at`] says of the values.
    fn looked_at(&self, function: &Builtin, exprs: &[&Expr], args: &[&Size<'a>]) -> u64 {
        let bytes = |size: &&Size<'a>| self.sizes.bytes(size);
        let whole = || args.iter().map(bytes).fold(0, u64::saturating_add);
        match function.cost {
            Price::Fixed => 0,
            Price::Texts => {
                let texts = exprs.iter().zip(args).filter(|(e, _)| self.may_be_text(e));
                texts
                    .map(|(_, size)| bytes(size))
                    .fold(0, u64::saturating_add)
            }
            Price::Whole => whole(),
            Price::Sorting => {
                let longest = args.iter().map(|s| self.sizes.turns(s).max).max();
                whole().saturating_mul(builtin::comparisons(longest.unwrap_or(0)))
            }
            Price::Pattern if exprs.get(1).is_some_and(|p| p.as_written_text().is_some()) => {
                whole()
            }
            Price::Pattern => {
                let text = args.first().map_or(0, bytes);
                let text = usize::try_from(text).unwrap_or(usize::MAX);
                builtin::matching(MAX_WEIGHT, text) as u64
            }
        }
    }

    fn may_be_text(&self, expr: &Expr) -> bool {
        let ty = self.types.ty(expr.id);
        !matches!(
            self.types.resolve(ty),
            Ty::List(_) | Ty::Map(..) | Ty::Object(_)
        )
    }

    /// How large the result is.
    fn result(
        &self,
        expr: &Expr,
        function: &Builtin,
        exprs: &[&Expr],
        args: &[&Size<'a>],
    ) -> Size<'a> {
        let typed = self.typed(expr);
        if let Size::Scalar = typed {
            return typed;
        }
        let given: u64 = args
            .iter()
            .map(|s| self.sizes.bytes(s))
            .fold(0, u64::saturating_add);
        match (function.name, args) {
            ("lists.range", _) => Size::Items(numbers(exprs), Rc::new(Size::Scalar)),
            ("dyn" | "value" | "optional.of" | "optional.ofNonZeroValue", [value]) => {
                Size::clone(value)
            }
            ("or" | "orValue", [value, other]) => {
                self.sizes.either(Size::clone(value), Size::clone(other))
            }
            ("sort" | "reverse" | "distinct" | "slice", [list, ..]) if self.is_list(expr) => {
                Size::Items(
                    self.sizes.turns(list).or_none(),
                    Rc::new(self.sizes.item(list)),
                )
            }
            ("join" | "replace" | "format", _) => typed,
            ("split" | "flatten", _) => Size::Bytes(given.saturating_mul(TAKEN_APART)),
            _ => Size::Bytes(given.saturating_mul(CHANGED).saturating_add(SPELT)),
        }
    }

    fn is_list(&self, expr: &Expr) -> bool {
        matches!(self.types.resolve(self.types.ty(expr.id)), Ty::List(_))
    }
}

/// The length of a list of numbers up to a constant.
fn numbers(args: &[&Expr]) -> Range {
    match args.first().map(|end| &end.kind) {
        Some(ExprKind::Literal(Literal::Int(end))) => {
            Range::exactly(u64::try_from(*end).unwrap_or(0))
        }
        _ => Range::up_to(builtin::LONGEST_LIST),
    }
}
