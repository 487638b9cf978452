//! What the runtime itself has to say to a caller: status, a stable code, a sentence that tells nothing of the inside.

mod body;

pub use body::{Body, Place};

use crate::auth::Denied;
use crate::state::Refused;
use hyper::StatusCode;
use hyper::header::{CONNECTION, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use journey_machine::manifest::Auth;
use journey_machine::schema::Faults;
use journey_machine::value::Str;

macro_rules! kinds {
    ($($name:ident $status:ident $code:literal $message:literal;)*) => {
        /// Why a request gets no answer of a journey.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $message] $name,)*
        }

        impl Kind {
            fn facts(self) -> (StatusCode, &'static str, &'static str) {
                match self {
                    $(Self::$name => (StatusCode::$status, $code, $message),)*
                }
            }
        }
    };
}

kinds! {
    Malformed BAD_REQUEST "malformed_request" "The request is malformed.";
    InvalidInput BAD_REQUEST "invalid_input" "The input does not have the declared types.";
    Unauthorized UNAUTHORIZED "unauthorized" "Valid credentials are required.";
    NotFound NOT_FOUND "not_found" "There is nothing at this path.";
    MethodNotAllowed METHOD_NOT_ALLOWED "method_not_allowed" "This path does not answer that method; `Allow` names those it answers.";
    RequestTimeout REQUEST_TIMEOUT "request_timeout" "The request came too slowly.";
    LengthRequired LENGTH_REQUIRED "length_required"
        "The length of the body is not said: send `Content-Length`, or send the body in chunks.";
    ContentTooLarge PAYLOAD_TOO_LARGE "content_too_large" "The body is too large.";
    TargetTooLong URI_TOO_LONG "target_too_long" "The request target is too long.";
    UnsupportedMediaType UNSUPPORTED_MEDIA_TYPE "unsupported_media_type"
        "The body has another `Content-Type` than is taken here, is not UTF-8, or is compressed.";
    ExpectationFailed EXPECTATION_FAILED "expectation_failed" "The expectation is not known.";
    Misdirected MISDIRECTED_REQUEST "misdirected_request" "The request names two hosts.";
    TooManyRequests TOO_MANY_REQUESTS "rate_limited" "Too many requests: `Retry-After` says when the next one may come.";
    HeadersTooLarge REQUEST_HEADER_FIELDS_TOO_LARGE "headers_too_large" "The header of the request is too large.";
    Internal INTERNAL_SERVER_ERROR "internal_error" "The request could not be answered.";
    NotImplemented NOT_IMPLEMENTED "not_implemented" "The method is not known.";
    Unavailable SERVICE_UNAVAILABLE "unavailable" "The service cannot answer now.";
    InsufficientStorage INSUFFICIENT_STORAGE "insufficient_storage" "There is no space to keep what was sent.";
    DeadlineExceeded GATEWAY_TIMEOUT "deadline_exceeded" "The answer took too long.";
}

impl From<Refused> for Kind {
    /// What the caller learns of something that was not written.
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => Self::InsufficientStorage,
            Refused::Conflict | Refused::Busy | Refused::Failed => Self::Unavailable,
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
        // What follows may be the body, and must not be taken for the next request.
        if status == StatusCode::LENGTH_REQUIRED {
            headers.push((CONNECTION, HeaderValue::from_static("close")));
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
            (Denied::Invalid(_), Auth::ClientToken { .. }) => {
                HeaderValue::from_static(r#"Bearer error="invalid_token""#)
            }
            (Denied::Missing | Denied::Invalid(_), _) => challenge(auth),
        };
        Self::from(Kind::Unauthorized).with(WWW_AUTHENTICATE, challenge)
    }
}

/// How to ask, which HTTP wants to be said with every 401.
#[must_use]
pub fn challenge(auth: &Auth) -> HeaderValue {
    HeaderValue::from_static(match auth {
        Auth::Basic => r#"Basic realm="journey", charset="UTF-8""#,
        Auth::ClientToken { .. } | Auth::None { .. } => "Bearer",
    })
}
