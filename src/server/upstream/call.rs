//! One call: its attempts, and what their ends mean.

use super::connection::Connection;
use super::place::Place;
use crate::embedded::Embedded;
use crate::outbound::{Failure, until};
use crate::random;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::CONTENT_TYPE;
use hyper::{Request, Response, StatusCode};
use journey_machine::effect::Outcome;
use journey_machine::http;
use journey_machine::manifest::Operation;
use journey_machine::policy::retry;
use journey_machine::schema::Decoder;
use journey_machine::value::{ErrorKind, EvalError};
use std::time::{Duration, Instant};

/// Undeclared answers that say: later perhaps.
const TRANSIENT: [u16; 4] = [429, 502, 503, 504];

/// A call of an operation while it lasts.
pub(super) struct Call<'a> {
    pub(super) connection: &'a Connection,
    pub(super) operation: &'a Operation,
    pub(super) decoder: &'a Decoder,
    pub(super) embedded: &'a Embedded,
    pub(super) deadline: Instant,
}

/// How an attempt ended, and whether another one may do better.
struct Attempt {
    outcome: Outcome,
    again: bool,
}

impl Call<'_> {
    pub(super) async fn run(&self, request: &http::Request, body: Bytes) -> Outcome {
        let Some(_slot) = self.connection.slot() else {
            return Err(self.error(
                ErrorKind::Overloaded,
                "too many calls of its connection are under way",
            ));
        };
        let unsendable = |kind| self.error(kind, "the request cannot be sent");
        let url = self.connection.url(&request.target, self.deadline).await;
        let request = self
            .connection
            .request(request, url.map_err(unsendable)?, body);
        let request = request.ok_or_else(|| unsendable(ErrorKind::Evaluation))?;
        let mut made = 0;
        loop {
            let attempt = self.attempt(&request).await;
            match self.pause(made).filter(|_| attempt.again) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return attempt.outcome,
            }
            made += 1;
        }
    }

    /// The pause before another attempt; `None`: there is none, or no time for it.
    fn pause(&self, made: u32) -> Option<Duration> {
        if !self.operation.idempotent {
            return None;
        }
        let policy = &self.connection.definition.declared.retry;
        let pause = Duration::from_millis(retry::pause(policy, made, random::number()?)?);
        let next = Instant::now().checked_add(pause)?;
        (next < self.deadline).then_some(pause)
    }

    async fn attempt(&self, request: &Request<Bytes>) -> Attempt {
        let Some(watch) = self.connection.admit() else {
            return self.failed(
                ErrorKind::BreakerOpen,
                "the circuit breaker of its connection is open",
                false,
            );
        };
        let limit = self
            .operation
            .timeout
            .unwrap_or(self.connection.definition.declared.timeout);
        let until = until(Duration::from_millis(limit), self.deadline);
        let mut request = request.clone();
        if let Some(keys) = &self.connection.definition.signature {
            let body = request.body().clone();
            keys.sign(request.headers_mut(), &body);
        }
        let mut request = request.map(Full::new);
        let Ok(used) = self
            .connection
            .authorization
            .apply(&mut request, until)
            .await
        else {
            return self.failed(
                ErrorKind::Unavailable,
                "the access token of its connection cannot be had",
                true,
            );
        };
        let answer = self.send(request, until).await;
        watch.end(&answer);
        match answer {
            Ok(answer) => {
                if answer.status() == StatusCode::UNAUTHORIZED {
                    used.forget();
                }
                self.answered(&answer)
            }
            Err(failure) => {
                let (kind, again) = meaning(failure);
                self.failed(kind, &failure.to_string(), again)
            }
        }
    }

    async fn send(
        &self,
        request: Request<Full<Bytes>>,
        until: Instant,
    ) -> Result<Response<Bytes>, Failure> {
        match self.connection.definition.place {
            Place::Remote(_) | Place::Discovered(..) => {
                self.connection.client.send(request, until).await
            }
            Place::Embedded(service) => {
                let answer = self.embedded.answer(service, request);
                let answer = tokio::time::timeout_at(until.into(), Box::pin(answer));
                answer.await.map_err(|_| Failure::Timeout)
            }
        }
    }

    fn answered(&self, answer: &Response<Bytes>) -> Attempt {
        let status = answer.status().as_u16();
        let content_type = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let outcome = http::response(
            self.decoder,
            self.operation,
            status,
            content_type,
            answer.body(),
        );
        let undeclared =
            matches!(&outcome, Err(error) if error.kind == ErrorKind::UnexpectedStatus);
        Attempt {
            outcome,
            again: undeclared && TRANSIENT.contains(&status),
        }
    }

    fn failed(&self, kind: ErrorKind, what: &str, again: bool) -> Attempt {
        Attempt {
            outcome: Err(self.error(kind, what)),
            again,
        }
    }

    fn error(&self, kind: ErrorKind, what: &str) -> EvalError {
        EvalError::new(kind, format!("{}: {what}", self.operation.name))
    }
}

/// What a failure is to the journey, and whether another attempt may do better.
fn meaning(failure: Failure) -> (ErrorKind, bool) {
    match failure {
        Failure::Timeout => (ErrorKind::Timeout, true),
        Failure::Unavailable => (ErrorKind::Unavailable, true),
        Failure::Address => (ErrorKind::Unavailable, false),
        Failure::TooLarge | Failure::Encoded => (ErrorKind::BadBody, false),
    }
}
