//! A cluster, with sums over its nodes.

use rpc::{ClusterView, NodeState};

use super::node::Node;
use crate::state::filter::fold;
use crate::text::clean;

/// Sums over the nodes of a cluster.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// All nodes.
    pub nodes: u32,
    /// Nodes that are up.
    pub up: u32,
    /// Nodes that are suspect.
    pub suspect: u32,
    /// Nodes that are down.
    pub down: u32,
    /// Nodes in maintenance, whatever their state.
    pub maintenance: u32,
    /// Nodes that take new meetings.
    pub open: u32,
    /// Meetings at the last good polls.
    pub meetings: u64,
    /// Attendees at the last good polls.
    pub attendees: u64,
    /// Attendees that the nodes that take new meetings carry, as far as it is learned.
    pub capacity: u64,
    /// Sum of the loads of the nodes that take new meetings.
    pub load: i64,
}

impl Sums {
    /// Adds a node.
    pub fn add(&mut self, node: &Node) {
        self.nodes += 1;
        match node.state() {
            NodeState::Up => self.up += 1,
            NodeState::Suspect => self.suspect += 1,
            NodeState::Down => self.down += 1,
            NodeState::Unknown => {}
        }
        self.maintenance += u32::from(node.maintenance());
        self.meetings += u64::from(node.meetings().unwrap_or(0));
        self.attendees += u64::from(node.attendees().unwrap_or(0));
        if node.takes_meetings() {
            self.open += 1;
            self.capacity += u64::from(node.capacity().unwrap_or(0));
            self.load += node.load().unwrap_or(0).max(0);
        }
    }

    /// Mean load of the nodes that take new meetings.
    pub fn mean_load(&self) -> Option<i64> {
        (self.open > 0).then(|| self.load / i64::from(self.open))
    }
}

/// A cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// As the daemon reported it, with sanitized names.
    pub view: ClusterView,
    /// Sums over its nodes.
    pub sums: Sums,
    searched: String,
}

impl Cluster {
    /// A cluster without nodes.
    pub fn new(mut view: ClusterView) -> Self {
        view.name = clean(&view.name);
        view.groups = view.groups.iter().map(|it| clean(it)).collect();
        let searched = fold(&format!("{} {} {}", view.name, view.checksum, view.groups.join(" ")));
        Self { view, sums: Sums::default(), searched }
    }

    /// Whether the row contains `word`, which is in lower case.
    pub fn contains(&self, word: &str) -> bool {
        self.searched.contains(word)
    }
}
