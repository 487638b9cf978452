//! Whom TLS trusts, and what it shows of itself.

use hyper_rustls::ConfigBuilderExt;
use rustls::client::WantsClientCert;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ConfigBuilder, Error, RootCertStore, WantsVerifier};

/// What is trusted beyond or instead of the usual. Keys are never printed.
#[derive(Debug, Default, PartialEq)]
pub struct Trust {
    /// Empty: Mozilla's.
    roots: Vec<CertificateDer<'static>>,
    identity: Option<Identity>,
}

/// A certificate, with those between it and a root, and its key.
#[derive(Debug, PartialEq)]
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Trust {
    /// These roots and no others, if any are given; this certificate and its key, if they are. All of it is PEM.
    ///
    /// # Errors
    /// What is not PEM, or holds nothing of the kind.
    pub fn new(roots: Option<&str>, identity: Option<(&str, &str)>) -> Result<Self, String> {
        let roots = roots
            .map(|roots| certificates("roots", roots))
            .transpose()?;
        let identity = identity.map(|(chain, key)| {
            Ok::<_, String>(Identity {
                chain: certificates("certificate", chain)?,
                key: PrivateKeyDer::from_pem_slice(key.as_bytes())
                    .map_err(|_| "the key of its tls is no private key as PEM")?,
            })
        });
        Ok(Self {
            roots: roots.unwrap_or_default(),
            identity: identity.transpose()?,
        })
    }

    /// The settings of TLS.
    pub(super) fn config(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    ) -> Result<ClientConfig, Error> {
        let builder = self.roots(builder)?;
        match &self.identity {
            None => Ok(builder.with_no_client_auth()),
            Some(Identity { chain, key }) => {
                builder.with_client_auth_cert(chain.clone(), key.clone_key())
            }
        }
    }

    fn roots(
        &self,
        builder: ConfigBuilder<ClientConfig, WantsVerifier>,
    ) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Error> {
        if self.roots.is_empty() {
            return Ok(builder.with_webpki_roots());
        }
        let mut store = RootCertStore::empty();
        for root in &self.roots {
            store.add(root.clone())?;
        }
        Ok(builder.with_root_certificates(store))
    }
}

fn certificates(what: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>, String> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let found = read.ok().filter(|found| !found.is_empty());
    found.ok_or_else(|| format!("the {what} of its tls are no certificates as PEM"))
}
