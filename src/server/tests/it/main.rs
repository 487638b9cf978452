//! The server over real sockets: what comes in as bytes, what goes out as bytes.

mod callers;
mod calls;
mod credentials;
mod data;
mod framing;
mod input;
mod issuer;
mod jose;
mod lifecycle;
mod oidc;
mod own;
mod shop;
mod standin;
mod support;
mod tls;
mod upstream;
