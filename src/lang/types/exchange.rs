//! Steps that exchange values with others: calls, sub-journeys, answers, events.

use super::fit::Use;
use super::infer::Checker;
use super::steps::Turn;
use super::template::Want;
use super::{Ty, build, report};
use crate::ast::{
    AnswerDecl, Argument, CompleteBody, Expr, FieldDecl, Handler, HandlerEvent, Journey,
    JourneyKind, Label, Name, Operation, OutcomeDecl, Place, Spanned, TypeExpr, TypeKind,
};
use crate::names::head;
use crate::suggest::did_you_mean;

impl Checker<'_, '_> {
    /// A call; gives the type of its success.
    pub(super) fn call_step(
        &mut self,
        (connection, operation): (&Name, &Name),
        args: &[Argument],
        handlers: &[Handler],
        turn: &mut Turn<'_>,
    ) -> Ty {
        let Some(declared) = self.names.operation(&connection.node, &operation.node) else {
            args.iter().for_each(|a| _ = self.infer(&a.value));
            self.special_handlers(handlers, turn, |_, _| None);
            return Ty::Error;
        };
        let params: Vec<&FieldDecl> = head::counted(&declared.params)
            .iter()
            .map(|p| &p.field)
            .collect();
        self.arguments(args, (operation, &declared.name), &params, Use::Json);
        args.iter().for_each(|arg| self.note_secret(&arg.value));
        self.keep_from(connection, args, &params);
        self.keep_urls(declared, args);
        self.special_handlers(handlers, turn, |table, event| {
            let HandlerEvent::Status(status) = event else {
                return None;
            };
            let answer = declared
                .responses
                .iter()
                .find(|r| r.status.node == *status)?;
            Some(table.answer(answer.status.span))
        });
        head::success(declared).map_or(Ty::Error, |answer| self.table.answer(answer.status.span))
    }

    /// Secrets go only to a connection that is declared to receive them, or into a parameter that is.
    fn keep_from(&mut self, connection: &Name, args: &[Argument], params: &[&FieldDecl]) {
        let declared = self.names.connections.get(connection.node.as_str());
        if declared.is_none_or(|c| c.receives.iter().any(|l| l.node == Label::Secret)) {
            return;
        }
        let sink = format!("a call of `{}`", connection.node);
        let help = "declare it: `receives secret` in the connection";
        for arg in args {
            let param = params.iter().find(|p| p.name.node == arg.name.node);
            if param.is_none_or(|p| build::marks(&p.ty).0 != Some(Label::Secret)) {
                self.keep_secret(&arg.value, &Ty::Dyn, &sink, help);
            }
        }
    }

    /// URLs are logged by all they pass: what is labelled stands in one only where its parameter says so.
    fn keep_urls(&mut self, operation: &Operation, args: &[Argument]) {
        let help = "send it in the body, or declare the parameter as `pii …`";
        for param in head::operation_params(operation) {
            let in_url = matches!(param.place, Place::Path | Place::Query);
            if !in_url || build::marks(&param.field.ty).0.is_some() {
                continue;
            }
            let arg = args.iter().find(|a| a.name.node == param.field.name.node);
            if let Some(arg) = arg {
                self.keep_unseen(&arg.value, "a URL", help);
            }
        }
    }

    /// A run of a sub-journey; gives the type of its main outcome.
    pub(super) fn run_step(
        &mut self,
        sub: &Name,
        args: &[Argument],
        handlers: &[Handler],
        turn: &mut Turn<'_>,
    ) -> Ty {
        let declared = self.names.subs.get(sub.node.as_str()).copied();
        let Some(JourneyKind::Sub { params, outcomes }) = declared.map(|d| &d.kind) else {
            args.iter().for_each(|a| _ = self.infer(&a.value));
            self.special_handlers(handlers, turn, |_, _| None);
            return Ty::Error;
        };
        let params: Vec<&FieldDecl> = head::counted(params).iter().collect();
        let name = declared.map_or(sub, |d| &d.name);
        self.arguments(args, (sub, name), &params, Use::Value);
        self.special_handlers(handlers, turn, |table, event| {
            let HandlerEvent::Outcome(name) = event else {
                return None;
            };
            let outcome = outcomes.iter().find(|o| o.name.node == *name)?;
            Some(table.answer(outcome.name.span))
        });
        outcomes
            .first()
            .map_or(Ty::Error, |main| self.table.answer(main.name.span))
    }

    pub(super) fn arguments(
        &mut self,
        args: &[Argument],
        (of, declared): (&Name, &Name),
        params: &[&FieldDecl],
        used: Use,
    ) {
        for arg in args {
            match params.iter().find(|p| p.name.node == arg.name.node) {
                Some(param) => {
                    let field = self.table.param(param.name.span);
                    self.check(&arg.value, Want::of(&field, used));
                }
                None => {
                    self.infer(&arg.value);
                    let known = params.iter().map(|p| p.name.node.as_str());
                    let guess = self.guess(&arg.name.node, known);
                    self.report(report::unknown_argument(
                        &arg.name,
                        of,
                        declared.span,
                        guess,
                    ));
                }
            }
        }
        let needed = params.iter().filter(|p| !p.optional && p.default.is_none());
        let misspelt = |name: &Name| {
            let known = |arg: &&Argument| params.iter().any(|p| p.name.node == arg.name.node);
            let others = args.iter().filter(|arg| !known(arg));
            did_you_mean(&name.node, others.map(|arg| arg.name.node.as_str())).is_some()
        };
        let given = |name: &Name| args.iter().any(|a| a.name.node == name.node) || misspelt(name);
        let missing: Vec<&Name> = needed
            .map(|p| &p.name)
            .filter(|name| !given(name))
            .collect();
        if !missing.is_empty() {
            self.report(report::missing_arguments(of, &missing));
        }
    }

    pub(super) fn emit(&mut self, data: Option<&Expr>) {
        if let Some(data) = data {
            self.infer(data);
            self.keep_secret(data, &Ty::Dyn, "an event", "leave it out");
            self.keep_unseen(data, "an event", "leave it out: events are logged");
        }
    }

    pub(super) fn complete(
        &mut self,
        journey: &Journey,
        (status, body): (&Spanned<u16>, &CompleteBody),
        location: Option<&Expr>,
        headers: &[(Name, Expr)],
    ) {
        let answer = match &journey.kind {
            JourneyKind::Endpoint(endpoint) => endpoint
                .answers
                .iter()
                .find(|a| a.status.node == status.node),
            JourneyKind::Sub { .. } | JourneyKind::Task(_) => None,
        };
        self.body(journey, status, body, answer);
        location.iter().for_each(|l| self.check_text(l));
        for (_, value) in headers {
            let ty = self.infer(value);
            if !matches!(
                self.table.resolve(&ty),
                Ty::String
                    | Ty::Enum(_)
                    | Ty::Int
                    | Ty::Uint
                    | Ty::Double
                    | Ty::Bool
                    | Ty::Dyn
                    | Ty::Error
                    | Ty::Never
            ) {
                self.check_text_of(value, &ty);
            }
        }
        for value in location.into_iter().chain(headers.iter().map(|(_, v)| v)) {
            self.keep_secret(value, &Ty::Dyn, "a header", "leave it out");
            self.keep_unseen(value, "a header", "leave it out, or answer it in the body");
        }
    }

    fn check_text_of(&mut self, value: &Expr, ty: &Ty) {
        let want = Want {
            ty: &Ty::String,
            used: Use::Value,
            declared: None,
            limits: &[],
        };
        if let Err(misfit) = self.table.fits(ty, &Ty::String, Use::Value) {
            let finding = report::mismatch(value, ty, want, &misfit, self);
            self.report(finding);
        }
    }

    fn body(
        &mut self,
        journey: &Journey,
        status: &Spanned<u16>,
        body: &CompleteBody,
        answer: Option<&AnswerDecl>,
    ) {
        let declared = answer.and_then(|a| a.ty.as_ref());
        let wanted = answer
            .filter(|_| declared.is_some())
            .map_or(Ty::Dyn, |a| self.table.answer(a.status.span));
        match (body, declared) {
            (CompleteBody::Json(value), Some(ty)) => {
                let (_, limits) = build::marks(ty);
                let want = Want {
                    ty: &wanted,
                    used: Use::Json,
                    declared: Some(ty.span),
                    limits: &limits,
                };
                self.check(value, want);
                self.keep_secret(
                    value,
                    &wanted,
                    "an answer",
                    "leave it out, or declare the field as `secret …`",
                );
            }
            (CompleteBody::Json(value), None) => {
                self.infer(value);
                self.keep_secret(value, &Ty::Dyn, "an answer", "leave it out");
                if let Some(answer) = answer {
                    let title = format!("the status {} is declared without a body", status.node);
                    let help = "declare its type behind the status in `answers`, or complete without `json`";
                    self.report(report::body_mismatch(
                        value.span,
                        title,
                        answer.status.span,
                        help,
                    ));
                }
            }
            (CompleteBody::Text(value) | CompleteBody::Html(value), _) => {
                self.check_text(value);
                self.keep_secret(value, &Ty::Dyn, "an answer", "leave it out");
            }
            (CompleteBody::Bytes(value), _) => {
                self.check(
                    value,
                    Want {
                        ty: &Ty::Bytes,
                        used: Use::Value,
                        declared: None,
                        limits: &[],
                    },
                );
                self.keep_secret(value, &Ty::Dyn, "an answer", "leave it out");
            }
            (CompleteBody::Empty | CompleteBody::Problem(_), _) => {}
        }
        if let Some(ty) = declared {
            self.json_wanted(journey, status, body, ty);
        }
    }

    /// A status declared with a type is answered with JSON of that type.
    fn json_wanted(
        &mut self,
        journey: &Journey,
        status: &Spanned<u16>,
        body: &CompleteBody,
        ty: &TypeExpr,
    ) {
        let shaped = self
            .names
            .error_style(journey)
            .is_some_and(|style| style.shape.is_some());
        let problem = matches!(&ty.kind, TypeKind::Named(name) if name == "Problem");
        let (title, help) = match body {
            CompleteBody::Json(_) => return,
            CompleteBody::Problem(_) if problem || shaped => return,
            CompleteBody::Problem(_) => (
                format!(
                    "a problem stands where the status {} declares another type",
                    status.node
                ),
                "declare the status as `Problem`, or give the error style a `shape`",
            ),
            CompleteBody::Empty => (
                format!("the status {} is declared with a body", status.node),
                "complete with `json …`, or remove the type in `answers`",
            ),
            CompleteBody::Text(_) | CompleteBody::Html(_) | CompleteBody::Bytes(_) => (
                format!("the status {} is declared with a JSON body", status.node),
                "complete with `json …`, or remove the type in `answers`",
            ),
        };
        self.report(report::body_mismatch(status.span, title, ty.span, help));
    }

    pub(super) fn return_step(
        &mut self,
        journey: &Journey,
        outcome: Option<&Name>,
        value: Option<&Expr>,
    ) {
        let Some(outcome) = outcome else {
            value.iter().for_each(|v| _ = self.infer(v));
            return;
        };
        let declared = match &journey.kind {
            JourneyKind::Sub { outcomes, .. } => {
                outcomes.iter().find(|o| o.name.node == outcome.node)
            }
            JourneyKind::Endpoint(_) | JourneyKind::Task(_) => None,
        };
        let ty = declared.and_then(|o| o.ty.as_ref());
        match (value, declared, ty) {
            (Some(value), Some(OutcomeDecl { name, .. }), Some(ty)) => {
                let wanted = self.table.answer(name.span);
                self.check(
                    value,
                    Want {
                        ty: &wanted,
                        used: Use::Value,
                        declared: Some(ty.span),
                        limits: &[],
                    },
                );
            }
            (Some(value), Some(OutcomeDecl { name, .. }), None) => {
                self.infer(value);
                let title = format!("the outcome `{}` carries nothing", name.node);
                let help =
                    "declare its type behind the name in `outcomes`, or return without a value";
                self.report(report::body_mismatch(value.span, title, name.span, help));
            }
            (Some(value), ..) => _ = self.infer(value),
            (None, Some(OutcomeDecl { name, .. }), Some(ty)) => {
                let title = format!(
                    "the outcome `{}` carries a `{}`",
                    name.node,
                    self.table.answer(name.span)
                );
                let help = "return it behind the name of the outcome";
                self.report(report::body_mismatch(outcome.span, title, ty.span, help));
            }
            (None, ..) => {}
        }
    }
}
