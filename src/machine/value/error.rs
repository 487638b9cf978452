//! Errors an expression or an effect can end in: values a handler may catch.

use super::Str;
use std::fmt;

/// What kind of error, for `on timeout`, `on failure` and the `code` a handler sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorKind {
    /// An expression failed: overflow, division by zero, missing key, wrong type.
    Evaluation,
    /// A call did not answer in time.
    Timeout,
    /// A connection could not be made, or broke.
    Unavailable,
    /// The circuit breaker of the connection is open.
    BreakerOpen,
    /// Too many calls of this connection are under way.
    Overloaded,
    /// The upstream answered a status that the operation does not declare.
    UnexpectedStatus,
    /// The upstream's body is not what the operation declares.
    BadBody,
    /// A token is missing, malformed, expired, forged or not meant for this audience.
    InvalidToken,
    /// The keys of an issuer could not be had.
    KeysUnavailable,
    /// A `repeat` ran out of turns, or a list is longer than its `for … max`.
    LimitExceeded,
    /// No branch of a `parallel first` succeeded.
    AllFailed,
    /// There is no such record, or blob.
    Missing,
    /// A key or a unique value is taken, or a record has not the expected version.
    Conflict,
}

impl ErrorKind {
    /// Every kind, in the order of their numbers in artifacts.
    pub const ALL: [Self; 13] = [
        Self::Evaluation,
        Self::Timeout,
        Self::Unavailable,
        Self::BreakerOpen,
        Self::Overloaded,
        Self::UnexpectedStatus,
        Self::BadBody,
        Self::InvalidToken,
        Self::KeysUnavailable,
        Self::LimitExceeded,
        Self::AllFailed,
        Self::Missing,
        Self::Conflict,
    ];

    /// The kind with this stable name.
    #[must_use]
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// The stable name, as `error.code` in a handler.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Evaluation => "evaluation",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::BreakerOpen => "breaker_open",
            Self::Overloaded => "overloaded",
            Self::UnexpectedStatus => "unexpected_status",
            Self::BadBody => "bad_body",
            Self::InvalidToken => "invalid_token",
            Self::KeysUnavailable => "keys_unavailable",
            Self::LimitExceeded => "limit_exceeded",
            Self::AllFailed => "all_failed",
            Self::Missing => "missing",
            Self::Conflict => "conflict",
        }
    }
}

/// An error with the sentence that explains it to the journey's author. It never holds upstream bodies or secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvalError {
    /// What kind.
    pub kind: ErrorKind,
    /// What happened, for logs and `journey run`; never sent to a caller of the API.
    pub message: Str,
}

impl EvalError {
    /// An error of `kind` with `message`.
    pub fn new(kind: ErrorKind, message: impl Into<Str>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// An error of an expression.
    pub fn evaluation(message: impl Into<Str>) -> Self {
        Self::new(ErrorKind::Evaluation, message)
    }

    /// An error of an expression whose message needs no allocation.
    #[must_use]
    pub const fn fixed(message: &'static str) -> Self {
        Self {
            kind: ErrorKind::Evaluation,
            message: Str::new_static(message),
        }
    }

    /// The error that a text `"kind: message"` or `"kind"` names.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let (code, message) = text.split_once(':').unwrap_or((text, ""));
        Some(Self::new(ErrorKind::of_code(code)?, message.trim_start()))
    }

    /// An operation or function does not take operands of these types.
    #[must_use]
    pub const fn no_such_overload() -> Self {
        Self::fixed("no such overload")
    }

    /// A map lacks the field `name`. Computed keys are not named: they may be secret.
    #[must_use]
    pub fn no_such_key(name: &str) -> Self {
        Self::evaluation(format!("no such key: {name}"))
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.code(), self.message)
    }
}

impl std::error::Error for EvalError {}
