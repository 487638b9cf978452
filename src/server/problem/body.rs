//! The body of a problem: RFC 9457, or what the journey or the project declares for errors.

use super::{Kind, Problem};
use hyper::StatusCode;
use journey_machine::machine::{Surroundings, evaluate};
use journey_machine::manifest::{ErrorStyle, Journey};
use journey_machine::program::Program;
use journey_machine::schema::{Fault, Faults};
use journey_machine::value::{List, Shape, Str, Timestamp, Value};
use std::sync::{Arc, LazyLock};

const PROBLEM: &str = "application/problem+json";

/// Where a problem has come up.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The program.
    pub program: &'a Program,
    /// The journey, once it is known.
    pub journey: Option<&'a Journey>,
    /// The request's id.
    pub id: &'a Str,
    /// The time.
    pub now: Timestamp,
    /// What random values of a declared shape come from; `None`: there is no shape without randomness.
    pub seed: Option<u128>,
}

/// A body, to be written as JSON.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub value: Value,
}

impl Place<'_> {
    /// The style that the journey names, else the project's own.
    fn style(&self) -> Option<&ErrorStyle> {
        let styles = &self.program.manifest.errors;
        match self.journey.and_then(|journey| journey.errors) {
            Some(index) => styles.get(usize::from(index)),
            None => styles.first().filter(|style| style.name.is_none()),
        }
    }

    fn shaped(&self, problem: &Problem) -> Option<Value> {
        let shape = self.style()?.shape?;
        let facts = vec![facts(problem, self.id)];
        let around = Surroundings::default();
        evaluate(self.program, shape, facts, around, self.now, self.seed?)
            .inspect_err(|cause| tracing::error!(target: "journey", run = %self.id, ?cause, "the error shape failed"))
            .ok()
    }
}

impl Problem {
    /// The problem of a declared code.
    #[must_use]
    pub fn declared(place: Place<'_>, status: StatusCode, code: &str) -> Self {
        let codes = place.style().map_or(&[][..], |style| &style.codes);
        let message = codes
            .iter()
            .find(|declared| declared.code == code)
            .map_or_else(
                || reason(status).into(),
                |declared| declared.message.clone(),
            );
        Self {
            status,
            code: code.into(),
            message,
            ..Kind::Internal.into()
        }
    }

    /// What the caller gets to read.
    #[must_use]
    pub fn body(&self, place: Place<'_>) -> Body {
        match place.shaped(self) {
            Some(value) => Body {
                content_type: "application/json",
                value,
            },
            None => Body {
                content_type: PROBLEM,
                value: standard(self, place.id),
            },
        }
    }
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
    let fault = |fault: &Fault| {
        let texts = [fault.place, &fault.pointer, &fault.message];
        Value::object(shape, texts.map(|text| Some(Value::from(text))).into())
    };
    faults.list().iter().map(fault).collect::<List>().into()
}
