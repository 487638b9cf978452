//! Typed values from single texts: path segments, pairs of a query or a form, headers, cookies, parts, settings.

use super::scalar::{self, Verdict, size};
use super::{Decoder, Faults, Mode, Path, Schema, TypeId};
use crate::limits::MAX_JSON_DEPTH;
use crate::value::{List, Value};

impl Decoder {
    /// Is the type a list?
    #[must_use]
    pub fn is_list(&self, schema: TypeId) -> bool {
        self.item(schema).is_some()
    }

    /// What a list is of.
    pub(crate) fn item(&self, schema: TypeId) -> Option<TypeId> {
        if let Schema::List { item, .. } = self.target(schema).schema {
            Some(item)
        } else {
            None
        }
    }

    /// Are they as many items as the list may have?
    pub(crate) fn count(&self, list: TypeId, items: &List, path: &Path<'_>, faults: &mut Faults) {
        if let Schema::List { min, max, .. } = self.target(list).schema
            && let Some(message) = scalar::miscounted(items.len(), size(min), size(max))
        {
            faults.push(path, message);
        }
    }

    /// One text as a value of the type. Texts hold numbers as JSON writes them, and objects as JSON.
    pub fn text(&self, schema: TypeId, text: &str, path: &Path<'_>, faults: &mut Faults) -> Value {
        let target = self.target(schema);
        let verdict = match &target.schema {
            Schema::Map { .. } | Schema::Object { .. } => {
                return self.json_at(schema, text.as_bytes(), Mode::Request, path, faults);
            }
            Schema::List { item, .. } => {
                return self.items(schema, *item, [text].into_iter(), path, faults);
            }
            Schema::Bool => boolean(&target.schema, text),
            Schema::Int { .. } | Schema::Uint { .. } => whole(&target.schema, text),
            Schema::Double { .. } => double(&target.schema, text),
            Schema::Any
            | Schema::Null
            | Schema::String { .. }
            | Schema::Url
            | Schema::Bytes { .. }
            | Schema::Blob { .. }
            | Schema::Timestamp
            | Schema::Duration
            | Schema::Enum(_)
            | Schema::Nullable(_) => scalar::text(&target.schema, target.pattern.as_ref(), text),
        };
        settle(verdict, &target.schema, path, faults)
    }

    /// All texts of one name as a value of the type: a list takes all of them, any other type exactly one.
    pub fn texts<'t>(
        &self,
        schema: TypeId,
        mut texts: impl Iterator<Item = &'t str>,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Option<Value> {
        if let Schema::List { item, .. } = &self.target(schema).schema {
            let mut texts = texts.peekable();
            texts.peek()?;
            return Some(self.items(schema, *item, texts, path, faults));
        }
        let first = texts.next()?;
        if texts.next().is_some() {
            faults.push(path, "is given twice");
        }
        Some(self.text(schema, first, path, faults))
    }

    /// Bytes as they came: an uploaded part. Types other than `bytes` take them as text.
    pub fn bytes(
        &self,
        schema: TypeId,
        bytes: &[u8],
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Value {
        let target = self.target(schema);
        if let Schema::Bytes { .. } = target.schema {
            return settle(
                scalar::bytes(&target.schema, bytes),
                &target.schema,
                path,
                faults,
            );
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => self.text(schema, text, path, faults),
            Err(_) => {
                faults.push(path, "is not UTF-8");
                Value::Null
            }
        }
    }

    fn items<'t>(
        &self,
        list: TypeId,
        item: TypeId,
        texts: impl Iterator<Item = &'t str>,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Value {
        let mut items = List::default();
        if path.depth() > MAX_JSON_DEPTH {
            faults.push(path, "is nested too deeply");
            return Value::Null;
        }
        for text in texts {
            items.push(self.text(item, text, &path.index(items.len()), faults));
        }
        self.count(list, &items, path, faults);
        items.into()
    }
}

pub(super) fn settle(
    verdict: Verdict,
    schema: &Schema,
    path: &Path<'_>,
    faults: &mut Faults,
) -> Value {
    verdict.unwrap_or_else(|| {
        faults.push(path, scalar::mismatch(schema));
        Value::Null
    })
}

fn boolean(schema: &Schema, text: &str) -> Verdict {
    scalar::boolean(schema, text.parse().ok()?)
}

fn whole(schema: &Schema, text: &str) -> Verdict {
    let number = plain(text).then(|| text.parse().ok()).flatten()?;
    scalar::whole(schema, number)
}

fn double(schema: &Schema, text: &str) -> Verdict {
    let (mantissa, _) = text.split_at(text.find(['.', 'e', 'E']).unwrap_or(text.len()));
    let is_number = plain(mantissa) && text.ends_with(|last: char| last.is_ascii_digit());
    let number = is_number.then(|| text.parse::<f64>().ok()).flatten()?;
    number
        .is_finite()
        .then(|| scalar::double(schema, number))
        .flatten()
}

/// Digits as JSON writes a whole number: no plus, no leading zero.
fn plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'))
        && !digits.is_empty()
}
