//! The type of each declared field as it is written, by the place of its name: limits of items are only there.

use crate::ast::{
    AnswerDecl, BodyContent, Connection, Decl, Endpoint, FieldDecl, File, Journey, JourneyKind,
    Task, TypeExpr, TypeKind,
};
use crate::names;
use journey_machine::span::Span;
use std::collections::BTreeMap;

/// Types by places of names.
pub(super) type Declared<'a> = BTreeMap<Span, &'a TypeExpr>;

/// Every field that is declared anywhere.
pub(super) fn all(files: &[File]) -> Declared<'_> {
    let mut declared = Declared::new();
    names::decls(files).for_each(|decl| of_decl(decl, &mut declared));
    declared
}

fn of_decl<'a>(decl: &'a Decl, out: &mut Declared<'a>) {
    match decl {
        Decl::Journey(_) | Decl::Rules(_) => {
            decl.journeys().iter().for_each(|j| of_journey(j, out));
        }
        Decl::Type(decl) => of_type(&decl.ty, out),
        Decl::Connection(connection) => of_connection(connection, out),
        Decl::Issuer(issuer) => issuer.claims.iter().for_each(|ty| of_type(ty, out)),
        Decl::Store(store) => store.record.iter().for_each(|ty| of_type(ty, out)),
        Decl::Settings(settings) => of_fields(&settings.fields, out),
        _ => {}
    }
}

fn of_journey<'a>(journey: &'a Journey, out: &mut Declared<'a>) {
    match &journey.kind {
        JourneyKind::Endpoint(endpoint) => of_endpoint(endpoint, out),
        JourneyKind::Sub { params, .. } | JourneyKind::Task(Task { params, .. }) => {
            of_fields(params, out);
        }
    }
}

fn of_endpoint<'a>(endpoint: &'a Endpoint, out: &mut Declared<'a>) {
    let Some(input) = &endpoint.input else { return };
    input.params.iter().for_each(|p| of_field(&p.field, out));
    match input.body.as_ref().map(|b| &b.content) {
        Some(BodyContent::Fields { fields, .. }) => of_fields(fields, out),
        Some(BodyContent::Whole(whole)) => of_field(whole, out),
        None => {}
    }
}

fn of_connection<'a>(connection: &'a Connection, out: &mut Declared<'a>) {
    let responses = connection.operations.iter().flat_map(|o| &o.responses);
    responses.for_each(|response: &AnswerDecl| {
        response.ty.iter().for_each(|ty| of_type(ty, out));
    });
}

fn of_fields<'a>(fields: &'a [FieldDecl], out: &mut Declared<'a>) {
    fields.iter().for_each(|field| of_field(field, out));
}

fn of_field<'a>(field: &'a FieldDecl, out: &mut Declared<'a>) {
    out.insert(field.name.span, &field.ty);
    of_type(&field.ty, out);
}

/// Fields anywhere inside a type.
fn of_type<'a>(ty: &'a TypeExpr, out: &mut Declared<'a>) {
    match &ty.kind {
        TypeKind::Union(members) => members.iter().for_each(|m| of_type(m, out)),
        TypeKind::List { item: inner, .. }
        | TypeKind::Map { value: inner, .. }
        | TypeKind::Labelled(_, inner) => of_type(inner, out),
        TypeKind::Object { fields, .. } => of_fields(fields, out),
        TypeKind::Named(_) | TypeKind::Limited { .. } | TypeKind::Literal(_) | TypeKind::Error => {}
    }
}
