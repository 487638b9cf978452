//! What is known of each key that is limited: when its next request is due. Bounded, in memory, in parts that are
//! locked for themselves.
//!
//! Keys are kept as keyed hashes of 64 bits: nobody outside can make two of them meet. Nothing is forgotten before its time
//! is past. When all places are taken by keys whose time is not, requests of further keys share one place for each limit:
//! strangers are slowed down then, but neither let in freely nor all shut out, and those known already notice nothing.

use crate::limits::{MAX_RATE_KEYS, RATE_SHARDS, RATE_SWEEP};
use journey_machine::manifest::Limit;
use journey_machine::policy::rate::{Admitted, Nanos, Rate, Refused};
use std::array;
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// See the module.
#[derive(Debug)]
pub(crate) struct Table {
    hashes: RandomState,
    begun: Instant,
    shards: [Mutex<Shard>; RATE_SHARDS],
}

/// Keys of one shard.
const SHARD: usize = MAX_RATE_KEYS / RATE_SHARDS;

#[derive(Debug, Default)]
struct Shard {
    /// When the next request of a key is due.
    due: HashMap<u64, Nanos, BuildHasherDefault<Hashed>>,
    /// When it was looked for keys whose time is past.
    swept: Nanos,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            hashes: RandomState::new(),
            begun: Instant::now(),
            shards: array::from_fn(|_| Mutex::default()),
        }
    }
}

impl Table {
    /// A request of this key comes now.
    ///
    /// # Errors
    /// It comes too early.
    pub(crate) fn admit(&self, limit: &Limit, rate: Rate, key: &[u8]) -> Result<Admitted, Refused> {
        let now = u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.admit_at(limit, rate, key, now)
    }

    fn admit_at(
        &self,
        limit: &Limit,
        rate: Rate,
        key: &[u8],
        now: Nanos,
    ) -> Result<Admitted, Refused> {
        // A limit that was changed begins anew.
        let limit = (limit.name.as_str(), limit.count, limit.per, limit.burst);
        let hash = self.hashes.hash_one((limit, key));
        let others = || self.hashes.hash_one(limit);
        let place = (hash >> 32) as usize % RATE_SHARDS;
        let Some(shard) = self.shards.get(place) else {
            return rate.admit(0, now);
        };
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        shard.admit(hash, others, rate, now)
    }
}

impl Shard {
    fn admit(
        &mut self,
        key: u64,
        others: impl FnOnce() -> u64,
        rate: Rate,
        now: Nanos,
    ) -> Result<Admitted, Refused> {
        let key = if self.due.contains_key(&key) || self.has_room(now) {
            key
        } else {
            others()
        };
        let due = self.due.get(&key).copied().unwrap_or_default();
        let admitted = rate.admit(due, now)?;
        self.due.insert(key, admitted.due);
        Ok(admitted)
    }

    fn has_room(&mut self, now: Nanos) -> bool {
        let pause = u64::try_from(RATE_SWEEP.as_nanos()).unwrap_or(u64::MAX);
        if self.due.len() >= SHARD && now.saturating_sub(self.swept) >= pause {
            self.due.retain(|_, due| *due > now);
            self.swept = now;
        }
        self.due.len() < SHARD
    }
}

/// Keys are hashes already.
#[derive(Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word.iter_mut()
                .zip(chunk)
                .for_each(|(to, from)| *to = *from);
            self.0 ^= u64::from_le_bytes(word);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_RATE_KEYS, RATE_SHARDS, Table};
    use journey_machine::manifest::Limit;
    use journey_machine::policy::rate::Rate;

    const SECOND: u64 = 1_000_000_000;

    fn limit(per: u64) -> Limit {
        Limit {
            name: "test".into(),
            docs: "".into(),
            count: 1,
            per,
            burst: 1,
        }
    }

    #[test]
    fn keys_and_limits_are_counted_apart() {
        let (table, limit, other) = (Table::default(), limit(1_000), limit(2_000));
        let admit = |limit: &Limit, key: &str| {
            let rate = Rate::of(limit);
            table.admit_at(limit, rate, key.as_bytes(), SECOND).is_ok()
        };
        assert!(admit(&limit, "a") && !admit(&limit, "a"));
        assert!(admit(&limit, "b") && admit(&other, "a"));
    }

    #[test]
    fn a_full_table_keeps_what_it_knows_and_lets_strangers_share() {
        let (table, limit) = (Table::default(), limit(60_000));
        let rate = Rate::of(&limit);
        let admit = |key: usize, now| {
            table
                .admit_at(&limit, rate, &key.to_le_bytes(), now)
                .is_ok()
        };
        let many = 0..MAX_RATE_KEYS * 5 / 4;
        let first = many.clone().filter(|key| admit(*key, SECOND)).count();
        assert_eq!(first, MAX_RATE_KEYS + RATE_SHARDS);
        let again = many
            .step_by(16)
            .filter(|key| admit(*key, 2 * SECOND))
            .count();
        assert_eq!(again, 0, "nothing was forgotten");
        let strangers = MAX_RATE_KEYS * 2..MAX_RATE_KEYS * 2 + 10_000;
        let later = strangers.filter(|key| admit(*key, 62 * SECOND)).count();
        assert_eq!(later, 10_000, "there is room again");
    }
}
