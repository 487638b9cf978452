//! When to try again.

use crate::manifest::{Millis, Retry};

/// The pause before the next attempt, after `attempt` further ones have been made; `None`: there is none left.
/// `random` is any number: the pause lies anywhere between the policy's `min` and `min` doubled with every attempt, never
/// above `max`, so that callers who failed together do not come back together.
#[must_use]
pub fn pause(policy: &Retry, attempt: u32, random: u64) -> Option<Millis> {
    let span = (longest(policy, attempt)? - policy.min).saturating_add(1);
    Some(policy.min + random % span)
}

/// The longest that [`pause`] can be.
#[must_use]
pub fn longest(policy: &Retry, attempt: u32) -> Option<Millis> {
    if attempt >= policy.attempts {
        return None;
    }
    let factor = 1_u64
        .checked_shl(attempt.saturating_add(1))
        .unwrap_or(u64::MAX);
    let doubled = policy.min.max(1).saturating_mul(factor);
    Some(doubled.min(policy.max).max(policy.min))
}

#[cfg(test)]
mod tests {
    use super::pause;
    use crate::manifest::Retry;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_pause_keeps_its_bounds(attempts in 0_u32..70, attempt in 0_u32..80, a in 0_u64..1_000, b in any::<u64>(), random in any::<u64>()) {
            let policy = Retry { attempts, min: a.min(b), max: a.max(b) };
            match pause(&policy, attempt, random) {
                Some(pause) => prop_assert!(attempt < attempts && (policy.min..=policy.max).contains(&pause)),
                None => prop_assert!(attempt >= attempts),
            }
        }
    }

    #[test]
    fn pauses_spread_over_a_doubling_range() {
        let policy = Retry {
            attempts: 9,
            min: 20,
            max: 100,
        };
        let longest = |attempt| {
            (0..1_000)
                .filter_map(|random| pause(&policy, attempt, random))
                .max()
        };
        assert_eq!(
            [longest(0), longest(1), longest(2), longest(8)],
            [Some(40), Some(80), Some(100), Some(100)]
        );
    }
}
