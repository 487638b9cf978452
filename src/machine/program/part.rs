//! Parts of values, and questions about them: found where they are, without a copy.

use crate::index::{ConstId, Pc, Reg};
use crate::op::Context;
use crate::value::ops::{self, Relation};
use crate::value::{EvalError, FieldRef, Value};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Fields inside each other: `a.b.c`. Without any it leads to the value itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<FieldRef>);

impl Path {
    /// What stands there, as one [`ops::field`] after the other finds it.
    ///
    /// # Errors
    /// Those of [`ops::field`].
    pub fn follow<'v>(&self, value: &'v Value) -> Result<Cow<'v, Value>, EvalError> {
        self.find(value).map_or_else(
            || self.compute(value).map(Cow::Owned),
            |found| Ok(Cow::Borrowed(found)),
        )
    }

    /// What stands there; `None`: nothing does, or not in plain sight.
    #[inline(always)]
    #[must_use]
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        let mut found = value;
        for field in &self.0 {
            let Value::Map(map) = found else {
                return None;
            };
            found = map.field(field)?;
        }
        Some(found)
    }

    #[cold]
    fn compute(&self, value: &Value) -> Result<Value, EvalError> {
        let mut fields = self.0.iter();
        fields.try_fold(value.clone(), |value, field| ops::field(&value, field))
    }
}

/// Where the field of an object comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// A constant.
    Const(ConstId),
    /// A register, which keeps its value.
    Copy(Reg),
    /// A register, which is cleared.
    Take(Reg),
    /// A part of what a register holds.
    Part(Reg, Path),
    /// What surrounds the run, or a part of it.
    Context(Context, Path),
}

impl Source {
    /// The register it looks at.
    #[must_use]
    pub fn register(&self) -> Option<Reg> {
        match self {
            Self::Copy(reg) | Self::Take(reg) | Self::Part(reg, _) => Some(*reg),
            Self::Const(_) | Self::Context(..) => None,
        }
    }

    /// What it looks at of what surrounds the run.
    #[must_use]
    pub fn context(&self) -> Option<Context> {
        if let Self::Context(what, _) = self {
            Some(*what)
        } else {
            None
        }
    }

    pub(super) fn path(&self) -> Option<&Path> {
        match self {
            Self::Part(_, path) | Self::Context(_, path) => Some(path),
            Self::Const(_) | Self::Copy(_) | Self::Take(_) => None,
        }
    }
}

/// Questions about parts of a value. The test holds if the answer to each is yes; behind a no nothing is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Test(pub Vec<Question>);

/// How a part of a value stands to a constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Which part.
    pub path: Path,
    /// What is asked.
    pub relation: Relation,
    /// The constant.
    pub constant: Value,
    /// The answer is the other way round.
    pub negated: bool,
}

impl Question {
    /// The answer, whatever the part and the constant are.
    ///
    /// # Errors
    /// Those of [`Path::follow`] and [`Relation::holds`].
    #[inline(never)]
    pub(super) fn ask(
        &self,
        value: &Value,
        walk: &mut dyn FnMut(usize),
    ) -> Result<bool, EvalError> {
        let part = self.path.follow(value)?;
        walk(self.looks_at(&part));
        self.relation.holds(&part, &self.constant)
    }

    /// About how many bytes an answer looks at.
    fn looks_at(&self, part: &Value) -> usize {
        match self.relation {
            Relation::Holds | Relation::Contains => part.weight(),
            Relation::Equal
            | Relation::Less
            | Relation::AtMost
            | Relation::Greater
            | Relation::AtLeast
            | Relation::StartsWith
            | Relation::EndsWith => part.weight().min(self.constant.weight()),
        }
    }
}

/// A part of a value, constants, and where to go on for each; strings and integers only, each once, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Switch {
    /// Which part.
    pub path: Path,
    /// `(constant, target)`
    pub arms: Vec<(Value, Pc)>,
}

impl Switch {
    /// The order of arms: integers, then strings, shorter ones first: most searches then compare no text but the last.
    #[must_use]
    pub fn order(a: &Value, b: &Value) -> Ordering {
        match (a.as_str(), b.as_str()) {
            (None, None) => a.as_i64().cmp(&b.as_i64()),
            (Some(a), Some(b)) => by_length(a, b),
            (a, b) => a.cmp(&b),
        }
    }

    /// Where a part of a value leads: a number of another type leads where the integer does that it equals.
    pub(super) fn target(&self, part: &Value) -> Option<Pc> {
        if let Some(text) = part.as_str() {
            return self.arm(|arm| {
                let known = arm.as_str();
                known.map_or(Ordering::Less, |known| by_length(known, text))
            });
        }
        if let Some(number) = part.as_f64() {
            return self.nearest(number);
        }
        let number = part.as_i64()?;
        self.arm(|arm| {
            let known = arm.as_i64();
            known.map_or(Ordering::Greater, |known| known.cmp(&number))
        })
    }

    /// Where the first integer leads that equals a double: so it does as soon as it is the same as a double.
    fn nearest(&self, number: f64) -> Option<Pc> {
        let double = |arm: &Value| arm.as_i64().map(|known| known as f64);
        let below = |(arm, _): &(Value, Pc)| double(arm).is_some_and(|known| known < number);
        let (arm, to) = self.arms.get(self.arms.partition_point(below))?;
        (double(arm) == Some(number)).then_some(*to)
    }

    fn arm(&self, order: impl Fn(&Value) -> Ordering) -> Option<Pc> {
        let at = self.arms.binary_search_by(|(arm, _)| order(arm)).ok()?;
        self.arms.get(at).map(|(_, to)| *to)
    }
}

/// Shorter texts first.
#[inline]
pub(super) fn by_length(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}
