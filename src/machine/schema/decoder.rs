//! Types, prepared: patterns compiled, members indexed.

use super::seed::{Filled, Seed, Walk};
use super::{Faults, Field, Member, Members, Path, Schema, TypeId, Types};
use crate::json::{JsonError, oversized_integer};
use crate::limits::MAX_REGEX_BYTES;
use crate::value::{Shape, Value};
use regex::{Regex, RegexBuilder};
use serde::de::DeserializeSeed;
use serde_json::de::StrRead;
use std::sync::Arc;

/// How strict to be with what is not declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// A caller's: members that are not declared are faults, unless the type is open.
    Request,
    /// An upstream's or a token's: they are ignored, and null stands for an absent optional member.
    Response,
}

/// Why types cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A type that does not exist.
    #[error("type {} does not exist", .0.0)]
    Unknown(TypeId),
    /// A type that is only ever another one, in a circle.
    #[error("type {} never ends", .0.0)]
    Circle(TypeId),
    /// An object whose shape has not one name for each field, or one name twice.
    #[error("the shape of type {} does not fit its fields", .0.0)]
    Shape(TypeId),
    /// A regular expression that is wrong, or too large when compiled.
    #[error("the pattern of type {}: {cause}", .id.0)]
    Pattern {
        /// The type.
        id: TypeId,
        /// What is wrong with it.
        cause: String,
    },
}

/// The types of a program, ready to decode.
#[derive(Debug)]
pub struct Decoder {
    types: Types,
    extras: Vec<Extra>,
}

/// What a type needs beside itself.
#[derive(Debug)]
enum Extra {
    Nothing,
    Pattern(Regex),
    Object(Arc<Shape>, Members),
}

/// A type with what it needs, no longer `Nullable`.
pub(super) struct Target<'a> {
    pub(super) schema: &'a Schema,
    pub(super) nullable: bool,
    pub(super) pattern: Option<&'a Regex>,
    pub(super) object: Option<(&'a Arc<Shape>, &'a Members)>,
}

impl Decoder {
    /// Prepares types.
    ///
    /// # Errors
    /// What the compiler never writes: types that refer to nothing or only to each other, patterns that do not compile.
    pub fn new(types: &Types) -> Result<Self, SchemaError> {
        let mut extras = Vec::with_capacity(types.0.len());
        for (id, schema) in (0..).map(TypeId).zip(&types.0) {
            extras.push(prepare(types, id, schema)?);
        }
        Ok(Self {
            types: types.clone(),
            extras,
        })
    }

    /// A JSON document as a value of the type. With faults, the value is not to be used.
    pub fn json(&self, schema: TypeId, json: &[u8], mode: Mode, faults: &mut Faults) -> Value {
        let path = Path::root("body");
        self.json_at(schema, json, mode, &path, faults)
    }

    /// The same, where the document stands somewhere else than in a body.
    pub fn json_at(
        &self,
        schema: TypeId,
        json: &[u8],
        mode: Mode,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Value {
        let mut walk = Walk::new(mode, faults);
        let value = from_json(json, &mut walk, path, |walk, source| {
            Seed::new(self, schema, walk, path).deserialize(source)
        });
        value.unwrap_or_default()
    }

    /// The members of a JSON object, each into its slot.
    pub fn json_members(
        &self,
        members: &Members,
        json: &[u8],
        slots: &mut [Option<Value>],
        faults: &mut Faults,
    ) {
        let path = Path::root("body");
        if json.trim_ascii_start().first() != Some(&b'{') {
            return faults.push(&path, "must be a JSON object");
        }
        let mut walk = Walk::new(Mode::Request, faults);
        from_json(json, &mut walk, &path, |walk, source| {
            Filled {
                decoder: self,
                members,
                slots,
                walk,
                path: &path,
            }
            .deserialize(source)
        });
    }

    /// A value of unknown origin (a setting, a mock, an answer) as a value of the type.
    pub fn value(
        &self,
        schema: TypeId,
        value: &Value,
        mode: Mode,
        path: &Path<'_>,
        faults: &mut Faults,
    ) -> Value {
        let mut walk = Walk::new(mode, faults);
        Seed::new(self, schema, &mut walk, path)
            .deserialize(value)
            .unwrap_or_else(|error| {
                walk.fault(path, error.to_string());
                Value::Null
            })
    }

    pub(super) fn target(&self, id: TypeId) -> Target<'_> {
        let (mut id, mut nullable) = (id, false);
        while let Some(Schema::Nullable(inner)) = self.types.get(id) {
            (id, nullable) = (*inner, true);
        }
        let (pattern, object) = match self.extras.get(usize::from(id.0)) {
            Some(Extra::Pattern(pattern)) => (Some(pattern), None),
            Some(Extra::Object(shape, members)) => (None, Some((shape, members))),
            Some(Extra::Nothing) | None => (None, None),
        };
        Target {
            schema: self.types.get(id).unwrap_or(&Schema::Null),
            nullable,
            pattern,
            object,
        }
    }
}

impl Types {
    /// A type.
    #[must_use]
    pub fn get(&self, id: TypeId) -> Option<&Schema> {
        self.0.get(usize::from(id.0))
    }

    fn exists(&self, id: TypeId) -> Result<(), SchemaError> {
        self.get(id).map(|_| ()).ok_or(SchemaError::Unknown(id))
    }
}

fn prepare(types: &Types, id: TypeId, schema: &Schema) -> Result<Extra, SchemaError> {
    match schema {
        Schema::Nullable(inner) => ends(types, id, *inner)?,
        Schema::List { item, .. } => types.exists(*item)?,
        Schema::Map { value, .. } => types.exists(*value)?,
        Schema::String {
            pattern: Some(pattern),
            ..
        } => return compile(id, pattern).map(Extra::Pattern),
        Schema::Object {
            shape,
            fields,
            open,
        } => {
            fields
                .iter()
                .try_for_each(|field| types.exists(field.schema))?;
            return object(id, shape, fields, *open);
        }
        Schema::Any
        | Schema::Null
        | Schema::Bool
        | Schema::Int { .. }
        | Schema::Uint { .. }
        | Schema::Double { .. }
        | Schema::String { pattern: None, .. }
        | Schema::Url
        | Schema::Bytes { .. }
        | Schema::Timestamp
        | Schema::Duration
        | Schema::Enum(_) => {}
    }
    Ok(Extra::Nothing)
}

/// Follows a chain of `Nullable`, which cannot be longer than there are types.
fn ends(types: &Types, id: TypeId, inner: TypeId) -> Result<(), SchemaError> {
    let mut at = inner;
    for _ in 0..=types.0.len() {
        match types.get(at) {
            Some(Schema::Nullable(next)) => at = *next,
            Some(_) => return Ok(()),
            None => return Err(SchemaError::Unknown(at)),
        }
    }
    Err(SchemaError::Circle(id))
}

fn compile(id: TypeId, pattern: &str) -> Result<Regex, SchemaError> {
    RegexBuilder::new(&format!(r"\A(?:{pattern})\z"))
        .size_limit(MAX_REGEX_BYTES)
        .dfa_size_limit(MAX_REGEX_BYTES)
        .build()
        .map_err(|error| SchemaError::Pattern {
            id,
            cause: error.to_string(),
        })
}

fn object(
    id: TypeId,
    shape: &Arc<Shape>,
    fields: &[Field],
    open: bool,
) -> Result<Extra, SchemaError> {
    if shape.len() != fields.len() || shape.repeated().is_some() {
        return Err(SchemaError::Shape(id));
    }
    let member = |(slot, (name, field)): (usize, (&str, &Field))| Member {
        name: name.into(),
        slot,
        schema: field.schema,
        optional: field.optional,
        default: field.default.clone(),
    };
    let list = shape.names().zip(fields).enumerate().map(member).collect();
    Ok(Extra::Object(Arc::clone(shape), Members::new(list, open)))
}

/// Drives a decoding over a JSON document and reports what the walk itself cannot: wrong syntax, a rest behind the
/// end, integers without a declared type that have lost digits.
fn from_json<'de, 'f, T>(
    json: &'de [u8],
    walk: &mut Walk<'f>,
    path: &Path<'_>,
    decode: impl FnOnce(
        &mut Walk<'f>,
        &mut serde_json::Deserializer<StrRead<'de>>,
    ) -> serde_json::Result<T>,
) -> Option<T> {
    let Ok(text) = std::str::from_utf8(json) else {
        walk.fault(path, "is not UTF-8");
        return None;
    };
    let mut source = serde_json::Deserializer::from_str(text);
    let decoded = decode(walk, &mut source).and_then(|value| source.end().map(|()| value));
    match decoded.map_err(|error| (error.is_data(), JsonError::from(error))) {
        Ok(_) if walk.budget.may_have_rounded() && oversized_integer(json).is_some() => {
            walk.fault(path, "has an integer beyond 64 bits");
            None
        }
        Ok(value) => Some(value),
        Err((true, error)) => {
            walk.fault(path, error.to_string());
            None
        }
        Err((false, JsonError { line, column, .. })) => {
            walk.fault(path, format!("is not JSON: line {line}, column {column}"));
            None
        }
    }
}
