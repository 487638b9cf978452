//! A program served over HTTP.
//!
//! Invariants of this floor:
//! - Knows programs, never sources: what it serves has been compiled and verified.
//! - Nothing a caller sends is looked at twice, and nothing is done for a caller before it is known who calls.
//! - Every wait has a limit, every buffer a size; both stand in [`limits`].
//! - A caller never sees internals, secrets or what an upstream said; logs never see secrets, tokens or bodies.
//! - What few requests wait for is boxed: every request moves a future that is as large as its largest wait.
//!
//! The modules below stand in reading order: each uses only those above it.

// A new kind of refusal or effect must be met everywhere it matters.
#![warn(clippy::wildcard_enum_match_arm)]

#[cfg(test)]
#[path = "../../tests/harness/machine/assemble.rs"]
mod assemble;
#[cfg(test)]
#[path = "../../tests/harness/machine/cursor.rs"]
mod cursor;
#[cfg(test)]
#[path = "../../tests/harness/machine/durable.rs"]
mod durable;
mod bytes;
pub mod limits;
pub mod token;
pub mod proxies;
pub mod config;
pub mod settings;
pub mod clock;
pub mod random;
pub mod request;
pub mod respond;
pub mod auth;
pub mod secret;
pub mod data;
pub mod state;
pub mod replay;
pub mod keys;
pub mod clients;
pub mod credentials;
pub mod shared;
pub mod outbound;
mod discovery;
pub mod issuer;
pub mod authenticate;
pub mod oidc;
pub mod embedded;
pub mod upstream;
pub mod problem;
mod gate;
mod wake;
mod body;
mod routes;
mod project;
mod telemetry;
mod driver;
pub mod ledger;
mod task;
mod render;
mod surroundings;
mod limit;
mod connection;
mod listen;
mod endpoint;
mod admin;
mod server;
mod once;

pub use once::{Ran, RunError, run_once};
pub use server::{Handle, start};
