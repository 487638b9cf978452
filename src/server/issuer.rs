//! Tokens of declared issuers.

mod introspection;
mod keys;
mod source;

use crate::auth::{Client, Denied};
use crate::clock;
use crate::config::StartError;
use crate::discovery::Discovery;
use crate::limits::{MAX_TOKEN, MAX_TOKEN_LIFETIME};
use crate::outbound::{Outbound, Reach, Trust, absolute, credentials};
use crate::settings::Settings;
use crate::token::{
    Algorithm, Claims, Expected, Jws, PublicKey, Refusal, Seconds, TokenCache, TypePolicy,
};
use introspection::Introspection;
use journey_machine::effect::Outcome;
use journey_machine::manifest::{self, IssuerId, KeySource, Text};
use journey_machine::program::Program;
use journey_machine::schema::{Decoder, Faults, Mode, Path, TypeId};
use journey_machine::value::{ErrorKind, EvalError, Str, Value};
use keys::{Fetched, RemoteKeys};
use source::Source;
use std::sync::Arc;
use std::time::Instant;

/// The issuers of a project.
#[derive(Debug)]
pub struct Issuers {
    decoder: Arc<Decoder>,
    issuers: Vec<(TypeId, Arc<Issuer>)>,
}

/// One issuer: what its tokens must say, and how we know that it says so.
#[derive(Debug)]
struct Issuer {
    definition: Definition,
    proof: Proof,
}

/// How a token is proven to be the issuer's.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each issuer")]
enum Proof {
    /// By its keys; the tokens we know already.
    Keys(RemoteKeys, TokenCache<Arc<Claims>>),
    /// By asking it.
    Introspection(Introspection),
}

/// An issuer with its settings filled in. As long as it stays the same, keys and verified tokens are kept.
#[derive(Clone, Debug, PartialEq)]
struct Definition {
    name: Str,
    means: Means,
    /// What it calls itself, the name in its discovery document first.
    issuer: Vec<Str>,
    audience: Str,
    algorithms: Vec<Algorithm>,
    leeway: Seconds,
    reach: Reach,
}

/// Where proof of a token comes from.
#[derive(Clone, Debug, PartialEq)]
enum Means {
    Keys(Source),
    Introspection(introspection::Place),
}

/// Why a token has not been found valid.
enum Unproven {
    Refused(Refusal),
    NoKeys,
}

impl From<Refusal> for Unproven {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Issuers {
    /// The issuers of `program`. What is known of the same issuers in `previous` is kept.
    ///
    /// # Errors
    /// Settings that are no usable URLs.
    pub fn new(
        program: &Program,
        decoder: &Arc<Decoder>,
        settings: &Settings,
        previous: Option<&Self>,
    ) -> Result<Self, StartError> {
        let (mut issuers, mut faults) = (Vec::new(), Vec::new());
        for declared in &program.manifest.issuers {
            match Definition::new(declared, settings) {
                Ok(definition) => {
                    issuers.push((declared.claims, Issuer::open(definition, previous)?))
                }
                Err(fault) => faults.push(format!("issuer {}: {fault}", declared.name)),
            }
        }
        if faults.is_empty() {
            Ok(Self {
                decoder: Arc::clone(decoder),
                issuers,
            })
        } else {
            Err(StartError::Project(faults))
        }
    }

    /// The claims of a token that should be the issuer's. Anything but a string is an invalid token.
    ///
    /// # Errors
    /// `invalid_token`, `keys_unavailable`.
    pub async fn validate(&self, issuer: IssuerId, token: &Value, deadline: Instant) -> Outcome {
        let invalid = |reason: &str| EvalError::new(ErrorKind::InvalidToken, reason);
        let (schema, issuer) = self
            .get(issuer)
            .ok_or_else(|| invalid("there is no such issuer"))?;
        let Value::String(token) = token else {
            return Err(invalid("the token is no text"));
        };
        let claims = issuer
            .verify(token, deadline)
            .await
            .map_err(|unproven| match unproven {
                Unproven::Refused(refusal) => invalid(refusal.reason()),
                Unproven::NoKeys => EvalError::new(
                    ErrorKind::KeysUnavailable,
                    "the issuer's keys cannot be had",
                ),
            })?;
        let mut faults = Faults::new();
        let typed = self.decoder.value(
            *schema,
            &claims.all,
            Mode::Response,
            &Path::root("claims"),
            &mut faults,
        );
        match faults.list().first() {
            None => Ok(typed),
            Some(fault) => Err(invalid(&format!(
                "the claim {} {}",
                fault.pointer, fault.message
            ))),
        }
    }

    /// The client whose access token this is.
    ///
    /// # Errors
    /// It is no valid token of that issuer, or not of a client, or that cannot be known now.
    pub async fn client(
        &self,
        issuer: IssuerId,
        token: &str,
        deadline: Instant,
    ) -> Result<Client, Denied> {
        let (_, issuer) = self
            .get(issuer)
            .ok_or(Denied::Unavailable("no such issuer"))?;
        let claims = issuer.verify(token, deadline).await.and_then(|claims| {
            claims.check_client()?;
            Ok(claims)
        });
        match claims {
            Ok(claims) => Ok(Client {
                id: claims.subject.clone(),
                claims: claims.all.clone(),
            }),
            Err(Unproven::Refused(refusal)) => Err(Denied::Invalid(refusal.reason())),
            Err(Unproven::NoKeys) => Err(Denied::Unavailable("the issuer's keys cannot be had")),
        }
    }

    fn get(&self, issuer: IssuerId) -> Option<&(TypeId, Arc<Issuer>)> {
        self.issuers.get(usize::from(issuer.0))
    }
}

impl Definition {
    fn new(declared: &manifest::Issuer, settings: &Settings) -> Result<Self, String> {
        let text = |text: &Text, what: &str| {
            settings
                .text(text)
                .ok_or_else(|| format!("its {what} is not set to a text"))
        };
        let named = declared.issuer.iter().map(|name| text(name, "issuer"));
        let mut issuer = named.collect::<Result<Vec<_>, _>>()?;
        let means = Means::new(&declared.keys, issuer.first().map(Str::as_str), &text)?;
        if issuer.is_empty() {
            match &means {
                Means::Keys(Source::Discovery(discovery)) => issuer.push(discovery.issuer().into()),
                Means::Keys(Source::Jwks(_)) | Means::Introspection(_) => {
                    return Err("it must say its `issuer`".into());
                }
            }
        }
        let algorithm = |name: &Str| {
            Algorithm::named(name).ok_or_else(|| format!("the algorithm {name} is not supported"))
        };
        Ok(Self {
            name: declared.name.clone(),
            means,
            issuer,
            audience: text(&declared.audience, "audience")?,
            algorithms: declared
                .algorithms
                .iter()
                .map(algorithm)
                .collect::<Result<_, _>>()?,
            leeway: Seconds::try_from(declared.leeway / 1_000).unwrap_or(Seconds::MAX),
            reach: Reach::new(declared.internal),
        })
    }
}

impl Means {
    fn new(
        declared: &KeySource,
        issuer: Option<&str>,
        text: &impl Fn(&Text, &str) -> Result<Str, String>,
    ) -> Result<Self, String> {
        let url = |url: &Text, what: &str| {
            absolute(&text(url, what)?).map_err(|error| format!("its {what} {error}"))
        };
        Ok(match declared {
            KeySource::Discovery(url) => {
                let discovery = Discovery::of(&text(url, "discovery")?, issuer);
                Self::Keys(Source::Discovery(
                    discovery.ok_or("its discovery is not an absolute http or https URL")?,
                ))
            }
            KeySource::Jwks(uri) => Self::Keys(Source::Jwks(url(uri, "jwks")?)),
            KeySource::Introspection {
                url: uri,
                client_id,
                client_secret,
            } => Self::Introspection(introspection::Place {
                url: url(uri, "introspection url")?,
                credentials: credentials::client(
                    &text(client_id, "client_id")?,
                    &text(client_secret, "client_secret")?,
                )?,
            }),
        })
    }
}

impl Issuer {
    fn open(definition: Definition, previous: Option<&Issuers>) -> Result<Arc<Self>, StartError> {
        let mut known = previous.iter().flat_map(|p| &p.issuers);
        if let Some((_, same)) = known.find(|(_, issuer)| issuer.definition == definition) {
            return Ok(Arc::clone(same));
        }
        let client = Outbound::new(definition.reach, &Trust::default())?;
        let name = definition.name.clone();
        let proof = match definition.means.clone() {
            Means::Keys(source) => {
                let algorithms = definition.algorithms.clone();
                let keys = RemoteKeys::new(name, source, algorithms, client);
                Proof::Keys(keys, TokenCache::default())
            }
            Means::Introspection(place) => {
                Proof::Introspection(Introspection::new(name, place, client))
            }
        };
        Ok(Arc::new(Self { definition, proof }))
    }

    /// The claims of a token.
    async fn verify(&self, token: &str, deadline: Instant) -> Result<Arc<Claims>, Unproven> {
        if token.len() > MAX_TOKEN {
            return Err(Refusal::TooLarge.into());
        }
        match &self.proof {
            Proof::Keys(keys, verified) => self.by_keys(keys, verified, token, deadline).await,
            Proof::Introspection(introspection) => {
                let answer = Box::pin(introspection.ask(token, deadline)).await;
                let answer = answer.ok_or(Unproven::NoKeys)?;
                let claims = Claims::introspected(&answer, &self.expected(), clock::now())?;
                Ok(Arc::new(claims))
            }
        }
    }

    /// The claims of a signed token, from memory if it has been seen before.
    async fn by_keys(
        &self,
        keys: &RemoteKeys,
        verified: &TokenCache<Arc<Claims>>,
        token: &str,
        deadline: Instant,
    ) -> Result<Arc<Claims>, Unproven> {
        let now = clock::now();
        if let Some(keys) = keys.known()
            && let Some(claims) = verified.get(&keys.document.of_token(token), now)
        {
            return Ok(claims);
        }
        let jws = Jws::parse(token)?;
        let (keys, key) = Box::pin(self.key(keys, &jws, deadline)).await?;
        let claims = Claims::check(&jws, jws.verify(&key)?, &self.expected(), now)?;
        let (claims, fingerprint) = (Arc::new(claims), keys.document.of_token(token));
        verified.put(
            fingerprint,
            Arc::clone(&claims),
            claims.expires,
            now,
            token.len(),
        );
        Ok(claims)
    }

    /// The key a token names, asked for once more if we do not know it.
    async fn key(
        &self,
        remote: &RemoteKeys,
        jws: &Jws<'_>,
        deadline: Instant,
    ) -> Result<(Arc<Fetched>, PublicKey), Unproven> {
        if !self.definition.algorithms.contains(&jws.algorithm) {
            return Err(Refusal::Algorithm.into());
        }
        let find = |keys: Arc<Fetched>| {
            let key = keys.set.find(jws.kid.as_deref(), jws.algorithm).cloned()?;
            Some((keys, key))
        };
        let keys = remote.wait(deadline).await.ok_or(Unproven::NoKeys)?;
        if let Some(found) = find(Arc::clone(&keys)) {
            return Ok(found);
        }
        let newer = remote.newer_than(&keys, deadline).await;
        newer
            .and_then(find)
            .ok_or(Unproven::Refused(Refusal::UnknownKey))
    }

    fn expected(&self) -> Expected<'_> {
        Expected {
            issuers: &self.definition.issuer,
            audiences: std::slice::from_ref(&self.definition.audience),
            lifetime: MAX_TOKEN_LIFETIME,
            leeway: self.definition.leeway,
            types: TypePolicy::Any,
        }
    }
}
