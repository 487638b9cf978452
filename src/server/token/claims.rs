//! The registered claims: required, typed, within their times, meant for us.

use super::jws::Object;
use super::{Jws, Refusal, Seconds};
use journey_machine::value::{Str, Value};

/// What a token must say.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// One of these its `iss` is, to the byte.
    pub issuers: &'a [Str],
    /// One of these its `aud` is or contains.
    pub audiences: &'a [Str],
    /// How long it may live, in seconds.
    pub lifetime: Seconds,
    /// Allowed difference of clocks, in seconds.
    pub leeway: Seconds,
    /// What its `typ` may be.
    pub types: TypePolicy,
}

/// Which `typ` a token may have. Other kinds of token (logout, DPoP proofs, client assertions of other protocols)
/// carry their own type and are refused everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypePolicy {
    /// `at+jwt` only: our own tokens always have it, so that an ID token never passes for an access token.
    AccessToken,
    /// `at+jwt`, `JWT` or none: other issuers often leave it out.
    Any,
    /// `client-authentication+jwt`, `JWT` or none: what a client proves itself with.
    Assertion,
}

/// The claims of a token that has been found valid.
#[derive(Clone, Debug)]
pub struct Claims {
    /// `sub`
    pub subject: Str,
    /// `exp`
    pub expires: Seconds,
    /// All of them.
    pub all: Value,
}

impl Claims {
    /// Checks the payload of a token whose signature has been verified.
    ///
    /// # Errors
    /// Every refusal that claims and type can bring.
    pub fn check(
        jws: &Jws<'_>,
        payload: &[u8],
        expected: &Expected<'_>,
        now: Seconds,
    ) -> Result<Self, Refusal> {
        expected.types.check(jws.typ.as_deref())?;
        Self::of(Object::parse(payload)?, expected, now)
    }

    /// Checks what an issuer says of a token (RFC 7662). Whoever answers us means us: where it leaves out `iss` or
    /// `aud`, ours stand in.
    ///
    /// # Errors
    /// `Inactive`, and every refusal that claims can bring.
    pub fn introspected(
        answer: &[u8],
        expected: &Expected<'_>,
        now: Seconds,
    ) -> Result<Self, Refusal> {
        let mut claims = Object::parse(answer)?;
        match claims.get("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(Refusal::Inactive),
            _ => return Err(Refusal::Malformed),
        }
        if let Some(issuer) = expected.issuers.first() {
            claims.default("iss", issuer);
        }
        if let Some(audience) = expected.audiences.first() {
            claims.default("aud", audience);
        }
        Self::of(claims, expected, now)
    }

    fn of(claims: Object, expected: &Expected<'_>, now: Seconds) -> Result<Self, Refusal> {
        if !expected.issuers.contains(required(claims.text("iss"))?) {
            return Err(Refusal::Issuer);
        }
        audience(&claims, expected.audiences)?;
        let expires = times(&claims, expected, now)?;
        let subject = required(claims.text("sub"))?.clone();
        if subject.is_empty() {
            return Err(Refusal::MissingClaim);
        }
        Ok(Self {
            subject,
            expires,
            all: claims.into_value(),
        })
    }

    /// Does every name of a client that the token has equal its subject? Where they differ, it is the token of a
    /// user, not of a client.
    ///
    /// # Errors
    /// `Client` where they differ, `MistypedClaim` where one is no text.
    pub fn check_client(&self) -> Result<(), Refusal> {
        for name in ["client_id", "azp"] {
            match self.all.get(name) {
                None => {}
                Some(Value::String(text)) if *text == self.subject => {}
                Some(Value::String(_)) => return Err(Refusal::Client),
                Some(_) => return Err(Refusal::MistypedClaim),
            }
        }
        Ok(())
    }
}

impl TypePolicy {
    /// Media types ignore case, and `application/` may be left out (RFC 7515 §4.1.9).
    fn check(self, typ: Option<&str>) -> Result<(), Refusal> {
        let lower = typ.map(str::to_ascii_lowercase);
        let name = lower
            .as_deref()
            .map(|t| t.strip_prefix("application/").unwrap_or(t));
        match (self, name) {
            (Self::AccessToken | Self::Any, Some("at+jwt"))
            | (Self::Any | Self::Assertion, Some("jwt") | None)
            | (Self::Assertion, Some("client-authentication+jwt")) => Ok(()),
            _ => Err(Refusal::Type),
        }
    }
}

fn required<T>(claim: Result<Option<T>, Refusal>) -> Result<T, Refusal> {
    claim?.ok_or(Refusal::MissingClaim)
}

fn audience(claims: &Object, ours: &[Str]) -> Result<(), Refusal> {
    let is_ours = |name: &Value| {
        let name = name.as_str().ok_or(Refusal::MistypedClaim)?;
        Ok(ours.iter().any(|our| our == name))
    };
    let audience = claims.get("aud").ok_or(Refusal::MissingClaim)?;
    let found = match audience.as_list() {
        Some(all) => all
            .iter()
            .try_fold(false, |found, name| Ok(found | is_ours(name)?))?,
        None => is_ours(audience)?,
    };
    if found {
        Ok(())
    } else {
        Err(Refusal::Audience)
    }
}

/// Checks `exp`, `nbf`, `iat` and the lifetime; gives `exp`.
fn times(claims: &Object, expected: &Expected<'_>, now: Seconds) -> Result<Seconds, Refusal> {
    let latest = now.saturating_add(expected.leeway);
    let expires = required(claims.seconds("exp"))?;
    let not_before = claims.seconds("nbf")?;
    let issued = claims.seconds("iat")?;
    if expires.saturating_add(expected.leeway) <= now {
        return Err(Refusal::Expired);
    }
    if not_before.max(issued).is_some_and(|start| start > latest) {
        return Err(Refusal::NotYetValid);
    }
    if expires.saturating_sub(issued.unwrap_or(latest)) > expected.lifetime {
        return Err(Refusal::TooLong);
    }
    Ok(expires)
}
