//! Journeys and sub-journeys.

use super::braces;
use crate::ast::{
    AnswerDecl, Auth, BodyContent, BodyDecl, BodyKind, Endpoint, Expr, FieldDecl, Input, Journey,
    JourneyKind, Millis, Name, OutcomeDecl, ParamDecl, Place, Route, TypeExpr,
};
use crate::format::doc::{
    Doc, concat, documented, group, item, join, lines, nest, nothing, scope, text,
};
use crate::format::expr::{Writer, short_braces, with_end};
use crate::format::spell;
use crate::format::types::up_to_type;
use journey_machine::span::Span;

impl Writer<'_> {
    pub(super) fn journey(&self, journey: &Journey) -> Doc {
        let (head, items) = match &journey.kind {
            JourneyKind::Endpoint(endpoint) => (
                text(format!("journey {} ", journey.name.node)),
                self.head(endpoint),
            ),
            JourneyKind::Sub { params, outcomes } => {
                let params = self.sub_params(params);
                let head = concat([
                    text(format!("sub {}", journey.name.node)),
                    params,
                    text(" "),
                ]);
                (head, self.outcomes(outcomes).into_iter().collect())
            }
            JourneyKind::Task(task) => {
                let head = concat([
                    text(format!("task {}", journey.name.node)),
                    self.sub_params(&task.params),
                    text(" "),
                ]);
                (head, super::store::task_items(task))
            }
        };
        let mut steps: Vec<Doc> = journey
            .body
            .steps
            .iter()
            .map(|step| self.step(step))
            .collect();
        steps.extend(
            journey
                .on_failure
                .as_ref()
                .map(|handler| self.handler(handler)),
        );
        documented(
            journey.span,
            &journey.docs,
            concat([head, body(journey.body.span, items, steps)]),
        )
    }

    pub(super) fn sub_params(&self, params: &[FieldDecl]) -> Doc {
        let params = params.iter().map(|param| {
            let body = self.field(param);
            (param.span, documented(param.span, &param.docs, body))
        });
        self.parentheses(params.collect())
    }

    fn outcomes(&self, outcomes: &[OutcomeDecl]) -> Option<Doc> {
        let places = outcomes
            .iter()
            .map(|outcome| up_to_type(outcome.name.span, outcome.ty.as_ref()));
        let items = outcomes.iter().zip(places.clone()).map(|(outcome, span)| {
            let body = self.with_type(&outcome.name.node, outcome.ty.as_ref());
            documented(span, &outcome.docs, body)
        });
        let span = self.enclosed(places);
        let items: Vec<Doc> = items.collect();
        let on_lines = self.is_expanded(span, &items);
        let braces = concat([text("outcomes "), short_braces(on_lines, items)]);
        (!outcomes.is_empty()).then(|| item(span, scope(span, braces)))
    }

    /// A word and a type, if there is one.
    fn with_type(&self, word: &str, ty: Option<&TypeExpr>) -> Doc {
        match ty {
            Some(ty) => concat([text(format!("{word} ")), self.type_of(ty)]),
            None => text(word),
        }
    }

    fn head(&self, endpoint: &Endpoint) -> Vec<Doc> {
        let named = |name: &Name| item(name.span, text(format!("errors {}", name.node)));
        let before = [
            endpoint.route.as_ref().map(route_item),
            endpoint
                .auth
                .as_ref()
                .map(|auth| item(auth.span, text(auth_line(&auth.node)))),
            endpoint
                .deadline
                .as_ref()
                .map(|time| item(time.span, text(format!("deadline {}", duration(time.node))))),
            endpoint.errors.as_ref().map(named),
            self.listed_item("redirects", &endpoint.redirects),
        ];
        let limits = endpoint.limits.iter().map(|it| self.limit_use(it));
        let after = [
            endpoint.input.as_ref().map(|input| self.input(input)),
            self.answers_block(&endpoint.answers),
        ];
        let parts = before.into_iter().flatten().chain(limits);
        parts.chain(after.into_iter().flatten()).collect()
    }

    /// `word a, b`
    pub(super) fn listed_item(&self, word: &str, exprs: &[Expr]) -> Option<Doc> {
        let (first, last) = (exprs.first()?, exprs.last()?);
        let line = concat([text(format!("{word} ")), self.listed(exprs)]);
        Some(item(first.span.to(last.span), line))
    }

    /// Expressions behind commas, in one line.
    pub(super) fn listed(&self, exprs: &[Expr]) -> Doc {
        join(exprs.iter().map(|expr| self.expr(expr)), || text(", "))
    }

    fn input(&self, input: &Input) -> Doc {
        let mut items: Vec<Doc> = input.params.iter().map(|param| self.param(param)).collect();
        items.extend(input.body.as_ref().map(|body| self.body(body)));
        item(
            input.span,
            concat([text("input "), braces(input.span, items)]),
        )
    }

    /// `query q?: T = V from "Q"`
    pub(super) fn param(&self, param: &ParamDecl) -> Doc {
        let place = param
            .place
            .as_ref()
            .map(|place| format!("{} ", place_word(place.node)));
        let wire = param
            .wire
            .as_ref()
            .map(|wire| format!(" from {}", spell::quoted(&wire.node)));
        let body = concat([
            text(place.unwrap_or_default()),
            self.field(&param.field),
            text(wire.unwrap_or_default()),
        ]);
        documented(param.field.span, &param.field.docs, body)
    }

    fn body(&self, body: &BodyDecl) -> Doc {
        let word = text(format!("{} ", body_word(body.kind.node)));
        match &body.content {
            BodyContent::Fields { fields, open } => {
                let places = fields.iter().map(|field| field.span);
                let span = self.enclosed([body.kind.span].into_iter().chain(places));
                item(span, concat([word, self.object_type(fields, *open, span)]))
            }
            BodyContent::Whole(field) => {
                documented(field.span, &field.docs, concat([word, self.field(field)]))
            }
        }
    }

    fn answers_block(&self, answers: &[AnswerDecl]) -> Option<Doc> {
        let span = self.enclosed(answers.iter().map(answer_span));
        let items = answers.iter().map(|answer| self.answer(answer)).collect();
        let block = concat([text("answers "), braces(span, items)]);
        (!answers.is_empty()).then(|| item(span, block))
    }

    pub(super) fn answer(&self, answer: &AnswerDecl) -> Doc {
        let body = self.with_type(&answer.status.node.to_string(), answer.ty.as_ref());
        documented(answer_span(answer), &answer.docs, body)
    }

    /// Parameters or arguments with their places, behind commas.
    pub(super) fn parentheses(&self, parts: Vec<(Span, Doc)>) -> Doc {
        if parts.is_empty() {
            return text("()");
        }
        let span = self.enclosed(parts.iter().map(|(span, _)| *span));
        let count = parts.len();
        let parts = parts.into_iter().enumerate().map(|(at, (_, part))| {
            with_end(part, if at + 1 < count { text(",") } else { nothing() })
        });
        let body = nest(concat([Doc::SoftLine, join(parts, || Doc::Line)]));
        scope(
            span,
            group(concat([text("("), body, Doc::SoftLine, text(")")])),
        )
    }
}

fn answer_span(answer: &AnswerDecl) -> Span {
    up_to_type(answer.status.span, answer.ty.as_ref())
}

/// The head of a journey, a blank line, its steps.
fn body(span: Span, head: Vec<Doc>, steps: Vec<Doc>) -> Doc {
    if head.is_empty() || steps.is_empty() {
        return braces(span, head.into_iter().chain(steps).collect());
    }
    let parts = concat([
        Doc::HardLine,
        lines(head),
        Doc::HardLine,
        Doc::HardLine,
        lines(steps),
    ]);
    scope(
        span,
        concat([text("{"), nest(parts), Doc::HardLine, text("}")]),
    )
}

fn route_item(route: &Route) -> Doc {
    let methods: Vec<&str> = route
        .methods
        .iter()
        .map(|method| method.node.as_str())
        .collect();
    let first = route
        .methods
        .first()
        .map_or(route.path.span, |method| method.span);
    let line = format!(
        "endpoint {} {}",
        methods.join(", "),
        spell::quoted(&route.path.node)
    );
    item(first.to(route.path.span), text(line))
}

fn auth_line(auth: &Auth) -> String {
    match auth {
        Auth::ClientToken(None) => "auth client_token".to_owned(),
        Auth::ClientToken(Some(issuer)) => format!("auth client_token with {}", issuer.node),
        Auth::Basic => "auth basic".to_owned(),
        Auth::None(reason) => format!("auth none {}", spell::quoted(&reason.node)),
    }
}

/// The word for a place.
pub(in crate::format) fn place_word(place: Place) -> &'static str {
    match place {
        Place::Path => "path",
        Place::Query => "query",
        Place::Header => "header",
        Place::Cookie => "cookie",
        Place::Field => "field",
        Place::Form => "form",
        Place::Body => "body",
    }
}

/// The word for an encoding.
pub(in crate::format) fn body_word(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::Json => "body",
        BodyKind::Form => "form",
        BodyKind::Multipart => "multipart",
    }
}

/// A time in the largest unit that holds it whole.
pub(in crate::format) fn duration(millis: Millis) -> String {
    const UNITS: [(Millis, &str); 4] = [
        (86_400_000, "d"),
        (3_600_000, "h"),
        (60_000, "m"),
        (1_000, "s"),
    ];
    match UNITS
        .iter()
        .find(|(unit, _)| millis > 0 && millis.is_multiple_of(*unit))
    {
        Some((unit, word)) => format!("{}{word}", millis / unit),
        None => format!("{millis}ms"),
    }
}
