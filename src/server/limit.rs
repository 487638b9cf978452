//! Rate limits: whether a request is let in, and what its caller learns of it.

mod table;

use crate::auth::Client;
use crate::clock;
use crate::problem::{Kind, Problem};
use crate::project::Project;
use crate::request::Head;
use crate::surroundings;
use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER};
use journey_machine::json::write_json;
use journey_machine::machine::evaluate;
use journey_machine::manifest::{Journey, Limit, LimitUse};
use journey_machine::op::Context;
use journey_machine::policy::rate::{Admitted, Nanos, Rate, Refused};
use journey_machine::value::Value;
use std::fmt::Write;

pub(crate) use table::Table;

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// When a limit is looked at: as soon as what it counts by is known.
#[derive(Clone, Debug)]
pub(crate) enum Stage {
    /// Before the body is read.
    Head,
    /// With the input.
    Input(Value),
}

/// A request that comes to a journey.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comes<'a> {
    pub(crate) project: &'a Project,
    pub(crate) journey: &'a Journey,
    pub(crate) head: &'a Head,
    pub(crate) client: Option<&'a Client>,
}

/// Where a request stands with the limits it was held to so far.
#[derive(Debug, Default)]
pub(crate) struct Standing<'a>(Vec<(&'a Limit, Admitted)>);

impl<'a> Comes<'a> {
    /// Holds a request to the limits of its journey that can be looked at now.
    ///
    /// # Errors
    /// It is one too many; or what it counts by cannot be computed.
    pub(crate) fn admit(
        self,
        table: &Table,
        stage: &Stage,
        standing: &mut Standing<'a>,
    ) -> Result<(), Problem> {
        let program = &self.project.program;
        let early = matches!(stage, Stage::Head);
        for used in &self.journey.limits {
            let Some(limit) = program.manifest.limits.get(usize::from(used.limit.0)) else {
                continue;
            };
            if program.uses(used.key, Context::Input) == early {
                continue;
            }
            let key = self.key(*used, stage)?;
            match table.admit(limit, Rate::of(limit), &key) {
                Ok(admitted) => standing.0.push((limit, admitted)),
                Err(refused) => return Err(standing.refuse(limit, refused)),
            }
        }
        Ok(())
    }

    /// What the request counts for, as bytes.
    fn key(self, used: LimitUse, stage: &Stage) -> Result<Vec<u8>, Problem> {
        let input = match stage {
            Stage::Head => Value::Null,
            Stage::Input(input) => input.clone(),
        };
        let around = surroundings::of_limit(self.project, used.key, self.head, self.client, input);
        let (program, now) = (&self.project.program, clock::timestamp());
        let list = evaluate(program, used.key, Vec::new(), around, now, 0).map_err(|cause| {
            tracing::error!(target: "journey", run = %self.head.id, ?cause, "what a limit counts by failed");
            Kind::Internal
        })?;
        let mut key = Vec::new();
        write_json(&list, &mut key);
        Ok(key)
    }
}

impl Standing<'_> {
    fn refuse(&self, limit: &Limit, refused: Refused) -> Problem {
        let wait = seconds(refused.retry_after).max(1);
        let mut headers = HeaderMap::new();
        let used_up = Admitted {
            due: 0,
            remaining: 0,
            reset: refused.retry_after,
        };
        mark(
            self.0.iter().copied().chain([(limit, used_up)]),
            &mut headers,
        );
        let problem = Problem::from(Kind::TooManyRequests).with(RETRY_AFTER, wait.into());
        let headers = headers.into_iter();
        headers.fold(problem, |problem, (name, value)| match name {
            Some(name) => problem.with(name, value),
            None => problem,
        })
    }

    /// Tells the caller of an answer.
    pub(crate) fn mark(&self, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        mark(self.0.iter().copied(), headers);
    }
}

/// `RateLimit` and `RateLimit-Policy`: structured fields, an item for each limit.
fn mark<'a>(limits: impl Iterator<Item = (&'a Limit, Admitted)>, headers: &mut HeaderMap) {
    let (mut standing, mut policy) = (String::new(), String::new());
    for (limit, admitted) in limits {
        let comma = if standing.is_empty() { "" } else { ", " };
        let (name, reset) = (&limit.name, seconds(admitted.reset));
        let _ = write!(
            standing,
            "{comma}\"{name}\";r={};t={reset}",
            admitted.remaining
        );
        let window = limit.per.div_ceil(1_000);
        let quota = u64::from(limit.count).saturating_mul(window * 1_000) / limit.per.max(1);
        let _ = write!(policy, "{comma}\"{name}\";q={quota};w={window}");
    }
    for (name, text) in [(RATE_LIMIT, standing), (RATE_LIMIT_POLICY, policy)] {
        if !text.is_empty()
            && let Ok(value) = HeaderValue::from_str(&text)
        {
            headers.insert(name, value);
        }
    }
}

/// Whole seconds, at least as long.
fn seconds(time: Nanos) -> u64 {
    time.div_ceil(1_000_000_000)
}
