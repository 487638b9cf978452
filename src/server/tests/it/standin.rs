//! A system on loopback that answers as a test says.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What the system was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

/// What it does about it.
#[derive(Clone, Debug)]
pub(crate) enum Reaction {
    /// Answers with a status and a JSON body.
    Json(u16, String),
    /// Writes this.
    Raw(Vec<u8>),
    /// Does nothing until the caller hangs up.
    Silence,
    /// Hangs up.
    HangUp,
    /// Waits first.
    After(Duration, Box<Reaction>),
}

/// The system.
#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    deserted: Arc<Semaphore>,
}

type React = dyn Fn(usize, &Asked) -> Reaction + Send + Sync;

impl StandIn {
    /// Starts it. `react` gets the number of requests before this one.
    pub(crate) async fn start(
        react: impl Fn(usize, &Asked) -> Reaction + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let system = Self {
            address,
            asked: Arc::default(),
            deserted: Arc::new(Semaphore::new(0)),
        };
        let (here, react): (_, Arc<React>) = (system.clone(), Arc::new(react));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(here.clone().serve(stream, Arc::clone(&react)));
            }
        });
        system
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it has been asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A caller has hung up who got silence.
    pub(crate) async fn is_deserted(&self) {
        self.deserted.acquire().await.unwrap().forget();
    }

    async fn serve(self, mut stream: TcpStream, react: Arc<React>) {
        while let Some(asked) = receive(&mut stream).await {
            let before = {
                let mut log = self.asked.lock().unwrap();
                log.push(asked.clone());
                log.len() - 1
            };
            let mut reaction = react(before, &asked);
            while let Reaction::After(pause, next) = reaction {
                tokio::time::sleep(pause).await;
                reaction = *next;
            }
            let bytes = match reaction {
                Reaction::Json(status, body) => format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                )
                .into_bytes(),
                Reaction::Raw(bytes) => bytes,
                Reaction::Silence => {
                    while receive(&mut stream).await.is_some() {}
                    return self.deserted.add_permits(1);
                }
                Reaction::HangUp | Reaction::After(..) => return,
            };
            if stream.write_all(&bytes).await.is_err() {
                return;
            }
        }
    }
}

async fn receive(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ').map(str::to_owned);
    let (method, target) = (first.next()?, first.next()?);
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let length: usize = headers
        .get("content-length")
        .map_or(0, |n| n.parse().unwrap());
    while bytes.len() < head + 4 + length {
        stream.read_buf(&mut bytes).await.ok()?;
    }
    let body = String::from_utf8(bytes[head + 4..].to_vec()).ok()?;
    Some(Asked {
        method,
        target,
        headers,
        body,
    })
}
