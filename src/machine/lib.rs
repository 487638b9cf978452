//! The machine: what a compiled journey is and how it runs.
//!
//! Invariants of this floor:
//! - No I/O, no clock, no randomness of its own, no source text: the time and the seed are arguments.
//! - A [`Machine`] is plain data: it can be cloned, compared and saved between any two effects.
//! - A [`Program`] that exists has been verified; no artifact, however corrupt, can do more than be refused.
//! - Nothing here knows how a journey was written (`lang`) or how it is served (`server`).
//!
//! The modules below stand in reading order: each uses only those above it.

// A new operation, value or effect must be met everywhere it matters.
#![warn(clippy::wildcard_enum_match_arm)]

pub mod limits;
pub mod span;
pub mod index;
pub mod value;
pub mod blob;
pub mod hex;
pub mod json;
pub mod builtin;
pub mod schema;
pub mod manifest;
pub mod op;
pub mod program;
pub mod listing;
pub mod diff;
pub mod effect;
pub mod state;
pub mod http;
pub mod machine;
pub mod policy;
pub mod wire;
