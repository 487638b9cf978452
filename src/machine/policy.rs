//! What to do when calls fail: decided here, purely; time and randomness are arguments.

pub mod breaker;
pub mod retry;
