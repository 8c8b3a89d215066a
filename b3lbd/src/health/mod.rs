//! The health of a node, derived from its polls with hysteresis. No I/O, no clock: times are in seconds.

mod outage;

pub use outage::OutageGuard;

use crate::model::NodeState;

/// Number of consecutive polls that change the state.
#[derive(Clone, Copy, Debug)]
pub struct Thresholds {
    /// Failed polls until a node is down.
    pub down_after: u32,
    /// Successful polls until a node that was down is up again.
    pub up_after: u32,
}

/// The health of a node.
#[derive(Clone, Copy, Debug, Default)]
pub struct Health {
    state: NodeState,
    failures: u32,
    successes: u32,
    failing_since: Option<f64>,
}

impl Health {
    /// The current state.
    pub fn state(&self) -> NodeState {
        self.state
    }

    /// Consecutive failed polls.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// When the first of the current consecutive failed polls started.
    pub fn failing_since(&self) -> Option<f64> {
        self.failing_since
    }

    /// Records a successful poll. A suspect node is up immediately, a node that is down after `up_after`
    /// successful polls in a row.
    #[must_use]
    pub fn good(self, thresholds: Thresholds) -> Self {
        let successes = self.successes.saturating_add(1);
        let state = match self.state {
            NodeState::Down if successes < thresholds.up_after => NodeState::Down,
            _ => NodeState::Up,
        };
        Self { state, failures: 0, successes, failing_since: None }
    }

    /// Records a failed poll that started at `begun`. If `ours` is set, the problem is probably our own
    /// network, and no node goes down.
    #[must_use]
    pub fn bad(self, thresholds: Thresholds, begun: f64, ours: bool) -> Self {
        let failures = self.failures.saturating_add(1);
        let state = match self.state {
            NodeState::Down => NodeState::Down,
            _ if failures >= thresholds.down_after && !ours => NodeState::Down,
            _ => NodeState::Suspect,
        };
        Self { state, failures, successes: 0, failing_since: self.failing_since.or(Some(begun)) }
    }

    /// Records a connection refused outside of polls. The node is suspect until the next poll decides.
    #[must_use]
    pub fn suspected(self) -> Self {
        match self.state {
            NodeState::Up | NodeState::Unknown => Self { state: NodeState::Suspect, ..self },
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THREE_TWO: Thresholds = Thresholds { down_after: 3, up_after: 2 };

    #[test]
    fn the_way_down_and_up_again() {
        let mut health = Health::default().good(THREE_TWO);
        assert_eq!(health.state(), NodeState::Up);
        for expected in [NodeState::Suspect, NodeState::Suspect, NodeState::Down, NodeState::Down] {
            health = health.bad(THREE_TWO, 5.0, false);
            assert_eq!((health.state(), health.failing_since()), (expected, Some(5.0)));
        }
        health = health.good(THREE_TWO);
        assert_eq!(health.state(), NodeState::Down, "one good poll is not enough");
        assert_eq!(health.good(THREE_TWO).state(), NodeState::Up);
        assert_eq!(health.bad(THREE_TWO, 9.0, false).good(THREE_TWO).state(), NodeState::Down, "in a row");
    }

    #[test]
    fn a_suspect_recovers_at_once() {
        let health = Health::default().good(THREE_TWO).bad(THREE_TWO, 0.0, false);
        assert_eq!(health.good(THREE_TWO).state(), NodeState::Up);
        assert_eq!(Health::default().good(THREE_TWO).suspected().state(), NodeState::Suspect);
    }

    #[test]
    fn our_own_fault_takes_no_node_down() {
        let mut health = Health::default().good(THREE_TWO);
        for _ in 0..10 {
            health = health.bad(THREE_TWO, 0.0, true);
        }
        assert_eq!(health.state(), NodeState::Suspect);
        assert_eq!(health.bad(THREE_TWO, 0.0, false).state(), NodeState::Down, "the grace is over");
    }

    proptest! {
        /// A node is down only after `down_after` failed polls in a row, and up again only after `up_after`
        /// successful ones.
        #[test]
        fn hysteresis_holds_for_any_history(polls in prop::collection::vec(any::<bool>(), 1..60)) {
            let mut health = Health::default();
            for (n, good) in polls.iter().enumerate() {
                let before = health.state();
                health = if *good { health.good(THREE_TWO) } else { health.bad(THREE_TWO, 0.0, false) };
                let last = |count: usize, kind: bool| n + 1 >= count && polls[n + 1 - count..=n].iter().all(|it| *it == kind);
                prop_assert_eq!(health.state() == NodeState::Down && before != NodeState::Down, before != NodeState::Down && last(3, false));
                if before == NodeState::Down {
                    prop_assert_eq!(health.state() == NodeState::Up, last(2, true));
                }
            }
        }
    }
}
