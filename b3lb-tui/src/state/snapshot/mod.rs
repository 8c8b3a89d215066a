//! What the daemon reported: nodes, meetings, tenants, clusters and events.

mod apply;
pub mod capacity;
pub mod cluster;
pub mod event;
pub mod meeting;
pub mod node;
pub mod numbers;
pub mod object;
pub mod tenant;

use std::collections::VecDeque;

use rpc::{GroupView, MeetingStats, NodeStats, TenantStats, Totals};

pub use self::cluster::Cluster;
pub use self::event::LoggedEvent;
pub use self::meeting::Meeting;
pub use self::node::Node;
pub use self::tenant::Tenant;

use self::numbers::ByNumber;
use crate::message::Millis;

/// Counters that grow with every change of a list, so that derived data can be cached until then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    /// Of the nodes.
    pub nodes: u64,
    /// Of the meetings.
    pub meetings: u64,
    /// Of the tenants.
    pub tenants: u64,
    /// Of the clusters, their groups and their sums.
    pub clusters: u64,
    /// Of the events.
    pub events: u64,
}

/// The daemon's state as of its last answer. Row numbers change when the daemon restarts; names do not.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Totals and the health of the daemon; none before the first answer.
    pub totals: Option<Totals>,
    /// When the last answer arrived, on the dashboard's clock.
    pub received_at: Millis,
    /// Nodes by number.
    pub nodes: ByNumber<Node>,
    /// Meetings by number; outdated unless [`Snapshot::meetings_complete`].
    pub meetings: ByNumber<Meeting>,
    /// Tenants by number.
    pub tenants: ByNumber<Tenant>,
    /// Clusters, sorted by name.
    pub clusters: Vec<Cluster>,
    /// Cluster groups, sorted by name.
    pub groups: Vec<GroupView>,
    /// The latest events, oldest first.
    pub events: VecDeque<LoggedEvent>,
    /// Everything but the meetings has arrived.
    pub complete: bool,
    /// The meetings have arrived and are being watched.
    pub meetings_complete: bool,
    /// Versions of the lists.
    pub versions: Versions,
    epoch: u64,
    last_event: u64,
    next_event: i64,
    /// Statistics whose row has not arrived yet.
    early: Early,
}

/// Statistics that arrived before their row.
#[derive(Clone, Debug, Default)]
struct Early {
    nodes: ByNumber<NodeStats>,
    tenants: ByNumber<TenantStats>,
    meetings: ByNumber<MeetingStats>,
}

impl Snapshot {
    /// The daemon's clock when the dashboard's clock is at `now`: milliseconds since 1970.
    pub fn daemon_clock(&self, now: Millis) -> Millis {
        self.totals.as_ref().map_or(0, |it| it.now) + (now - self.received_at)
    }

    /// Finds a node by name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.values().find(|it| it.name == name)
    }

    /// Finds a meeting by key.
    pub fn meeting(&self, key: &str) -> Option<&Meeting> {
        self.meetings.values().find(|it| it.key == key)
    }

    /// Finds a tenant by slug.
    pub fn tenant(&self, slug: &str) -> Option<&Tenant> {
        self.tenants.values().find(|it| it.slug == slug)
    }

    /// Finds a cluster by name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|it| it.view.name == name)
    }

    /// The name of a node; empty if it is unknown.
    pub fn node_name(&self, number: i64) -> &str {
        self.nodes.get(&number).map_or("", |it| &it.name)
    }

    /// The meetings on a node, largest first.
    pub fn meetings_on(&self, node: &str) -> Vec<&Meeting> {
        let Some((number, _)) = self.nodes.iter().find(|(_, it)| it.name == node) else { return Vec::new() };
        let mut meetings: Vec<_> = self.meetings.values().filter(|it| it.node == *number).collect();
        meetings.sort_by(|a, b| b.stats.attendees.cmp(&a.stats.attendees).then_with(|| a.key.cmp(&b.key)));
        meetings
    }

    /// Marks the meetings as outdated; to be called when their watch ends.
    pub fn mark_meetings_stale(&mut self) {
        self.meetings_complete = false;
    }
}
