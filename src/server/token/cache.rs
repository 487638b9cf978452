//! Tokens that have been verified, until they expire: a signature costs more than a whole request.

use super::Seconds;
use crate::limits::{TOKEN_CACHE_BYTES, TOKEN_CACHE_ENTRY};
use aws_lc_rs::digest::{Context, SHA256, digest};
use moka::Expiry;
use moka::sync::Cache;
use std::fmt;
use std::time::{Duration, Instant};

/// Stands for a token, or other data: its SHA-256. The cache holds no tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Of `data`.
    #[must_use]
    pub fn of(data: impl AsRef<[u8]>) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest(&SHA256, data.as_ref()).as_ref());
        Self(bytes)
    }

    /// Of a token that is verified with the keys this stands for: with other keys it is another token.
    #[must_use]
    pub fn of_token(&self, token: &str) -> Self {
        let mut context = Context::new(&SHA256);
        context.update(&self.0);
        context.update(token.as_bytes());
        let mut bytes = [0; 32];
        bytes.copy_from_slice(context.finish().as_ref());
        Self(bytes)
    }
}

/// What was found for a token.
#[derive(Clone, Debug)]
struct Entry<T> {
    found: T,
    expires: Seconds,
    lives: Duration,
    bytes: u32,
}

/// Verified tokens, bounded by weight; as an entry weighs at least [`TOKEN_CACHE_ENTRY`], also by count.
pub struct TokenCache<T: Clone + Send + Sync + 'static>(Cache<Fingerprint, Entry<T>>);

impl<T: Clone + Send + Sync + 'static> fmt::Debug for TokenCache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenCache")
            .field("entries", &self.0.entry_count())
            .finish()
    }
}

impl<T: Clone + Send + Sync + 'static> Default for TokenCache<T> {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(TOKEN_CACHE_BYTES)
            .weigher(|_, entry: &Entry<T>| entry.bytes)
            .expire_after(UntilExpiry)
            .build();
        Self(cache)
    }
}

impl<T: Clone + Send + Sync + 'static> TokenCache<T> {
    /// What was found for the token, unless it has expired.
    #[must_use]
    pub fn get(&self, token: &Fingerprint, now: Seconds) -> Option<T> {
        let entry = self.0.get(token)?;
        (now < entry.expires).then_some(entry.found)
    }

    /// Keeps what was found for a token of `bytes` bytes.
    pub fn put(&self, token: Fingerprint, found: T, expires: Seconds, now: Seconds, bytes: usize) {
        let lives = Duration::from_secs(u64::try_from(expires.saturating_sub(now)).unwrap_or(0));
        // Decoded claims take a few times the room of the token.
        let bytes = u32::try_from(bytes.saturating_mul(4)).unwrap_or(u32::MAX);
        let bytes = bytes.max(TOKEN_CACHE_ENTRY);
        self.0.insert(
            token,
            Entry {
                found,
                expires,
                lives,
                bytes,
            },
        );
    }
}

struct UntilExpiry;

impl<T> Expiry<Fingerprint, Entry<T>> for UntilExpiry {
    fn expire_after_create(
        &self,
        _: &Fingerprint,
        entry: &Entry<T>,
        _: Instant,
    ) -> Option<Duration> {
        Some(entry.lives)
    }
}
