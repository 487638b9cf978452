//! Types from how they are written, and the types of what the language provides.

use super::{FieldTy, ObjectTy, Ty, TypeTable};
use crate::ast::{
    AnswerDecl, Decl, FieldDecl, File, Journey, JourneyKind, Label, Limit, TypeExpr, TypeKind,
};
use crate::limits::{MAX_FIELDS, MAX_VALUES};
use crate::names::head::{self, Param};
use crate::names::stores::VERSION;
use crate::names::{self, Names};
use std::sync::Arc;

/// The definitions of all declared types, inputs and claims.
pub(super) fn declared(names: &Names<'_>, files: &[File]) -> TypeTable {
    let mut table = TypeTable::default();
    table.declared.insert("Problem".into(), problem());
    table.declared.insert("blob".into(), blob());
    for (name, decl) in &names.types {
        table.declared.insert((*name).into(), from_expr(&decl.ty));
    }
    for (name, journey) in &names.journeys {
        let head = head::of_journey(journey);
        let inputs = head.iter().flat_map(|h| &h.inputs).map(param).collect();
        table.inputs.insert((*name).to_owned(), object(inputs));
    }
    for (name, issuer) in &names.issuers {
        table
            .claims
            .insert((*name).to_owned(), claims(issuer.claims.as_ref()));
    }
    signatures(files, &mut table);
    for (name, store) in &names.stores {
        let own = store.record.as_ref().map_or(Ty::Error, from_expr);
        let record = record(table.resolve(&own));
        table
            .records
            .extend(record.map(|ty| ((*name).to_owned(), ty)));
    }
    table
}

/// A record as it is read: with its version.
fn record(own: &Ty) -> Option<Arc<ObjectTy>> {
    let Ty::Object(own) = own else { return None };
    let version = FieldTy::new(VERSION, Ty::Int);
    let fields = own.fields.iter().filter(|f| f.name != VERSION).cloned();
    Some(object(fields.chain([version]).collect()))
}

/// Adds the types of what a journey is given and answers.
fn signature(journey: &Journey, table: &mut TypeTable) {
    match &journey.kind {
        JourneyKind::Endpoint(endpoint) => answers(&endpoint.answers, table),
        JourneyKind::Sub { params, outcomes } => {
            let params = head::counted(params);
            params.iter().for_each(|p| parameter(p, table));
            let carried = head::counted(outcomes)
                .iter()
                .map(|o| (o.name.span, carries(o.ty.as_ref())));
            table.answers.extend(carried);
        }
        JourneyKind::Task(task) => {
            let params = head::counted(&task.params);
            params.iter().for_each(|p| parameter(p, table));
        }
    }
}

/// Adds the types of whatever is given and answered: parameters, answers, outcomes.
fn signatures(files: &[File], table: &mut TypeTable) {
    for decl in names::decls(files) {
        match decl {
            Decl::Journey(_) | Decl::Rules(_) => {
                decl.journeys().iter().for_each(|j| signature(j, table));
            }
            Decl::Connection(connection) => {
                for operation in &connection.operations {
                    let params = head::counted(&operation.params);
                    params.iter().for_each(|p| parameter(&p.field, table));
                    answers(&operation.responses, table);
                }
            }
            Decl::Signal(signal) => {
                let carried = carries(signal.ty.as_ref());
                table.answers.insert(signal.name.span, carried);
            }
            Decl::Type(_)
            | Decl::Store(_)
            | Decl::Limit(_)
            | Decl::Issuer(_)
            | Decl::Errors(_)
            | Decl::Settings(_) => {}
        }
    }
}

fn answers(declared: &[AnswerDecl], table: &mut TypeTable) {
    table.answers.extend(
        declared
            .iter()
            .map(|a| (a.status.span, carries(a.ty.as_ref()))),
    );
}

fn parameter(decl: &FieldDecl, table: &mut TypeTable) {
    table.params.insert(decl.name.span, Arc::new(field(decl)));
}

fn carries(ty: Option<&TypeExpr>) -> Ty {
    ty.map_or(Ty::Null, from_expr)
}

fn param(param: &Param<'_>) -> FieldTy {
    field(param.field)
}

fn object(fields: Vec<FieldTy>) -> Arc<ObjectTy> {
    Arc::new(ObjectTy::new(fields, false))
}

/// The type an expression of types stands for.
pub(super) fn from_expr(ty: &TypeExpr) -> Ty {
    match &ty.kind {
        TypeKind::Named(name) => named(name),
        TypeKind::Limited { base, .. } => named(&base.node),
        TypeKind::Literal(text) => Ty::Enum([text.clone()].into()),
        TypeKind::Union(members) => union(members),
        TypeKind::List { item, .. } => Ty::List(Arc::new(from_expr(item))),
        TypeKind::Map { value, .. } => Ty::Map(Arc::new(Ty::String), Arc::new(from_expr(value))),
        TypeKind::Object { fields, open } => {
            // More than that have been refused.
            let fields = fields.iter().take(MAX_FIELDS).map(field).collect();
            Ty::Object(Arc::new(ObjectTy::new(fields, *open)))
        }
        TypeKind::Labelled(_, inner) => from_expr(inner),
        TypeKind::Error => Ty::Error,
    }
}

fn named(name: &str) -> Ty {
    match name {
        "null" => Ty::Null,
        "bool" => Ty::Bool,
        "int" => Ty::Int,
        "uint" => Ty::Uint,
        "double" => Ty::Double,
        "string" | "url" => Ty::String,
        "bytes" => Ty::Bytes,
        "timestamp" => Ty::Timestamp,
        "duration" => Ty::Duration,
        "dyn" => Ty::Dyn,
        _ => Ty::Named(name.into()),
    }
}

fn union(members: &[TypeExpr]) -> Ty {
    let mut literals: Vec<String> = members
        .iter()
        .filter_map(literal)
        .take(MAX_VALUES)
        .collect();
    literals.sort();
    literals.dedup();
    let mut null = false;
    let mut main = (!literals.is_empty()).then(|| Ty::Enum(literals.into()));
    for member in members.iter().filter(|m| literal(m).is_none()) {
        match from_expr(member) {
            Ty::Null => null = true,
            // More than one type has been refused: then nothing is known of the union.
            other => main = Some(if main.is_none() { other } else { Ty::Error }),
        }
    }
    match main {
        Some(ty) if null => Ty::Nullable(Arc::new(ty)),
        Some(ty) => ty,
        None => Ty::Null,
    }
}

fn literal(ty: &TypeExpr) -> Option<String> {
    if let TypeKind::Literal(text) = &ty.kind {
        Some(text.clone())
    } else {
        None
    }
}

/// A declared field.
pub(super) fn field(decl: &FieldDecl) -> FieldTy {
    let (label, limits) = marks(&decl.ty);
    FieldTy {
        name: decl.name.node.clone(),
        ty: from_expr(&decl.ty),
        optional: decl.optional && decl.default.is_none(),
        label,
        limits,
        declared: Some(decl.name.span),
    }
}

/// Label and limits of a type.
pub(super) fn marks(ty: &TypeExpr) -> (Option<Label>, Arc<[Limit]>) {
    match &ty.kind {
        TypeKind::Labelled(label, inner) => {
            let (inside, limits) = marks(inner);
            // Of two labels the stricter one counts.
            (
                Some(inside.map_or(label.node, |l| l.min(label.node))),
                limits,
            )
        }
        TypeKind::Limited { limits, .. } | TypeKind::List { limits, .. } => {
            (None, limits.iter().map(|l| l.node.clone()).collect())
        }
        _ => (None, Arc::default()),
    }
}

/// All `config` or `secret` settings.
pub(super) fn settings<'a>(
    fields: impl IntoIterator<Item = &'a FieldDecl>,
    secret: bool,
) -> Arc<ObjectTy> {
    let fields = fields.into_iter().map(|decl| {
        let own = field(decl);
        FieldTy {
            label: own.label.or(secret.then_some(Label::Secret)),
            ..own
        }
    });
    object(fields.collect())
}

/// RFC 9457, with our stable `code`.
fn problem() -> Ty {
    let fields = vec![
        FieldTy::maybe("type", Ty::String),
        FieldTy::new("title", Ty::String),
        FieldTy::new("status", Ty::Int),
        FieldTy::maybe("detail", Ty::String),
        FieldTy::maybe("instance", Ty::String),
        FieldTy::maybe("code", Ty::String),
    ];
    Ty::Object(Arc::new(ObjectTy::new(fields, true)))
}

/// An upload: what is known of it; `read blob` gives its bytes.
fn blob() -> Ty {
    Ty::Object(object(vec![
        FieldTy::new("id", Ty::String),
        FieldTy::new("size", Ty::Int),
        FieldTy::new("sha256", Ty::String),
        FieldTy::new("type", Ty::String),
        FieldTy::maybe("name", Ty::String),
    ]))
}

/// Claims of a token: the registered ones, then the declared ones, which may say more of a registered one.
fn claims(declared: Option<&TypeExpr>) -> Arc<ObjectTy> {
    let own = match declared.map(from_expr) {
        Some(Ty::Object(own)) => own.fields.clone(),
        _ => Vec::new(),
    };
    let mut fields = vec![
        FieldTy::new("iss", Ty::String),
        FieldTy::new("sub", Ty::String),
        FieldTy::new("aud", Ty::Dyn),
        FieldTy::new("exp", Ty::Int),
        FieldTy::maybe("nbf", Ty::Int),
        FieldTy::maybe("iat", Ty::Int),
        FieldTy::maybe("jti", Ty::String),
        FieldTy::maybe("scope", Ty::String),
    ];
    fields.retain(|f| own.iter().all(|o| o.name != f.name));
    fields.extend(own);
    Arc::new(ObjectTy::new(fields, true))
}

/// `request`
pub(super) fn request() -> Ty {
    let headers = Ty::Map(Arc::new(Ty::String), Arc::new(Ty::String));
    Ty::Object(object(vec![
        FieldTy::new("id", Ty::String),
        FieldTy::new("method", Ty::String),
        FieldTy::new("path", Ty::String),
        FieldTy::new("headers", headers),
        FieldTy::new("ip", Ty::String),
    ]))
}

/// `client`
pub(super) fn client() -> Ty {
    let claims = Ty::Map(Arc::new(Ty::String), Arc::new(Ty::Dyn));
    Ty::Object(object(vec![
        FieldTy::new("id", Ty::String),
        FieldTy::new("claims", claims),
    ]))
}

/// `on failure as e`
pub(super) fn failure() -> Ty {
    Ty::Object(object(vec![
        FieldTy::new("code", Ty::String),
        FieldTy::new("message", Ty::String),
    ]))
}

/// `error` in the shape of an error style.
pub(super) fn error() -> Ty {
    let fault = object(vec![
        FieldTy::new("place", Ty::String),
        FieldTy::new("pointer", Ty::String),
        FieldTy::new("message", Ty::String),
    ]);
    Ty::Object(object(vec![
        FieldTy::new("status", Ty::Int),
        FieldTy::new("code", Ty::String),
        FieldTy::new("message", Ty::String),
        FieldTy::new("request_id", Ty::String),
        FieldTy::new("faults", Ty::List(Arc::new(Ty::Object(fault)))),
    ]))
}
