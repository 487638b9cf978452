//! Answers and problems, as the bytes that leave the server.

use crate::clock;
use crate::problem::{Kind, Problem, challenge};
use crate::project::Project;
use crate::random;
use crate::respond::Reply;
use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use journey_machine::effect::Answer;
use journey_machine::json::write_json;
use journey_machine::machine::{Surroundings, evaluate};
use journey_machine::manifest::{ErrorStyle, Journey};
use journey_machine::program::AnswerBody;
use journey_machine::schema::Faults;
use journey_machine::value::{List, Shape, Str, Value};
use std::sync::{Arc, LazyLock};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const PROBLEM: &str = "application/problem+json";

/// Who is answered: what an answer must know beside itself.
#[derive(Clone, Copy)]
pub(crate) struct For<'a> {
    pub(crate) project: &'a Project,
    /// The journey, once it is known.
    pub(crate) journey: Option<&'a Journey>,
    /// The request's id.
    pub(crate) id: &'a Str,
}

/// Why an answer of a journey cannot be sent.
#[derive(Debug, thiserror::Error)]
#[error("the value of the header {header} cannot stand in one")]
pub(crate) struct Unsendable {
    header: Str,
}

impl For<'_> {
    /// The answer of a journey.
    pub(crate) fn answer(self, answer: Answer) -> Result<Reply, Unsendable> {
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut reply = match (answer.kind, &answer.body) {
            (AnswerBody::Problem, code) => self.problem(&self.declared(status, code)),
            (kind, body) => reply(status, content_type(kind), content(kind, body), self.id),
        };
        for (name, value) in answer.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(HeaderValue::from_str(&value).ok());
            let (parsed_name, value) = parsed.ok_or(Unsendable { header: name })?;
            reply.headers_mut().insert(parsed_name, value);
        }
        if let (StatusCode::UNAUTHORIZED, Some(journey)) = (status, self.journey) {
            let given = reply.headers_mut().entry(WWW_AUTHENTICATE);
            given.or_insert_with(|| challenge(&journey.auth));
        }
        Ok(reply)
    }

    /// A problem, in the shape that the journey or the project declares for errors.
    pub(crate) fn problem(self, problem: &Problem) -> Reply {
        let style = self.project.style(self.journey);
        let shaped = style.and_then(|style| self.shaped(style, problem));
        let (content_type, body) = match shaped {
            Some(body) => ("application/json", body),
            None => (PROBLEM, standard(problem, self.id)),
        };
        let mut reply = reply(problem.status, Some(content_type), json(&body), self.id);
        reply
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &problem.headers {
            reply.headers_mut().insert(name, value.clone());
        }
        reply
    }

    /// The problem of a declared code.
    fn declared(self, status: StatusCode, code: &Value) -> Problem {
        let code = code.as_str().unwrap_or_default();
        let style = self.project.style(self.journey);
        let found =
            style.and_then(|style| style.codes.iter().find(|declared| declared.code == code));
        let message = found.map_or_else(
            || reason(status).into(),
            |declared| declared.message.clone(),
        );
        Problem {
            status,
            code: code.into(),
            message,
            ..Kind::Internal.into()
        }
    }

    fn shaped(self, style: &ErrorStyle, problem: &Problem) -> Option<Value> {
        let shape = style.shape?;
        let (facts, seed) = (facts(problem, self.id), random::seed()?);
        let made = evaluate(
            &self.project.program,
            shape,
            vec![facts],
            Surroundings::default(),
            clock::timestamp(),
            seed,
        );
        made.inspect_err(|cause| tracing::error!(target: "journey", run = %self.id, ?cause, "the error shape failed")).ok()
    }
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode, id: &Str) -> Reply {
    reply(status, None, Bytes::new(), id)
}

fn reply(status: StatusCode, content_type: Option<&'static str>, body: Bytes, id: &Str) -> Reply {
    let mut reply = Reply::new(Full::new(body));
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.reserve(6);
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    mark(headers, id);
    reply
}

/// What every answer of the server carries.
pub(crate) fn mark(headers: &mut hyper::HeaderMap, id: &Str) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
}

fn content_type(kind: AnswerBody) -> Option<&'static str> {
    match kind {
        AnswerBody::Empty => None,
        AnswerBody::Json => Some("application/json"),
        AnswerBody::Text => Some("text/plain; charset=utf-8"),
        AnswerBody::Html => Some("text/html; charset=utf-8"),
        AnswerBody::Bytes => Some("application/octet-stream"),
        AnswerBody::Problem => Some(PROBLEM),
    }
}

fn content(kind: AnswerBody, body: &Value) -> Bytes {
    match (kind, body) {
        (AnswerBody::Empty, _) => Bytes::new(),
        (AnswerBody::Json, body) => json(body),
        (_, Value::Bytes(bytes)) => Bytes::copy_from_slice(bytes),
        (_, body) => body
            .to_text()
            .map_or_else(Bytes::new, |text| Bytes::copy_from_slice(text.as_bytes())),
    }
}

fn json(value: &Value) -> Bytes {
    let mut json = Vec::new();
    write_json(value, &mut json);
    json.into()
}

fn reason(status: StatusCode) -> &'static str {
    status.canonical_reason().unwrap_or("Error")
}

macro_rules! shape {
    ($name:ident: $($member:literal),*) => {
        static $name: LazyLock<Arc<Shape>> = LazyLock::new(|| Arc::new([$($member),*].into_iter().collect()));
    };
}

shape!(STANDARD: "type", "title", "status", "code", "detail", "request_id", "errors", "more_errors");
shape!(STANDARD_FAULT: "place", "pointer", "detail");
shape!(FACTS: "status", "code", "message", "request_id", "faults");
shape!(FACTS_FAULT: "place", "pointer", "message");

/// The body RFC 9457 describes, with our code, the request's id, and what is wrong with the input.
fn standard(problem: &Problem, id: &Str) -> Value {
    let errors = (!problem.faults.is_empty()).then(|| faults(&problem.faults, &STANDARD_FAULT));
    let more = i64::try_from(problem.faults.more())
        .ok()
        .filter(|more| *more > 0);
    let slots = vec![
        Some("about:blank".into()),
        Some(reason(problem.status).into()),
        Some(i64::from(problem.status.as_u16()).into()),
        Some(problem.code.clone().into()),
        Some(problem.message.clone().into()),
        Some(id.clone().into()),
        errors,
        more.map(Value::from),
    ];
    Value::object(&STANDARD, slots)
}

/// What a declared shape is made of.
fn facts(problem: &Problem, id: &Str) -> Value {
    let slots = vec![
        Some(i64::from(problem.status.as_u16()).into()),
        Some(problem.code.clone().into()),
        Some(problem.message.clone().into()),
        Some(id.clone().into()),
        Some(faults(&problem.faults, &FACTS_FAULT)),
    ];
    Value::object(&FACTS, slots)
}

fn faults(faults: &Faults, shape: &Arc<Shape>) -> Value {
    let fault = |fault: &journey_machine::schema::Fault| {
        let texts = [fault.place, &fault.pointer, &fault.message];
        Value::object(shape, texts.map(|text| Some(Value::from(text))).into())
    };
    faults.list().iter().map(fault).collect::<List>().into()
}
