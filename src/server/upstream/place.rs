//! Where the other side of a connection is.

use crate::discovery::Discovery;
use crate::embedded::Service;
use crate::limits::{KEYS_FRESH, KEYS_RETRY, KEYS_STALE};
use crate::outbound::{Base, Outbound};
use crate::shared::Shared;
use std::sync::Arc;
use std::time;
use tokio::time::Instant;

const DISCOVERY: &str = "discovery:";

/// Where the other side is, as a setting says.
#[derive(Debug, PartialEq)]
pub(super) enum Place {
    /// Behind a URL.
    Remote(Base),
    /// Where the discovery document of an issuer says: the member that names it.
    Discovered(Discovery, String),
    /// In this process.
    Embedded(Service),
}

impl Place {
    /// Reads a base: a URL, `embedded:NAME`, or `discovery:ISSUER#MEMBER`.
    ///
    /// # Errors
    /// The end of a sentence that begins with the base.
    pub(super) fn parse(base: &str) -> Result<Self, String> {
        if let Some(service) = Service::of(base) {
            return service.map(Self::Embedded).map_err(str::to_owned);
        }
        match base.strip_prefix(DISCOVERY) {
            Some(rest) => Self::discovered(rest).ok_or_else(|| {
                "is not `discovery:`, the URL of an issuer, `#` and the name of an endpoint".into()
            }),
            None => Base::parse(base)
                .map(Self::Remote)
                .map_err(|error| error.to_string()),
        }
    }

    fn discovered(text: &str) -> Option<Self> {
        let (issuer, member) = text.rsplit_once('#')?;
        let discovery = Discovery::of(issuer, None)?;
        (!member.is_empty()).then(|| Self::Discovered(discovery, member.to_owned()))
    }

    /// Is it spoken to over TLS?
    pub(super) fn is_https(&self) -> bool {
        match self {
            Self::Remote(base) => base.is_https(),
            Self::Discovered(discovery, _) => discovery.is_https(),
            Self::Embedded(_) => false,
        }
    }
}

/// The base that was discovered last: asked for again after a while, and used on for as long as the issuer is away.
#[derive(Debug, Default)]
pub(super) struct Discovered(Arc<Shared<Found>>);

struct Found {
    base: Base,
    at: Instant,
}

impl Discovered {
    /// `None`: it cannot be had before `deadline`.
    pub(super) async fn base(
        &self,
        (discovery, member): (&Discovery, &str),
        client: &Outbound,
        deadline: time::Instant,
    ) -> Option<Base> {
        let younger = |age| move |found: &Found| found.at.elapsed() < age;
        if let Some(found) = self.0.get().filter(|found| younger(KEYS_FRESH)(found)) {
            return Some(found.base.clone());
        }
        let fetch = fetch(discovery.clone(), member.to_owned(), client.clone());
        let renewed = self
            .0
            .renew(younger(KEYS_FRESH), KEYS_RETRY, deadline, fetch);
        let kept = || self.0.get().filter(|found| younger(KEYS_STALE)(found));
        Some(renewed.await.or_else(kept)?.base.clone())
    }
}

async fn fetch(discovery: Discovery, member: String, client: Outbound) -> Option<Found> {
    let base = discovery.endpoint(&client, &member).await;
    let base = base.map_err(|error| error.to_string());
    let base = base.and_then(|url| Base::parse(&url).map_err(|error| format!("its URL {error}")));
    match base {
        Ok(base) => Some(Found {
            base,
            at: Instant::now(),
        }),
        Err(error) => {
            let issuer = discovery.issuer();
            tracing::warn!(issuer, member, error, "an endpoint cannot be discovered");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_is_a_url_a_service_or_an_endpoint_to_be_discovered() {
        for good in [
            "https://a.example/b",
            "embedded:tokens",
            "discovery:https://a.example#token_endpoint",
            "discovery:https://a.example/.well-known/openid-configuration#jwks_uri",
        ] {
            assert!(Place::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "embedded:",
            "embedded:nonesuch",
            "discovery:",
            "discovery:https://a.example",
            "discovery:https://a.example#",
            "discovery:#token_endpoint",
            "discovery:a.example#token_endpoint",
            "discovery:https://u:p@a.example#token_endpoint",
        ] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_comes_over_tls_leads_to_tls() {
        for (base, is_https) in [
            ("https://a.example", true),
            ("http://a.example", false),
            ("discovery:https://a.example#token_endpoint", true),
            ("discovery:http://a.example#token_endpoint", false),
            ("embedded:tokens", false),
        ] {
            assert_eq!(Place::parse(base).unwrap().is_https(), is_https, "{base}");
        }
    }
}
