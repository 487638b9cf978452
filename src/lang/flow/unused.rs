//! Declarations that nothing uses.

use super::report;
use crate::ast::{
    Auth, BodyContent, CompleteBody, Connection, ConnectionAuth, Decl, Endpoint, Expr, ExprKind,
    FieldDecl, File, Issuer, Journey, JourneyKind, Setting, Step, StepKind, TypeExpr, TypeKind,
};
use crate::diagnostic::Diagnostics;
use crate::names::{self, Names};
use crate::walk;
use std::collections::BTreeSet;

/// Names that something uses, by kind.
#[derive(Default)]
struct Used<'a> {
    names: BTreeSet<(&'static str, &'a str)>,
}

/// Reports declarations of which no name is used.
pub(super) fn check(files: &[File], names: &Names<'_>, out: &mut Diagnostics) {
    let mut used = Used::default();
    names::decls(files).for_each(|decl| used.decl(decl));
    let mut report = |kind: &'static str, name: &str, span| {
        if !used.names.contains(&(kind, name)) && !name.starts_with('_') {
            out.push(report::unused_declaration(kind, name, span));
        }
    };
    names
        .types
        .iter()
        .for_each(|(name, decl)| report("type", name, decl.name.span));
    names
        .connections
        .iter()
        .for_each(|(name, decl)| report("connection", name, decl.name.span));
    names
        .issuers
        .iter()
        .for_each(|(name, decl)| report("issuer", name, decl.name.span));
    names
        .subs
        .iter()
        .for_each(|(name, decl)| report("sub-journey", name, decl.name.span));
    names
        .tasks
        .iter()
        .for_each(|(name, decl)| report("task", name, decl.name.span));
    names
        .stores
        .iter()
        .for_each(|(name, decl)| report("store", name, decl.name.span));
    names
        .signals
        .iter()
        .for_each(|(name, decl)| report("signal", name, decl.name.span));
    names
        .limits
        .iter()
        .for_each(|(name, decl)| report("limit", name, decl.name.span));
    names
        .config
        .iter()
        .for_each(|(name, decl)| report("config setting", name, decl.name.span));
    names
        .secrets
        .iter()
        .for_each(|(name, decl)| report("secret", name, decl.name.span));
    for style in names.errors.values() {
        style
            .codes
            .iter()
            .for_each(|code| report("error code", &code.code.node, code.code.span));
    }
}

impl<'a> Used<'a> {
    fn name(&mut self, kind: &'static str, name: &'a str) {
        self.names.insert((kind, name));
    }

    fn decl(&mut self, decl: &'a Decl) {
        match decl {
            Decl::Journey(_) | Decl::Rules(_) => {
                decl.journeys().iter().for_each(|j| self.journey(j));
            }
            Decl::Type(decl) => self.ty(&decl.ty),
            Decl::Connection(connection) => self.connection(connection),
            Decl::Store(store) => store.record.iter().for_each(|ty| self.ty(ty)),
            Decl::Signal(signal) => signal.ty.iter().for_each(|ty| self.ty(ty)),
            Decl::Issuer(issuer) => self.issuer(issuer),
            Decl::Errors(errors) => errors.shape.iter().for_each(|e| self.expr(e)),
            Decl::Limit(_) => {}
            Decl::Settings(settings) => self.fields(&settings.fields),
        }
    }

    fn journey(&mut self, journey: &'a Journey) {
        match &journey.kind {
            JourneyKind::Endpoint(endpoint) => self.endpoint(endpoint),
            JourneyKind::Task(task) => self.fields(&task.params),
            JourneyKind::Sub { params, outcomes } => {
                self.fields(params);
                outcomes
                    .iter()
                    .filter_map(|o| o.ty.as_ref())
                    .for_each(|ty| self.ty(ty));
            }
        }
        super::order::steps(journey, &mut |step| self.step(step));
    }

    fn endpoint(&mut self, endpoint: &'a Endpoint) {
        if let Some(Auth::ClientToken(Some(issuer))) = endpoint.auth.as_ref().map(|a| &a.node) {
            self.name("issuer", &issuer.node);
        }
        endpoint.redirects.iter().for_each(|e| self.expr(e));
        for used in &endpoint.limits {
            self.name("limit", &used.limit.node);
            used.by.iter().for_each(|e| self.expr(e));
        }
        if let Some(input) = &endpoint.input {
            input.params.iter().for_each(|p| self.ty(&p.field.ty));
            match input.body.as_ref().map(|b| &b.content) {
                Some(BodyContent::Fields { fields, .. }) => self.fields(fields),
                Some(BodyContent::Whole(field)) => self.ty(&field.ty),
                None => {}
            }
        }
        endpoint
            .answers
            .iter()
            .filter_map(|a| a.ty.as_ref())
            .for_each(|ty| self.ty(ty));
    }

    fn connection(&mut self, connection: &'a Connection) {
        connection.base.iter().for_each(|e| self.expr(e));
        match connection.auth.as_ref().map(|a| &a.node) {
            Some(
                ConnectionAuth::Basic(settings)
                | ConnectionAuth::ClientCredentials(settings)
                | ConnectionAuth::JwtBearer(settings),
            ) => self.settings(settings),
            Some(ConnectionAuth::Bearer(value) | ConnectionAuth::Header(_, value)) => {
                self.expr(value)
            }
            Some(ConnectionAuth::None) | None => {}
        }
        let keys = connection.signature.iter();
        keys.for_each(|keys| self.expr(&keys.node));
        connection
            .tls
            .iter()
            .for_each(|tls| self.settings(&tls.node));
        for operation in &connection.operations {
            operation.params.iter().for_each(|p| self.ty(&p.field.ty));
            operation
                .responses
                .iter()
                .filter_map(|r| r.ty.as_ref())
                .for_each(|ty| self.ty(ty));
        }
    }

    fn issuer(&mut self, issuer: &'a Issuer) {
        let texts = [&issuer.discovery, &issuer.jwks, &issuer.audience];
        let texts = texts.into_iter().flatten().chain(&issuer.issuer);
        texts.for_each(|e| self.expr(e));
        issuer
            .introspection
            .iter()
            .for_each(|asked| self.settings(&asked.node));
        issuer.claims.iter().for_each(|ty| self.ty(ty));
    }

    fn settings(&mut self, settings: &'a [Setting]) {
        settings.iter().for_each(|s| self.expr(&s.value));
    }

    fn fields(&mut self, fields: &'a [FieldDecl]) {
        fields.iter().for_each(|f| self.ty(&f.ty));
    }

    fn ty(&mut self, ty: &'a TypeExpr) {
        match &ty.kind {
            TypeKind::Named(name) => self.name("type", name),
            TypeKind::Union(members) => members.iter().for_each(|m| self.ty(m)),
            TypeKind::List { item: inner, .. }
            | TypeKind::Map { value: inner, .. }
            | TypeKind::Labelled(_, inner) => {
                self.ty(inner);
            }
            TypeKind::Object { fields, .. } => self.fields(fields),
            TypeKind::Limited { .. } | TypeKind::Literal(_) | TypeKind::Error => {}
        }
    }

    fn step(&mut self, step: &'a Step) {
        match &step.kind {
            StepKind::Call { connection, .. } => self.name("connection", &connection.node),
            StepKind::Validate { issuer, .. } => self.name("issuer", &issuer.node),
            StepKind::Run { sub, .. } => self.name("sub-journey", &sub.node),
            StepKind::Store(step) => self.name("store", &step.store.node),
            StepKind::Start(start) => self.name("task", &start.task.node),
            StepKind::Wait(wait) => self.name("signal", &wait.signal.node),
            StepKind::Signal(signal) => self.name("signal", &signal.signal.node),
            StepKind::Fail { code }
            | StepKind::Complete {
                body: CompleteBody::Problem(code),
                ..
            } => {
                self.name("error code", &code.node);
            }
            _ => {}
        }
        walk::exprs(step).into_iter().for_each(|e| self.expr(e));
    }

    fn expr(&mut self, expr: &'a Expr) {
        if let ExprKind::Member { object, field, .. } = &expr.kind
            && let ExprKind::Ident { name, .. } = &object.kind
        {
            match name.as_str() {
                "config" => self.name("config setting", &field.node),
                "secret" => self.name("secret", &field.node),
                _ => {}
            }
        }
        walk::operands(expr).into_iter().for_each(|e| self.expr(e));
    }
}
