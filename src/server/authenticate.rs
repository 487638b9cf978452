//! Client access tokens and Basic credentials: who calls?

use crate::auth::{Client, Denied};
use crate::clients::{Clients, NewClient};
use crate::clock;
use crate::config::StartError;
use crate::credentials;
use crate::data::Folder;
use crate::issuer::Issuers;
use crate::keys::Keys;
use crate::limits::{LEEWAY, MAX_TOKEN, MAX_TOKEN_LIFETIME};
use crate::replay::Replays;
use crate::request::Head;
use crate::token::{Algorithm, Claims, Expected, Jws, Refusal, Seconds, TokenCache, TypePolicy};
use arc_swap::ArcSwap;
use journey_machine::http;
use journey_machine::manifest::Auth;
use journey_machine::value::{Str, Value};
use std::sync::Arc;
use std::time::Instant;

/// The server's own clients and keys. They outlive every project.
#[derive(Debug)]
pub struct ClientAuth {
    folder: Arc<Folder>,
    url: Str,
    keys: ArcSwap<Keys>,
    signing: Option<Algorithm>,
    clients: Clients,
    verified: TokenCache<Client>,
    pub(crate) replays: Replays,
}

impl ClientAuth {
    /// Opens or makes keys and clients in the data folder; also returns the client made on the first start. Tokens are
    /// signed by `signing`, or as before; `url` is what callers know this server by.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn open(
        folder: Arc<Folder>,
        signing: Option<Algorithm>,
        url: &str,
    ) -> Result<(Self, Option<NewClient>), StartError> {
        let keys = Arc::new(Keys::open(&folder, signing, clock::now())?);
        let (clients, new) = Clients::open(&folder)?;
        let auth = Self {
            folder,
            url: Str::from(url),
            keys: ArcSwap::new(keys),
            signing,
            clients,
            verified: TokenCache::default(),
            replays: Replays::default(),
        };
        Ok((auth, new))
    }

    /// Signs with a new key of `algorithm` from now on. Tokens of the old keys stay valid until they expire.
    ///
    /// # Errors
    /// The data folder cannot be written; the old key stays in use.
    pub fn rotate(&self, algorithm: Algorithm) -> Result<(), StartError> {
        let keys = Arc::new(Keys::rotate(&self.folder, algorithm, clock::now())?);
        self.keys.store(keys);
        Ok(())
    }

    /// Replaces the key that signs if it has grown old by `now`, and forgets replaced ones of which no token can be valid.
    ///
    /// # Errors
    /// The data folder cannot be read or written; the old keys stay in use.
    pub fn renew(&self, now: Seconds) -> Result<(), StartError> {
        if let Some(keys) = Keys::renew(&self.folder, self.signing, now)? {
            self.keys.store(Arc::new(keys));
        }
        Ok(())
    }

    /// Who calls, by the head alone; the body has not been read. Called for `ClientToken` and `Basic` only.
    ///
    /// # Errors
    /// See [`Denied`].
    pub async fn authenticate(
        &self,
        auth: &Auth,
        head: &Head,
        issuers: &Issuers,
        deadline: Instant,
    ) -> Result<Client, Denied> {
        let headers = &head.parts.headers;
        let client = match auth {
            Auth::ClientToken { issuer: None } => self.own(credentials::bearer(headers)?)?,
            Auth::ClientToken {
                issuer: Some(issuer),
            } => {
                let client = issuers.client(*issuer, credentials::bearer(headers)?, deadline);
                // Every request would be moved with the room that this one needs.
                Box::pin(client).await?
            }
            Auth::Basic => self.basic(head)?,
            Auth::None { .. } => return Err(Denied::Missing),
        };
        same_client(head.parts.uri.query().unwrap_or_default(), &client.id)?;
        Ok(client)
    }

    /// The client of a token of ours.
    fn own(&self, token: &str) -> Result<Client, Denied> {
        if token.len() > MAX_TOKEN {
            return Err(Denied::Invalid(Refusal::TooLarge.reason()));
        }
        let (now, keys) = (clock::now(), self.keys.load());
        let fingerprint = keys.fingerprint().of_token(token);
        if let Some(client) = self.verified.get(&fingerprint, now) {
            return Ok(client);
        }
        let jws = Jws::parse(token);
        let verified = jws.and_then(|jws| {
            let claims = self.verify(&jws, &self.url, &keys, now)?;
            claims.check_client()?;
            Ok(claims)
        });
        let claims = verified.map_err(|refusal| Denied::Invalid(refusal.reason()))?;
        let client = Client {
            id: claims.subject,
            claims: claims.all,
        };
        self.verified.put(
            fingerprint,
            client.clone(),
            claims.expires,
            now,
            token.len(),
        );
        Ok(client)
    }

    /// The claims of an access token of ours that is in its time, whomever it is of and for.
    pub(crate) fn access_token(&self, token: &str, now: Seconds) -> Option<Claims> {
        let jws = Jws::parse(token).ok()?;
        let audience = jws.claimed_audience()?;
        self.verify(&jws, &audience, &self.keys.load(), now).ok()
    }

    fn verify(
        &self,
        jws: &Jws<'_>,
        audience: &Str,
        keys: &Keys,
        now: Seconds,
    ) -> Result<Claims, Refusal> {
        let kid = jws.kid.as_deref().ok_or(Refusal::UnknownKey)?;
        let key = keys
            .public()
            .find(Some(kid), jws.algorithm)
            .ok_or(Refusal::UnknownKey)?;
        let expected = Expected {
            issuers: std::slice::from_ref(&self.url),
            audiences: std::slice::from_ref(audience),
            lifetime: MAX_TOKEN_LIFETIME,
            leeway: LEEWAY,
            types: TypePolicy::AccessToken,
        };
        Claims::check(jws, jws.verify(key)?, &expected, now)
    }

    fn basic(&self, head: &Head) -> Result<Client, Denied> {
        let (id, secret) = credentials::basic(&head.parts.headers)?;
        let client = self
            .clients
            .with_secret(&id, secret.expose())
            .ok_or(Denied::Invalid("wrong id or secret"))?;
        Ok(Client {
            id: Str::from(client.id.as_str()),
            claims: Value::Null,
        })
    }

    /// What callers know this server by.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The clients.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.clients
    }

    /// The keys in use.
    #[must_use]
    pub fn keys(&self) -> Arc<Keys> {
        self.keys.load_full()
    }
}

/// Wherever the query says `clientId`, it says the caller's own id. What cannot be decoded says nothing, and is a fault
/// of the input to every journey that has a query.
fn same_client(query: &str, id: &str) -> Result<(), Denied> {
    let pairs = http::pairs(query).unwrap_or_default();
    if pairs
        .iter()
        .any(|(name, value)| name == "clientId" && value != id)
    {
        return Err(Denied::Invalid(Refusal::Client.reason()));
    }
    Ok(())
}
