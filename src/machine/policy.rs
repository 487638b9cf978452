//! What to do when calls fail, and when too many come: decided here, purely; time and randomness are arguments.

pub mod breaker;
pub mod rate;
pub mod retry;
