//! Answers and problems, as the bytes that leave the server.

use crate::clock;
use crate::limits::PIECE;
use crate::problem::{Place, Problem, challenge};
use crate::project::Project;
use crate::random;
use crate::request::REQUEST_ID;
use crate::respond::{self, Reply};
use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use journey_machine::effect::Answer;
use journey_machine::http;
use journey_machine::json::write_json;
use journey_machine::manifest::Journey;
use journey_machine::program::AnswerBody;
use journey_machine::value::{Str, Value};
use std::cell::RefCell;

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
pub(crate) enum Unsendable {
    #[error("the value of the header {0} cannot stand in one")]
    Header(Str),
    #[error("a redirect leads to an origin that the journey does not declare")]
    Redirect,
}

impl For<'_> {
    /// The answer of a journey. It is made where it stays: an answer is moved with each future that it comes from.
    pub(crate) fn answer(self, answer: Answer, reply: &mut Reply) -> Result<(), Unsendable> {
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match (answer.kind, &answer.body) {
            (AnswerBody::Problem, code) => {
                let code = code.as_str().unwrap_or_default();
                *reply = self.problem(&Problem::declared(self.place(), status, code));
            }
            (kind, body) => {
                *reply.body_mut() = content(kind, body).into();
                head(reply, status, content_type(kind), self.id);
            }
        }
        if status.is_redirection() && !self.may_redirect(&answer.headers) {
            return Err(Unsendable::Redirect);
        }
        for (name, value) in answer.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .ok()
                .zip(HeaderValue::from_str(&value).ok());
            let (parsed_name, value) = parsed.ok_or(Unsendable::Header(name))?;
            reply.headers_mut().insert(parsed_name, value);
        }
        if let (StatusCode::UNAUTHORIZED, Some(journey)) = (status, self.journey) {
            let given = reply.headers_mut().entry(WWW_AUTHENTICATE);
            given.or_insert_with(|| challenge(&journey.auth));
        }
        Ok(())
    }

    fn may_redirect(self, headers: &[(Str, Str)]) -> bool {
        let declared = self
            .journey
            .map_or(&[][..], |journey| self.project.redirects(journey));
        let mut targets = headers.iter().filter(|(name, _)| name == "location");
        targets.all(|(_, target)| http::may_redirect(target, declared))
    }

    /// A problem, in the shape that the journey or the project declares for errors.
    pub(crate) fn problem(self, problem: &Problem) -> Reply {
        let body = problem.body(self.place());
        let content = json(&body.value);
        let mut reply = reply(problem.status, Some(body.content_type), content, self.id);
        reply
            .headers_mut()
            .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in &problem.headers {
            reply.headers_mut().insert(name, value.clone());
        }
        reply
    }

    fn place(&self) -> Place<'_> {
        Place {
            program: &self.project.program,
            journey: self.journey,
            id: self.id,
            now: clock::timestamp(),
            seed: random::seed(),
        }
    }
}

/// An answer without a body.
pub(crate) fn empty(status: StatusCode, id: &Str) -> Reply {
    reply(status, None, Bytes::new(), id)
}

fn reply(status: StatusCode, content_type: Option<&'static str>, body: Bytes, id: &Str) -> Reply {
    let mut reply = Reply::new(body.into());
    head(&mut reply, status, content_type, id);
    reply
}

/// The head of an answer that has none yet.
fn head(reply: &mut Reply, status: StatusCode, content_type: Option<&'static str>, id: &Str) {
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    *headers = respond::spare();
    if let Some(content_type) = content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    mark(headers, id);
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

thread_local! {
    /// Where JSON is written that may become any length: what leaves is as long as it is, and one piece of memory.
    static PAGE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

fn json(value: &Value) -> Bytes {
    PAGE.with_borrow_mut(|page| {
        write_json(value, page);
        let json = Bytes::copy_from_slice(page);
        page.clear();
        page.shrink_to(PIECE);
        json
    })
}
