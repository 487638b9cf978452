//! What may be used once: ids of client assertions, remembered until the assertion expires.

use crate::limits::MAX_REPLAYS;
use crate::token::{Fingerprint, Seconds};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Ids that have been used, with the time until which they count.
#[derive(Debug, Default)]
pub struct Replays(Mutex<HashMap<Fingerprint, Seconds>>);

impl Replays {
    /// Uses an id up; `false` if it has been used already. A full table says so of every id: to forget one early
    /// would let it be used twice.
    #[must_use]
    pub fn first_use(&self, client: &str, id: &str, until: Seconds, now: Seconds) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= MAX_REPLAYS {
            used.retain(|_, until| *until > now);
        }
        // A client's id holds no blank, so no two pairs make the same text.
        let id = Fingerprint::of(format!("{client} {id}"));
        let free = used.len() < MAX_REPLAYS && used.get(&id).is_none_or(|until| *until <= now);
        if free {
            used.insert(id, until);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::Replays;

    #[test]
    fn an_id_is_good_once_until_it_expires() {
        let replays = Replays::default();
        assert!(replays.first_use("a", "1", 100, 0));
        assert!(!replays.first_use("a", "1", 100, 99));
        assert!(replays.first_use("b", "1", 100, 0));
        assert!(replays.first_use("a", "1", 200, 100));
    }
}
