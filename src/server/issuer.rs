//! Tokens of declared issuers.

use crate::config::StartError;
use crate::settings::Settings;
use journey_machine::effect::Outcome;
use journey_machine::manifest::IssuerId;
use journey_machine::program::Program;
use journey_machine::value::{ErrorKind, EvalError, Value};
use std::time::Instant;

/// The issuers of a project.
#[derive(Debug)]
pub struct Issuers {}

impl Issuers {
    /// The issuers of `program`. What is known of the same issuers in `previous` is kept.
    ///
    /// # Errors
    /// Settings that are no usable URLs.
    pub fn new(
        _program: &Program,
        _settings: &Settings,
        _previous: Option<&Self>,
    ) -> Result<Self, StartError> {
        Ok(Self {})
    }

    /// The claims of a token that should be the issuer's. Anything but a string is an invalid token.
    ///
    /// # Errors
    /// `invalid_token`, `keys_unavailable`, `timeout`.
    pub async fn validate(&self, _issuer: IssuerId, _token: &Value, _deadline: Instant) -> Outcome {
        Err(EvalError::new(ErrorKind::KeysUnavailable, "not built"))
    }
}
