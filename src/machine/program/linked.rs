//! What follows from the tests and jump tables of a verified program, found once so that each use takes few steps.

#[cfg(test)]
mod tests;

use super::part::{Question, Switch, Test, by_length};
use crate::index::Pc;
use crate::limits::BYTES_PER_STEP;
use crate::value::ops::Relation;
use crate::value::{EvalError, Shape, Str, Value};
use std::sync::Arc;

/// A constant whose maps have the layout of objects. The verifier has seen that it is of bounded depth.
pub(super) fn laid_out(constant: &Value) -> Value {
    let map = constant.as_map().and_then(|map| map.as_object(laid_out));
    map.map_or_else(|| constant.clone(), Value::from)
}

/// Up to this many texts a search through all of them is quickest.
const FEW: usize = 8;

/// A test, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Check(Box<[Asked]>);

/// A question, and what answers it at once in the common case.
#[derive(Clone, Debug)]
struct Asked {
    expected: Expected,
    /// Where the first field of its path is likely to stand.
    slot: usize,
    question: Question,
}

/// What a part of a value has to be.
#[derive(Clone, Debug)]
enum Expected {
    /// An integer from the first to the second.
    Between(i64, i64),
    /// This text.
    Text(Str),
    /// A double that stands so to this one.
    Double(Relation, f64),
    /// A text that stands so to this one, or a list that holds it.
    Related(Relation, Str),
    /// Not to be said in short.
    Other,
}

impl Check {
    pub(super) fn new(test: &Test) -> Self {
        Self(test.0.iter().map(Asked::new).collect())
    }

    /// Does the test hold? `walk` is told how many bytes are looked at, as far as that is worth telling.
    ///
    /// # Errors
    /// Those of [`super::Path::follow`] and [`Relation::holds`].
    #[inline(always)]
    pub(crate) fn holds(&self, value: &Value, walk: impl FnMut(usize)) -> Result<bool, EvalError> {
        self.all(value, walk, |asked| asked.at_once(value))
    }

    /// As [`Self::holds`], for one of many values: `seen` remembers a shape whose fields stand where they are looked for.
    ///
    /// # Errors
    /// Those of [`Self::holds`].
    #[inline(always)]
    pub(crate) fn holds_among<'v>(
        &self,
        value: &'v Value,
        seen: &mut Option<&'v Arc<Shape>>,
        walk: impl FnMut(usize),
    ) -> Result<bool, EvalError> {
        match self.slots(value, seen) {
            Some(slots) => self.all(value, walk, |asked| {
                asked.of_part(slots.get(asked.slot)?.as_ref()?)
            }),
            None => self.holds(value, walk),
        }
    }

    /// Is the answer to each question yes? `at_once` answers what it can.
    #[inline(always)]
    fn all(
        &self,
        value: &Value,
        mut walk: impl FnMut(usize),
        at_once: impl Fn(&Asked) -> Option<bool>,
    ) -> Result<bool, EvalError> {
        for asked in &self.0 {
            let answer = match at_once(asked) {
                Some(answer) => answer,
                None => asked.question.ask(value, &mut walk)?,
            };
            if answer == asked.question.negated {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The fields of a value, if all that is asked about stand in their likely slots.
    #[inline(always)]
    fn slots<'v>(
        &self,
        value: &'v Value,
        seen: &mut Option<&'v Arc<Shape>>,
    ) -> Option<&'v [Option<Value>]> {
        let Value::Map(map) = value else { return None };
        let (shape, slots) = map.as_shaped()?;
        if seen.is_none_or(|seen| !Arc::ptr_eq(seen, shape)) {
            if !self.0.iter().all(|asked| asked.fits(shape)) {
                return None;
            }
            *seen = Some(shape);
        }
        Some(slots)
    }
}

impl Asked {
    fn new(question: &Question) -> Self {
        let first = question.path.0.first();
        Self {
            expected: Expected::of(question),
            slot: first.map_or(0, |field| field.slot().into()),
            question: question.clone(),
        }
    }

    /// Is it about a field of an object of this shape, in its likely slot?
    fn fits(&self, shape: &Shape) -> bool {
        let [field] = self.question.path.0.as_slice() else {
            return false;
        };
        shape.has_at(field)
    }

    #[inline(always)]
    fn at_once(&self, value: &Value) -> Option<bool> {
        self.of_part(self.question.path.find(value)?)
    }

    #[inline(always)]
    fn of_part(&self, part: &Value) -> Option<bool> {
        if let (Value::Int(n), Expected::Between(low, high)) = (part, &self.expected) {
            return Some(low <= n && n <= high);
        }
        if let (Value::String(part), Expected::Text(text)) = (part, &self.expected) {
            return Some(text == part);
        }
        self.expected.soon(part)
    }
}

impl Expected {
    fn of(question: &Question) -> Self {
        match (&question.constant, question.relation) {
            (Value::Int(n), relation) => Self::integers(relation, *n),
            (Value::Double(x), relation) => Self::Double(relation, *x),
            (Value::String(text), _) if text.len() > BYTES_PER_STEP => Self::Other,
            (Value::String(text), Relation::Equal) => Self::Text(text.clone()),
            (Value::String(text), relation) => Self::Related(relation, text.clone()),
            _ => Self::Other,
        }
    }

    /// Of a double, a short text, or a short list that may hold the text.
    #[inline(never)]
    fn soon(&self, part: &Value) -> Option<bool> {
        if let (Value::Double(part), Self::Double(relation, x)) = (part, self) {
            return relation.of_doubles(*part, *x);
        }
        let Self::Related(relation, text) = self else {
            return None;
        };
        if let Value::String(part) = part {
            let short = part.len() <= BYTES_PER_STEP;
            return short.then(|| relation.of_texts(part, text).ok()).flatten();
        }
        let items = part.as_list().filter(|items| items.len() <= FEW)?;
        let same = |item: &Value| matches!(item, Value::String(item) if item == text);
        (*relation == Relation::Holds).then(|| items.iter().any(same))
    }

    fn integers(relation: Relation, n: i64) -> Self {
        let none = (i64::MAX, i64::MIN);
        let (low, high) = match relation {
            Relation::Equal => (n, n),
            Relation::Less => n.checked_sub(1).map_or(none, |most| (i64::MIN, most)),
            Relation::AtMost => (i64::MIN, n),
            Relation::Greater => n.checked_add(1).map_or(none, |least| (least, i64::MAX)),
            Relation::AtLeast => (n, i64::MAX),
            Relation::Holds | Relation::StartsWith | Relation::EndsWith | Relation::Contains => {
                return Self::Other;
            }
        };
        Self::Between(low, high)
    }
}

/// A jump table, ready to be searched.
#[derive(Clone, Debug)]
pub(crate) struct Jumps {
    switch: Switch,
    /// Its texts by bucket, those of one bucket in their order.
    texts: Box<[(Str, Pc)]>,
    /// By bucket, and one past the last: where it begins. There are 2^n buckets, at least as many as texts.
    buckets: Box<[u16]>,
}

impl Jumps {
    pub(super) fn new(switch: &Switch) -> Self {
        let text = |(arm, to): &(Value, Pc)| Some((Str::from(arm.as_str()?), *to));
        let mut texts: Vec<(Str, Pc)> = switch.arms.iter().filter_map(text).collect();
        let mask = texts.len().next_power_of_two() - 1;
        texts.sort_by_key(|(text, _)| bucket(text, mask));
        let begin = |number| texts.partition_point(|(text, _)| bucket(text, mask) < number);
        let begin = |number| u16::try_from(begin(number)).unwrap_or(u16::MAX);
        Self {
            buckets: (0..=mask + 1).map(begin).collect(),
            texts: texts.into(),
            switch: switch.clone(),
        }
    }

    /// Where the part of the value leads, if it is a text in plain sight.
    #[inline(always)]
    pub(crate) fn of_text(&self, value: &Value) -> Option<Option<Pc>> {
        let Value::String(text) = self.switch.path.find(value)? else {
            return None;
        };
        Some(self.text(text))
    }

    /// Where the part of the value leads: a number of another type leads where the integer does that it equals.
    ///
    /// # Errors
    /// Those of [`super::Path::follow`].
    pub(crate) fn find(&self, value: &Value) -> Result<Option<Pc>, EvalError> {
        Ok(self.switch.target(&*self.switch.path.follow(value)?))
    }

    #[inline(always)]
    fn text(&self, text: &Str) -> Option<Pc> {
        let bucket = bucket(text, self.buckets.len() - 2);
        let from = usize::from(*self.buckets.get(bucket)?);
        let to = usize::from(*self.buckets.get(bucket + 1)?);
        let texts = self.texts.get(from..to)?;
        if texts.len() > FEW {
            return crowded(texts, text);
        }
        for (arm, to) in texts {
            if arm == text {
                return Some(*to);
            }
        }
        None
    }
}

/// One of `mask + 1` buckets: texts that people tell apart mostly differ in their length or at an end.
#[inline(always)]
fn bucket(text: &str, mask: usize) -> usize {
    let bytes = text.as_bytes();
    let ends = bytes.first().zip(bytes.last());
    let ends = ends.map_or(0, |(first, last)| {
        31 * usize::from(*first) + 7 * usize::from(*last)
    });
    (bytes.len() + ends) & mask
}

#[inline(never)]
fn crowded(texts: &[(Str, Pc)], text: &Str) -> Option<Pc> {
    let order = |(arm, _): &(Str, Pc)| by_length(arm, text);
    let at = texts.binary_search_by(order).ok()?;
    texts.get(at).map(|(_, to)| *to)
}
