//! Macros: a comprehension costs what its turns cost.

use super::expression::{Cost, Estimator, Sum};
use super::range::Range;
use super::size::Size;
use crate::ast::{Expr, ExprKind};
use journey_machine::builtin::comparisons;
use std::rc::Rc;

/// What surrounds the turns of a comprehension.
const FRAME: u64 = 12;
/// What a turn does beside its body: take the variables, test, gather, go back.
const TURN: u64 = 8;
/// What an optional is asked for, and put into.
const OPTIONAL: u64 = 6;

impl<'a> Estimator<'a> {
    pub(super) fn expanded(
        &mut self,
        expr: &'a Expr,
        name: &str,
        receiver: Option<&'a Expr>,
        args: &'a [Expr],
    ) -> Cost<'a> {
        match (name, receiver, args) {
            ("has", _, [tested]) => {
                let tested = self.cost(tested);
                Sum::own(expr.span, 1, 0).and(&tested).gives(Size::Scalar)
            }
            ("cel.bind", _, [variable, value, body]) => {
                let value = self.cost(value);
                let own = Sum::own(expr.span, 1, 0).and(&value);
                self.bound(&[(variable, value.size)], |this| {
                    let body = this.cost(body);
                    own.and(&body).gives(body.size)
                })
            }
            ("optMap" | "optFlatMap", Some(of), [variable, body]) => {
                let of = self.cost(of);
                let own = Sum::own(expr.span, OPTIONAL, 0).and(&of);
                self.bound(&[(variable, of.size)], |this| {
                    let body = this.cost(body);
                    own.and(&body).gives(body.size)
                })
            }
            (_, Some(over), [_, ..]) => self.comprehension(expr, name, over, args),
            _ => Sum::own(expr.span, 1, 0).gives(Size::Scalar),
        }
    }

    fn comprehension(
        &mut self,
        expr: &'a Expr,
        name: &str,
        over: &'a Expr,
        args: &'a [Expr],
    ) -> Cost<'a> {
        let over = self.cost(over);
        let two = name.starts_with("transform") || (args.len() == 3 && name != "map");
        let (variables, parts) = args.split_at(args.len().min(if two { 2 } else { 1 }));
        let bound: Vec<(&'a Expr, Size<'a>)> = variables
            .iter()
            .zip(self.variables(two, &over.size))
            .collect();
        let mut last = Size::Scalar;
        let turn = self.bound(&bound, |this| {
            let mut turn = Sum::own(expr.span, TURN, 0).certain();
            for part in parts {
                let cost = this.cost(part);
                turn = turn.and(&cost);
                last = cost.size;
            }
            turn
        });
        let turns = self.sizes.turns(&over.size);
        let size = self.gathered(name, parts.len() > 1, &over.size, last);
        let done = if matches!(name, "all" | "exists") {
            // The first item may decide.
            Range {
                min: turns.min.min(1),
                ..turns
            }
        } else {
            turns
        };
        let mut sum = Sum::own(expr.span, FRAME, 0)
            .and(&over)
            .plus(&turn.repeated(done));
        if name == "sortBy" {
            let bytes = self.sizes.bytes(&over.size).saturating_mul(2);
            let bytes = bytes.saturating_mul(comparisons(turns.max));
            sum = sum.plus(&Sum::own(expr.span, 1, bytes));
        }
        sum.gives(size)
    }

    /// What variables stand for: item, or index and item, or key and value.
    fn variables(&self, two: bool, over: &Size<'a>) -> Vec<Size<'a>> {
        let is_map = !matches!(over, Size::Items(..));
        let key = if is_map {
            self.sizes.key(over)
        } else {
            Size::Scalar
        };
        let item = self.sizes.item(over);
        match (two, over) {
            (true, _) => vec![key, item],
            (false, Size::Entries(..)) => vec![key],
            (false, _) => vec![item],
        }
    }

    /// What a comprehension gives.
    fn gathered(&self, name: &str, filtered: bool, over: &Size<'a>, last: Size<'a>) -> Size<'a> {
        let turns = self.sizes.turns(over);
        let some = if filtered { turns.or_none() } else { turns };
        match name {
            "filter" => Size::Items(turns.or_none(), Rc::new(self.alone(over))),
            "sortBy" => Size::Items(turns, Rc::new(self.sizes.item(over))),
            "map" | "transformList" => Size::Items(some, Rc::new(last)),
            "transformMap" => Size::Entries(some, Rc::new((self.sizes.key(over), last))),
            "transformMapEntry" => {
                let count = self.sizes.turns(&last).times(turns).or_none();
                let parts = (self.sizes.key(&last), self.sizes.item(&last));
                Size::Entries(count, Rc::new(parts))
            }
            _ => Size::Scalar,
        }
    }

    /// What a comprehension with one variable goes over: items, or keys.
    fn alone(&self, over: &Size<'a>) -> Size<'a> {
        if let Size::Entries(..) = over {
            self.sizes.key(over)
        } else {
            self.sizes.item(over)
        }
    }

    /// Does something while variables stand for values of these sizes.
    fn bound<T>(
        &mut self,
        variables: &[(&'a Expr, Size<'a>)],
        estimate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut hidden = Vec::new();
        for (variable, size) in variables {
            if let ExprKind::Ident { name, .. } = &variable.kind {
                hidden.push((name.as_str(), self.locals.insert(name, size.clone())));
            }
        }
        let result = estimate(self);
        for (name, before) in hidden.into_iter().rev() {
            match before {
                Some(size) => _ = self.locals.insert(name, size),
                None => _ = self.locals.remove(name),
            }
        }
        result
    }
}
