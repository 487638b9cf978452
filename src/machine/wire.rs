//! Artifacts: programs as bytes.

pub mod program;
