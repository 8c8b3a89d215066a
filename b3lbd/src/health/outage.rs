//! Distinguishes a failure of our own network from failures of many nodes.

/// With fewer nodes, nothing can be concluded about our own network.
const LEAST_NODES: usize = 3;

/// Prevents nodes from going down while more than half of them started to fail at about the same time.
#[derive(Clone, Copy, Debug, Default)]
pub struct OutageGuard {
    since: Option<f64>,
}

impl OutageGuard {
    /// Examines all nodes, given when each started to fail, if it fails. `window` is the maximum time in
    /// seconds between simultaneous failures. Returns whether an outage of our own has just started or ended; `None` if nothing changed.
    pub fn observe(&mut self, now: f64, window: f64, failing_since: &[Option<f64>]) -> Option<bool> {
        let mut starts: Vec<f64> = failing_since.iter().flatten().copied().collect();
        let enough = failing_since.len() >= LEAST_NODES;
        let most = |count: usize| 2 * count > failing_since.len();
        match self.since {
            Some(_) if !most(starts.len()) => {
                self.since = None;
                Some(false)
            }
            None if enough && most(starts.len()) => {
                starts.sort_by(f64::total_cmp);
                let together = starts.iter().enumerate().any(|(n, first)| {
                    most(starts[n..].iter().take_while(|it| **it - first <= window).count())
                });
                if together {
                    self.since = Some(now);
                }
                together.then_some(true)
            }
            _ => None,
        }
    }

    /// Whether failures count as our own: during an outage that is younger than `grace` seconds.
    pub fn holds(&self, now: f64, grace: f64) -> bool {
        self.since.is_some_and(|since| now - since < grace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_nodes_at_once_are_our_fault() {
        let mut guard = OutageGuard::default();
        assert_eq!(guard.observe(10.0, 10.0, &[Some(1.0), Some(9.0), None, None]), None, "half is not most");
        assert_eq!(guard.observe(10.0, 10.0, &[Some(1.0), Some(9.0), Some(10.0), None]), Some(true));
        assert!(guard.holds(309.0, 300.0) && !guard.holds(310.0, 300.0));
        assert_eq!(guard.observe(20.0, 10.0, &[Some(1.0), Some(9.0), None, None]), Some(false));
        assert!(!guard.holds(20.0, 300.0));
    }

    #[test]
    fn one_after_the_other_or_few_nodes_are_not() {
        let mut guard = OutageGuard::default();
        assert_eq!(guard.observe(100.0, 10.0, &[Some(1.0), Some(30.0), Some(60.0), None]), None);
        assert_eq!(guard.observe(100.0, 10.0, &[Some(1.0), Some(1.0)]), None);
        assert_eq!(guard.observe(100.0, 10.0, &[]), None);
    }
}
