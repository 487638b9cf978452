//! Heads with their defaults filled in: the one place where they stand.

use super::path::{self, Segment};
use crate::ast::{
    self, Auth, BodyContent, BodyKind, Endpoint, FieldDecl, Journey, JourneyKind, Millis, Name,
    Place,
};
use crate::limits::MAX_PARAMETERS;
use std::borrow::Cow;

/// Deadline of an endpoint that declares none.
pub const DEFAULT_DEADLINE: Millis = 10_000;
/// Timeout of one attempt of a connection that declares none.
pub const DEFAULT_TIMEOUT: Millis = 2_000;
/// Pauses between attempts where a retry does not say.
pub const DEFAULT_BACKOFF: (Millis, Millis) = (50, 500);
/// Calls under way at once of a connection that does not say.
pub const DEFAULT_CONCURRENCY: u32 = 64;
/// Attempts of a task that does not say, and the pauses between them.
pub const DEFAULT_ATTEMPTS: (u32, Millis, Millis) = (3, 1_000, 300_000);
/// Time for one attempt of a task that does not say.
pub const DEFAULT_TASK_TIMEOUT: Millis = 60_000;
/// How long an ended run of a task is remembered that does not say.
pub const DEFAULT_KEEP: Millis = 86_400_000;
/// Allowed difference of clocks of an issuer that does not say.
pub const DEFAULT_LEEWAY: Millis = 30_000;

/// The style of errors that a journey names.
pub(super) fn error_style(journey: &Journey) -> Option<&Name> {
    match &journey.kind {
        JourneyKind::Endpoint(endpoint) => endpoint.errors.as_ref(),
        JourneyKind::Sub { .. } | JourneyKind::Task(_) => None,
    }
}

static CLIENT_TOKEN: Auth = Auth::ClientToken(None);

/// The head of an endpoint, nothing absent.
#[derive(Clone, Debug)]
pub struct Head<'a> {
    /// Methods as written; `POST` by default.
    pub methods: Vec<&'a str>,
    /// The path; `/journeys/NAME` by default. A faulty one has no segments (and has been reported).
    pub path: Vec<Segment>,
    /// Who may call it; a client token by default.
    pub auth: &'a Auth,
    /// Milliseconds.
    pub deadline: Millis,
    /// The named error style; `None`: the project's own.
    pub errors: Option<&'a str>,
    /// What `input` holds, in the order of its slots.
    pub inputs: Vec<Param<'a>>,
    /// How the body is encoded, if there is one.
    pub body: Option<BodyKind>,
    /// Are undeclared members of the body ignored?
    pub open: bool,
}

/// A parameter of an endpoint or of an operation, nothing absent.
#[derive(Clone, Debug)]
pub struct Param<'a> {
    /// Where it is.
    pub place: Place,
    /// Its name in the request.
    pub wire: Cow<'a, str>,
    /// Its name, type and default.
    pub field: &'a FieldDecl,
}

impl Param<'_> {
    /// May the request lack it without a default standing in?
    #[must_use]
    pub fn optional(&self) -> bool {
        self.field.optional && self.field.default.is_none()
    }
}

/// The parameters or outcomes that count: that there are more has been said.
#[must_use]
pub fn counted<T>(declared: &[T]) -> &[T] {
    declared.get(..MAX_PARAMETERS).unwrap_or(declared)
}

/// The head of a journey that is an endpoint.
#[must_use]
pub fn of_journey(journey: &Journey) -> Option<Head<'_>> {
    match &journey.kind {
        JourneyKind::Endpoint(endpoint) => Some(of_endpoint(&journey.name.node, endpoint)),
        JourneyKind::Sub { .. } | JourneyKind::Task(_) => None,
    }
}

pub(super) fn of_endpoint<'a>(name: &str, endpoint: &'a Endpoint) -> Head<'a> {
    let body = endpoint.input.as_ref().and_then(|i| i.body.as_ref());
    Head {
        methods: endpoint.route.as_ref().map_or_else(
            || vec!["POST"],
            |r| r.methods.iter().map(|m| m.node.as_str()).collect(),
        ),
        path: endpoint.route.as_ref().map_or_else(
            || {
                vec![
                    Segment::Literal("journeys".into()),
                    Segment::Literal(name.into()),
                ]
            },
            |r| path::parse(&r.path.node).unwrap_or_default(),
        ),
        auth: endpoint.auth.as_ref().map_or(&CLIENT_TOKEN, |a| &a.node),
        deadline: endpoint
            .deadline
            .as_ref()
            .map_or(DEFAULT_DEADLINE, |d| d.node),
        errors: endpoint.errors.as_ref().map(|e| e.node.as_str()),
        inputs: inputs(endpoint),
        body: body.map(|b| b.kind.node),
        open: body.is_some_and(|b| matches!(b.content, BodyContent::Fields { open: true, .. })),
    }
}

/// What `input` of an endpoint holds, in the order of its slots: parameters, then the body's fields.
#[must_use]
pub fn inputs(endpoint: &Endpoint) -> Vec<Param<'_>> {
    let Some(input) = &endpoint.input else {
        return Vec::new();
    };
    let params = input
        .params
        .iter()
        .map(|p| param(p, p.place.as_ref().map_or(Place::Query, |s| s.node)));
    let (fields, place): (&[FieldDecl], Place) = match input.body.as_ref().map(|b| &b.content) {
        Some(BodyContent::Fields { fields, .. }) => (fields, Place::Field),
        Some(BodyContent::Whole(field)) => (std::slice::from_ref(field), Place::Body),
        None => (&[], Place::Field),
    };
    let fields = fields.iter().map(|field| Param {
        place,
        wire: Cow::Borrowed(&field.name.node),
        field,
    });
    params.chain(fields).collect()
}

/// Parameters of an operation in declared order: in the path if the path has their name, else where they say,
/// else in the query for `GET`, `HEAD` and `DELETE`, else members of the body.
#[must_use]
pub fn operation_params(operation: &ast::Operation) -> Vec<Param<'_>> {
    let segments = path::parse(&operation.path.node).unwrap_or_default();
    let bodiless = matches!(operation.method.node.as_str(), "GET" | "HEAD" | "DELETE");
    let unsaid = |name: &str| match () {
        () if segments
            .iter()
            .any(|s| matches!(s, Segment::Param(p) if p == name)) =>
        {
            Place::Path
        }
        () if bodiless => Place::Query,
        () => Place::Field,
    };
    operation
        .params
        .iter()
        .map(|p| {
            param(
                p,
                p.place
                    .as_ref()
                    .map_or_else(|| unsaid(&p.field.name.node), |s| s.node),
            )
        })
        .collect()
}

fn param(decl: &ast::ParamDecl, place: Place) -> Param<'_> {
    let name = &decl.field.name.node;
    let wire = match &decl.wire {
        Some(wire) => Cow::Borrowed(wire.node.as_str()),
        None if place == Place::Header => Cow::Owned(name.replace('_', "-")),
        None => Cow::Borrowed(name.as_str()),
    };
    Param {
        place,
        wire,
        field: &decl.field,
    }
}

/// The success of an operation: its first 2xx response.
#[must_use]
pub fn success(operation: &ast::Operation) -> Option<&ast::AnswerDecl> {
    operation
        .responses
        .iter()
        .find(|r| (200..300).contains(&r.status.node))
}

/// May an operation be repeated: does its method or its author say so?
#[must_use]
pub fn idempotent(operation: &ast::Operation) -> bool {
    operation.idempotent.is_some()
        || matches!(
            operation.method.node.as_str(),
            "GET" | "HEAD" | "PUT" | "DELETE" | "OPTIONS"
        )
}
