//! A program served over HTTP.
