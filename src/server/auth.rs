//! Who calls: what authentication finds out, and how it fails.

use journey_machine::manifest::Journey;
use journey_machine::value::{Str, Value};

/// A caller who is known.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's id; `sub` of its token.
    pub id: Str,
    /// The claims of its token, null without a token.
    pub claims: Value,
}

/// Why a caller is not let in. The caller learns the status, the log the cause, which never holds what was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// No credentials: 401.
    Missing,
    /// Malformed, expired, forged, foreign: 401.
    Invalid(&'static str),
    /// It cannot be decided now, as the keys of an issuer cannot be had: 503.
    Unavailable(&'static str),
}

/// Is a `clientId` that the input names the caller's own?
#[must_use]
pub fn is_caller(journey: &Journey, input: &Value, id: &str) -> bool {
    let named = journey
        .input
        .params
        .iter()
        .filter(|param| param.names_caller());
    let mut values = named.filter_map(|param| input.get(&param.name));
    values.all(|value| value.is_null() || value.as_str() == Some(id))
}
