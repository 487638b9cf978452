//! Tokens for a user: an access token (RFC 9068), an ID token (OpenID Connect Core §2) and a refresh token.

use super::error::TokenError;
use super::family::{self, RefreshToken, Unborn};
use super::form::Form;
use super::grant::audience;
use crate::authenticate::ClientAuth;
use crate::clients::Registered;
use crate::limits::{MAX_TOKEN, TOKEN_LIFETIME};
use crate::random;
use crate::state::State;
use crate::token::Seconds;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// What a user's tokens say beside the times. It holds for all that come from one sign-in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The client that may have them.
    pub client: String,
    /// The user: `sub`.
    pub user: String,
    /// `sid`; one is made where there is none.
    #[serde(default)]
    pub session: String,
    /// `aud` of access tokens: a resource the client may reach; the server itself where there is none.
    #[serde(default)]
    pub resource: String,
    /// `scope` of access tokens.
    #[serde(default = "openid")]
    pub scope: String,
    /// How the user proved to be one: `amr` (RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    /// When they did; now where it is not said.
    #[serde(default)]
    pub auth_time: Option<Seconds>,
    /// Further claims of ID tokens.
    #[serde(default)]
    pub id_token: Map<String, Value>,
    /// Further claims of access tokens.
    #[serde(default)]
    pub access_token: Map<String, Value>,
}

fn openid() -> String {
    "openid".into()
}

/// Claims that are ours to make.
const OURS: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "azp",
    "scope",
    "sid",
    "amr",
    "auth_time",
    "nonce",
];

impl ClientAuth {
    /// Tokens for a user, as the body of an answer.
    ///
    /// # Errors
    /// The grant is not one this client may have, or nothing can be issued now.
    pub(crate) async fn issue(
        &self,
        state: &State,
        grant: Grant,
        now: Seconds,
    ) -> Result<Value, TokenError> {
        let grant = self.complete(grant, now)?;
        let family = Unborn::draw()?;
        // What does not fit is found before the family begins.
        let tokens = self.tokens(&family.id, &grant, now)?;
        let refresh = family.begin(state, grant, now).await?;
        Ok(answer(tokens, refresh))
    }

    /// Tokens for the next hour, for the refresh token that a request of `client` brings.
    ///
    /// # Errors
    /// It is not good (any more), more is asked for than was granted, or nothing can be issued now.
    pub(super) async fn refresh(
        &self,
        state: &State,
        client: &Registered,
        form: &Form<'_>,
        now: Seconds,
    ) -> Result<Value, TokenError> {
        let token = form.get("refresh_token");
        let token = token.ok_or(TokenError::Request("the refresh_token is missing"))?;
        let token = RefreshToken::parse(token).ok_or(TokenError::Grant)?;
        let make = |family: &str, grant: &Grant| {
            let grant = grant.narrowed(self.url(), client, form)?;
            self.tokens(family, &grant, now)
        };
        let (tokens, refresh) = family::renew(state, &client.id, token, make).await?;
        Ok(answer(tokens, refresh))
    }

    /// The grant with everything it leaves to us.
    fn complete(&self, mut grant: Grant, now: Seconds) -> Result<Grant, TokenError> {
        let client = self.clients().get(&grant.client);
        let client = client.ok_or(TokenError::Request("there is no such client"))?;
        if grant.user.is_empty() {
            return Err(TokenError::Request("the user is missing"));
        }
        // The token would be the client's own: `sub` is what tells them apart.
        if grant.user == grant.client {
            return Err(TokenError::Request("the user has the name of the client"));
        }
        let mut claims = grant.id_token.keys().chain(grant.access_token.keys());
        if claims.any(|name| OURS.contains(&name.as_str())) {
            return Err(TokenError::Request(
                "a further claim is one that the server makes",
            ));
        }
        let wanted = Some(grant.resource.as_str()).filter(|resource| !resource.is_empty());
        grant.resource = audience(self.url(), client, wanted)?.to_owned();
        grant.auth_time.get_or_insert(now);
        if grant.session.is_empty() {
            grant.session = random::text::<16>().ok_or(TokenError::Server)?;
        }
        Ok(grant)
    }

    /// All of an answer but its refresh token.
    fn tokens(
        &self,
        family: &str,
        grant: &Grant,
        now: Seconds,
    ) -> Result<Map<String, Value>, TokenError> {
        let (access, id) = self.sign(grant, family, now)?;
        let members = [
            ("access_token", access.into()),
            ("id_token", id.into()),
            ("token_type", "Bearer".into()),
            ("expires_in", TOKEN_LIFETIME.into()),
            ("scope", grant.scope.as_str().into()),
            ("session_id", grant.session.as_str().into()),
        ];
        Ok(members
            .map(|(name, value): (&str, Value)| (name.to_owned(), value))
            .into_iter()
            .collect())
    }

    /// The access token and the ID token.
    fn sign(
        &self,
        grant: &Grant,
        family: &str,
        now: Seconds,
    ) -> Result<(String, String), TokenError> {
        let id = random::text::<16>().ok_or(TokenError::Server)?;
        let access = json!({
            "aud": grant.resource,
            "client_id": grant.client,
            "jti": format!("{family}.{id}"),
            "scope": grant.scope,
        });
        let access = self.token("at+jwt", grant, (&grant.access_token, access), now)?;
        let identity = json!({ "aud": grant.client });
        let identity = self.token("JWT", grant, (&grant.id_token, identity), now)?;
        Ok((access, identity))
    }

    fn token(
        &self,
        typ: &str,
        grant: &Grant,
        (further, own): (&Map<String, Value>, Value),
        now: Seconds,
    ) -> Result<String, TokenError> {
        let mut claims = further.clone();
        let common = json!({
            "iss": self.url(),
            "sub": grant.user,
            "iat": now,
            "exp": now.saturating_add(TOKEN_LIFETIME),
            "auth_time": grant.auth_time,
            "amr": grant.amr,
            "sid": grant.session,
        });
        for object in [common, own] {
            if let Value::Object(members) = object {
                claims.extend(members);
            }
        }
        let token = self.keys().current().sign(typ, &Value::Object(claims));
        let token = token.ok_or(TokenError::Server)?;
        if token.len() > MAX_TOKEN {
            return Err(TokenError::Request("the further claims are too large"));
        }
        Ok(token)
    }
}

impl Grant {
    /// What a request for the next hour asks for, out of what was granted: its resource (RFC 8707 §2.2), if the client may
    /// still reach it, and some or all of its scopes (RFC 6749 §6).
    fn narrowed(
        &self,
        url: &str,
        client: &Registered,
        form: &Form<'_>,
    ) -> Result<Self, TokenError> {
        if form.get("resource").is_some_and(|r| r != self.resource) {
            return Err(TokenError::Target);
        }
        audience(url, client, Some(&self.resource))?;
        let scope = form.get("scope").unwrap_or(&self.scope);
        let granted = |scope: &str| self.scope.split(' ').any(|one| one == scope);
        if !scope.split(' ').all(granted) {
            return Err(TokenError::Scope);
        }
        Ok(Self {
            scope: scope.to_owned(),
            ..self.clone()
        })
    }
}

fn answer(mut tokens: Map<String, Value>, refresh: String) -> Value {
    tokens.insert("refresh_token".into(), refresh.into());
    Value::Object(tokens)
}
