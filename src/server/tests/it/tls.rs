//! TLS to upstreams is always verified: a certificate that nobody known has signed ends the connection, also where
//! private addresses are allowed. Its key stands beside it and protects nothing.

use crate::shop::{GET, call, connection, kind, load};
use journey_machine::value::ErrorKind;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const CERTIFICATE: &[u8] = include_bytes!("tls/self-signed.crt.der");
const KEY: &[u8] = include_bytes!("tls/self-signed.key.der");

/// A server with that certificate; `Ok` for each connection that accepts it.
async fn start() -> (SocketAddr, tokio::sync::mpsc::Receiver<bool>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![CertificateDer::from(CERTIFICATE)],
            PrivatePkcs8KeyDer::from(KEY).into(),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (accepted, seen) = tokio::sync::mpsc::channel(8);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let stream = acceptor.accept(stream).await;
            let mut byte = [0];
            let read = match stream {
                Ok(mut stream) => stream.read(&mut byte).await.is_ok_and(|n| n == 1),
                Err(_) => false,
            };
            accepted.send(read).await.ok();
        }
    });
    (address, seen)
}

#[tokio::test]
async fn an_unknown_certificate_is_refused() {
    let (address, mut seen) = start().await;
    for host in ["127.0.0.1", "localhost"] {
        let upstreams = load(
            connection(&format!("https://{host}:{}", address.port())),
            None,
        )
        .unwrap();
        assert_eq!(
            kind(&call(&upstreams, GET, 5_000).await),
            Some(ErrorKind::Unavailable)
        );
        assert_eq!(seen.recv().await, Some(false), "nothing is sent to {host}");
    }
    // Who trusts it can use it: the server above is a good one.
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .unwrap();
    stream.write_all(b"x").await.unwrap();
    assert_eq!(seen.recv().await, Some(true));
}
