//! Calls of a project's connections.

use crate::config::StartError;
use crate::settings::Settings;
use journey_machine::effect::Outcome;
use journey_machine::manifest::OperationId;
use journey_machine::program::Program;
use journey_machine::value::{ErrorKind, EvalError, Value};
use std::sync::Arc;
use std::time::Instant;

/// The connections of a project.
#[derive(Debug)]
pub struct Upstreams {}

impl Upstreams {
    /// The connections of `program`. Pools and breakers of connections that are the same in `previous` are kept.
    ///
    /// # Errors
    /// Settings that are no usable URLs, header values, ….
    pub fn new(
        _program: &Arc<Program>,
        _settings: &Settings,
        _previous: Option<&Self>,
    ) -> Result<Self, StartError> {
        Ok(Self {})
    }

    /// Calls an operation: `{status, body}`, as [`journey_machine::http::response`] makes it.
    /// `args`: one value for each of its parameters, null: absent. Dropping the future cancels the call.
    ///
    /// # Errors
    /// Every kind that a call can fail with; the deadline itself is `timeout`.
    pub async fn call(
        &self,
        _operation: OperationId,
        _args: Vec<Value>,
        _deadline: Instant,
    ) -> Outcome {
        Err(EvalError::new(ErrorKind::Unavailable, "not built"))
    }
}
