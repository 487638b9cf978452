//! Refresh tokens. All that come from one sign-in are a family: each is good once and makes the next one. One that comes
//! back is known to two, so its whole family ends (RFC 9700 §4.14.2).

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

/// A family that has just got a new token.
pub(super) struct Renewed {
    /// What its access tokens name it by.
    pub(super) id: String,
    pub(super) grant: Grant,
    pub(super) token: String,
}

/// Why there is no new token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spent {
    /// There is no such family, or it is another client's.
    Unknown,
    /// It has been used before: its family has ended.
    Reused,
    /// State cannot be read or written now, or the system has no randomness.
    Unavailable,
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

/// Begins a family.
pub(super) async fn begin(state: &State, grant: Grant, now: Seconds) -> Result<Renewed, Spent> {
    let (name, secret) = random::text::<16>()
        .zip(random::text::<32>())
        .ok_or(Spent::Unavailable)?;
    let id = hash(&name);
    let family = Family {
        grant,
        current: hash(&secret),
        expires: now.saturating_add(GRANT_LIFETIME),
    };
    let change = put(state, &id, &family).ok_or(Spent::Unavailable)?;
    let written = write(state, (&id, 0), change).await;
    written.map_err(|_| Spent::Unavailable)?;
    let (grant, token) = (family.grant, format!("{name}.{secret}"));
    Ok(Renewed { id, grant, token })
}

/// Uses a token of `client` up for the next one. Of two who bring it at once, the second ends the family.
pub(super) async fn renew(
    state: &State,
    client: &str,
    token: RefreshToken<'_>,
) -> Result<Renewed, Spent> {
    for _ in 0..TURN_TRIES {
        match once(state, client, token).await? {
            Some(renewed) => return Ok(renewed),
            None => continue,
        }
    }
    Err(Spent::Unavailable)
}

/// `None`: another one was faster.
async fn once(
    state: &State,
    client: &str,
    token: RefreshToken<'_>,
) -> Result<Option<Renewed>, Spent> {
    let id = token.family();
    let (family, stamp) = read(state, &id).await?.ok_or(Spent::Unknown)?;
    if family.grant.client != client {
        return Err(Spent::Unknown);
    }
    if !is_current(&family, token) {
        let ended = write(state, (&id, stamp), Change::Delete(place(&id))).await;
        return match ended {
            Ok(()) => Err(Spent::Reused),
            Err(refused) => again(refused),
        };
    }
    let secret = random::text::<32>().ok_or(Spent::Unavailable)?;
    let next = Family {
        current: hash(&secret),
        ..family
    };
    let change = put(state, &id, &next).ok_or(Spent::Unavailable)?;
    match write(state, (&id, stamp), change).await {
        Ok(()) => Ok(Some(Renewed {
            token: format!("{}.{secret}", token.name),
            grant: next.grant,
            id,
        })),
        Err(refused) => again(refused),
    }
}

fn again(refused: Refused) -> Result<Option<Renewed>, Spent> {
    match refused {
        Refused::Conflict => Ok(None),
        Refused::Busy | Refused::Full | Refused::Failed => Err(Spent::Unavailable),
    }
}

/// A family, if it is there still.
pub(super) async fn find(state: &State, id: &str) -> Result<Option<Family>, Spent> {
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
pub(super) async fn end(state: &State, id: &str) -> Result<(), Spent> {
    let ended = state.write(vec![Change::Delete(place(id))]).await;
    ended.map_err(|_| Spent::Unavailable)
}

async fn read(state: &State, id: &str) -> Result<Option<(Family, Stamp)>, Spent> {
    let place = place(id);
    let found = state.engine.row(&place, clock::timestamp()).await;
    let Some(found) = found.map_err(|_| Spent::Unavailable)? else {
        return Ok(None);
    };
    let record = state.open(&place, &found.data);
    let family = record.and_then(|record| {
        let text = record.get("grant")?.as_str()?;
        serde_json::from_str(text).ok()
    });
    let family = family.ok_or(Spent::Unavailable)?;
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
