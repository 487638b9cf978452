//! An upstream over TLS that takes nobody without a certificate of its authority, and the authority.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

/// Signs certificates, and is known to nobody but who is told of it.
pub(crate) struct Authority {
    own: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new([]).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let own = params.self_signed(&key).expect("its own certificate");
        Self {
            own,
            issuer: Issuer::new(params, key),
        }
    }

    /// A certificate for these names, and its key.
    fn certificate(&self, names: &[&str]) -> (rcgen::Certificate, KeyPair) {
        let names: Vec<String> = names.iter().copied().map(str::to_owned).collect();
        let params = CertificateParams::new(names).expect("names of hosts");
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer);
        (certificate.expect("a certificate"), key)
    }

    /// The certificate of a client as PEM, and its key.
    pub(crate) fn client(&self) -> (String, KeyPair) {
        let (certificate, key) = self.certificate(&["client.example"]);
        (certificate.pem(), key)
    }
}

/// Answers every request with whom it talks to.
pub(crate) struct Upstream {
    address: SocketAddr,
    roots: String,
}

impl Upstream {
    /// Starts it, on a thread that ends with the process.
    pub(crate) fn start(authority: &Authority) -> Self {
        let config = Arc::new(config(authority));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let config = Arc::clone(&config);
                // Whom it does not know it hangs up on.
                thread::spawn(move || answer(stream, config));
            }
        });
        Self {
            address,
            roots: authority.own.pem(),
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.address.port())
    }

    /// Whom a caller has to trust, as PEM.
    pub(crate) fn roots(&self) -> String {
        self.roots.clone()
    }
}

fn config(authority: &Authority) -> ServerConfig {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    let own = authority.own.der().clone();
    roots.add(own).expect("the certificate of the authority");
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider));
    let (certificate, key) = authority.certificate(&["localhost"]);
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions of TLS")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a certificate with its key")
}

/// Answers one request, once its sender is known; `None`: it is not.
fn answer(stream: TcpStream, config: Arc<ServerConfig>) -> Option<()> {
    let connection = ServerConnection::new(config).ok()?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        stream.read_line(&mut line).ok().filter(|read| *read > 0)?;
    }
    let known = stream.get_ref().conn.peer_certificates().is_some();
    let body = format!(
        r#"{{"to":"{}"}}"#,
        if known { "somebody known" } else { "nobody" }
    );
    let length = body.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    let stream = stream.get_mut();
    stream.write_all(format!("{head}{body}").as_bytes()).ok()?;
    stream.flush().ok()
}
