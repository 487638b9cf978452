//! What follows from the tests and jump tables of a verified program, found once so that each use takes few steps.

#[cfg(test)]
mod tests;

use super::part::{Question, Switch, Test};
use crate::index::Pc;
use crate::limits::BYTES_PER_STEP;
use crate::value::ops::Relation;
use crate::value::{EvalError, Str, Value};

/// Up to this many texts a search through all of them is quickest.
const FEW: usize = 8;

/// A test, ready to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Check(Box<[Asked]>);

/// A question, and what answers it at once in the common case.
#[derive(Clone, Debug)]
struct Asked {
    expected: Expected,
    question: Question,
}

/// What a part of a value has to be.
#[derive(Clone, Debug)]
enum Expected {
    /// An integer from the first to the second.
    Between(i64, i64),
    /// This text.
    Text(Str),
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
    pub(crate) fn holds(
        &self,
        value: &Value,
        mut walk: impl FnMut(usize),
    ) -> Result<bool, EvalError> {
        for asked in &self.0 {
            let answer = match asked.at_once(value) {
                Some(answer) => answer,
                None => asked.question.ask(value, &mut walk)?,
            };
            if answer == asked.question.negated {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

impl Asked {
    fn new(question: &Question) -> Self {
        Self {
            expected: Expected::of(question),
            question: question.clone(),
        }
    }

    #[inline(always)]
    fn at_once(&self, value: &Value) -> Option<bool> {
        let part = self.question.path.find(value)?;
        match (&self.expected, part) {
            (Expected::Between(low, high), Value::Int(n)) => Some(low <= n && n <= high),
            (Expected::Text(text), Value::String(part)) => Some(text == part),
            (Expected::Related(relation, text), _) => related(part, *relation, text),
            _ => None,
        }
    }
}

impl Expected {
    fn of(question: &Question) -> Self {
        match (&question.constant, question.relation) {
            (Value::Int(n), relation) => Self::integers(relation, *n),
            (Value::String(text), _) if text.len() > BYTES_PER_STEP => Self::Other,
            (Value::String(text), Relation::Equal) => Self::Text(text.clone()),
            (Value::String(text), relation) => Self::Related(relation, text.clone()),
            _ => Self::Other,
        }
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

/// Does a short text stand so to `text`, or does a short list hold it?
#[inline(never)]
fn related(part: &Value, relation: Relation, text: &Str) -> Option<bool> {
    if let Value::String(part) = part {
        let short = part.len() <= BYTES_PER_STEP;
        return short.then(|| relation.of_texts(part, text).ok()).flatten();
    }
    let items = part.as_list().filter(|items| items.len() <= FEW)?;
    let same = |item: &Value| matches!(item, Value::String(item) if item == text);
    (relation == Relation::Holds).then(|| items.iter().any(same))
}

/// A jump table, ready to be searched.
#[derive(Clone, Debug)]
pub(crate) struct Jumps {
    switch: Switch,
    /// For each length of a short text: the first arm whose text is not shorter.
    lengths: Box<[u16]>,
}

impl Jumps {
    pub(super) fn new(switch: &Switch) -> Self {
        let first = |length: usize| {
            let shorter =
                |(arm, _): &(Value, Pc)| arm.as_str().is_none_or(|arm| arm.len() < length);
            u16::try_from(switch.arms.partition_point(shorter)).unwrap_or(u16::MAX)
        };
        let texts = switch.arms.iter().filter_map(|(arm, _)| arm.as_str());
        let longest = texts.map(str::len).max().unwrap_or(0);
        Self {
            lengths: (0..=longest.min(BYTES_PER_STEP) + 1).map(first).collect(),
            switch: switch.clone(),
        }
    }

    /// Where the part of the value leads: a number of another type leads where the integer does that it equals.
    ///
    /// # Errors
    /// Those of [`super::Path::follow`].
    #[inline(always)]
    pub(crate) fn find(&self, value: &Value) -> Result<Option<Pc>, EvalError> {
        match self.switch.path.find(value) {
            Some(Value::String(text)) => Ok(self.text(text)),
            _ => self.other(value),
        }
    }

    #[inline(never)]
    fn other(&self, value: &Value) -> Result<Option<Pc>, EvalError> {
        Ok(self.switch.target(&*self.switch.path.follow(value)?))
    }

    #[inline(always)]
    fn text(&self, text: &Str) -> Option<Pc> {
        let arms = self.of_length(text.len())?;
        if arms.len() > FEW {
            return Switch::search(arms, text);
        }
        let same = |arm: &Value| matches!(arm, Value::String(arm) if arm == text);
        arms.iter().find(|(arm, _)| same(arm)).map(|(_, to)| *to)
    }

    /// The arms among which a text of this length is, if it is among any.
    #[inline(always)]
    fn of_length(&self, length: usize) -> Option<&[(Value, Pc)]> {
        let (Some(from), Some(to)) = (self.lengths.get(length), self.lengths.get(length + 1))
        else {
            return Some(&self.switch.arms);
        };
        self.switch.arms.get(usize::from(*from)..usize::from(*to))
    }
}
