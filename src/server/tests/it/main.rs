//! The server over real sockets: what comes in as bytes, what goes out as bytes.

mod calls;
mod framing;
mod input;
mod lifecycle;
mod support;
