//! A receiver of webhooks that verifies signatures with nothing but a hash function.

use super::standin::{Asked, read};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::io::{BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What came, and the status it was answered with.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) asked: Asked,
    pub(crate) status: u16,
}

/// Says how a request to a path is answered, before which so many came.
type React = dyn Fn(&str, usize) -> u16 + Send + Sync;

/// The receiver.
pub(crate) struct Receiver {
    address: SocketAddr,
    deliveries: Arc<Mutex<Vec<Delivery>>>,
}

impl Receiver {
    /// Starts it, on a thread that ends with the process.
    pub(crate) fn start(react: impl Fn(&str, usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let deliveries: Arc<Mutex<Vec<Delivery>>> = Arc::default();
        let (log, react): (_, Arc<React>) = (Arc::clone(&deliveries), Arc::new(react));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, react) = (Arc::clone(&log), Arc::clone(&react));
                // Whoever was killed in the middle of a request has sent nothing.
                thread::spawn(move || while take(&stream, &log, &*react).is_some() {});
            }
        });
        Self {
            address,
            deliveries,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that has come so far.
    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().expect("the log").clone()
    }
}

/// Takes one request and answers it; `None`: there is no more.
fn take(mut stream: &TcpStream, log: &Mutex<Vec<Delivery>>, react: &React) -> Option<()> {
    let asked = read(&mut BufReader::new(stream))?;
    let status = {
        let mut log = log.lock().expect("the log");
        let before = log
            .iter()
            .filter(|one| one.asked.path == asked.path)
            .count();
        let status = react(&asked.path, before);
        log.push(Delivery { asked, status });
        status
    };
    let head = format!("HTTP/1.1 {status} Done\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(head.as_bytes()).ok()
}

impl Delivery {
    /// What a header says; nothing, if it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.asked.headers.get(name).map_or("", String::as_str)
    }

    /// Is one of its signatures made with this key?
    pub(crate) fn is_signed_by(&self, key: &str) -> bool {
        let key = match key.strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).expect("base64"),
            None => key.as_bytes().to_vec(),
        };
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = [id.as_bytes(), b".", at.as_bytes(), b".", &self.asked.body].concat();
        let wanted = format!("v1,{}", STANDARD.encode(hmac(&key, &signed)));
        let mut signatures = self.header("webhook-signature").split(' ');
        !id.is_empty() && at.parse::<u64>().is_ok() && signatures.any(|one| one == wanted)
    }
}

/// HMAC-SHA256 as RFC 2104 defines it, for keys that are not longer than a block.
pub(super) fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let padded = |pad: u8| -> Vec<u8> {
        let key = key.iter().copied().chain(std::iter::repeat(0));
        key.take(64).map(|byte| byte ^ pad).collect()
    };
    let inner = Sha256::digest([padded(0x36).as_slice(), message].concat());
    Sha256::digest([padded(0x5c).as_slice(), &inner].concat()).to_vec()
}
