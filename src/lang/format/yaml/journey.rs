//! Journeys and sub-journeys.

use super::named;
use super::out::{Out, dashed, entry, entry_at, flow_list, present};
use crate::ast::{
    Auth, BodyContent, BodyDecl, Endpoint, Expr, FieldDecl, Input, Journey, JourneyKind, ParamDecl,
    Place, Route,
};
use crate::format::doc::{Doc, documented, item, lines};
use crate::format::expr::Writer;
use crate::format::spell;
use crate::format::text::{body_word, duration, place_word};
use journey_machine::span::Span;
use std::borrow::Cow;

impl Writer<'_> {
    pub(super) fn yaml_journey(&self, journey: &Journey) -> Vec<Doc> {
        let mut parts = match &journey.kind {
            JourneyKind::Endpoint(endpoint) => {
                let mut parts = vec![entry("journey", Out::words(&journey.name.node))];
                parts.extend(self.yaml_head(endpoint));
                parts
            }
            JourneyKind::Sub { params, outcomes } => present([
                Some(entry("sub", Out::words(&journey.name.node))),
                self.yaml_signature(params),
                self.yaml_outcomes(outcomes)
                    .map(|outcomes| entry("outcomes", outcomes)),
            ]),
            JourneyKind::Task(task) => self.yaml_task(&journey.name, task),
        };
        parts.push(entry("steps", self.yaml_steps(&journey.body)));
        parts.extend(self.yaml_on(journey.on_failure.iter()));
        parts
    }

    /// `params: { … }`
    pub(super) fn yaml_signature(&self, params: &[FieldDecl]) -> Option<Doc> {
        let params = params.iter().map(|param| self.yaml_field(param));
        Out::block(params.collect()).map(|params| entry("params", params))
    }

    fn yaml_head(&self, endpoint: &Endpoint) -> Vec<Doc> {
        let deadline = endpoint.deadline.as_ref();
        present([
            endpoint.route.as_ref().map(route),
            endpoint
                .auth
                .as_ref()
                .map(|auth| entry_at(auth.span, "auth", auth_value(&auth.node))),
            deadline.map(|time| entry_at(time.span, "deadline", Out::words(&duration(time.node)))),
            named("errors", endpoint.errors.as_ref()),
            self.yaml_listed("redirects", &endpoint.redirects),
            self.yaml_limits(&endpoint.limits),
            endpoint.input.as_ref().map(|input| self.yaml_input(input)),
            self.yaml_answers(&endpoint.answers)
                .map(|answers| entry("answers", answers)),
        ])
    }

    /// One value, or several in a list.
    pub(super) fn yaml_listed(&self, key: &str, exprs: &[Expr]) -> Option<Doc> {
        let (span, values) = self.yaml_values(exprs)?;
        Some(entry_at(span, key, values))
    }

    /// Values in a list, and their place.
    pub(super) fn yaml_values(&self, origins: &[Expr]) -> Option<(Span, Out)> {
        let span = origins.first()?.span.to(origins.last()?.span);
        let outs: Vec<Out> = origins
            .iter()
            .map(|origin| self.yaml_value(origin))
            .collect();
        let flow = flow_list(outs.iter());
        let items = origins
            .iter()
            .zip(outs)
            .map(|(origin, out)| item(origin.span, dashed(out.alone())));
        Some((span, Out::list(span, flow, items.collect())))
    }

    fn yaml_input(&self, input: &Input) -> Doc {
        let mut parts = self.yaml_params(&input.params);
        parts.extend(input.body.as_ref().map(|body| self.yaml_body(body)));
        let value = Out::block(parts).unwrap_or_else(|| Out::as_written("{}"));
        entry_at(input.span, "input", value)
    }

    /// The parameters of each place below its word; those of a place that came before already, each with its place.
    fn yaml_params(&self, params: &[ParamDecl]) -> Vec<Doc> {
        let mut seen: Vec<Option<Place>> = Vec::new();
        let mut parts = Vec::new();
        for group in params.chunk_by(|a, b| place(a) == place(b)) {
            let of = group.first().and_then(place);
            match of.filter(|_| !seen.contains(&of)) {
                Some(of) => {
                    let group = lines(group.iter().map(|param| self.yaml_param(param, false)));
                    parts.extend(Out::block(vec![group]).map(|group| entry(place_word(of), group)));
                }
                None => parts.extend(group.iter().map(|param| self.yaml_param(param, true))),
            }
            seen.push(of);
        }
        parts
    }

    fn yaml_body(&self, body: &BodyDecl) -> Doc {
        let word = body_word(body.kind.node);
        match &body.content {
            BodyContent::Fields { fields, open } => {
                let last = fields.last().map_or(body.kind.span, |field| field.span);
                let span = body.kind.span.to(last);
                entry_at(span, word, self.yaml_fields(fields, *open, span))
            }
            BodyContent::Whole(field) => {
                let mark = if field.optional { "?" } else { "" };
                let key = format!("{word} as {}{mark}", field.name.node);
                documented(
                    field.span,
                    &field.docs,
                    entry(&key, self.yaml_field_value(field, None)),
                )
            }
        }
    }
}

fn place(param: &ParamDecl) -> Option<Place> {
    param.place.as_ref().map(|place| place.node)
}

fn route(route: &Route) -> Doc {
    let methods: Vec<&str> = route
        .methods
        .iter()
        .map(|method| method.node.as_str())
        .collect();
    let first = route
        .methods
        .first()
        .map_or(route.path.span, |method| method.span);
    let line = format!("{} {}", methods.join(", "), path(&route.path.node));
    entry_at(first.to(route.path.span), "endpoint", Out::words(&line))
}

/// A path behind its method; in quotes if it is none.
pub(super) fn path(written: &str) -> Cow<'_, str> {
    if written.starts_with('/') && !written.contains(char::is_whitespace) {
        Cow::Borrowed(written)
    } else {
        Cow::Owned(spell::quoted(written))
    }
}

fn auth_value(auth: &Auth) -> Out {
    match auth {
        Auth::ClientToken(None) => Out::words("client_token"),
        Auth::ClientToken(Some(issuer)) => {
            Out::words(&format!("client_token with {}", issuer.node))
        }
        Auth::Basic => Out::words("basic"),
        Auth::None(reason) => Out::short_map(
            reason.span,
            vec![("none".to_owned(), Out::string(&reason.node))],
        ),
    }
}
