//! Types, prepared: patterns compiled, members indexed.

use super::scalar;
use super::source::Tree;
use super::walk::Walk;
use super::{Faults, Field, Member, Members, Path, Schema, TypeId, Types};
use crate::builtin::pattern::{self, PatternError, Regex};
use crate::json::{Document, JsonError, Reader, Wrong};
use crate::value::{Shape, Value};
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
        cause: PatternError,
    },
}

/// The types of a program, ready to decode.
#[derive(Debug)]
pub struct Decoder {
    targets: Vec<Target>,
    /// What stands for a type that does not exist; types that were checked never ask for it.
    nothing: Target,
}

/// A type with what it needs beside itself; what is `null` or something has that something here.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) schema: Schema,
    pub(super) nullable: bool,
    /// Is each of its values a text in JSON, but for null?
    pub(super) is_text: bool,
    pub(super) pattern: Option<Regex>,
    pub(super) object: Option<(Arc<Shape>, Members)>,
}

impl Target {
    /// Is null a value of the type?
    pub(super) fn takes_null(&self) -> bool {
        self.nullable || scalar::null(&self.schema).is_some()
    }
}

impl From<Schema> for Target {
    fn from(schema: Schema) -> Self {
        Self {
            is_text: scalar::is_text(&schema),
            schema,
            nullable: false,
            pattern: None,
            object: None,
        }
    }
}

impl Decoder {
    /// Prepares types.
    ///
    /// # Errors
    /// What the compiler never writes: types that refer to nothing or only to each other, patterns that do not compile.
    pub fn new(types: &Types) -> Result<Self, SchemaError> {
        let targets: Result<_, _> = (0..)
            .map(TypeId)
            .zip(&types.0)
            .map(|(id, _)| prepare(types, id))
            .collect();
        Ok(Self {
            targets: targets?,
            nothing: Schema::Null.into(),
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
        let mut value = None;
        self.read(json, mode, path, faults, |walk| {
            walk.value(schema, path, &mut value)
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
        self.read(json, Mode::Request, &path, faults, |walk| {
            walk.document.value()?;
            walk.members(members, &path, slots)
        });
    }

    /// Walks over a JSON document, and reports what keeps it from its end.
    fn read<'w>(
        &'w self,
        json: &'w [u8],
        mode: Mode,
        path: &Path<'_>,
        faults: &'w mut Faults,
        decode: impl FnOnce(&mut Walk<'w, Reader<'w>>) -> Result<(), Wrong>,
    ) {
        let Ok(text) = std::str::from_utf8(json) else {
            return faults.push(path, "is not UTF-8");
        };
        let mut walk = Walk {
            decoder: self,
            document: Reader::new(text),
            mode,
            faults,
        };
        if let Err(wrong) = decode(&mut walk).and_then(|()| walk.document.end()) {
            walk.faults.push(path, refusal(json, &wrong));
        }
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
        let mut typed = None;
        let mut walk = Walk {
            decoder: self,
            document: Tree::new(value),
            mode,
            faults,
        };
        if let Err(wrong) = walk.value(schema, path, &mut typed) {
            walk.faults.push(path, wrong.message());
        }
        typed.unwrap_or_default()
    }

    pub(super) fn target(&self, id: TypeId) -> &Target {
        self.targets.get(usize::from(id.0)).unwrap_or(&self.nothing)
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

    /// What stands behind a chain of `Nullable`, which cannot be longer than there are types.
    fn end(&self, id: TypeId) -> Result<(&Schema, bool), SchemaError> {
        let (mut at, mut nullable) = (id, false);
        for _ in 0..=self.0.len() {
            match self.get(at) {
                Some(Schema::Nullable(next)) => (at, nullable) = (*next, true),
                Some(schema) => return Ok((schema, nullable)),
                None => return Err(SchemaError::Unknown(at)),
            }
        }
        Err(SchemaError::Circle(id))
    }
}

fn prepare(types: &Types, id: TypeId) -> Result<Target, SchemaError> {
    let (schema, nullable) = types.end(id)?;
    let mut target = Target {
        nullable,
        ..Target::from(schema.clone())
    };
    match schema {
        Schema::List { item: inner, .. }
        | Schema::Map { value: inner, .. }
        | Schema::Nullable(inner) => {
            types.exists(*inner)?;
        }
        Schema::String {
            pattern: Some(pattern),
            ..
        } => target.pattern = Some(compile(id, pattern)?),
        Schema::Object {
            shape,
            fields,
            open,
        } => {
            fields
                .iter()
                .try_for_each(|field| types.exists(field.schema))?;
            target.object = Some((Arc::clone(shape), members(id, shape, fields, *open)?));
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
        | Schema::Blob { .. }
        | Schema::Timestamp
        | Schema::Duration
        | Schema::Enum(_) => {}
    }
    Ok(target)
}

fn compile(id: TypeId, pattern: &str) -> Result<Regex, SchemaError> {
    pattern::compile_whole(pattern).map_err(|cause| SchemaError::Pattern { id, cause })
}

fn members(
    id: TypeId,
    shape: &Shape,
    fields: &[Field],
    open: bool,
) -> Result<Members, SchemaError> {
    if shape.len() != fields.len() || shape.repeated().is_some() {
        return Err(SchemaError::Shape(id));
    }
    let member = |(slot, (name, field)): (usize, (&str, &Field))| {
        Member::new(name.into(), slot, field.schema).or(field.optional, field.default.clone())
    };
    let list = shape.names().zip(fields).enumerate().map(member).collect();
    Ok(Members::new(list, open))
}

/// Why a document cannot be read, as the sentence of a fault.
fn refusal(json: &[u8], wrong: &Wrong) -> String {
    let error = JsonError::new(json, wrong);
    if wrong.is_syntax() {
        format!("is not JSON: line {}, column {}", error.line, error.column)
    } else {
        error.to_string()
    }
}
