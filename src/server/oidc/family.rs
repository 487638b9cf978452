//! Refresh tokens. All that come from one sign-in are a family: each is good once and makes the next one. One that comes
//! back is known to two, so its whole family ends (RFC 9700 §4.14.2).

use super::error::TokenError;
use super::user::Grant;
use crate::clock;
use crate::limits::{GRANT_LIFETIME, TURN_TRIES};
use crate::random;
use crate::state::{Refused, State};
use crate::token::Seconds;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use journey_machine::state::grant::grants;
use journey_machine::state::{Change, Codec, Commit, Place, Row, Seen, Stamp};
use journey_machine::value::{Key, Map, Timestamp, Value};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// A family as it is kept: no token of it can be made from that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Family {
    /// Who it is for, and what they may have.
    pub(super) grant: Grant,
    /// The hash of the secret of its last token.
    current: String,
    /// When it ends.
    pub(super) expires: Seconds,
}

/// A token taken apart: a name, by whose hash its family is found, and a secret, which only its last token has.
#[derive(Clone, Copy)]
pub(super) struct RefreshToken<'a> {
    name: &'a str,
    secret: &'a str,
}

/// A family that is not written yet.
pub(super) struct Unborn {
    /// What its access tokens name it by.
    pub(super) id: String,
    name: String,
    secret: String,
}

impl<'a> RefreshToken<'a> {
    /// `None`: it is no refresh token.
    pub(super) fn parse(token: &'a str) -> Option<Self> {
        let (name, secret) = token.split_once('.')?;
        (!name.is_empty() && !secret.is_empty() && !secret.contains('.'))
            .then_some(Self { name, secret })
    }

    /// What its family is kept under.
    pub(super) fn family(self) -> String {
        hash(self.name)
    }
}

impl Unborn {
    pub(super) fn draw() -> Result<Self, TokenError> {
        let drawn = random::text::<16>().zip(random::text::<32>());
        let (name, secret) = drawn.ok_or(TokenError::Unavailable)?;
        let id = hash(&name);
        Ok(Self { id, name, secret })
    }

    /// Begins it; its first refresh token.
    pub(super) async fn begin(
        self,
        state: &State,
        grant: Grant,
        now: Seconds,
    ) -> Result<String, TokenError> {
        let family = Family {
            grant,
            current: hash(&self.secret),
            expires: now.saturating_add(GRANT_LIFETIME),
        };
        let change = put(state, &self.id, &family).ok_or(TokenError::Unavailable)?;
        let written = write(state, (&self.id, 0), change).await;
        written.map_err(|_| TokenError::Unavailable)?;
        Ok(format!("{}.{}", self.name, self.secret))
    }
}

/// Uses a token of `client` up for the next one, which comes with what `make` makes of its family: what cannot be made leaves
/// the token as it is. Of two who bring it at once, the second ends the family.
pub(super) async fn renew<T>(
    state: &State,
    client: &str,
    token: RefreshToken<'_>,
    make: impl Fn(&str, &Grant) -> Result<T, TokenError>,
) -> Result<(T, String), TokenError> {
    for _ in 0..TURN_TRIES {
        match once(state, client, token, &make).await? {
            Some(renewed) => return Ok(renewed),
            None => continue,
        }
    }
    Err(TokenError::Unavailable)
}

/// `None`: another one was faster.
async fn once<T>(
    state: &State,
    client: &str,
    token: RefreshToken<'_>,
    make: impl Fn(&str, &Grant) -> Result<T, TokenError>,
) -> Result<Option<(T, String)>, TokenError> {
    let id = token.family();
    let (family, stamp) = read(state, &id).await?.ok_or(TokenError::Grant)?;
    if family.grant.client != client {
        return Err(TokenError::Grant);
    }
    if !is_current(&family, token) {
        let ended = write(state, (&id, stamp), Change::Delete(place(&id))).await;
        return if is_first(ended)? {
            tracing::warn!(
                client,
                "a refresh token came back: all of its family are revoked"
            );
            Err(TokenError::Grant)
        } else {
            Ok(None)
        };
    }
    let made = make(&id, &family.grant)?;
    let secret = random::text::<32>().ok_or(TokenError::Unavailable)?;
    let next = Family {
        current: hash(&secret),
        ..family
    };
    let change = put(state, &id, &next).ok_or(TokenError::Unavailable)?;
    let written = write(state, (&id, stamp), change).await;
    let token = format!("{}.{secret}", token.name);
    Ok(is_first(written)?.then_some((made, token)))
}

/// Has nobody else written meanwhile?
fn is_first(written: Result<(), Refused>) -> Result<bool, TokenError> {
    match written {
        Ok(()) => Ok(true),
        Err(Refused::Conflict) => Ok(false),
        Err(Refused::Busy | Refused::Full | Refused::Failed) => Err(TokenError::Unavailable),
    }
}

/// A family, if it is there still.
pub(super) async fn find(state: &State, id: &str) -> Result<Option<Family>, TokenError> {
    Ok(read(state, id).await?.map(|(family, _)| family))
}

/// Does this token, of all its family's, count?
pub(super) fn is_current(family: &Family, token: RefreshToken<'_>) -> bool {
    hash(token.secret)
        .as_bytes()
        .ct_eq(family.current.as_bytes())
        .into()
}

/// Ends a family.
pub(super) async fn end(state: &State, id: &str) -> Result<(), TokenError> {
    let ended = state.write(vec![Change::Delete(place(id))]).await;
    ended.map_err(|_| TokenError::Unavailable)
}

async fn read(state: &State, id: &str) -> Result<Option<(Family, Stamp)>, TokenError> {
    let place = place(id);
    let found = state.engine.row(&place, clock::timestamp()).await;
    let Some(found) = found.map_err(|_| TokenError::Unavailable)? else {
        return Ok(None);
    };
    let record = state.open(&place, &found.data);
    let family = record.and_then(|record| {
        let text = record.get("grant")?.as_str()?;
        serde_json::from_str(text).ok()
    });
    let family = family.ok_or(TokenError::Unavailable)?;
    Ok(Some((family, found.stamp)))
}

async fn write(state: &State, seen: (&str, Stamp), change: Change) -> Result<(), Refused> {
    let (id, stamp) = seen;
    let commit = Commit {
        now: clock::timestamp(),
        seen: vec![Seen::Row(place(id), stamp)],
        changes: vec![change],
    };
    state.engine.commit(commit).await
}

fn put(state: &State, id: &str, family: &Family) -> Option<Change> {
    let place = place(id);
    let text = serde_json::to_string(family).ok()?;
    let fields = [("id", id), ("grant", &text)];
    let fields = fields.map(|(name, value)| (Key::from(name), Value::from(value)));
    let record = fields.into_iter().collect::<Map>().into();
    let row = Row {
        data: state.seal(&place, grants().labelled, &record)?,
        record: None,
        entries: Vec::new(),
        expires: Timestamp::new(family.expires, 0),
    };
    Some(Change::Put(place, row))
}

fn place(id: &str) -> Place {
    Place {
        space: grants().space.clone(),
        key: id.as_bytes().to_vec(),
    }
}

fn hash(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, text.as_bytes()))
}
