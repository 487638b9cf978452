//! Declarations: their defaults are constants of the right type, and the shape of errors is a template over `error`.

use super::fit::Use;
use super::infer::Checker;
use super::scope::Local;
use super::template::Want;
use super::{build, report};
use crate::ast::{
    BodyContent, Connection, Decl, Endpoint, Errors, Expr, ExprKind, FieldDecl, File, Journey,
    JourneyKind, TypeExpr, TypeKind,
};
use crate::names::head;
use crate::walk;
use journey_machine::span::Span;

/// Checks all declarations of all files.
pub(super) fn check(checker: &mut Checker<'_, '_>, files: &[File]) {
    for file in files {
        file.decls.iter().for_each(|d| declaration(checker, d));
        if !checker.table.recount() {
            checker.report(report::too_many_fields(Span::new(file.id, 0, 0)));
        }
    }
}

fn journey(checker: &mut Checker<'_, '_>, journey: &Journey) {
    match &journey.kind {
        JourneyKind::Endpoint(endpoint) => endpoint_defaults(checker, endpoint),
        JourneyKind::Sub { params, outcomes } => {
            fields(checker, head::counted(params));
            outcomes
                .iter()
                .filter_map(|o| o.ty.as_ref())
                .for_each(|ty| defaults(checker, ty));
        }
        JourneyKind::Task(task) => {
            fields(checker, head::counted(&task.params));
            checker.task_params(&task.params);
        }
    }
    checker.journey(journey);
}

fn declaration(checker: &mut Checker<'_, '_>, decl: &Decl) {
    match decl {
        Decl::Journey(_) | Decl::Rules(_) => {
            decl.journeys().iter().for_each(|j| journey(checker, j));
        }
        Decl::Type(decl) => defaults(checker, &decl.ty),
        Decl::Connection(connection) => connection_defaults(checker, connection),
        Decl::Store(store) => store.record.iter().for_each(|ty| defaults(checker, ty)),
        Decl::Signal(signal) => signal.ty.iter().for_each(|ty| defaults(checker, ty)),
        Decl::Issuer(issuer) => issuer.claims.iter().for_each(|ty| defaults(checker, ty)),
        Decl::Errors(errors) => shape(checker, errors),
        Decl::Limit(_) => {}
        Decl::Settings(settings) => fields(checker, &settings.fields),
    }
}

fn endpoint_defaults(checker: &mut Checker<'_, '_>, endpoint: &Endpoint) {
    if let Some(input) = &endpoint.input {
        input.params.iter().for_each(|p| field(checker, &p.field));
        match input.body.as_ref().map(|b| &b.content) {
            Some(BodyContent::Fields { fields: all, .. }) => fields(checker, all),
            Some(BodyContent::Whole(whole)) => field(checker, whole),
            None => {}
        }
    }
    endpoint
        .answers
        .iter()
        .filter_map(|a| a.ty.as_ref())
        .for_each(|ty| defaults(checker, ty));
}

fn connection_defaults(checker: &mut Checker<'_, '_>, connection: &Connection) {
    for operation in &connection.operations {
        operation
            .params
            .iter()
            .for_each(|p| field(checker, &p.field));
        operation
            .responses
            .iter()
            .filter_map(|r| r.ty.as_ref())
            .for_each(|ty| defaults(checker, ty));
    }
}

fn fields(checker: &mut Checker<'_, '_>, fields: &[FieldDecl]) {
    fields.iter().for_each(|f| field(checker, f));
}

fn field(checker: &mut Checker<'_, '_>, decl: &FieldDecl) {
    if let Some(default) = &decl.default {
        let own = build::field(decl);
        if is_constant(default) {
            let want = Want {
                ty: &own.ty,
                used: Use::Json,
                declared: Some(decl.ty.span),
                limits: &own.limits,
            };
            checker.check(default, want);
        } else if !matches!(default.kind, ExprKind::Error) {
            checker.report(report::not_constant(default));
        }
    }
    defaults(checker, &decl.ty);
}

/// Defaults of fields, and patterns, anywhere inside a type.
fn defaults(checker: &mut Checker<'_, '_>, ty: &TypeExpr) {
    match &ty.kind {
        TypeKind::Union(members) => members.iter().for_each(|m| defaults(checker, m)),
        TypeKind::List { item: inner, .. }
        | TypeKind::Map { value: inner, .. }
        | TypeKind::Labelled(_, inner) => {
            defaults(checker, inner);
        }
        TypeKind::Object { fields: inside, .. } => fields(checker, inside),
        TypeKind::Limited { base, limits } if base.node == "string" => {
            checker.limit_patterns(limits);
        }
        TypeKind::Named(_) | TypeKind::Limited { .. } | TypeKind::Literal(_) | TypeKind::Error => {}
    }
}

fn is_constant(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Literal(_) => true,
        ExprKind::List(_) | ExprKind::Map(_) | ExprKind::Object(_) | ExprKind::Array(_) => {
            walk::operands(expr).into_iter().all(is_constant)
        }
        _ => false,
    }
}

fn shape(checker: &mut Checker<'_, '_>, errors: &Errors) {
    let Some(shape) = &errors.shape else { return };
    let mark = checker.scope.mark();
    checker.bind_local("error", Local::free(build::error(), errors.span));
    checker.infer(shape);
    checker.scope.leave(mark);
}
