//! What a server is told by whoever starts it, and how starting can fail.

use crate::proxies::Proxies;
use crate::token::Algorithm;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// How to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where callers connect.
    pub listen: SocketAddr,
    /// Where health is asked for; `None`: nowhere.
    pub admin: Option<SocketAddr>,
    /// Folder of keys and clients; made if it is missing.
    pub data: PathBuf,
    /// URL under which callers know this server: its `iss` and `aud`. `None`: `http://` and the address it listens on.
    pub public_url: Option<String>,
    /// The application under which journeys are also reachable at `/ido/api/v2/login/direct/APPLICATION/JOURNEY`;
    /// `None`: they are not.
    pub application: Option<String>,
    /// Proxies whose word on who calls is taken.
    pub proxies: Proxies,
    /// What tokens are signed by; `None`: as before, ES256 on the first start.
    pub signing: Option<Algorithm>,
}

impl Config {
    /// What callers know a server at this address by.
    pub(crate) fn url(&self, address: SocketAddr) -> String {
        let own = || format!("http://{address}");
        self.public_url.clone().unwrap_or_else(own)
    }
}

/// Why a server does not start, or a changed project is not taken over.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be had.
    #[error("cannot listen on {address}: {}", plain(source))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// A file or folder of the data folder cannot be used.
    #[error("cannot use {}: {}", path.display(), plain(source))]
    Data {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// What the project and its settings ask for cannot be done; each fault is a sentence.
    #[error("{}", .0.join("\n"))]
    Project(Vec<String>),
}

/// The system's words in lower case, without its error number.
#[must_use]
pub fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let end = text.find(" (os error").unwrap_or(text.len());
    text.get(..end).unwrap_or_default().to_lowercase()
}
