//! The clients that may ask for tokens, and the proof that one of them asks.

use crate::config::StartError;
use crate::data::Folder;
use crate::random;
use crate::secret::Secret;
use crate::token::{Algorithm, PublicKey};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;

const FILE: &str = "clients.json";
/// In a list of resources or scopes: any.
const ANY: &str = "*";

/// What the folder holds.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    clients: Vec<Registered>,
}

/// A client that may ask for tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Registered {
    /// Its id, `sub` of its tokens.
    pub id: String,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// SHA-256 of its secret as base64url. A secret is 256 random bits, so there is nothing a slow hash would add.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret_sha256: Option<String>,
    /// Its public key, for `private_key_jwt`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jwk: Option<serde_json::Value>,
    /// Resources it may have tokens for, beside our own audience; `*`: any.
    #[serde(default)]
    resources: Vec<String>,
    /// Scopes it may have; `*`: any.
    #[serde(default)]
    scopes: Vec<String>,
}

/// A client that has just been made: the only time its secret is known.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: Secret,
}

/// All clients, by id.
#[derive(Debug, Default)]
pub struct Clients(BTreeMap<String, Registered>);

impl Clients {
    /// The folder's clients. If there is no such file, makes one client for development and returns it too.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub fn open(folder: &Folder) -> Result<(Self, Option<NewClient>), StartError> {
        if let Some(stored) = folder.read::<Stored>(FILE)? {
            return Ok((Self::index(folder, stored)?, None));
        }
        let (client, new) = development()
            .ok_or_else(|| folder.fault(FILE, "the system has no randomness for a secret"))?;
        let stored = Stored {
            clients: vec![client],
        };
        folder.write(FILE, &stored)?;
        Ok((Self::index(folder, stored)?, Some(new)))
    }

    fn index(folder: &Folder, stored: Stored) -> Result<Self, StartError> {
        let mut clients = BTreeMap::new();
        for client in stored.clients {
            client
                .check()
                .map_err(|what| folder.fault(FILE, format!("client `{}`: {what}", client.id)))?;
            let id = client.id.clone();
            if clients.insert(id.clone(), client).is_some() {
                return Err(folder.fault(FILE, format!("client `{id}` is there twice")));
            }
        }
        Ok(Self(clients))
    }

    /// The client of that id. Whether there is one is no secret to whoever can prove to be it, and to nobody else.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Registered> {
        self.0.get(id)
    }

    /// The client of that id, if `secret` is its secret. An unknown id takes as long as a wrong secret.
    #[must_use]
    pub fn with_secret(&self, id: &str, secret: &str) -> Option<&Registered> {
        let client = self.0.get(id);
        let known = client.and_then(|c| c.secret_sha256.as_deref());
        let expected = known.map_or_else(|| hash(""), str::to_owned);
        let equal: bool = hash(secret).as_bytes().ct_eq(expected.as_bytes()).into();
        client.filter(|_| known.is_some() && equal)
    }
}

impl Registered {
    /// The key that signs its assertions.
    #[must_use]
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::from_jwk(self.jwk.as_ref()?, &Algorithm::ALL)
    }

    /// May it have a token for `resource`?
    #[must_use]
    pub fn may_reach(&self, resource: &str) -> bool {
        self.resources.iter().any(|r| r == ANY || r == resource)
    }

    /// The scopes of its token, if it asks for `wanted`; `None` if one of them is not for it.
    #[must_use]
    pub fn grant(&self, wanted: Option<&str>) -> Option<String> {
        let Some(wanted) = wanted else {
            return Some(
                self.scopes
                    .iter()
                    .filter(|s| *s != ANY)
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(" "),
            );
        };
        let allowed = |scope: &str| self.scopes.iter().any(|s| s == ANY || s == scope);
        let good = wanted
            .split(' ')
            .all(|scope| is_scope(scope) && allowed(scope));
        good.then(|| wanted.to_owned())
    }

    fn check(&self) -> Result<(), &'static str> {
        if self.id.is_empty() || !self.id.bytes().all(|b| b.is_ascii_graphic() && b != b':') {
            return Err("an id is printable ASCII without blanks and colons");
        }
        if self
            .secret_sha256
            .as_ref()
            .is_some_and(|h| URL_SAFE_NO_PAD.decode(h).map_or(0, |h| h.len()) != 32)
        {
            return Err(
                "`secret_sha256` is the SHA-256 of the secret as base64url without padding",
            );
        }
        if self.jwk.as_ref().is_some_and(|jwk| jwk.get("d").is_some()) {
            return Err(
                "`jwk` holds a private key, which is the client's alone; register the public one",
            );
        }
        if self.jwk.is_some() && self.key().is_none() {
            return Err("`jwk` is no public key for signatures that can be used");
        }
        Ok(())
    }
}

/// The characters of one scope (RFC 6749 §3.3).
fn is_scope(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
}

fn development() -> Option<(Registered, NewClient)> {
    let id = format!("dev-{}", random::text::<6>()?);
    let secret = random::text::<32>()?;
    let client = Registered {
        id: id.clone(),
        name: "development".into(),
        secret_sha256: Some(hash(&secret)),
        jwk: None,
        resources: vec![ANY.into()],
        scopes: vec![ANY.into()],
    };
    Some((
        client,
        NewClient {
            id,
            secret: Secret::new(secret),
        },
    ))
}

fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, secret.as_bytes()))
}
