//! What becomes of a token: revocation (RFC 7009) and introspection (RFC 7662).

use super::client::authenticate;
use super::error::TokenError;
use super::family::{self, RefreshToken};
use super::form::Form;
use crate::authenticate::ClientAuth;
use crate::clients::Registered;
use crate::request::Head;
use crate::state::State;
use crate::token::{Claims, Seconds};
use journey_machine::json::write_json;
use serde_json::{Value, json};

/// A token of ours, as it says itself.
enum Known<'a> {
    Refresh(RefreshToken<'a>),
    /// Signed by us and in its time. Whether it was revoked is not looked at yet.
    Access(Claims),
    /// Not of ours, not of an access or refresh token's form, or over.
    Nothing,
}

impl ClientAuth {
    /// Ends the family of a user's token, whichever of it is brought. A token that is none, or another client's, is none
    /// of the caller's concern and answered alike.
    pub(super) async fn revoke(
        &self,
        state: &State,
        head: &Head,
        body: &[u8],
        now: Seconds,
    ) -> Result<(), TokenError> {
        let (client, token) = self.asked(head, body, now)?;
        let id = match self.know(&token, now) {
            Known::Refresh(token) => token.family(),
            Known::Access(claims) => family_of(&claims).ok_or(TokenError::TokenType)?.to_owned(),
            Known::Nothing => return Ok(()),
        };
        match family::find(state, &id).await? {
            Some(family) if family.grant.client == client.id => Ok(family::end(state, &id).await?),
            _ => Ok(()),
        }
    }

    /// What is known of a token: `{active: false}` unless it is good, and for this client to know.
    pub(super) async fn introspect(
        &self,
        state: &State,
        head: &Head,
        body: &[u8],
        now: Seconds,
    ) -> Result<Value, TokenError> {
        let (client, token) = self.asked(head, body, now)?;
        let known = match self.know(&token, now) {
            Known::Refresh(token) => refreshing(self, state, client, token).await?,
            Known::Access(claims) => accessing(self, state, client, &claims).await?,
            Known::Nothing => None,
        };
        Ok(known.unwrap_or_else(|| json!({ "active": false })))
    }

    /// Who asks, and about which token.
    fn asked(
        &self,
        head: &Head,
        body: &[u8],
        now: Seconds,
    ) -> Result<(&Registered, String), TokenError> {
        let form = Form::parse(&head.parts.headers, body)?;
        let client = authenticate(self, &head.parts.headers, &form, now)?;
        let token = form.get("token");
        let token = token.ok_or(TokenError::Request("the token is missing"))?;
        Ok((client, token.to_owned()))
    }

    fn know<'t>(&self, token: &'t str, now: Seconds) -> Known<'t> {
        if let Some(token) = RefreshToken::parse(token) {
            return Known::Refresh(token);
        }
        self.access_token(token, now)
            .map_or(Known::Nothing, Known::Access)
    }
}

async fn refreshing(
    auth: &ClientAuth,
    state: &State,
    client: &Registered,
    token: RefreshToken<'_>,
) -> Result<Option<Value>, TokenError> {
    let family = family::find(state, &token.family()).await?;
    let family = family
        .filter(|family| family.grant.client == client.id && family::is_current(family, token));
    Ok(family.map(|family| {
        json!({
            "active": true,
            "token_type": "refresh_token",
            "iss": auth.url(),
            "client_id": family.grant.client,
            "sub": family.grant.user,
            "scope": family.grant.scope,
            "sid": family.grant.session,
            "exp": family.expires,
        })
    }))
}

/// Its owner may know it, and whom it is meant for.
async fn accessing(
    auth: &ClientAuth,
    state: &State,
    client: &Registered,
    claims: &Claims,
) -> Result<Option<Value>, TokenError> {
    let text = |name: &str| claims.all.get(name).and_then(|value| value.as_str());
    let owner = text("client_id") == Some(&client.id);
    let meant =
        text("aud").is_some_and(|audience| audience != auth.url() && client.may_reach(audience));
    if !owner && !meant {
        return Ok(None);
    }
    if let Some(family) = family_of(claims)
        && family::find(state, family).await?.is_none()
    {
        return Ok(None);
    }
    let mut json = Vec::new();
    write_json(&claims.all, &mut json);
    let mut known: Value = serde_json::from_slice(&json).map_err(|_| TokenError::Server)?;
    if let Some(members) = known.as_object_mut() {
        members.insert("active".into(), true.into());
        members.insert("token_type".into(), "Bearer".into());
    }
    Ok(Some(known))
}

/// The family that a user's access token names; a client's has none.
fn family_of(claims: &Claims) -> Option<&str> {
    let (family, _) = claims.all.get("jti")?.as_str()?.split_once('.')?;
    Some(family)
}
