//! How many requests are let in: the generic cell rate algorithm (GCRA).
//!
//! Of each key one time is kept: when its next request would be due if requests came evenly, the *theoretical arrival
//! time*. A request that comes no earlier than the burst allows is let in and moves it on by one interval. So in any
//! stretch of time of length `t` at most `burst + t / interval` requests are let in.

use crate::manifest::Limit;

/// Nanoseconds since whatever the caller counts from.
pub type Nanos = u64;

/// A limit in the words of the algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Between two requests that come evenly.
    interval: Nanos,
    /// How much earlier than due a request may come.
    tolerance: Nanos,
}

/// A request that is let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// When the next one would be due: to be kept for the key. Once it is past, nothing need be kept.
    pub due: Nanos,
    /// How many more may come at once.
    pub remaining: u64,
    /// Until as many may come at once as ever.
    pub reset: Nanos,
}

/// A request that is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Until one may come.
    pub retry_after: Nanos,
}

impl Rate {
    /// The rate of a declared limit; an interval that is no whole number is rounded up.
    #[must_use]
    pub fn of(limit: &Limit) -> Self {
        let time = limit.per.saturating_mul(1_000_000);
        let interval = time.div_ceil(u64::from(limit.count.max(1))).max(1);
        let others = u64::from(limit.burst.saturating_sub(1));
        Self {
            interval,
            tolerance: interval.saturating_mul(others),
        }
    }

    /// How many may come at once.
    #[must_use]
    pub fn at_once(self) -> u64 {
        self.tolerance / self.interval + 1
    }

    /// A request comes at `now`; `due` is what was kept for its key, zero if nothing was.
    ///
    /// # Errors
    /// It comes too early: what was kept stays.
    pub fn admit(self, due: Nanos, now: Nanos) -> Result<Admitted, Refused> {
        let ahead = due.saturating_sub(now);
        if let Some(early) = ahead.checked_sub(self.tolerance).filter(|early| *early > 0) {
            return Err(Refused { retry_after: early });
        }
        let reset = ahead.saturating_add(self.interval);
        let whole = self.tolerance.saturating_add(self.interval);
        Ok(Admitted {
            due: now.saturating_add(reset),
            remaining: whole.saturating_sub(reset) / self.interval,
            reset,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Nanos, Rate, Refused};
    use crate::manifest::Limit;
    use governor::clock::{Clock, FakeRelativeClock};
    use governor::{Quota, RateLimiter};
    use proptest::prelude::*;
    use std::num::NonZeroU32;
    use std::time::Duration;

    fn limit(count: u32, per: u64, burst: u32) -> Limit {
        Limit {
            name: "test".into(),
            docs: "".into(),
            count,
            per,
            burst,
        }
    }

    /// Times of requests, and which of them are let in.
    fn play(rate: Rate, pauses: &[Nanos]) -> Vec<(Nanos, bool)> {
        let (mut now, mut due) = (0, 0);
        let step = |pause: &Nanos| {
            now += pause;
            let admitted = rate.admit(due, now);
            due = admitted.map_or(due, |admitted| admitted.due);
            (now, admitted.is_ok())
        };
        pauses.iter().map(step).collect()
    }

    #[test]
    fn one_in_two_seconds() {
        let rate = Rate::of(&limit(1, 2_000, 1));
        let first = rate.admit(0, 5).unwrap();
        assert_eq!((first.remaining, first.reset), (0, 2_000_000_000));
        let early = Refused { retry_after: 1 };
        assert_eq!(rate.admit(first.due, 5 + 1_999_999_999), Err(early));
        assert!(rate.admit(first.due, 5 + 2_000_000_000).is_ok());
    }

    #[test]
    fn a_burst_is_used_up_and_comes_back() {
        let rate = Rate::of(&limit(10, 1_000, 3));
        let mut due = 0;
        for remaining in [2, 1, 0] {
            let admitted = rate.admit(due, 0).unwrap();
            assert_eq!(admitted.remaining, remaining);
            due = admitted.due;
        }
        let retry_after = 100_000_000;
        assert_eq!(rate.admit(due, 0), Err(Refused { retry_after }));
        assert_eq!(rate.admit(due, 200_000_000).unwrap().remaining, 1);
    }

    proptest! {
        /// No stretch of time lets in more than the burst and what is due in it.
        #[test]
        fn no_window_holds_more_than_its_share(
            (count, per, burst) in (1_u32..50, 1_u64..5_000, 1_u32..50),
            pauses in prop::collection::vec(0_u64..400_000_000, 1..200),
        ) {
            let rate = Rate::of(&limit(count, per, burst));
            let admitted: Vec<Nanos> = play(rate, &pauses)
                .into_iter()
                .filter_map(|(at, admitted)| admitted.then_some(at))
                .collect();
            for (first, from) in admitted.iter().enumerate() {
                for (more, to) in admitted.iter().skip(first).enumerate() {
                    let due = (to - from) * u64::from(count) / (per * 1_000_000);
                    prop_assert!((more as u64) < u64::from(burst) + due);
                }
            }
        }

        /// Whoever is refused and comes when told, is let in, and not a nanosecond earlier.
        #[test]
        fn retry_after_is_exact(
            (count, per, burst) in (1_u32..50, 1_u64..5_000, 1_u32..50),
            (due, now) in (0_u64..1 << 50, 0_u64..1 << 50),
        ) {
            let rate = Rate::of(&limit(count, per, burst));
            if let Err(Refused { retry_after }) = rate.admit(due, now) {
                prop_assert!(rate.admit(due, now + retry_after).is_ok());
                prop_assert!(rate.admit(due, now + retry_after - 1).is_err());
            }
        }

        /// An independent implementation decides the same.
        #[test]
        fn governor_agrees(
            (interval, burst) in (1_u64..1_000, 1_u32..50),
            pauses in prop::collection::vec(0_u64..400_000_000, 1..200),
        ) {
            let rate = Rate::of(&limit(1, interval, burst));
            let quota = Quota::with_period(Duration::from_millis(interval)).unwrap();
            let quota = quota.allow_burst(NonZeroU32::new(burst).unwrap());
            let clock = FakeRelativeClock::default();
            let peer = RateLimiter::direct_with_clock(quota, clock.clone());
            for (pause, (_, admitted)) in pauses.iter().zip(play(rate, &pauses)) {
                clock.advance(Duration::from_nanos(*pause));
                let _ = clock.now();
                prop_assert_eq!(peer.check().is_ok(), admitted);
            }
        }
    }
}
