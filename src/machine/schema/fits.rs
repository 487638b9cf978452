//! Does what was stored under one type fit another?

use super::{Bound, Field, Schema, TypeId, Types};
use crate::value::{Shape, Str};
use std::collections::BTreeSet;

/// Where a value of the old type may be none of the new one, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {why}")]
pub struct Misfit {
    /// Fields from the outermost inwards; `[]` for items of a list, `{}` for values of a map.
    pub path: String,
    /// A sentence without its subject.
    pub why: String,
}

/// Is every value of the old type one of the new type? Where not, the first such place.
///
/// # Errors
/// The place.
pub fn fits(old: (&Types, TypeId), new: (&Types, TypeId)) -> Result<(), Misfit> {
    let mut seen = BTreeSet::new();
    let mut open = vec![Pair {
        old: old.1,
        new: new.1,
        path: String::new(),
    }];
    while let Some(pair) = open.pop() {
        if !seen.insert((pair.old, pair.new)) {
            continue;
        }
        let (was, is) = (schema(old.0, pair.old), schema(new.0, pair.new));
        let compared = pair.compare(was, is);
        open.extend(compared.map_err(|(place, why)| Misfit {
            path: join(&pair.path, &place),
            why,
        })?);
    }
    Ok(())
}

/// Two types that stand at one place.
struct Pair {
    old: TypeId,
    new: TypeId,
    path: String,
}

/// What has to fit too, or where inside and why not.
type Compared = Result<Vec<Pair>, (String, String)>;

impl Pair {
    fn compare(&self, was: &Schema, is: &Schema) -> Compared {
        match (was, is) {
            (Schema::Nullable(old), Schema::Nullable(new)) => Ok(vec![self.inside("", *old, *new)]),
            (Schema::Null, Schema::Nullable(_)) => Ok(Vec::new()),
            (_, Schema::Nullable(new)) => Ok(vec![self.inside("", self.old, *new)]),
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
                within(min <= a && b <= max)?;
                Ok(vec![self.inside("[]", *old, *new)])
            }
            (Schema::Map { value: old, max: a }, Schema::Map { value: new, max }) => {
                within(a <= max)?;
                Ok(vec![self.inside("{}", *old, *new)])
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
                if *open && !still {
                    return Err((String::new(), "had members of any name".to_owned()));
                }
                self.members((shape, fields), (new, now))
            }
            _ => single(was, is).map(|()| Vec::new()),
        }
    }

    fn members(&self, was: (&Shape, &[Field]), is: (&Shape, &[Field])) -> Compared {
        let mut pairs = Vec::new();
        for (name, field) in was.0.names().zip(was.1) {
            let now = is.0.slot(name).and_then(|slot| is.1.get(slot));
            let now = now.ok_or_else(|| (name.to_string(), "is gone".to_owned()))?;
            if field.optional && !now.optional {
                return Err((name.to_string(), "was optional".to_owned()));
            }
            pairs.push(self.inside(name, field.schema, now.schema));
        }
        let mut new =
            is.0.names()
                .zip(is.1)
                .filter(|(name, _)| was.0.slot(name).is_none());
        match new.find(|(_, field)| !field.optional) {
            Some((name, _)) => Err((name.to_string(), "is new and not optional".to_owned())),
            None => Ok(pairs),
        }
    }

    fn inside(&self, place: &str, old: TypeId, new: TypeId) -> Self {
        Self {
            old,
            new,
            path: join(&self.path, place),
        }
    }
}

/// Types without others in them.
fn single(was: &Schema, is: &Schema) -> Result<(), (String, String)> {
    match (was, is) {
        (_, Schema::Any)
        | (Schema::Null, Schema::Null)
        | (Schema::Bool, Schema::Bool)
        | (Schema::Url, Schema::Url)
        | (Schema::Timestamp, Schema::Timestamp)
        | (Schema::Duration, Schema::Duration) => Ok(()),
        (Schema::Int { min: a, max: b }, Schema::Int { min, max }) => within(min <= a && b <= max),
        (Schema::Uint { min: a, max: b }, Schema::Uint { min, max }) => {
            within(min <= a && b <= max)
        }
        (Schema::Double { min: a, max: b }, Schema::Double { min, max }) => within(
            reaches(*min, *a, |new, old| new <= old) && reaches(*max, *b, |new, old| new >= old),
        ),
        (Schema::Bytes { max: old }, Schema::Bytes { max }) => within(old <= max),
        (
            Schema::String {
                min: a,
                max: b,
                pattern: old,
            },
            Schema::String { min, max, pattern },
        ) => {
            within(min <= a && b <= max)?;
            let same = pattern.is_none() || pattern == old;
            same.then_some(())
                .ok_or_else(|| here("has another pattern"))
        }
        (Schema::Enum(old), Schema::Enum(new)) => match old.iter().find(|name| !new.contains(name))
        {
            Some(gone) => Err(here(&format!("has no {gone:?} any more"))),
            None => Ok(()),
        },
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
        _ => Err(here(&format!("was {}, is {}", name(was), name(is)))),
    }
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

fn within(fits: bool) -> Result<(), (String, String)> {
    fits.then_some(())
        .ok_or_else(|| here("has narrower bounds"))
}

fn here(why: &str) -> (String, String) {
    (String::new(), why.to_owned())
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
