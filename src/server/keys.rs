//! The server's signing keys: made on the first start, kept in the data folder, replaced when they grow old, at a start or
//! while the server runs.
//!
//! The newest key signs. A replaced one stays in the published set for as long as a token it signed can be valid.

use crate::config::StartError;
use crate::data::Folder;
use crate::limits::{KEY_AGE, MAX_TOKEN_LIFETIME};
use crate::token::{Algorithm, Fingerprint, KeySet, Seconds, SigningKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

const FILE: &str = "keys.json";

/// What the folder holds, newest key first.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    keys: Vec<StoredKey>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
struct StoredKey {
    #[zeroize(skip)]
    alg: Algorithm,
    created: Seconds,
    /// When another key took over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retired: Option<Seconds>,
    pkcs8: String,
}

/// The keys in use.
#[derive(Debug)]
pub struct Keys {
    current: SigningKey,
    public: KeySet,
    jwks: String,
    fingerprint: Fingerprint,
}

impl Keys {
    /// The folder's keys. Makes one if there is none, if the newest is older than [`KEY_AGE`], or if it is not of the
    /// `wanted` algorithm.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub fn open(
        folder: &Folder,
        wanted: Option<Algorithm>,
        now: Seconds,
    ) -> Result<Self, StartError> {
        let mut stored: Stored = folder.read(FILE)?.unwrap_or(Stored { keys: Vec::new() });
        if let Some(algorithm) = stored.due(wanted, now) {
            return add(folder, stored, algorithm, now);
        }
        if stored.has_spent(now) {
            stored.keys.retain(|key| !key.is_spent(now));
            folder.write(FILE, &stored)?;
        }
        Self::load(folder, &stored)
    }

    /// What [`Keys::open`] would give by now, if that is something else. A file that is gone stays gone until the next
    /// start: tokens under way need its keys.
    ///
    /// # Errors
    /// The file cannot be read or written, or holds something else.
    pub fn renew(
        folder: &Folder,
        wanted: Option<Algorithm>,
        now: Seconds,
    ) -> Result<Option<Self>, StartError> {
        match folder.read::<Stored>(FILE)? {
            Some(stored) if stored.due(wanted, now).is_some() || stored.has_spent(now) => {
                Self::open(folder, wanted, now).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Makes a new key of `algorithm` that signs from now on.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn rotate(folder: &Folder, algorithm: Algorithm, now: Seconds) -> Result<Self, StartError> {
        let stored = folder.read(FILE)?.unwrap_or(Stored { keys: Vec::new() });
        add(folder, stored, algorithm, now)
    }

    fn load(folder: &Folder, stored: &Stored) -> Result<Self, StartError> {
        let damaged = || {
            folder.fault(FILE, "a key in it is damaged; restore it from a backup, or move it away to have a new one made")
        };
        let keys: Vec<_> = stored
            .keys
            .iter()
            .map(StoredKey::read)
            .collect::<Option<_>>()
            .ok_or_else(damaged)?;
        let public = keys
            .iter()
            .map(SigningKey::public)
            .collect::<Option<_>>()
            .ok_or_else(damaged)?;
        let jwks =
            serde_json::json!({ "keys": keys.iter().map(SigningKey::jwk).collect::<Vec<_>>() })
                .to_string();
        let current = keys.into_iter().next().ok_or_else(damaged)?;
        let fingerprint = Fingerprint::of(&jwks);
        Ok(Self {
            current,
            public: KeySet::new(public),
            jwks,
            fingerprint,
        })
    }

    /// The key that signs.
    #[must_use]
    pub fn current(&self) -> &SigningKey {
        &self.current
    }

    /// The keys that verify.
    #[must_use]
    pub fn public(&self) -> &KeySet {
        &self.public
    }

    /// Stands for the keys that verify.
    #[must_use]
    pub fn fingerprint(&self) -> &Fingerprint {
        &self.fingerprint
    }

    /// The published key set, as JSON.
    #[must_use]
    pub fn jwks(&self) -> &str {
        &self.jwks
    }
}

fn add(
    folder: &Folder,
    mut stored: Stored,
    algorithm: Algorithm,
    now: Seconds,
) -> Result<Keys, StartError> {
    let made = StoredKey::generate(algorithm, now)
        .ok_or_else(|| folder.fault(FILE, format!("no {} key can be made", algorithm.name())))?;
    for key in &mut stored.keys {
        key.retired.get_or_insert(now);
    }
    stored.keys.retain(|key| !key.is_spent(now));
    stored.keys.insert(0, made);
    folder.write(FILE, &stored)?;
    tracing::info!(algorithm = algorithm.name(), "a new signing key was made");
    Keys::load(folder, &stored)
}

impl Stored {
    /// The algorithm a new key is due of: there is none yet, the newest is old, or it is of another one than is wanted.
    fn due(&self, wanted: Option<Algorithm>, now: Seconds) -> Option<Algorithm> {
        let Some(newest) = self.keys.first() else {
            return Some(wanted.unwrap_or(Algorithm::ES256));
        };
        let algorithm = wanted.unwrap_or(newest.alg);
        let good = newest.alg == algorithm && now.saturating_sub(newest.created) < KEY_AGE;
        (!good).then_some(algorithm)
    }

    /// Is there a replaced key of which no token can be valid any more?
    fn has_spent(&self, now: Seconds) -> bool {
        self.keys.iter().any(|key| key.is_spent(now))
    }
}

impl StoredKey {
    fn generate(algorithm: Algorithm, now: Seconds) -> Option<Self> {
        let pkcs8 = STANDARD.encode(SigningKey::generate(algorithm)?.to_pkcs8()?);
        Some(Self {
            alg: algorithm,
            created: now,
            retired: None,
            pkcs8,
        })
    }

    fn is_spent(&self, now: Seconds) -> bool {
        self.retired
            .is_some_and(|at| now.saturating_sub(at) > MAX_TOKEN_LIFETIME)
    }

    fn read(&self) -> Option<SigningKey> {
        let der = zeroize::Zeroizing::new(STANDARD.decode(&self.pkcs8).ok()?);
        SigningKey::from_pkcs8(self.alg, &der)
    }
}
