//! Client access tokens and Basic credentials: who calls?

use crate::auth::{Client, Denied};
use crate::config::{Config, StartError};
use crate::issuer::Issuers;
use crate::request::Head;
use journey_machine::manifest::Auth;
use std::time::Instant;

/// The server's own clients and keys. They outlive every project.
#[derive(Debug)]
pub struct ClientAuth {}

impl ClientAuth {
    /// Opens or makes keys and clients in the data folder. `url` is what callers know this server by.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn open(_config: &Config, _url: &str) -> Result<Self, StartError> {
        Ok(Self {})
    }

    /// Who calls, by the head alone; the body has not been read. Called for `ClientToken` and `Basic` only.
    ///
    /// # Errors
    /// See [`Denied`].
    pub async fn authenticate(
        &self,
        _auth: &Auth,
        _head: &Head,
        _issuers: &Issuers,
        _deadline: Instant,
    ) -> Result<Client, Denied> {
        Err(Denied::Missing)
    }
}
