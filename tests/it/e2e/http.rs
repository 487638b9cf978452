//! A client that sends exactly what it is told to: no retries, no redirects, one connection a request.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e} in {self:?}"))
    }

    /// The value of a header; its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self
            .head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "));
        lines
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

/// A request to be sent.
pub(crate) struct Request {
    line: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

/// A part of a form.
pub(crate) struct Part<'a> {
    pub(crate) name: &'a str,
    /// Of an upload.
    pub(crate) file: Option<&'a str>,
    pub(crate) content: &'a [u8],
}

/// `request("POST", "/a?b=c")`
pub(crate) fn request(method: &str, target: &str) -> Request {
    Request {
        line: format!("{method} {target} HTTP/1.1"),
        headers: Vec::new(),
        body: Vec::new(),
    }
}

impl Request {
    /// A header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(format!("{name}: {value}"));
        self
    }

    /// `Authorization: Bearer …`
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// `Authorization: Basic …`
    pub(crate) fn basic(self, id: &str, secret: &str) -> Self {
        let credentials = STANDARD.encode(format!("{id}:{secret}"));
        self.header("Authorization", &format!("Basic {credentials}"))
    }

    /// A JSON body.
    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into();
        self.header("Content-Type", "application/json")
    }

    /// A form body, already encoded.
    pub(crate) fn form(mut self, body: &str) -> Self {
        self.body = body.into();
        self.header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// A multipart form.
    pub(crate) fn multipart(mut self, parts: &[Part<'_>]) -> Self {
        for part in parts {
            let head = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{}\"",
                part.name
            );
            self.body.extend(head.as_bytes());
            if let Some(file) = part.file {
                self.body
                    .extend(format!("; filename=\"{file}\"").as_bytes());
            }
            self.body.extend(b"\r\n\r\n");
            self.body.extend(part.content);
            self.body.extend(b"\r\n");
        }
        self.body.extend(b"--edge--\r\n");
        self.header("Content-Type", "multipart/form-data; boundary=edge")
    }

    /// Sends it and reads the whole answer.
    pub(crate) fn send(self, to: SocketAddr) -> Answer {
        raw(to, &self.bytes(to))
    }

    /// The answer, if the server lives long enough to give one.
    pub(crate) fn try_send(self, to: SocketAddr) -> Option<Answer> {
        let answer = exchange(to, &self.bytes(to)).ok()?;
        read(&answer)
    }

    fn bytes(&self, to: SocketAddr) -> Vec<u8> {
        let mut text = format!("{}\r\nHost: {to}\r\nConnection: close\r\n", self.line);
        for header in &self.headers {
            text.push_str(&format!("{header}\r\n"));
        }
        if !self.body.is_empty() {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        [text.as_bytes(), b"\r\n", &self.body].concat()
    }
}

/// Sends bytes as they are and reads until the server closes.
pub(crate) fn raw(to: SocketAddr, bytes: &[u8]) -> Answer {
    let answer = exchange(to, bytes).expect("the server answers");
    read(&answer).unwrap_or_else(|| panic!("no answer but {:?}", String::from_utf8_lossy(&answer)))
}

fn exchange(to: SocketAddr, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(bytes)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(answer)
}

/// What the bytes of an answer say.
fn read(answer: &[u8]) -> Option<Answer> {
    let text = String::from_utf8_lossy(answer).into_owned();
    let (head, body) = text.split_once("\r\n\r\n")?;
    let status = head.get(9..12)?.parse().ok()?;
    Some(Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
