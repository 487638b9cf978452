//! Signed tokens (RFC 7515, 7519, 8725, 9068): strict reading, verification, issuing. No I/O, no clock.
//!
//! The library below us checks signatures and nothing else; whatever a token says about how it should be
//! verified is compared with what we expect, never followed.

mod algorithm;
mod cache;
mod claims;
mod jws;
mod key;
mod signing;

pub use algorithm::Algorithm;
pub use cache::{Fingerprint, TokenCache};
pub use claims::{Claims, Expected, TypePolicy};
pub use jws::Jws;
pub use key::{KeySet, PublicKey};
pub use signing::{SigningKey, sign_hs256};

/// Seconds since 1970, as tokens count them.
pub type Seconds = i64;

/// Why a token is not accepted: for the log. The caller learns only that it is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its issuer says that it is not good, or not any more.
    Inactive,
    /// Longer than any token we accept.
    TooLarge,
    /// Not three parts of strict base64url with JSON objects without duplicate members in the first two.
    Malformed,
    /// The header asks for something that is never done (`crit`, `jku`, `jwk`, `x5u`, `x5c`, `b64`, `zip`).
    Header,
    /// Another kind of token.
    Type,
    /// An algorithm that is unknown, not allowed, or not the key's.
    Algorithm,
    /// No such key in the issuer's set.
    UnknownKey,
    /// The signature is wrong.
    Signature,
    /// A required claim is missing.
    MissingClaim,
    /// A claim has the wrong type.
    MistypedClaim,
    /// Expired.
    Expired,
    /// `nbf` or `iat` lies in the future.
    NotYetValid,
    /// It lives longer than any token we accept.
    TooLong,
    /// Another issuer.
    Issuer,
    /// Another audience.
    Audience,
    /// Its names of the client differ from each other or from the request's.
    Client,
}

impl Refusal {
    /// A few words, always the same ones.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Inactive => "token not active",
            Self::TooLarge => "token too large",
            Self::Malformed => "token malformed",
            Self::Header => "token header member not allowed",
            Self::Type => "token type not allowed",
            Self::Algorithm => "token algorithm not the key's",
            Self::UnknownKey => "token key unknown",
            Self::Signature => "token signature wrong",
            Self::MissingClaim => "token claim missing",
            Self::MistypedClaim => "token claim mistyped",
            Self::Expired => "token expired",
            Self::NotYetValid => "token not valid yet",
            Self::TooLong => "token lifetime too long",
            Self::Issuer => "token of another issuer",
            Self::Audience => "token for another audience",
            Self::Client => "token of another client",
        }
    }
}
