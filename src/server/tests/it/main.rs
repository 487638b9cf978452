//! The server over real sockets: what comes in as bytes, what goes out as bytes.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "what a helper of a test cannot do ends the test"
)]

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
