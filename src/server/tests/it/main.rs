//! The server over real sockets: what comes in as bytes, what goes out as bytes.

mod calls;
mod data;
mod framing;
mod input;
mod issuer;
mod jose;
mod lifecycle;
mod oidc;
mod standin;
mod support;
mod upstream;
