//! Does a value of one type fit another: what was stored under a former declaration, what callers send and get?

use super::{Bound, Field, Schema, TypeId, Types};
use crate::value::{Shape, Str};
use std::collections::BTreeSet;
use std::fmt;

/// Where a value of the old type may be none of the new one, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct Misfit {
    /// Fields from the outermost inwards; `[]` for items of a list, `{}` for values of a map.
    pub path: String,
    /// A sentence without its subject.
    pub why: Why,
}

/// Why a value of the old type may be none of the new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// The new type has no such field.
    Gone,
    /// The new type needs a field that the old one does not have.
    Added,
    /// The new type needs a field that may be absent in the old one.
    Required,
    /// Members of any name were let through, and are not.
    Closed,
    /// The new bounds leave something out.
    Narrower,
    /// A text need not match the new pattern.
    Pattern,
    /// The new enum lacks this value.
    Lost(Str),
    /// They are different kinds of types.
    Kind(&'static str, &'static str),
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => f.write_str("is gone"),
            Self::Added => f.write_str("is new and not optional"),
            Self::Required => f.write_str("was optional"),
            Self::Closed => f.write_str("had members of any name"),
            Self::Narrower => f.write_str("has narrower bounds"),
            Self::Pattern => f.write_str("has another pattern"),
            Self::Lost(name) => write!(f, "has no {name:?} any more"),
            Self::Kind(was, is) => write!(f, "was {was}, is {is}"),
        }
    }
}

/// How values come from one type to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// They were stored as they are.
    Stored,
    /// As JSON: an `int` can be read as a `double`, and a default stands in for a field that is absent.
    Sent,
}

/// Is every value that was stored under the old type one of the new type? Where not, the first such place.
///
/// # Errors
/// The place.
pub fn fits(old: (&Types, TypeId), new: (&Types, TypeId)) -> Result<(), Misfit> {
    misfits(old, new, Way::Stored)
        .into_iter()
        .next()
        .map_or(Ok(()), Err)
}

/// All places where a value of the old type may be none of the new one.
#[must_use]
pub fn misfits(old: (&Types, TypeId), new: (&Types, TypeId), way: Way) -> Vec<Misfit> {
    let mut compared = Comparison {
        way,
        open: vec![Pair {
            old: old.1,
            new: new.1,
            path: String::new(),
        }],
        found: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    while let Some(pair) = compared.open.pop() {
        if seen.insert((pair.old, pair.new)) {
            let (was, is) = (schema(old.0, pair.old), schema(new.0, pair.new));
            compared.compare(&pair, was, is);
        }
    }
    compared.found
}

/// Two types that stand at one place.
struct Pair {
    old: TypeId,
    new: TypeId,
    path: String,
}

struct Comparison {
    way: Way,
    /// What has to fit too.
    open: Vec<Pair>,
    found: Vec<Misfit>,
}

impl Comparison {
    fn compare(&mut self, at: &Pair, was: &Schema, is: &Schema) {
        match (was, is) {
            (Schema::Nullable(old), Schema::Nullable(new)) => self.inside(at, "", *old, *new),
            (Schema::Null, Schema::Nullable(_)) => {}
            (_, Schema::Nullable(new)) => self.inside(at, "", at.old, *new),
            (
                Schema::List {
                    item: old,
                    min: a,
                    max: b,
                },
                Schema::List {
                    item: new,
                    min,
                    max,
                },
            ) => {
                self.check(at, within(min <= a && b <= max));
                self.inside(at, "[]", *old, *new);
            }
            (Schema::Map { value: old, max: a }, Schema::Map { value: new, max }) => {
                self.check(at, within(a <= max));
                self.inside(at, "{}", *old, *new);
            }
            (
                Schema::Object {
                    shape,
                    fields,
                    open,
                },
                Schema::Object {
                    shape: new,
                    fields: now,
                    open: still,
                },
            ) => {
                self.check(at, (*open && !still).then_some(Why::Closed));
                self.members(at, (shape, fields), (new, now));
            }
            (Schema::Int { .. }, Schema::Double { min, max })
                if self.way == Way::Sent && *min == Bound::Open && *max == Bound::Open => {}
            _ => self.check(at, single(was, is)),
        }
    }

    fn members(&mut self, at: &Pair, was: (&Shape, &[Field]), is: (&Shape, &[Field])) {
        let needed =
            |field: &Field| !(field.optional || self.way == Way::Sent && field.default.is_some());
        let mut found = Vec::new();
        let mut pairs = Vec::new();
        for (name, field) in was.0.names().zip(was.1) {
            match is.0.slot(name).and_then(|slot| is.1.get(slot)) {
                None => found.push((name, Why::Gone)),
                Some(now) if !needed(field) && needed(now) => found.push((name, Why::Required)),
                Some(now) => pairs.push((name, field.schema, now.schema)),
            }
        }
        let new = is.0.names().zip(is.1);
        let new = new.filter(|(name, field)| was.0.slot(name).is_none() && needed(field));
        found.extend(new.map(|(name, _)| (name, Why::Added)));
        for (name, old, new) in pairs {
            self.inside(at, name, old, new);
        }
        self.found
            .extend(found.into_iter().map(|(name, why)| Misfit {
                path: join(&at.path, name),
                why,
            }));
    }

    fn check(&mut self, at: &Pair, why: Option<Why>) {
        self.found.extend(why.map(|why| Misfit {
            path: at.path.clone(),
            why,
        }));
    }

    fn inside(&mut self, at: &Pair, place: &str, old: TypeId, new: TypeId) {
        self.open.push(Pair {
            old,
            new,
            path: join(&at.path, place),
        });
    }
}

/// Types without others in them.
fn single(was: &Schema, is: &Schema) -> Option<Why> {
    match (was, is) {
        (_, Schema::Any)
        | (Schema::Null, Schema::Null)
        | (Schema::Bool, Schema::Bool)
        | (Schema::Url, Schema::Url)
        | (Schema::Timestamp, Schema::Timestamp)
        | (Schema::Duration, Schema::Duration) => None,
        (Schema::Int { min: a, max: b }, Schema::Int { min, max }) => within(min <= a && b <= max),
        (Schema::Uint { min: a, max: b }, Schema::Uint { min, max }) => {
            within(min <= a && b <= max)
        }
        (Schema::Double { min: a, max: b }, Schema::Double { min, max }) => within(
            reaches(*min, *a, |new, old| new <= old) && reaches(*max, *b, |new, old| new >= old),
        ),
        (Schema::Bytes { max: old }, Schema::Bytes { max }) => within(old <= max),
        (Schema::Blob { max: a, media: old }, Schema::Blob { max, media }) => {
            within(a <= max && takes(media, old))
        }
        (
            Schema::String {
                min: a,
                max: b,
                pattern: old,
            },
            Schema::String { min, max, pattern },
        ) => within(min <= a && b <= max).or_else(|| {
            let same = pattern.is_none() || pattern == old;
            (!same).then_some(Why::Pattern)
        }),
        (Schema::Enum(old), Schema::Enum(new)) => {
            let lost = old.iter().find(|name| !new.contains(name));
            lost.cloned().map(Why::Lost)
        }
        (
            Schema::Enum(old),
            Schema::String {
                min,
                max,
                pattern: None,
            },
        ) => within(
            old.iter()
                .all(|name| (*min..=*max).contains(&characters(name))),
        ),
        _ => Some(Why::Kind(name(was), name(is))),
    }
}

/// Are all media types of the old list among those of the new one? An empty list lets everything through.
fn takes(new: &[Str], old: &[Str]) -> bool {
    new.is_empty() || !old.is_empty() && old.iter().all(|media| new.contains(media))
}

/// Does the new bound let through what the old one did? `beyond`: is the new limit at or beyond the old one?
fn reaches(new: Bound, old: Bound, beyond: impl Fn(f64, f64) -> bool) -> bool {
    match (new, old) {
        (Bound::Open, _) => true,
        (_, Bound::Open) => false,
        (Bound::Exclusive(new), Bound::Inclusive(old)) => beyond(new, old) && new != old,
        (
            Bound::Inclusive(new) | Bound::Exclusive(new),
            Bound::Inclusive(old) | Bound::Exclusive(old),
        ) => beyond(new, old),
    }
}

fn within(fits: bool) -> Option<Why> {
    (!fits).then_some(Why::Narrower)
}

fn characters(text: &Str) -> u32 {
    u32::try_from(text.chars().count()).unwrap_or(u32::MAX)
}

fn schema(types: &Types, id: TypeId) -> &Schema {
    types.0.get(usize::from(id.0)).unwrap_or(&Schema::Any)
}

fn join(path: &str, place: &str) -> String {
    match (path, place) {
        ("", _) => place.to_owned(),
        (_, "") => path.to_owned(),
        (_, "[]" | "{}") => format!("{path}{place}"),
        _ => format!("{path}.{place}"),
    }
}

fn name(schema: &Schema) -> &'static str {
    match schema {
        Schema::Any => "of any type",
        Schema::Null => "null",
        Schema::Bool => "a bool",
        Schema::Int { .. } => "an int",
        Schema::Uint { .. } => "a uint",
        Schema::Double { .. } => "a double",
        Schema::String { .. } => "a string",
        Schema::Url => "a url",
        Schema::Bytes { .. } => "bytes",
        Schema::Blob { .. } => "an upload",
        Schema::Timestamp => "a timestamp",
        Schema::Duration => "a duration",
        Schema::Enum(_) => "an enum",
        Schema::Nullable(_) => "possibly null",
        Schema::List { .. } => "a list",
        Schema::Map { .. } => "a map",
        Schema::Object { .. } => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;
    use std::slice::from_ref;
    use std::sync::Arc;

    const INT: Schema = Schema::Int { min: 0, max: 9 };

    fn field(optional: bool, schema: u16) -> Field {
        Field {
            schema: TypeId(schema),
            optional,
            default: None,
        }
    }

    /// An object whose fields, all of the type at place 1, may be absent where the name ends with `?`.
    fn object(names: &[&str]) -> Schema {
        let shape = names
            .iter()
            .map(|name| Str::from(name.trim_end_matches('?')));
        Schema::Object {
            shape: Arc::new(Shape::new(shape.collect::<Vec<_>>())),
            fields: names
                .iter()
                .map(|name| field(name.ends_with('?'), 1))
                .collect(),
            open: false,
        }
    }

    fn misfit(old: &[Schema], new: &[Schema]) -> String {
        let (old, new) = (Types(old.to_vec()), Types(new.to_vec()));
        let fits = fits((&old, TypeId(0)), (&new, TypeId(0)));
        fits.err()
            .map(|misfit| misfit.to_string())
            .unwrap_or_default()
    }

    fn text(min: u32, max: u32, pattern: Option<&str>) -> Schema {
        let pattern = pattern.map(Str::from);
        Schema::String { min, max, pattern }
    }

    fn names(names: &[&str]) -> Schema {
        Schema::Enum(names.iter().map(|name| Str::from(*name)).collect())
    }

    fn blob(max: u32, media: &[&str]) -> Schema {
        let media = media.iter().map(|name| Str::from(*name)).collect();
        Schema::Blob { max, media }
    }

    #[test]
    fn sent_values_may_be_read_as_doubles_and_have_defaults() {
        let mut with_default = object(&["a", "b"]);
        if let Schema::Object { fields, .. } = &mut with_default {
            fields[1].default = Some(Value::from(1_i64));
        }
        let double = Schema::Double {
            min: Bound::Open,
            max: Bound::Open,
        };
        let old = Types(vec![object(&["a"]), INT]);
        let new = Types(vec![with_default, double]);
        let found = |way| misfits((&old, TypeId(0)), (&new, TypeId(0)), way).len();
        assert_eq!((found(Way::Stored), found(Way::Sent)), (2, 0));
    }

    #[test]
    fn single_types_may_become_wider() {
        let double = |min, max| Schema::Double { min, max };
        let (zero, above) = (Bound::Inclusive(0.0), Bound::Exclusive(0.0));
        let rows = [
            (INT, Schema::Int { min: -1, max: 9 }, ""),
            (INT, Schema::Int { min: 1, max: 9 }, ": has narrower bounds"),
            (INT, Schema::Any, ""),
            (Schema::Any, INT, ": was of any type, is an int"),
            (
                INT,
                double(Bound::Open, Bound::Open),
                ": was an int, is a double",
            ),
            (double(above, Bound::Open), double(zero, Bound::Open), ""),
            (
                double(zero, Bound::Open),
                double(above, Bound::Open),
                ": has narrower bounds",
            ),
            (
                double(Bound::Open, zero),
                double(Bound::Open, Bound::Exclusive(1.0)),
                "",
            ),
            (text(1, 5, None), text(0, 6, None), ""),
            (text(1, 5, Some("a+")), text(1, 5, None), ""),
            (
                text(1, 5, None),
                text(1, 5, Some("a+")),
                ": has another pattern",
            ),
            (names(&["a", "b"]), names(&["b", "c", "a"]), ""),
            (names(&["a", "b"]), names(&["b"]), ": has no \"a\" any more"),
            (names(&["a"]), text(1, 1, None), ""),
            (names(&["ab"]), text(1, 1, None), ": has narrower bounds"),
            (Schema::Null, Schema::Null, ""),
            (blob(5, &["image/png"]), blob(5, &["image/png"]), ""),
            (blob(5, &["image/png"]), blob(6, &[]), ""),
            (
                blob(5, &[]),
                blob(5, &["image/png"]),
                ": has narrower bounds",
            ),
        ];
        for (old, new, expected) in rows {
            assert_eq!(
                misfit(from_ref(&old), from_ref(&new)),
                expected,
                "{old:?} {new:?}"
            );
        }
    }

    #[test]
    fn what_may_be_null_takes_what_may_not() {
        let nullable = Schema::Nullable(TypeId(1));
        assert_eq!(misfit(&[INT], &[nullable.clone(), INT]), "");
        assert_eq!(misfit(&[Schema::Null], &[nullable.clone(), INT]), "");
        assert_eq!(
            misfit(&[nullable.clone(), INT], &[nullable.clone(), INT]),
            ""
        );
        assert_eq!(
            misfit(&[nullable, INT], &[INT]),
            ": was possibly null, is an int"
        );
    }

    #[test]
    fn objects_may_get_optional_fields_and_lose_none() {
        let rows: [(&[&str], &[&str], &str); 6] = [
            (&["a"], &["a", "b?"], ""),
            (&["a"], &["a?"], ""),
            (&["a", "b"], &["b", "a"], ""),
            (&["a"], &["a", "b"], "b: is new and not optional"),
            (&["a", "b?"], &["a"], "b: is gone"),
            (&["a?"], &["a"], "a: was optional"),
        ];
        for (old, new, expected) in rows {
            assert_eq!(misfit(&[object(old), INT], &[object(new), INT]), expected);
        }
    }

    #[test]
    fn a_place_deep_inside_is_named_and_circles_end() {
        let list = |item| Schema::List {
            item: TypeId(item),
            min: 0,
            max: 9,
        };
        let map = |value| Schema::Map {
            value: TypeId(value),
            max: 9,
        };
        let types = |last| vec![object(&["a"]), list(2), map(3), object(&["b"]), last];
        assert_eq!(misfit(&types(INT), &types(Schema::Bool)), "");
        let mut changed = types(INT);
        changed[2] = map(4);
        assert_eq!(
            misfit(&types(INT), &changed),
            "a[]{}: was an object, is an int"
        );
    }
}
