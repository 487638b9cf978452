//! When to stop trying: a circuit breaker.
//!
//! Closed, it counts failures within a window. Enough of them open it: every call is refused. After a while it lets
//! one probe through; the probe's end closes it or opens it again.

use crate::manifest::{self, Millis};
use std::collections::VecDeque;

/// A circuit breaker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breaker {
    policy: manifest::Breaker,
    state: State,
    /// Counts changes of state: the end of a call that was let through in an earlier one says nothing about this one.
    epoch: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: VecDeque<Millis> },
    Open { since: Millis },
    Probing,
}

/// A call that was let through. Its end must be told to [`Breaker::end`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    epoch: u64,
}

/// How a call that was let through has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The other side works.
    Success,
    /// It does not.
    Failure,
    /// Nobody waited for the end.
    Unknown,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(policy: manifest::Breaker) -> Self {
        Self {
            policy,
            state: State::Closed {
                failures: VecDeque::new(),
            },
            epoch: 0,
        }
    }

    /// May a call be made? `None`: no. `now` never goes back.
    pub fn admit(&mut self, now: Millis) -> Option<Admission> {
        match self.state {
            State::Closed { .. } => {}
            State::Open { since } if now.saturating_sub(since) >= self.policy.open => {
                self.enter(State::Probing)
            }
            State::Open { .. } | State::Probing => return None,
        }
        Some(Admission { epoch: self.epoch })
    }

    /// The end of a call.
    pub fn end(&mut self, admission: Admission, end: End, now: Millis) {
        if admission.epoch != self.epoch {
            return;
        }
        match (&mut self.state, end) {
            (State::Closed { failures }, End::Failure) => {
                failures.push_back(now);
                let start = now.saturating_sub(self.policy.window);
                while failures.front().is_some_and(|at| *at < start) {
                    failures.pop_front();
                }
                if failures.len()
                    >= usize::try_from(self.policy.failures.max(1)).unwrap_or(usize::MAX)
                {
                    self.enter(State::Open { since: now });
                }
            }
            (State::Probing, End::Success) => self.enter(State::Closed {
                failures: VecDeque::new(),
            }),
            (State::Probing, End::Failure) => self.enter(State::Open { since: now }),
            // The next call is the probe.
            (State::Probing, End::Unknown) => self.enter(State::Open {
                since: now.saturating_sub(self.policy.open),
            }),
            (State::Closed { .. } | State::Open { .. }, _) => {}
        }
    }

    fn enter(&mut self, state: State) {
        self.state = state;
        self.epoch += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{Admission, Breaker, End};
    use crate::manifest;
    use proptest::prelude::*;

    const POLICY: manifest::Breaker = manifest::Breaker {
        failures: 3,
        window: 100,
        open: 50,
    };

    fn fail(breaker: &mut Breaker, now: u64) {
        let admission = breaker.admit(now).unwrap();
        breaker.end(admission, End::Failure, now);
    }

    #[test]
    fn it_opens_probes_and_closes() {
        let mut breaker = Breaker::new(POLICY);
        for now in [0, 10, 20] {
            fail(&mut breaker, now);
        }
        assert_eq!(breaker.admit(69), None);
        let probe = breaker.admit(70).unwrap();
        assert_eq!(breaker.admit(71), None, "one probe at a time");
        breaker.end(probe, End::Failure, 72);
        assert_eq!(breaker.admit(121), None);
        let probe = breaker.admit(122).unwrap();
        breaker.end(probe, End::Unknown, 123);
        let probe = breaker.admit(123).unwrap();
        breaker.end(probe, End::Success, 124);
        assert!(breaker.admit(124).is_some() && breaker.admit(124).is_some());
    }

    #[test]
    fn failures_outside_the_window_do_not_count() {
        let mut breaker = Breaker::new(POLICY);
        for now in [0, 101, 202, 303, 350] {
            fail(&mut breaker, now);
        }
        assert!(breaker.admit(350).is_some());
        fail(&mut breaker, 360);
        assert_eq!(breaker.admit(360), None);
    }

    proptest! {
        /// As long as no window holds enough failures, every call is let through.
        #[test]
        fn it_never_opens_below_the_threshold(steps in prop::collection::vec((any::<bool>(), 0_u64..60), 0..100)) {
            let (mut breaker, mut now, mut failures) = (Breaker::new(POLICY), 0, Vec::new());
            for (good, pause) in steps {
                now += pause;
                let admission = breaker.admit(now);
                prop_assert!(admission.is_some());
                let recent = failures.iter().filter(|at| now - **at <= POLICY.window).count();
                let good = good || recent + 1 >= 3;
                failures.extend((!good).then_some(now));
                breaker.end(admission.unwrap(), if good { End::Success } else { End::Failure }, now);
            }
        }

        /// However calls overlap and end, an open breaker has at most one probe under way, and it never stays shut.
        #[test]
        fn at_most_one_probe(steps in prop::collection::vec((0_u8..4, 0_u64..40), 0..200)) {
            let mut breaker = Breaker::new(POLICY);
            let (mut now, mut open): (u64, Vec<Admission>) = (0, Vec::new());
            for (what, pause) in steps {
                now += pause;
                if what == 0 {
                    open.extend(breaker.admit(now));
                } else if let Some(admission) = open.pop() {
                    let end = [End::Success, End::Failure, End::Unknown][usize::from(what - 1)];
                    breaker.end(admission, end, now);
                }
                let probing = breaker.state == super::State::Probing;
                let current = open.iter().filter(|a| a.epoch == breaker.epoch).count();
                prop_assert!(!probing || current == 1);
            }
            for admission in open {
                breaker.end(admission, End::Unknown, now);
            }
            prop_assert!(breaker.admit(now + POLICY.open).is_some());
        }
    }
}
