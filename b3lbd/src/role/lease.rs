//! The lease: one object that its holder rewrites, on the condition that nobody else did.

use super::{BootTime, Epoch, LEASE_MARGIN, LEASE_TTL, Owner};

/// Version of the lease object, as the store names it (`ETag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub u64);

/// The lease as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    /// Its version.
    pub tag: Tag,
    /// Who wrote it.
    pub holder: Owner,
    /// The epoch of its holder.
    pub epoch: Epoch,
}

/// Watches whether the lease changes, by the watcher's own clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaseWatch {
    seen: Option<(Lease, BootTime)>,
}

impl LeaseWatch {
    /// Records the lease as read; `answered` is the time of the answer, so that the wait is never too short.
    pub fn observe(&mut self, lease: Option<Lease>, answered: BootTime) {
        self.seen = match (lease, self.seen) {
            (None, _) => None,
            (Some(new), Some((old, since))) if new.tag == old.tag => Some((old, since)),
            (Some(new), _) => Some((new, answered)),
        };
    }

    /// The lease that was read last.
    pub fn lease(&self) -> Option<Lease> {
        self.seen.map(|(lease, _)| lease)
    }

    /// True once the holder has stopped acting. A lease that never existed does not expire.
    pub fn has_expired(&self, now: BootTime) -> bool {
        self.seen.is_some_and(|(_, since)| now.saturating_sub(since) >= LEASE_TTL + LEASE_MARGIN)
    }
}
