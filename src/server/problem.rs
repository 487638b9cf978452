//! What the runtime itself has to say to a caller: status, a stable code, a sentence that tells nothing of the inside.

use crate::auth::Denied;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use journey_machine::manifest::Auth;
use journey_machine::schema::Faults;
use journey_machine::value::Str;

/// Why a request gets no answer of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Not HTTP as it should be.
    Malformed,
    /// Input that does not fit the declared types.
    InvalidInput,
    /// Nobody we know.
    Unauthorized,
    /// No such path.
    NotFound,
    /// The path has other methods.
    MethodNotAllowed,
    /// The body came too slowly.
    RequestTimeout,
    /// The body is too large.
    ContentTooLarge,
    /// The target is too long.
    TargetTooLong,
    /// The body has another encoding.
    UnsupportedMediaType,
    /// `Expect` asks for something unknown.
    ExpectationFailed,
    /// For another host.
    Misdirected,
    /// The header is too large.
    HeadersTooLarge,
    /// Our fault.
    Internal,
    /// A method nobody implements.
    NotImplemented,
    /// Not now.
    Unavailable,
    /// Later than the journey's deadline.
    DeadlineExceeded,
}

impl Kind {
    fn facts(self) -> (StatusCode, &'static str, &'static str) {
        use StatusCode as S;
        match self {
            Self::Malformed => (
                S::BAD_REQUEST,
                "malformed_request",
                "The request is malformed.",
            ),
            Self::InvalidInput => (
                S::BAD_REQUEST,
                "invalid_input",
                "The input does not have the declared types.",
            ),
            Self::Unauthorized => (
                S::UNAUTHORIZED,
                "unauthorized",
                "Valid credentials are required.",
            ),
            Self::NotFound => (S::NOT_FOUND, "not_found", "There is nothing at this path."),
            Self::MethodNotAllowed => (
                S::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "The path has other methods.",
            ),
            Self::RequestTimeout => (
                S::REQUEST_TIMEOUT,
                "request_timeout",
                "The request came too slowly.",
            ),
            Self::ContentTooLarge => (
                S::PAYLOAD_TOO_LARGE,
                "content_too_large",
                "The body is too large.",
            ),
            Self::TargetTooLong => (
                S::URI_TOO_LONG,
                "target_too_long",
                "The request target is too long.",
            ),
            Self::UnsupportedMediaType => (
                S::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body has an encoding that is not accepted here.",
            ),
            Self::ExpectationFailed => (
                S::EXPECTATION_FAILED,
                "expectation_failed",
                "The expectation is not known.",
            ),
            Self::Misdirected => (
                S::MISDIRECTED_REQUEST,
                "misdirected_request",
                "The request names two hosts.",
            ),
            Self::HeadersTooLarge => (
                S::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "headers_too_large",
                "The header of the request is too large.",
            ),
            Self::Internal => (
                S::INTERNAL_SERVER_ERROR,
                "internal_error",
                "The request could not be answered.",
            ),
            Self::NotImplemented => (
                S::NOT_IMPLEMENTED,
                "not_implemented",
                "The method is not known.",
            ),
            Self::Unavailable => (
                S::SERVICE_UNAVAILABLE,
                "unavailable",
                "The service cannot answer now.",
            ),
            Self::DeadlineExceeded => (
                S::GATEWAY_TIMEOUT,
                "deadline_exceeded",
                "The answer took too long.",
            ),
        }
    }
}

/// A problem, ready to be rendered.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// The stable name.
    pub code: Str,
    /// The sentence.
    pub message: Str,
    /// What is wrong with the input, if that is it.
    pub faults: Faults,
    /// Headers that belong to the status.
    pub headers: Vec<(HeaderName, HeaderValue)>,
}

impl From<Kind> for Problem {
    fn from(kind: Kind) -> Self {
        let (status, code, message) = kind.facts();
        let mut headers = Vec::new();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.push((RETRY_AFTER, HeaderValue::from_static("1")));
        }
        let (code, message) = (Str::new_static(code), Str::new_static(message));
        Self {
            status,
            code,
            message,
            faults: Faults::new(),
            headers,
        }
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self {
            faults,
            ..Kind::InvalidInput.into()
        }
    }
}

impl Problem {
    /// The same with one more header.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Who is not let in learns how to ask, not why it failed.
    #[must_use]
    pub fn denied(auth: &Auth, denied: Denied) -> Self {
        let challenge = match (denied, auth) {
            (Denied::Unavailable(_), _) => return Kind::Unavailable.into(),
            (_, Auth::Basic) => r#"Basic realm="journey", charset="UTF-8""#,
            (Denied::Missing, _) => "Bearer",
            (Denied::Invalid(_), _) => r#"Bearer error="invalid_token""#,
        };
        Self::from(Kind::Unauthorized).with(WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
    }
}
