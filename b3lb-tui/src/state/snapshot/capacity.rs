//! The capacity for new meetings that remains when nodes go into maintenance.

use std::collections::HashSet;

use super::Snapshot;

/// The remaining capacity of a cluster group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupCapacity {
    /// Name of the group.
    pub group: String,
    /// Nodes that take new meetings now.
    pub open: usize,
    /// Nodes that would still take them.
    pub left: usize,
    /// Tenants that are bound to the group.
    pub tenants: usize,
}

/// The groups that lose an open node if these nodes go into maintenance, least remaining capacity first.
pub fn capacity_without(snapshot: &Snapshot, nodes: &[String]) -> Vec<GroupCapacity> {
    let leaving: HashSet<&str> = nodes.iter().map(String::as_str).collect();
    let mut groups = Vec::new();
    for group in &snapshot.groups {
        let here =
            snapshot.nodes.values().filter(|it| it.takes_meetings() && group.clusters.contains(&it.cluster));
        let (mut open, mut left) = (0, 0);
        for node in here {
            open += 1;
            left += usize::from(!leaving.contains(node.name.as_str()));
        }
        if left < open {
            groups.push(GroupCapacity {
                group: group.name.clone(),
                open,
                left,
                tenants: group.tenants.len(),
            });
        }
    }
    groups.sort_by(|a, b| a.left.cmp(&b.left).then_with(|| a.group.cmp(&b.group)));
    groups
}
