//! The lease: one object that its holder rewrites, on the condition that nobody else did.

use super::{BootTime, Epoch, LEASE_MARGIN, LEASE_TTL, Nonce, Owner};

/// The lease as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Names this version of the lease: each write has its own.
    pub nonce: Nonce,
    /// Who wrote it.
    pub holder: Owner,
    /// The epoch of its holder.
    pub epoch: Epoch,
}

/// Watches whether the lease changes, by the watcher's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaseWatch {
    seen: Option<Seen>,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    lease: Lease,
    /// When it was first told: it was written before.
    since: BootTime,
    /// Begin of the latest request that still found it.
    until: BootTime,
}

impl LeaseWatch {
    /// Records the lease as found by a request that began at `begun` and was answered at `answered`.
    pub fn observe(&mut self, lease: Option<Lease>, begun: BootTime, answered: BootTime) {
        self.seen = match (lease, self.seen) {
            (None, _) => None,
            (Some(lease), Some(old)) if lease.nonce == old.lease.nonce => {
                Some(Seen { until: old.until.max(begun), ..old })
            }
            (Some(lease), _) => Some(Seen { lease, since: answered, until: begun }),
        };
    }

    /// The lease that was read last.
    pub fn lease(&self) -> Option<Lease> {
        self.seen.map(|it| it.lease)
    }

    /// When that version of it was first told.
    pub fn since(&self) -> Option<BootTime> {
        self.seen.map(|it| it.since)
    }

    /// True once the lease was found unchanged after its time. Only answers count: in a time without answers
    /// the holder may have renewed it. A lease that never existed does not expire.
    pub fn has_expired(&self) -> bool {
        self.seen.is_some_and(|it| it.until.saturating_sub(it.since) >= LEASE_TTL + LEASE_MARGIN)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn lease(nonce: u128) -> Lease {
        Lease { nonce: Nonce(nonce), holder: Owner(1), epoch: Epoch::FIRST }
    }

    fn watch(answers: &[(u128, u64, u64)]) -> LeaseWatch {
        let mut watch = LeaseWatch::default();
        for (nonce, begun, answered) in answers {
            watch.observe(Some(lease(*nonce)), Duration::from_secs(*begun), Duration::from_secs(*answered));
        }
        watch
    }

    #[test]
    fn only_answers_show_that_a_lease_did_not_change() {
        assert!(!watch(&[(1, 0, 1)]).has_expired(), "however late it is now");
        assert!(!watch(&[(1, 0, 1), (1, 5, 60)]).has_expired(), "a late answer to an early request");
        assert!(!watch(&[(1, 0, 1), (1, 25, 27)]).has_expired());
        assert!(watch(&[(1, 0, 1), (1, 26, 27)]).has_expired());
    }

    #[test]
    fn answers_out_of_order_make_the_wait_longer_only() {
        assert!(!watch(&[(1, 0, 1), (2, 20, 21), (1, 15, 30), (1, 16, 90)]).has_expired());
        assert!(!watch(&[(1, 0, 1), (2, 20, 21), (1, 15, 30), (2, 50, 51)]).has_expired());
        assert!(watch(&[(1, 0, 1), (1, 40, 41), (1, 10, 42)]).has_expired());
    }
}
