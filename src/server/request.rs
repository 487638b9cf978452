//! What a caller sends.

use hyper::http::request::Parts;
use journey_machine::value::Str;
use std::net::IpAddr;

/// A request without its body.
#[derive(Debug)]
pub struct Head {
    /// Method, target, version and headers.
    pub parts: Parts,
    /// Who is at the other end of the connection.
    pub peer: IpAddr,
    /// Names the request in logs and answers.
    pub id: Str,
}
