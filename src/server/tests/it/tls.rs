//! TLS to upstreams is always verified: a certificate that nobody known has signed ends the connection, also where
//! private addresses are allowed. Its key stands beside it and protects nothing.

use crate::shop::{GET, call, connection, kind, literal, load};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journey_machine::manifest::{Connection, Tls};
use journey_machine::value::ErrorKind;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

const CERTIFICATE: &[u8] = include_bytes!("tls/self-signed.crt.der");
const KEY: &[u8] = include_bytes!("tls/self-signed.key.der");

/// A server with that certificate; whether each connection accepts it and is accepted. `mutual`: it accepts nobody
/// without a certificate that it knows, its own.
async fn start(mutual: bool) -> (SocketAddr, tokio::sync::mpsc::Receiver<bool>) {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier(mutual))
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
    let (address, mut seen) = start(false).await;
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

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(CERTIFICATE)).unwrap();
    roots
}

fn verifier(mutual: bool) -> Arc<dyn ClientCertVerifier> {
    if !mutual {
        return WebPkiClientVerifier::no_client_auth();
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots()), provider)
        .build()
        .unwrap()
}

fn pem(what: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {what}-----\n{text}\n-----END {what}-----\n")
}

fn tls(with_roots: bool, with_identity: bool) -> Option<Tls> {
    let certificate = || literal(pem("CERTIFICATE", CERTIFICATE));
    Some(Tls {
        roots: with_roots.then(certificate),
        certificate: with_identity.then(certificate),
        key: with_identity.then(|| literal(pem("PRIVATE KEY", KEY))),
    })
}

#[tokio::test]
async fn roots_and_certificates_of_a_connection_are_used() {
    for (mutual, with_roots, with_identity, reached) in [
        (false, true, false, true),
        (false, true, true, true),
        (false, false, true, false),
        (true, true, true, true),
        (true, true, false, false),
    ] {
        let (address, mut seen) = start(mutual).await;
        let declared = Connection {
            tls: tls(with_roots, with_identity),
            ..connection(&format!("https://localhost:{}", address.port()))
        };
        let upstreams = load(declared, None).unwrap();
        // The server hangs up after one byte, so that the call fails in either case.
        assert!(kind(&call(&upstreams, GET, 5_000).await).is_some());
        assert_eq!(
            seen.recv().await,
            Some(reached),
            "{mutual} {with_roots} {with_identity}"
        );
    }
}

#[tokio::test]
async fn what_is_no_certificate_is_told_without_being_shown() {
    let wrong = |tls: Tls, base: &str| {
        let declared = Connection {
            tls: Some(tls),
            ..connection(base)
        };
        load(declared, None).unwrap_err().to_string()
    };
    let none = || Tls {
        roots: None,
        certificate: None,
        key: None,
    };
    let roots = Tls {
        roots: Some(literal("hunter2")),
        ..none()
    };
    let key = Tls {
        certificate: Some(literal(pem("CERTIFICATE", CERTIFICATE))),
        key: Some(literal("hunter2")),
        ..none()
    };
    for error in [
        wrong(roots.clone(), "https://a.example"),
        wrong(key, "https://a.example"),
    ] {
        assert!(
            error.contains("PEM") && !error.contains("hunter2"),
            "{error}"
        );
    }
    let error = wrong(roots, "http://a.example");
    assert!(error.contains("not https"), "{error}");
}
