//! Types as people read them.

use super::{FieldTy, ObjectTy, Ty};
use std::fmt;

/// Fields and enum values shown before the rest is left out.
const SHOWN: usize = 4;
/// Levels of nesting shown.
const LEVELS: usize = 3;

impl fmt::Display for Ty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(self, LEVELS, f)
    }
}

fn show(ty: &Ty, levels: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match ty {
        Ty::Error | Ty::Never => f.write_str("?"),
        Ty::Dyn => f.write_str("dyn"),
        Ty::Null => f.write_str("null"),
        Ty::Bool => f.write_str("bool"),
        Ty::Int => f.write_str("int"),
        Ty::Uint => f.write_str("uint"),
        Ty::Double => f.write_str("double"),
        Ty::String => f.write_str("string"),
        Ty::Bytes => f.write_str("bytes"),
        Ty::Timestamp => f.write_str("timestamp"),
        Ty::Duration => f.write_str("duration"),
        Ty::Type => f.write_str("type"),
        Ty::Enum(values) => show_enum(values, f),
        Ty::Named(name) | Ty::Param(name) => f.write_str(name),
        Ty::Opaque(name, params) if params.is_empty() => f.write_str(name),
        _ if levels == 0 => f.write_str("…"),
        Ty::Nullable(inner) => {
            show(inner, levels, f)?;
            f.write_str(" | null")
        }
        Ty::List(item) => wrapped("list<", item, levels, f),
        Ty::Optional(inner) => wrapped("optional<", inner, levels, f),
        Ty::Map(key, value) => {
            f.write_str("map<")?;
            show(key, levels - 1, f)?;
            wrapped(", ", value, levels, f)
        }
        Ty::Object(object) => show_object(object, levels, f),
        Ty::Opaque(name, params) => {
            for (i, param) in params.iter().enumerate() {
                f.write_str(if i == 0 { name } else { "" })?;
                f.write_str(if i == 0 { "<" } else { ", " })?;
                show(param, levels - 1, f)?;
            }
            f.write_str(">")
        }
    }
}

fn wrapped(before: &str, inner: &Ty, levels: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(before)?;
    show(inner, levels - 1, f)?;
    f.write_str(">")
}

fn show_enum(values: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (i, value) in values.iter().take(SHOWN).enumerate() {
        let bar = if i == 0 { "" } else { " | " };
        write!(f, "{bar}{value:?}")?;
    }
    if values.len() > SHOWN {
        f.write_str(" | …")
    } else {
        Ok(())
    }
}

fn show_object(object: &ObjectTy, levels: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("{")?;
    for (
        i,
        FieldTy {
            name, ty, optional, ..
        },
    ) in object.fields.iter().take(SHOWN).enumerate()
    {
        let comma = if i == 0 { " " } else { ", " };
        let mark = if *optional { "?" } else { "" };
        write!(f, "{comma}{name}{mark}: ")?;
        show(ty, levels - 1, f)?;
    }
    f.write_str(if object.fields.len() > SHOWN || object.open {
        ", … }"
    } else {
        " }"
    })
}
