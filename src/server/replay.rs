//! What may be used once: ids of client assertions, remembered until the assertion expires.

use crate::limits::MAX_REPLAYS;
use crate::token::{Fingerprint, Seconds};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Ids that have been used.
#[derive(Debug, Default)]
pub struct Replays(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    /// With the time until which they count.
    ids: HashMap<Fingerprint, Seconds>,
    /// When those that do not count any more were last looked for.
    swept: Seconds,
}

impl Replays {
    /// Uses an id up; `false` if it has been used already. A full table says so of every id: to forget one early
    /// would let it be used twice.
    #[must_use]
    pub fn first_use(&self, client: &str, id: &str, until: Seconds, now: Seconds) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Once a second: a full table must not make every request go through all of it.
        if used.ids.len() >= MAX_REPLAYS && used.swept < now {
            used.ids.retain(|_, until| *until > now);
            used.swept = now;
        }
        // A client's id holds no blank, so no two pairs make the same text.
        let id = Fingerprint::of(format!("{client} {id}"));
        let unused = used.ids.get(&id).is_none_or(|until| *until <= now);
        let free = unused && used.ids.len() < MAX_REPLAYS;
        if free {
            used.ids.insert(id, until);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::Replays;
    use crate::limits::MAX_REPLAYS;

    #[test]
    fn an_id_is_good_once_until_it_expires() {
        let replays = Replays::default();
        assert!(replays.first_use("a", "1", 100, 0));
        assert!(!replays.first_use("a", "1", 100, 99));
        assert!(replays.first_use("b", "1", 100, 0));
        assert!(replays.first_use("a", "1", 200, 100));
    }

    #[test]
    fn a_full_table_refuses_until_ids_expire() {
        let replays = Replays::default();
        for id in 0..MAX_REPLAYS {
            assert!(replays.first_use("a", &id.to_string(), 100, 1));
        }
        assert!(!replays.first_use("a", "further", 100, 1));
        assert!(!replays.first_use("a", "further", 100, 99));
        assert!(replays.first_use("a", "further", 200, 100));
    }
}
