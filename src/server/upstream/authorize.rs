//! Credentials for each request: a fixed header, or an access token that is fetched when first needed and replaced
//! before it expires.

use super::access::{Access, Assertion, Grant, Proof};
use crate::clock;
use crate::limits::{
    ACCESS_DEFAULT, ACCESS_FETCH, ACCESS_LONGEST, ACCESS_MARGIN, ACCESS_RETRY, MAX_ACCESS_TOKEN,
    OUR_ASSERTION_LIFETIME,
};
use crate::outbound::credentials::bearer;
use crate::outbound::{self, Outbound};
use crate::random;
use crate::secret::Secret;
use crate::shared::Shared;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, HeaderName, HeaderValue};
use hyper::{Request, StatusCode};
use journey_machine::http::push_pair;
use journey_machine::value::Str;
use serde::Deserialize;
use serde_json::json;
use std::future::Future;
use std::sync::Arc;
use std::time::{self, Duration};
use tokio::time::Instant;

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// How requests of a connection get their credentials.
#[derive(Debug)]
pub(super) enum Authorization {
    None,
    Header(HeaderName, HeaderValue),
    Token(Tokens),
}

/// The access token of a connection.
#[derive(Debug)]
pub(super) struct Tokens {
    shared: Arc<Shared<AccessToken>>,
    place: Arc<Place>,
}

/// Where it comes from.
#[derive(Debug)]
struct Place {
    connection: Str,
    grant: Grant,
    client: Outbound,
}

#[derive(Debug)]
struct AccessToken {
    value: HeaderValue,
    /// From now on a new one is fetched aside.
    due: Instant,
    /// From now on this one is not used.
    end: Instant,
}

/// What a request is sent with.
pub(super) struct Used<'a>(Option<(&'a Tokens, Arc<AccessToken>)>);

/// There is no access token.
pub(super) struct NoToken;

impl Authorization {
    pub(super) fn new(access: &Access, connection: &Str, client: &Outbound) -> Self {
        match access {
            Access::None => Self::None,
            Access::Header(name, value) => Self::Header(name.clone(), value.clone()),
            Access::Token(grant) => {
                let (connection, grant, client) =
                    (connection.clone(), grant.clone(), client.clone());
                let place = Arc::new(Place {
                    connection,
                    grant,
                    client,
                });
                Self::Token(Tokens {
                    shared: Arc::default(),
                    place,
                })
            }
        }
    }

    /// Puts the credentials into a request.
    pub(super) async fn apply(
        &self,
        request: &mut Request<Full<Bytes>>,
        until: time::Instant,
    ) -> Result<Used<'_>, NoToken> {
        match self {
            Self::None => Ok(Used(None)),
            Self::Header(name, value) => {
                request.headers_mut().insert(name.clone(), value.clone());
                Ok(Used(None))
            }
            Self::Token(tokens) => {
                let token = tokens.get(until).await.ok_or(NoToken)?;
                request
                    .headers_mut()
                    .insert(AUTHORIZATION, token.value.clone());
                Ok(Used(Some((tokens, token))))
            }
        }
    }
}

impl Used<'_> {
    /// The other side does not accept it: the next request gets another one.
    pub(super) fn forget(&self) {
        if let Some((tokens, token)) = &self.0 {
            tokens.shared.forget(token);
        }
    }
}

impl Tokens {
    async fn get(&self, until: time::Instant) -> Option<Arc<AccessToken>> {
        let good = |token: &AccessToken| Instant::now() < token.end;
        let Some(token) = self.shared.get().filter(|token| good(token)) else {
            return self
                .shared
                .renew(good, ACCESS_RETRY, until, self.fetch())
                .await;
        };
        if Instant::now() >= token.due {
            self.shared.renew_aside(ACCESS_RETRY, self.fetch());
        }
        Some(token)
    }

    fn fetch(&self) -> impl Future<Output = Option<AccessToken>> + Send + 'static {
        let place = Arc::clone(&self.place);
        async move { place.fetch().await }
    }
}

impl Place {
    async fn ask(&self, asked: Instant) -> Result<AccessToken, String> {
        let request = request(&self.grant).ok_or("the assertion cannot be signed")?;
        let until = (asked + ACCESS_FETCH).into_std();
        match self.client.send(request, until).await {
            Ok(answer) if answer.status() == StatusCode::OK => {
                let token = AccessToken::parse(answer.body(), asked);
                token.ok_or("the answer is no bearer token".to_owned())
            }
            Ok(_) => Err("the answer is not 200".to_owned()),
            Err(failure) => Err(failure.to_string()),
        }
    }

    async fn fetch(&self) -> Option<AccessToken> {
        let asked = Instant::now();
        let token = self.ask(asked).await;
        if let Err(error) = &token {
            tracing::warn!(connection = %self.connection, error, "the access token of a connection cannot be fetched");
        }
        token.ok()
    }
}

/// `None`: there is no randomness, or the library refuses to sign.
fn request(grant: &Grant) -> Option<Request<Full<Bytes>>> {
    let mut body = String::new();
    match &grant.proof {
        Proof::Client(_) => push_pair("grant_type", "client_credentials", &mut body),
        Proof::Assertion(assertion) => {
            push_pair("grant_type", JWT_BEARER, &mut body);
            push_pair("assertion", &signed(assertion)?, &mut body);
        }
    }
    if let Some(scope) = &grant.scope {
        push_pair("scope", scope, &mut body);
    }
    let mut request = outbound::form(&grant.url, body);
    if let Proof::Client(credentials) = &grant.proof {
        request
            .headers_mut()
            .insert(AUTHORIZATION, credentials.clone());
    }
    Some(request)
}

/// An assertion (RFC 7523 §3), good for a few minutes and once.
fn signed(assertion: &Assertion) -> Option<String> {
    let now = clock::now();
    let claims = json!({
        "iss": assertion.issuer.as_str(),
        "sub": assertion.subject.as_str(),
        "aud": assertion.audience.as_str(),
        "iat": now,
        "exp": now.saturating_add(OUR_ASSERTION_LIFETIME),
        "jti": random::text::<16>()?,
    });
    assertion.key.sign_as(&assertion.key_id, "JWT", &claims)
}

/// A token endpoint's answer (RFC 6749 §5.1).
#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

impl AccessToken {
    fn parse(body: &[u8], asked: Instant) -> Option<Self> {
        let granted: Granted = serde_json::from_slice(body).ok()?;
        let token = Secret::new(granted.access_token);
        let size = token.expose().len();
        if !granted.token_type.eq_ignore_ascii_case("bearer")
            || size == 0
            || size > MAX_ACCESS_TOKEN
        {
            return None;
        }
        let value = bearer(token.expose()).ok()?;
        let lifetime = granted
            .expires_in
            .map_or(ACCESS_DEFAULT, Duration::from_secs)
            .min(ACCESS_LONGEST);
        let end = asked + lifetime.saturating_sub(ACCESS_MARGIN.min(lifetime / 10));
        Some(Self {
            value,
            due: asked + lifetime * 3 / 4,
            end,
        })
    }
}
