//! HTTP without sockets: what a caller sent becomes the typed input of a journey, the arguments of an operation
//! become a request, what an upstream answered becomes a typed result. The server does this with the network behind
//! it, `journey test` with a script.

mod intake;
mod origin;
mod percent;
mod request;
mod response;

pub use intake::{Body, Content, Headers, Intake, Part, Received};
pub use origin::{Origin, may_redirect};
pub use percent::{decode, encode, pairs, push_pair};
pub use request::{Body as RequestBody, Request, request};
pub use response::{is_json, response};

#[cfg(test)]
mod tests;
