//! Types as the runtime sees them, of types as written and of types that the checker found.

use super::Project;
use super::constant;
use crate::ast::{FieldDecl, Limit, Spanned, TypeExpr, TypeKind};
use crate::types::{ObjectTy, Ty};
use journey_machine::schema::{Bound, Field, Schema, TypeId};
use journey_machine::value::{Shape, Str};
use std::sync::Arc;

const ANY_LENGTH: (u32, u32) = (0, u32::MAX);

impl<'a> Project<'a> {
    /// The type of a type expression. A declared type has one entry, which those inside it may refer to.
    pub(super) fn schema(&mut self, ty: &'a TypeExpr) -> TypeId {
        if let TypeKind::Named(name) = &ty.kind {
            return self.named_schema(name);
        }
        let schema = self.build(ty);
        self.tables.schema(schema)
    }

    fn named_schema(&mut self, name: &'a str) -> TypeId {
        let checked = self.checked;
        let Some(declared) = checked.names.types.get(name) else {
            let schema = self.builtin_schema(name);
            return self.tables.schema(schema);
        };
        if let Some(id) = self.named_types.get(name) {
            return *id;
        }
        let id = self.tables.reserve_schema();
        self.named_types.insert(name, id);
        let schema = self.build(&declared.ty);
        self.tables.set_schema(id, schema);
        id
    }

    fn build(&mut self, ty: &'a TypeExpr) -> Schema {
        match &ty.kind {
            TypeKind::Named(name) => {
                let id = self.named_schema(name);
                self.tables.get_schema(id).cloned().unwrap_or(Schema::Any)
            }
            TypeKind::Limited { base, limits } => limited(&base.node, limits),
            TypeKind::Literal(text) => Schema::Enum(vec![text.into()]),
            TypeKind::Union(members) => self.union(members),
            TypeKind::List { item, limits } => {
                let (min, max) = lengths(limits);
                Schema::List {
                    item: self.schema(item),
                    min,
                    max,
                }
            }
            TypeKind::Map { value, .. } => Schema::Map {
                value: self.schema(value),
                max: u32::MAX,
            },
            TypeKind::Object { fields, open } => {
                let names = fields.iter().map(|f| Str::from(&f.name.node));
                let shape = Arc::new(Shape::new(names));
                Schema::Object {
                    shape,
                    fields: fields.iter().map(|f| self.field_schema(f)).collect(),
                    open: *open,
                }
            }
            TypeKind::Labelled(_, inner) => self.build(inner),
            TypeKind::Error => Schema::Any,
        }
    }

    fn field_schema(&mut self, field: &'a FieldDecl) -> Field {
        let default = field
            .default
            .as_ref()
            .and_then(|d| constant::fold(&self.checked.types, d));
        Field {
            schema: self.schema(&field.ty),
            optional: field.optional,
            default,
        }
    }

    fn union(&mut self, members: &'a [TypeExpr]) -> Schema {
        let literal = |m: &TypeExpr| {
            if let TypeKind::Literal(text) = &m.kind {
                Some(Str::from(text))
            } else {
                None
            }
        };
        let texts: Vec<Str> = members.iter().filter_map(literal).collect();
        let is_null = |m: &TypeExpr| matches!(&m.kind, TypeKind::Named(name) if name == "null");
        let other = members.iter().find(|m| literal(m).is_none() && !is_null(m));
        let schema = match other {
            Some(other) => self.build(other),
            None => Schema::Enum(texts),
        };
        if members.iter().any(is_null) {
            Schema::Nullable(self.tables.schema(schema))
        } else {
            schema
        }
    }

    fn builtin_schema(&mut self, name: &str) -> Schema {
        match self.checked.types.declared.get(name) {
            Some(ty) if name != BLOB => self.build_ty(ty),
            Some(_) | None => unlimited(name),
        }
    }

    /// The type that claims of an issuer are decoded against; what nobody declared is ignored.
    pub(super) fn claims_schema(
        &mut self,
        claims: &ObjectTy,
        declared: Option<&'a TypeExpr>,
    ) -> TypeId {
        let written: &'a [FieldDecl] = match declared.map(|d| &d.kind) {
            Some(TypeKind::Object { fields, .. }) => fields,
            _ => &[],
        };
        let field = |me: &mut Self, name: &str, ty: &Ty, optional| match written
            .iter()
            .find(|w| w.name.node == name)
        {
            Some(written) => me.field_schema(written),
            None => Field {
                schema: me.ty_schema(ty),
                optional,
                default: None,
            },
        };
        let fields = claims
            .fields
            .iter()
            .map(|f| field(self, &f.name, &f.ty, f.optional))
            .collect();
        let shape = Arc::new(Shape::new(claims.fields.iter().map(|f| Str::from(&f.name))));
        self.tables.schema(Schema::Object {
            shape,
            fields,
            open: true,
        })
    }

    fn ty_schema(&mut self, ty: &Ty) -> TypeId {
        let schema = self.build_ty(ty);
        self.tables.schema(schema)
    }

    fn build_ty(&mut self, ty: &Ty) -> Schema {
        match ty {
            Ty::Error | Ty::Never | Ty::Dyn | Ty::Type | Ty::Opaque(..) | Ty::Param(_) => {
                Schema::Any
            }
            Ty::Null => Schema::Null,
            Ty::Bool => unlimited("bool"),
            Ty::Int => unlimited("int"),
            Ty::Uint => unlimited("uint"),
            Ty::Double => unlimited("double"),
            Ty::String => unlimited("string"),
            Ty::Bytes => unlimited("bytes"),
            Ty::Timestamp => Schema::Timestamp,
            Ty::Duration => Schema::Duration,
            Ty::Enum(texts) => Schema::Enum(texts.iter().map(Str::from).collect()),
            Ty::Nullable(inner) => Schema::Nullable(self.ty_schema(inner)),
            Ty::List(item) => Schema::List {
                item: self.ty_schema(item),
                min: 0,
                max: u32::MAX,
            },
            Ty::Map(_, value) => Schema::Map {
                value: self.ty_schema(value),
                max: u32::MAX,
            },
            Ty::Object(object) => {
                let field = |me: &mut Self, ty: &Ty, optional| Field {
                    schema: me.ty_schema(ty),
                    optional,
                    default: None,
                };
                Schema::Object {
                    shape: Arc::new(Shape::new(object.fields.iter().map(|f| Str::from(&f.name)))),
                    fields: object
                        .fields
                        .iter()
                        .map(|f| field(self, &f.ty, f.optional))
                        .collect(),
                    open: object.open,
                }
            }
            Ty::Named(name) if &**name == BLOB => unlimited(BLOB),
            Ty::Named(name) => self
                .checked
                .types
                .declared
                .get(name)
                .map_or(Schema::Any, |ty| self.build_ty(ty)),
            Ty::Optional(inner) => self.build_ty(inner),
        }
    }
}

/// Expressions see an object of what is known of an upload; decoding, an upload.
const BLOB: &str = "blob";

/// A built-in type without limits.
fn unlimited(name: &str) -> Schema {
    match name {
        "null" => Schema::Null,
        "bool" => Schema::Bool,
        "url" => Schema::Url,
        "timestamp" => Schema::Timestamp,
        "duration" => Schema::Duration,
        _ => limited(name, &[]),
    }
}

fn limited(name: &str, limits: &[Spanned<Limit>]) -> Schema {
    let (low, high) = bounds(limits);
    match name {
        "int" => Schema::Int {
            min: whole(low, 1.0, i64::MIN as f64) as i64,
            max: whole(high, -1.0, i64::MAX as f64) as i64,
        },
        "uint" => Schema::Uint {
            min: whole(low, 1.0, 0.0) as u64,
            max: whole(high, -1.0, u64::MAX as f64) as u64,
        },
        "double" => Schema::Double {
            min: low,
            max: high,
        },
        "string" => {
            let (min, max) = lengths(limits);
            Schema::String {
                min,
                max,
                pattern: limits.iter().find_map(|l| pattern(&l.node)),
            }
        }
        "bytes" => Schema::Bytes {
            max: lengths(limits).1,
        },
        "blob" => Schema::Blob {
            max: lengths(limits).1,
            media: limits.iter().filter_map(|l| media(&l.node)).collect(),
        },
        _ => Schema::Any,
    }
}

fn media(limit: &Limit) -> Option<Str> {
    if let Limit::Media(media) = limit {
        Some(media.into())
    } else {
        None
    }
}

fn pattern(limit: &Limit) -> Option<Str> {
    if let Limit::Pattern(pattern) = limit {
        Some(pattern.into())
    } else {
        None
    }
}

/// The lowest and the highest number that all limits together allow.
fn bounds(limits: &[Spanned<Limit>]) -> (Bound, Bound) {
    let (mut low, mut high) = (Bound::Open, Bound::Open);
    for limit in limits {
        match limit.node {
            Limit::Range(from, to) => {
                low = from.map_or(low, Bound::Inclusive);
                high = to.map_or(high, Bound::Inclusive);
            }
            Limit::Above(n) => low = Bound::Exclusive(n),
            Limit::AtLeast(n) => low = Bound::Inclusive(n),
            Limit::Below(n) => high = Bound::Exclusive(n),
            Limit::AtMost(n) => high = Bound::Inclusive(n),
            Limit::Pattern(_) | Limit::Media(_) => {}
        }
    }
    (low, high)
}

/// A bound of whole numbers; one that is not allowed itself is moved by `step`.
fn whole(bound: Bound, step: f64, open: f64) -> f64 {
    match bound {
        Bound::Open => open,
        Bound::Inclusive(n) => n,
        Bound::Exclusive(n) => n + step,
    }
}

fn lengths(limits: &[Spanned<Limit>]) -> (u32, u32) {
    let range = |limit: &Spanned<Limit>| {
        if let Limit::Range(low, high) = limit.node {
            Some((low, high))
        } else {
            None
        }
    };
    let (low, high) = limits.iter().find_map(range).unwrap_or((None, None));
    (
        low.map_or(ANY_LENGTH.0, |n| n as u32),
        high.map_or(ANY_LENGTH.1, |n| n as u32),
    )
}
