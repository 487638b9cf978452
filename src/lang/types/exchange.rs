//! Steps that exchange values with others: calls, sub-journeys, answers, events.

use super::fit::Use;
use super::infer::Checker;
use super::steps::Turn;
use super::template::Want;
use super::{FieldTy, Ty, build, report};
use crate::ast::{
    AnswerDecl, Argument, CompleteBody, Expr, Handler, HandlerEvent, Journey, JourneyKind, Label, Name, OutcomeDecl, Spanned,
    TypeExpr,
};
use crate::names::head;
use journey_machine::span::Span;

impl Checker<'_, '_> {
    /// A call; gives the type of its success.
    pub(super) fn call_step(
        &mut self,
        connection: &Name,
        operation: &Name,
        args: &[Argument],
        handlers: &[Handler],
        turn: &mut Turn<'_>,
    ) -> Ty {
        let Some(declared) = self.names.operation(&connection.node, &operation.node) else {
            args.iter().for_each(|a| _ = self.infer(&a.value));
            self.special_handlers(handlers, turn, |_| None);
            return Ty::Error;
        };
        let params: Vec<FieldTy> = declared.params.iter().map(|p| build::field(&p.field)).collect();
        let needed: Vec<bool> = declared.params.iter().map(|p| !p.field.optional && p.field.default.is_none()).collect();
        let names: Vec<&Name> = declared.params.iter().map(|p| &p.field.name).collect();
        self.arguments(args, operation, declared.name.span, (&params, &needed, &names), Use::Json);
        let receives = self.names.connections.get(connection.node.as_str());
        if receives.is_some_and(|c| c.receives.iter().all(|l| l.node != Label::Secret)) {
            for arg in args {
                let labelled = params.iter().any(|p| p.name == arg.name.node && p.label == Some(Label::Secret));
                if !labelled {
                    let sink = format!("a call of `{}`", connection.node);
                    self.keep_secret(&arg.value, &Ty::Dyn, &sink, "declare it: `receives secret` in the connection");
                }
            }
        }
        let body = |answer: Option<&AnswerDecl>| typed(answer.and_then(|a| a.ty.as_ref()));
        self.special_handlers(handlers, turn, |event| {
            let answer = declared.responses.iter().find(|r| *event == HandlerEvent::Status(r.status.node));
            answer.map(|a| body(Some(a)))
        });
        body(head::success(declared))
    }

    /// A run of a sub-journey; gives the type of its main outcome.
    pub(super) fn run_step(&mut self, sub: &Name, args: &[Argument], handlers: &[Handler], turn: &mut Turn<'_>) -> Ty {
        let declared = self.names.subs.get(sub.node.as_str()).copied();
        let Some((Journey { name, kind: JourneyKind::Sub { params, outcomes }, .. }, ())) = declared.map(|d| (d, ())) else {
            args.iter().for_each(|a| _ = self.infer(&a.value));
            self.special_handlers(handlers, turn, |_| None);
            return Ty::Error;
        };
        let fields: Vec<FieldTy> = params.iter().map(build::field).collect();
        let needed: Vec<bool> = params.iter().map(|p| !p.optional && p.default.is_none()).collect();
        let names: Vec<&Name> = params.iter().map(|p| &p.name).collect();
        self.arguments(args, sub, name.span, (&fields, &needed, &names), Use::Value);
        self.special_handlers(handlers, turn, |event| {
            let outcome = outcomes.iter().find(|o| *event == HandlerEvent::Outcome(o.name.node.clone()));
            outcome.map(|o| typed(o.ty.as_ref()))
        });
        typed(outcomes.first().and_then(|o| o.ty.as_ref()))
    }

    fn arguments(
        &mut self,
        args: &[Argument],
        of: &Name,
        declared: Span,
        (params, needed, names): (&[FieldTy], &[bool], &[&Name]),
        used: Use,
    ) {
        for arg in args {
            match params.iter().find(|p| p.name == arg.name.node) {
                Some(param) => {
                    let want = Want { ty: &param.ty, used, declared: param.declared, limits: &param.limits };
                    self.check(&arg.value, want);
                }
                None => {
                    self.infer(&arg.value);
                    let known = params.iter().map(|p| p.name.as_str());
                    self.report(report::unknown_argument(&arg.name, of, declared, known));
                }
            }
        }
        let given = |name: &Name| args.iter().any(|a| a.name.node == name.node);
        let missing = names.iter().zip(needed).filter(|(name, needed)| **needed && !given(name));
        let missing: Vec<&Name> = missing.map(|(name, _)| *name).collect();
        if !missing.is_empty() {
            self.report(report::missing_arguments(of, &missing));
        }
    }

    pub(super) fn emit(&mut self, data: Option<&Expr>) {
        if let Some(data) = data {
            self.infer(data);
            self.keep_secret(data, &Ty::Dyn, "an event", "leave it out");
        }
    }

    pub(super) fn complete(
        &mut self,
        journey: &Journey,
        status: &Spanned<u16>,
        body: &CompleteBody,
        location: Option<&Expr>,
        headers: &[(Name, Expr)],
    ) {
        let answer = match &journey.kind {
            JourneyKind::Endpoint(endpoint) => endpoint.answers.iter().find(|a| a.status.node == status.node),
            JourneyKind::Sub { .. } => None,
        };
        self.body(journey, status, body, answer);
        location.iter().for_each(|l| self.check_text(l));
        for (_, value) in headers {
            let ty = self.infer(value);
            if !matches!(
                self.table.resolve(&ty),
                Ty::String | Ty::Enum(_) | Ty::Int | Ty::Uint | Ty::Double | Ty::Bool | Ty::Dyn | Ty::Error | Ty::Never
            ) {
                self.check_text_of(value, &ty);
            }
        }
        for value in location.into_iter().chain(headers.iter().map(|(_, v)| v)) {
            self.keep_secret(value, &Ty::Dyn, "a header", "leave it out");
        }
    }

    fn check_text_of(&mut self, value: &Expr, ty: &Ty) {
        let want = Want { ty: &Ty::String, used: Use::Value, declared: None, limits: &[] };
        if let Err(misfit) = self.table.fits(ty, &Ty::String, Use::Value) {
            let finding = report::mismatch(value, ty, want, &misfit, self);
            self.report(finding);
        }
    }

    fn body(&mut self, journey: &Journey, status: &Spanned<u16>, body: &CompleteBody, answer: Option<&AnswerDecl>) {
        let declared = answer.and_then(|a| a.ty.as_ref());
        let wanted = declared.map_or(Ty::Dyn, build::from_expr);
        match (body, declared) {
            (CompleteBody::Json(value), Some(ty)) => {
                let (_, limits) = build::marks(ty);
                let want = Want { ty: &wanted, used: Use::Json, declared: Some(ty.span), limits: &limits };
                self.check(value, want);
                self.keep_secret(value, &wanted, "an answer", "leave it out, or declare the field as `secret …`");
            }
            (CompleteBody::Json(value), None) => {
                self.infer(value);
                self.keep_secret(value, &Ty::Dyn, "an answer", "leave it out");
                if let Some(answer) = answer {
                    let title = format!("the status {} is declared without a body", status.node);
                    let help = "declare its type behind the status in `answers`, or complete without `json`";
                    self.report(report::body_mismatch(value.span, title, answer.status.span, help));
                }
            }
            (CompleteBody::Text(value) | CompleteBody::Html(value), _) => {
                self.check_text(value);
                self.keep_secret(value, &Ty::Dyn, "an answer", "leave it out");
            }
            (CompleteBody::Bytes(value), _) => {
                self.check(value, Want { ty: &Ty::Bytes, used: Use::Value, declared: None, limits: &[] });
                self.keep_secret(value, &Ty::Dyn, "an answer", "leave it out");
            }
            (CompleteBody::Empty | CompleteBody::Problem(_), _) => {}
        }
        if let Some(ty) = declared {
            self.json_wanted(journey, status, body, ty);
        }
    }

    /// A status declared with a type is answered with JSON of that type.
    fn json_wanted(&mut self, journey: &Journey, status: &Spanned<u16>, body: &CompleteBody, ty: &TypeExpr) {
        let shaped = self.names.error_style(journey).is_some_and(|style| style.shape.is_some());
        let problem = matches!(build::from_expr(ty), Ty::Named(name) if &*name == "Problem");
        let (title, help) = match body {
            CompleteBody::Json(_) => return,
            CompleteBody::Problem(_) if problem || shaped => return,
            CompleteBody::Problem(_) => (
                format!("a problem stands where the status {} declares another type", status.node),
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

    pub(super) fn return_step(&mut self, journey: &Journey, outcome: &Name, value: Option<&Expr>) {
        let declared = match &journey.kind {
            JourneyKind::Sub { outcomes, .. } => outcomes.iter().find(|o| o.name.node == outcome.node),
            JourneyKind::Endpoint(_) => None,
        };
        let ty = declared.and_then(|o| o.ty.as_ref());
        match (value, declared, ty) {
            (Some(value), _, Some(ty)) => {
                let wanted = build::from_expr(ty);
                self.check(value, Want { ty: &wanted, used: Use::Value, declared: Some(ty.span), limits: &[] });
            }
            (Some(value), Some(OutcomeDecl { name, .. }), None) => {
                self.infer(value);
                let title = format!("the outcome `{}` carries nothing", name.node);
                let help = "declare its type behind the name in `outcomes`, or return without a value";
                self.report(report::body_mismatch(value.span, title, name.span, help));
            }
            (Some(value), None, _) => _ = self.infer(value),
            (None, Some(OutcomeDecl { name, .. }), Some(ty)) => {
                let title = format!("the outcome `{}` carries a `{}`", name.node, build::from_expr(ty));
                let help = "return it behind the name of the outcome";
                self.report(report::body_mismatch(outcome.span, title, ty.span, help));
            }
            (None, ..) => {}
        }
    }
}

/// The type of a body or an outcome; without one it is null.
fn typed(ty: Option<&TypeExpr>) -> Ty {
    ty.map_or(Ty::Null, build::from_expr)
}
