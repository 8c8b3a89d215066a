//! How many attendees nodes, clusters and groups carry.

use std::collections::HashMap;

use super::Context;
use crate::model::{Catalog, Cluster, Node, NodeId, NodeState};
use crate::state::Fleet;

/// The capacity of each node, as far as it is known.
pub(super) struct Capacities<'a> {
    fleet: &'a Fleet,
    capacities: HashMap<NodeId, f64>,
}

impl<'a> Capacities<'a> {
    /// What is known now.
    pub(super) fn now(context: &'a Context) -> Self {
        let pool = &context.core.pool;
        Self { fleet: &pool.fleet, capacities: pool.capacities() }
    }

    /// The capacity of a node. Two digits, because it changes a little with each poll.
    pub(super) fn of(&self, node: NodeId) -> Option<u32> {
        self.capacities.get(&node).map(|capacity| two_digits(*capacity))
    }

    /// The capacity of the nodes in these clusters that take meetings; none if it is not known.
    pub(super) fn of_clusters(&self, catalog: &Catalog, is_meant: impl Fn(&Cluster) -> bool) -> Option<u64> {
        if self.capacities.is_empty() {
            return None;
        }
        let takes_meetings = |it: &Node| !it.maintenance && self.fleet.state(it.id) == NodeState::Up;
        let nodes = catalog.nodes.values().filter(|it| is_meant(&it.cluster) && takes_meetings(it));
        Some(nodes.filter_map(|it| self.of(it.id)).map(u64::from).sum())
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
fn two_digits(capacity: f64) -> u32 {
    let unit = 10_f64.powf((capacity.max(1.0).log10().floor() - 1.0).max(0.0));
    ((capacity / unit).round() * unit) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_have_two_digits() {
        let rounded = [0.0, 0.4, 7.6, 42.4, 187.0, 1_249.0, 99_600.0].map(two_digits);
        assert_eq!(rounded, [0, 0, 8, 42, 190, 1_200, 100_000]);
    }
}
