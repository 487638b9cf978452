//! A system that answers as a test says, and remembers what it was asked.

use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) path: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

/// The bytes of an answer; none: it is silent for longer than anybody waits.
type React = dyn Fn(&Asked) -> Vec<u8> + Send + Sync;

/// How long a connection is kept without an answer.
const SILENCE: Duration = Duration::from_secs(30);

/// The system.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl StandIn {
    /// Starts it, on threads that end with the process.
    pub(crate) fn start(react: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (log, react): (_, Arc<React>) = (Arc::clone(&asked), Arc::new(react));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (log, react) = (Arc::clone(&log), Arc::clone(&react));
                thread::spawn(move || serve(&stream, &log, &*react));
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has been asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }
}

fn serve(mut stream: &TcpStream, log: &Mutex<Vec<Asked>>, react: &React) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        log.lock().expect("the log").push(asked.clone());
        let answer = react(&asked);
        if answer.is_empty() {
            return thread::sleep(SILENCE);
        }
        if stream.write_all(&answer).is_err() {
            return;
        }
    }
}

/// The next request of a connection; `None`: there is no more.
pub(crate) fn read(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(Some(0), |length| length.parse().ok())?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked {
        path,
        headers,
        body,
    })
}

/// An answer of a media type.
pub(crate) fn answer(status: u16, media: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status} Said\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &Value) -> Vec<u8> {
    answer(status, "application/json", body.to_string().as_bytes())
}
