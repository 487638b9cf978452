//! The type of an expression from its parts.

use super::facts;
use super::patterns::Patterns;
use super::scope::Scope;
use super::{Environment, FieldTy, Global, ObjectTy, Ty, TypeTable, build, report};
use crate::ast::{Expr, ExprId, ExprKind, File, ListItem, Literal, MapEntry, Name};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::names::{MAX_CANDIDATES, Names};
use crate::suggest::suggestion;
use journey_machine::op::Context;
use std::sync::Arc;

/// Types that are values: their names in expressions.
const TYPE_NAMES: [&str; 17] = [
    "bool",
    "bytes",
    "double",
    "int",
    "list",
    "map",
    "null_type",
    "string",
    "type",
    "uint",
    "dyn",
    "optional_type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration",
    "net.IP",
    "net.CIDR",
    "timestamp",
];

/// What surrounds an expression.
#[derive(Clone, Debug)]
pub(super) enum Surroundings {
    /// An endpoint: its input, and its client unless anyone may call it.
    Endpoint { input: Ty, client: Option<Ty> },
    /// A sub-journey: its caller's client, if there is one.
    Sub,
    /// A task: no client, no request.
    Task,
    /// A declaration: nothing of a run.
    Declaration,
}

/// Finds types; everything it learns goes into its table.
pub(super) struct Checker<'a, 'o> {
    pub(super) names: &'o Names<'a>,
    pub(super) table: TypeTable,
    pub(super) scope: Scope,
    pub(super) surroundings: Surroundings,
    /// Of a single expression.
    pub(super) environment: Option<&'o Environment>,
    /// Comprehensions whose bodies are around.
    pub(super) comprehensions: usize,
    pub(super) patterns: Patterns,
    out: &'o mut Diagnostics,
    config: Ty,
    secret: Ty,
    request: Ty,
    client: Ty,
}

impl<'a, 'o> Checker<'a, 'o> {
    pub(super) fn new(names: &'o Names<'a>, files: &[File], out: &'o mut Diagnostics) -> Self {
        Self {
            names,
            table: build::declared(names, files),
            scope: Scope::default(),
            surroundings: Surroundings::Declaration,
            environment: None,
            comprehensions: 0,
            patterns: Patterns::default(),
            out,
            config: Ty::Object(build::settings(names.config.values().copied(), false)),
            secret: Ty::Object(build::settings(names.secrets.values().copied(), true)),
            request: build::request(),
            client: Ty::Nullable(Arc::new(build::client())),
        }
    }

    /// For a single expression.
    pub(super) fn within(mut self, environment: &'o Environment) -> Self {
        self.environment = Some(environment);
        self.table.cel = true;
        self
    }

    pub(super) fn finish(self) -> TypeTable {
        self.table
    }

    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.out.push(finding);
    }

    /// What a misspelt name was meant to be. Not asked any more once findings are only counted.
    pub(super) fn guess<'k>(
        &self,
        word: &str,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Option<String> {
        let asked = self.out.dropped() == 0;
        asked.then(|| suggestion(word, known.into_iter().take(MAX_CANDIDATES)))?
    }

    /// Says what is wrong and poisons.
    pub(super) fn wrong(&mut self, finding: Diagnostic) -> Ty {
        self.report(finding);
        Ty::Error
    }

    /// The type of an expression; all inside it gets its own.
    pub(super) fn infer(&mut self, expr: &Expr) -> Ty {
        let ty = self.infer_kind(expr);
        self.settle(expr.id, if self.unchecked() { Ty::Dyn } else { ty })
    }

    /// Puts a type into the table.
    pub(super) fn settle(&mut self, id: ExprId, ty: Ty) -> Ty {
        self.table.types.insert(id, ty.clone());
        ty
    }

    fn infer_kind(&mut self, expr: &Expr) -> Ty {
        match &expr.kind {
            ExprKind::Literal(literal) => of_literal(literal),
            ExprKind::Ident { name, absolute } => self.ident(expr, name, *absolute),
            ExprKind::Member {
                object,
                field,
                optional,
            } => self.member(expr, object, field, *optional),
            ExprKind::Index {
                object,
                index,
                optional,
            } => self.index(object, index, *optional),
            ExprKind::Call {
                receiver,
                function,
                args,
            } => self.call(expr, receiver.as_deref(), function, args),
            ExprKind::Unary { op, operand } => self.unary(*op, operand),
            ExprKind::Arithmetic { first, rest } => self.arithmetic(first, rest),
            ExprKind::Binary { op, left, right } => self.relation(*op, expr, left, right),
            ExprKind::Logic { and, operands } => self.logic(*and, operands),
            ExprKind::Conditional {
                condition,
                then,
                otherwise,
            } => self.conditional(condition, then, otherwise),
            ExprKind::List(items) => self.list(items),
            ExprKind::Map(entries) => self.map(entries),
            ExprKind::Struct { name, fields } => {
                fields.iter().for_each(|(_, value)| _ = self.infer(value));
                self.wrong(report::no_messages(name))
            }
            ExprKind::Object(entries) => self.object_template(entries),
            ExprKind::Array(items) => self.array_template(items),
            ExprKind::Interpolation(parts) => self.interpolation(parts),
            ExprKind::Error => Ty::Error,
        }
    }

    fn ident(&mut self, expr: &Expr, name: &str, absolute: bool) -> Ty {
        if let Some(local) = self.scope.read(name).filter(|_| !absolute) {
            let ty = local.ty.clone();
            let longest = local.longest.map(|longest| (expr.id, longest));
            self.table.lengths.extend(longest);
            return self.scope.fact(name).cloned().unwrap_or(ty);
        }
        if let Some((global, ty)) = self.find_global(name, absolute) {
            self.table.globals.insert(expr.id, global);
            return self.scope.fact(name).cloned().unwrap_or(ty);
        }
        if self.unchecked() {
            self.table.globals.insert(expr.id, Global::Missing);
            return Ty::Dyn;
        }
        self.wrong(report::unknown_name(name, expr.span, self))
    }

    pub(super) fn global(&self, name: &str) -> Option<(Global, Ty)> {
        let (input, client) = match &self.surroundings {
            Surroundings::Endpoint { input, client } => (Some(input.clone()), client.clone()),
            Surroundings::Sub => (None, Some(self.client.clone())),
            Surroundings::Task | Surroundings::Declaration => (None, None),
        };
        let run = !matches!(self.surroundings, Surroundings::Declaration);
        let (context, ty) = match name {
            "input" => (Context::Input, input?),
            "client" => (Context::Client, client?),
            "request" if run && !matches!(self.surroundings, Surroundings::Task) => {
                (Context::Request, self.request.clone())
            }
            "config" if run => (Context::Config, self.config.clone()),
            "secret" if run => (Context::Secret, self.secret.clone()),
            "now" if run => return Some((Global::Now, Ty::Timestamp)),
            name if TYPE_NAMES.contains(&name) => {
                return Some((Global::Type(name.to_owned()), Ty::Type));
            }
            _ => return None,
        };
        Some((Global::Context(context), ty))
    }

    fn member(&mut self, expr: &Expr, object: &Expr, field: &Name, optional: bool) -> Ty {
        if let Some((global, ty)) = self.qualified(expr).filter(|_| !optional) {
            self.table.globals.insert(expr.id, global);
            return ty;
        }
        let of = self.infer(object);
        let ty = self.field_of(&of, object, field, optional);
        let fact = self.scope.knows().then(|| facts::path(expr)).flatten();
        match fact.and_then(|path| self.scope.fact(&path)) {
            Some(known) if !optional => known.clone(),
            _ => ty,
        }
    }

    fn field_of(&mut self, of: &Ty, object: &Expr, field: &Name, optional: bool) -> Ty {
        let wrap = |ty: Ty| {
            if optional {
                Ty::Optional(Arc::new(ty))
            } else {
                ty
            }
        };
        match self.table.resolve(of).clone() {
            Ty::Error => Ty::Error,
            Ty::Never | Ty::Dyn => wrap(Ty::Dyn),
            Ty::Object(fields) => match fields.field(&field.node) {
                Some((_, found)) => self.found(found, object, field, optional),
                None => self.no_field(&fields, object, field),
            },
            Ty::Map(_, value) => wrap(Ty::clone(&value)),
            Ty::Optional(inner) => match self.field_of(&inner, object, field, true) {
                Ty::Error => Ty::Error,
                ty => ty,
            },
            Ty::Nullable(inner) => {
                self.report(report::maybe_null(
                    object,
                    &format!("read `{}` of it", field.node),
                    self,
                ));
                self.field_of(&inner, object, field, optional)
            }
            other => self.wrong(report::no_fields(object, field, &other)),
        }
    }

    fn found(&mut self, found: &FieldTy, object: &Expr, field: &Name, optional: bool) -> Ty {
        if optional {
            return Ty::Optional(Arc::new(found.ty.clone()));
        }
        if found.optional && !self.proved(object, field) {
            return self.wrong(report::maybe_absent(object, field, found));
        }
        found.ty.clone()
    }

    fn proved(&self, object: &Expr, field: &Name) -> bool {
        let path = || facts::path(object).map(|path| format!("{path}.{}", field.node));
        self.scope.knows() && path().is_some_and(|path| self.scope.fact(&path).is_some())
    }

    fn no_field(&mut self, fields: &ObjectTy, object: &Expr, field: &Name) -> Ty {
        self.wrong(report::unknown_field(fields, object, field, self))
    }

    fn index(&mut self, object: &Expr, index: &Expr, optional: bool) -> Ty {
        let of = self.infer(object);
        let by = self.infer(index);
        let (of, wrapped) = match self.table.resolve(&of) {
            Ty::Optional(inner) => (self.table.resolve(inner).clone(), true),
            other => (other.clone(), optional),
        };
        let (want, value) = match &of {
            Ty::Error => return Ty::Error,
            Ty::Never | Ty::Dyn => (Ty::Dyn, Ty::Dyn),
            Ty::List(item) => (Ty::Int, Ty::clone(item)),
            Ty::Map(key, value) => (Ty::clone(key), Ty::clone(value)),
            Ty::Object(fields) => (Ty::String, keyed(fields, index)),
            Ty::Nullable(_) => return self.wrong(report::maybe_null(object, "look into it", self)),
            other => return self.wrong(report::not_indexed(object, other)),
        };
        if !self.table.comparable(&by, &want) {
            return self.wrong(report::wrong_index(index, &by, &want));
        }
        if wrapped {
            Ty::Optional(Arc::new(value))
        } else {
            value
        }
    }

    fn list(&mut self, items: &[ListItem]) -> Ty {
        let mut all = Ty::Never;
        for item in items {
            let ty = self.infer(&item.value);
            let ty = if item.optional {
                self.inside(&item.value, ty)
            } else {
                ty
            };
            all = self.table.join(&all, &ty).unwrap_or(Ty::Dyn);
        }
        Ty::List(Arc::new(all))
    }

    fn map(&mut self, entries: &[MapEntry]) -> Ty {
        let (mut keys, mut values) = (Ty::Never, Ty::Never);
        for entry in entries {
            let key = self.infer(&entry.key);
            let key = self.table.widen(&key);
            if !matches!(
                key,
                Ty::Error | Ty::Dyn | Ty::Never | Ty::String | Ty::Int | Ty::Uint | Ty::Bool
            ) {
                self.report(report::bad_key(&entry.key, &key));
            }
            let value = self.infer(&entry.value);
            let value = if entry.optional {
                self.inside(&entry.value, value)
            } else {
                value
            };
            keys = self.table.join(&keys, &key).unwrap_or(Ty::Dyn);
            values = self.table.join(&values, &value).unwrap_or(Ty::Dyn);
        }
        Ty::Map(Arc::new(keys), Arc::new(values))
    }

    /// What an optional holds; anything else has no place where `?` asks for one.
    pub(super) fn inside(&mut self, expr: &Expr, ty: Ty) -> Ty {
        match self.table.resolve(&ty) {
            Ty::Optional(inner) => Ty::clone(inner),
            Ty::Error | Ty::Never | Ty::Dyn => ty,
            other => {
                let finding = report::not_optional(expr, other);
                self.wrong(finding)
            }
        }
    }
}

/// The type of a constant.
pub(super) fn of_literal(literal: &Literal) -> Ty {
    match literal {
        Literal::Null => Ty::Null,
        Literal::Bool(_) => Ty::Bool,
        Literal::Int(_) => Ty::Int,
        Literal::Uint(_) => Ty::Uint,
        Literal::Double(_) => Ty::Double,
        Literal::String(text) => Ty::Enum([text.clone()].into()),
        Literal::Bytes(_) => Ty::Bytes,
    }
}

/// The value under a constant key, or under any.
fn keyed(fields: &ObjectTy, index: &Expr) -> Ty {
    match &index.kind {
        ExprKind::Literal(Literal::String(name)) => {
            fields.field(name).map_or(Ty::Dyn, |(_, f)| f.ty.clone())
        }
        _ => Ty::Dyn,
    }
}
