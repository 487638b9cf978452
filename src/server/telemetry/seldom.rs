//! A line of the log that is due for many requests at once: written once a second, with the number of those left out.

use crate::token::Seconds;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// When it was written last, and how often it was left out since.
#[derive(Debug)]
pub(super) struct Seldom {
    written: AtomicI64,
    left_out: AtomicU64,
}

impl Seldom {
    pub(super) const fn new() -> Self {
        Self {
            written: AtomicI64::new(Seconds::MIN),
            left_out: AtomicU64::new(0),
        }
    }

    /// The line is due: how many were left out before it if it is to be written, else it is one of them.
    pub(super) fn due(&self, now: Seconds) -> Option<u64> {
        if self.written.swap(now, Ordering::Relaxed) == now {
            self.left_out.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(self.left_out.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::Seldom;

    #[test]
    fn one_line_a_second_says_how_many_were_left_out() {
        let line = Seldom::new();
        let seconds = [7, 7, 7, 8, 9, 9, 11];
        let said = seconds.map(|now| line.due(now));
        let expected = [Some(0), None, None, Some(2), Some(0), None, Some(1)];
        assert_eq!(said, expected);
    }
}
