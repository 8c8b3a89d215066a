//! What happens between two rows of the history.

use std::collections::HashMap;

use parking_lot::Mutex;

use crate::history::{REFUSALS, Refusal};
use crate::model::{NodeId, TenantSlug};
use crate::problems::Refused;
use crate::state::Limit;

/// Creates and joins of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnNode {
    /// Meetings created.
    pub creates: u32,
    /// Joins redirected.
    pub joins: u32,
}

/// What was counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallied {
    /// By node.
    pub on_nodes: HashMap<NodeId, OnNode>,
    /// Meetings created, by tenant.
    pub creates: HashMap<TenantSlug, u32>,
    /// Refused creates, by [`Refusal`].
    pub refusals: [u32; REFUSALS],
}

/// Counts until it is taken.
#[derive(Debug, Default)]
pub struct Tally {
    counts: Mutex<Tallied>,
}

impl Tally {
    /// A meeting was created.
    pub fn created(&self, node: NodeId, tenant: &TenantSlug) {
        let mut counts = self.counts.lock();
        counts.on_nodes.entry(node).or_default().creates += 1;
        match counts.creates.get_mut(tenant) {
            Some(count) => *count += 1,
            None => _ = counts.creates.insert(tenant.clone(), 1),
        }
    }

    /// A join was redirected.
    pub fn joined(&self, node: NodeId) {
        self.counts.lock().on_nodes.entry(node).or_default().joins += 1;
    }

    /// A create was refused.
    pub fn refused(&self, why: Refusal) {
        self.counts.lock().refusals[why as usize] += 1;
    }

    /// Returns what was counted, and begins at zero.
    pub fn take(&self) -> Tallied {
        std::mem::take(&mut *self.counts.lock())
    }

    /// Adds what was taken, after it could not be written.
    pub fn put_back(&self, taken: Tallied) {
        let mut counts = self.counts.lock();
        for (node, it) in taken.on_nodes {
            let count = counts.on_nodes.entry(node).or_default();
            count.creates += it.creates;
            count.joins += it.joins;
        }
        for (tenant, count) in taken.creates {
            *counts.creates.entry(tenant).or_default() += count;
        }
        for (sum, count) in counts.refusals.iter_mut().zip(taken.refusals) {
            *sum += count;
        }
    }
}

impl From<Refused> for Refusal {
    fn from(it: Refused) -> Self {
        match it {
            Refused::NoNode => Self::NoNode,
            Refused::IdTaken => Self::IdTaken,
            Refused::Store => Self::Store,
            Refused::NodeSilent => Self::NodeSilent,
            Refused::NoPrimary => Self::NoPrimary,
        }
    }
}

impl From<Limit> for Refusal {
    fn from(it: Limit) -> Self {
        match it {
            Limit::Meetings => Self::MeetingLimit,
            Limit::Attendees => Self::AttendeeLimit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_is_counted_later() {
        let tally = Tally::default();
        let count = || {
            tally.created(NodeId(1), &"FOO".parse().unwrap());
            tally.joined(NodeId(2));
            tally.refused(Refusal::AttendeeLimit);
        };
        count();
        tally.put_back(tally.take());
        count();
        let taken = tally.take();
        assert_eq!(taken.on_nodes[&NodeId(1)], OnNode { creates: 2, joins: 0 });
        assert_eq!(taken.on_nodes[&NodeId(2)], OnNode { creates: 0, joins: 2 });
        assert_eq!(taken.creates[&"FOO".parse().unwrap()], 2);
        assert_eq!(taken.refusals, [0, 0, 0, 0, 0, 0, 2]);
        assert_eq!(tally.take(), Tallied::default());
    }
}
