//! Heads of endpoints: routes, parameters, answers; and the declared errors.

use super::head::{self, Head, Param};
use super::path::{self, Segment};
use super::{Names, Seen, count_in_range, limits, redirects, time_in_range, type_names, unknown};
use crate::ast::{
    AnswerDecl, Auth, BodyKind, Endpoint, Errors, Journey, Name, ParamDecl, Place, Spanned,
};
use crate::codes::Code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::limits::{MAX_DEADLINE, MAX_PARAMETERS};
use crate::suggest::suggestion;
use journey_machine::span::Span;
use std::collections::BTreeMap;

/// Methods an endpoint or an operation may have.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Paths the runtime answers itself.
const RUNTIME_PATHS: [&str; 3] = [
    "/oidc/token",
    "/oidc/jwks",
    "/.well-known/openid-configuration",
];
/// Headers that the transport sets.
const TRANSPORT_HEADERS: [&str; 10] = [
    "connection",
    "content-length",
    "date",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "host",
];

/// Checks the head of an endpoint.
pub(super) fn check(
    names: &Names<'_>,
    journey: &Journey,
    endpoint: &Endpoint,
    out: &mut Diagnostics,
) {
    let head = head::of_endpoint(&journey.name.node, endpoint);
    if let Some(route) = &endpoint.route {
        let mut seen = Seen::default();
        for method in &route.methods {
            check_method(method, out);
            seen.list("method", method, out);
        }
        if let Some(segments) = check_path(&route.path, out) {
            check_path_params(&route.path, &segments, &head.inputs, out);
        }
    }
    if let Some(deadline) = &endpoint.deadline {
        time_in_range(
            "a deadline",
            deadline.node,
            1..=MAX_DEADLINE,
            deadline.span,
            out,
        );
    }
    check_references(names, endpoint, out);
    redirects::check(names, endpoint, out);
    limits::check_uses(names, endpoint, out);
    check_inputs(names, endpoint, &head, out);
    check_answers(names, &endpoint.answers, out);
}

fn check_references(names: &Names<'_>, endpoint: &Endpoint, out: &mut Diagnostics) {
    if let Some(Spanned {
        node: Auth::ClientToken(Some(issuer)),
        ..
    }) = &endpoint.auth
        && !names.issuers.contains_key(issuer.node.as_str())
    {
        out.push(unknown(
            Code::UNKNOWN_ISSUER,
            "issuer",
            issuer,
            names.issuers.keys().copied(),
            out,
        ));
    }
    if let Some(style) = &endpoint.errors
        && !names.errors.contains_key(style.node.as_str())
    {
        let known = names.errors.keys().copied().filter(|n| !n.is_empty());
        out.push(unknown(
            Code::UNKNOWN_ERROR_STYLE,
            "error style",
            style,
            known,
            out,
        ));
    }
}

fn check_inputs(names: &Names<'_>, endpoint: &Endpoint, head: &Head<'_>, out: &mut Diagnostics) {
    let mut seen = Seen::default();
    for param in &head.inputs {
        seen.list("input", &param.field.name, out);
        type_names::check(names, &param.field.ty, out);
        check_text(names, param, head.body, out);
    }
    let Some(input) = &endpoint.input else { return };
    input
        .params
        .iter()
        .filter_map(header_of)
        .for_each(|name| check_header(name, out));
    if let Some(body) = &input.body
        && let Some(method) = head.methods.iter().find(|m| matches!(**m, "GET" | "HEAD"))
    {
        let title = format!("a {method} request has no body");
        out.push(
            Diagnostic::new(Code::BODY_REFUSED, body.kind.span, title)
                .help("take the fields from the query, or answer to POST"),
        );
    }
}

fn header_of(param: &ParamDecl) -> Option<&Name> {
    let header = param
        .place
        .as_ref()
        .is_some_and(|p| p.node == Place::Header);
    param.wire.as_ref().filter(|_| header)
}

/// A value that arrives as text must be of a type that can be read from text.
fn check_text(names: &Names<'_>, param: &Param<'_>, body: Option<BodyKind>, out: &mut Diagnostics) {
    let (place, list, bytes) = match param.place {
        Place::Path => ("a path segment", false, false),
        Place::Query => ("a query", true, false),
        Place::Header => ("a header", false, false),
        Place::Cookie => ("a cookie", false, false),
        Place::Field | Place::Body | Place::Form if body == Some(BodyKind::Multipart) => {
            type_names::check_part(names, &param.field.ty, out);
            ("a part", true, true)
        }
        Place::Field | Place::Body | Place::Form if body == Some(BodyKind::Form) => {
            ("a form field", true, false)
        }
        Place::Field | Place::Body | Place::Form => {
            return type_names::refuse_blobs(names, &param.field.ty, out);
        }
    };
    if !type_names::is_text(names, &param.field.ty, list, bytes) && param.place != Place::Body {
        let title = format!("`{}` cannot be read from {place}", param.field.name.node);
        out.push(
            Diagnostic::new(Code::NOT_FROM_TEXT, param.field.ty.span, title)
                .at("not a type of text")
                .help("use a string, number, bool, time or enum, or take it from a JSON body"),
        );
    }
}

/// Checks parameters of an operation: each name once, types, headers.
pub(super) fn check_params(
    names: &Names<'_>,
    params: &[ParamDecl],
    all: &[Param<'_>],
    out: &mut Diagnostics,
) {
    count_in_range(
        "parameters",
        params,
        MAX_PARAMETERS,
        params.last().map(|p| p.field.name.span),
        out,
    );
    let mut seen = Seen::default();
    for param in all {
        seen.list("parameter", &param.field.name, out);
        type_names::check(names, &param.field.ty, out);
        let body = if param.place == Place::Form {
            BodyKind::Form
        } else {
            BodyKind::Json
        };
        // The bytes of an upload may be a whole body.
        if param.place != Place::Body || !type_names::is_upload(names, &param.field.ty) {
            check_text(names, param, Some(body), out);
        }
    }
    params
        .iter()
        .filter_map(header_of)
        .for_each(|name| check_header(name, out));
}

/// Checks the parameters of a path against the declared ones, both ways.
pub(super) fn check_path_params(
    path: &Name,
    segments: &[Segment],
    params: &[Param<'_>],
    out: &mut Diagnostics,
) {
    let mut seen = BTreeMap::new();
    for name in path::params(segments) {
        if seen.insert(name, ()).is_some() {
            bad_path(
                path.span,
                format!("the path has `{{{name}}}` twice"),
                "name each parameter once",
                out,
            );
        } else if !params
            .iter()
            .any(|p| p.place == Place::Path && p.wire == name)
        {
            let help = format!(
                "declare `path {name}: string` in `input`, or a parameter `{name}` of the operation"
            );
            bad_path(
                path.span,
                format!("nothing declares `{{{name}}}` of this path"),
                &help,
                out,
            );
        }
    }
    for param in params.iter().filter(|p| p.place == Place::Path) {
        let name = &param.field.name;
        if !seen.contains_key(param.wire.as_ref()) {
            let help = format!(
                "write `{{{}}}` into the path, or take it from the query",
                name.node
            );
            bad_path(
                name.span,
                format!("the path has no `{{{}}}`", name.node),
                &help,
                out,
            );
        }
        if param.field.optional || param.field.default.is_some() {
            let title = format!("`{}` stands in the path: it cannot be absent", name.node);
            bad_path(name.span, title, "remove the `?` and the default", out);
        }
    }
}

fn bad_path(span: Span, title: impl Into<String>, help: &str, out: &mut Diagnostics) {
    out.push(Diagnostic::new(Code::BAD_PATH, span, title).help(help));
}

/// Reads a path; says what is wrong with it.
pub(super) fn check_path(path: &Name, out: &mut Diagnostics) -> Option<Vec<Segment>> {
    path::parse(&path.node)
        .inspect_err(|problem| {
            bad_path(
                path.span,
                problem,
                "write a path like `/v1/customers/{id}`",
                out,
            )
        })
        .ok()
}

/// Checks a method.
pub(super) fn check_method(method: &Name, out: &mut Diagnostics) {
    if !METHODS.contains(&method.node.as_str()) {
        let title = format!("`{}` is not a method", method.node);
        out.push(
            Diagnostic::new(Code::BAD_METHOD, method.span, title)
                .help(format!("the methods are {}", METHODS.join(", ")))
                .maybe_help(suggestion(&method.node, METHODS)),
        );
    }
}

/// Checks the name of a header that a journey or an operation sets or reads.
pub(super) fn check_header(name: &Name, out: &mut Diagnostics) {
    let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    let lower = name.node.to_ascii_lowercase();
    let problem = if name.node.is_empty() || !name.node.bytes().all(token) {
        format!("`{}` is not the name of a header", name.node)
    } else if TRANSPORT_HEADERS.contains(&lower.as_str()) {
        format!("the header `{}` belongs to the transport", name.node)
    } else {
        return;
    };
    out.push(
        Diagnostic::new(Code::BAD_HEADER, name.span, problem)
            .help("choose another header, such as `X-Trace`"),
    );
}

/// Checks declared statuses and their types.
pub(super) fn check_answers(names: &Names<'_>, answers: &[AnswerDecl], out: &mut Diagnostics) {
    let mut seen: BTreeMap<u16, Span> = BTreeMap::new();
    for answer in answers {
        check_status(&answer.status, out);
        if let Some(first) = seen.insert(answer.status.node, answer.status.span) {
            let title = format!("the status {} stands twice", answer.status.node);
            let repeated = Diagnostic::new(Code::REPEATED_NAME, answer.status.span, title);
            out.push(
                repeated
                    .at("again here")
                    .label(first, "first here")
                    .help("remove one of them"),
            );
        }
        if let Some(ty) = &answer.ty {
            type_names::check(names, ty, out);
            type_names::refuse_blobs(names, ty, out);
            if matches!(answer.status.node, 204 | 205 | 304) {
                let title = format!("an answer with status {} has no body", answer.status.node);
                out.push(
                    Diagnostic::new(Code::BAD_STATUS, ty.span, title)
                        .help("remove the type, or use status 200"),
                );
            }
        }
    }
}

/// Checks a status that a journey, an operation or an error is answered with.
pub(super) fn check_status(status: &Spanned<u16>, out: &mut Diagnostics) {
    if !(200..600).contains(&status.node) {
        let title = format!("{} is not a status an answer can have", status.node);
        out.push(
            Diagnostic::new(Code::BAD_STATUS, status.span, title)
                .help("write a status from 200 to 599"),
        );
    }
}

/// Checks declared errors.
pub(super) fn check_errors(errors: &Errors, out: &mut Diagnostics) {
    let mut seen = Seen::default();
    for code in &errors.codes {
        seen.list("error code", &code.code, out);
        if !(400..600).contains(&code.status.node) {
            let title = format!("{} is not the status of an error", code.status.node);
            let finding = Diagnostic::new(Code::BAD_STATUS, code.status.span, title);
            out.push(finding.help("write a status from 400 to 599"));
        }
    }
}

/// Endpoints that the same request would reach.
pub(super) fn conflicts(names: &Names<'_>, out: &mut Diagnostics) {
    let mut taken: BTreeMap<(String, Vec<Option<String>>), Option<&Journey>> = BTreeMap::new();
    for own in RUNTIME_PATHS {
        let pattern = pattern(&path::parse(own).unwrap_or_default());
        taken.extend(METHODS.map(|m| ((m.to_owned(), pattern.clone()), None)));
    }
    for journey in names.journeys.values() {
        let Some(head) = head::of_journey(journey) else {
            continue;
        };
        if route_of(journey).is_some_and(|r| path::parse(&r.node).is_err()) {
            continue;
        }
        for method in &head.methods {
            let key = ((*method).to_owned(), pattern(&head.path));
            let Some(other) = taken.get(&key) else {
                taken.insert(key, Some(journey));
                continue;
            };
            if !other.is_some_and(|o| o.name.span == journey.name.span) {
                out.push(conflict(journey, *other, method));
            }
        }
    }
}

fn conflict(journey: &Journey, other: Option<&Journey>, method: &str) -> Diagnostic {
    let place = |j: &Journey| route_of(j).map_or(j.name.span, |r| r.span);
    let finding = |title| Diagnostic::new(Code::ROUTE_CONFLICT, place(journey), title);
    match other {
        Some(other) => finding(format!(
            "a {method} request to this path could reach `{}` or `{}`",
            other.name.node, journey.name.node
        ))
        .at("the same path but for names of parameters")
        .label(place(other), "taken here")
        .help("change one of the paths, or give the endpoints different methods"),
        None => finding("the runtime answers this path itself".into()).help("choose another path"),
    }
}

fn route_of(journey: &Journey) -> Option<&Name> {
    match &journey.kind {
        crate::ast::JourneyKind::Endpoint(endpoint) => endpoint.route.as_ref().map(|r| &r.path),
        crate::ast::JourneyKind::Sub { .. } | crate::ast::JourneyKind::Task(_) => None,
    }
}

/// What a router can tell apart: literals, and that there is a parameter.
fn pattern(segments: &[Segment]) -> Vec<Option<String>> {
    let part = |s: &Segment| match s {
        Segment::Literal(text) => Some(text.clone()),
        Segment::Param(_) => None,
    };
    segments.iter().map(part).collect()
}
