//! The connector: resolves a host, looks at every address, dials the ones it has looked at.

use super::{Reach, Trust};
use crate::limits::CONNECT_ONE;
use hyper::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower_service::Service;

/// TLS around guarded TCP.
pub(super) type Connector = HttpsConnector<Guarded>;

/// A host resolves to an address out of reach.
#[derive(Debug, thiserror::Error)]
#[error("address not allowed")]
pub(super) struct RefusedAddress;

/// TLS 1.2 and 1.3, verified, over TCP that goes no further than `reach`.
pub(super) fn connector(reach: Reach, trust: &Trust) -> Result<Connector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    let config = trust.config(builder.with_safe_default_protocol_versions()?)?;
    let builder = HttpsConnectorBuilder::new()
        .with_tls_config(config)
        .https_or_http();
    Ok(builder
        .enable_http1()
        .enable_http2()
        .wrap_connector(Guarded { reach }))
}

/// A TCP connector that goes no further than its reach.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    reach: Reach,
}

impl Service<Uri> for Guarded {
    type Response = TokioIo<TcpStream>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let reach = self.reach;
        Box::pin(async move { dial(&resolve(&uri, reach).await?).await })
    }
}

/// All addresses of the host, if every one is within reach: a name that leads inside as well as outside is a trap.
async fn resolve(uri: &Uri, reach: Reach) -> io::Result<Vec<SocketAddr>> {
    let host = uri
        .host()
        .unwrap_or_default()
        .trim_start_matches('[')
        .trim_end_matches(']');
    let default = if uri.scheme_str() == Some("https") {
        443
    } else {
        80
    };
    let found = tokio::net::lookup_host((host, uri.port_u16().unwrap_or(default))).await?;
    let addresses: Vec<_> = found.collect();
    if addresses.iter().all(|address| reach.allows(address.ip())) {
        Ok(addresses)
    } else {
        Err(io::Error::other(RefusedAddress))
    }
}

/// The first address that accepts. One that stays silent does not use up the time of the others.
async fn dial(addresses: &[SocketAddr]) -> io::Result<TokioIo<TcpStream>> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        match timeout(CONNECT_ONE, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(TokioIo::new(stream));
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}
