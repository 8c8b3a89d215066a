//! All that the daemon told.

use std::collections::VecDeque;

use rpc::{GroupView, MeetingFigures, NodeFigures, TenantFigures, Totals};

use super::{ByNumber, Cluster, LoggedEvent, Meeting, Millis, Node, Tenant};

/// Grow with every change of a list, so that what was made of it can be kept until then.
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

/// The picture. Numbers of things are good for one life of the daemon; names outlast it.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// Sums, and how the daemon does; none before the first answer.
    pub totals: Option<Totals>,
    /// When the last answer came, on the dashboard's clock.
    pub told_at: Millis,
    /// Nodes by number.
    pub nodes: ByNumber<Node>,
    /// Meetings by number; old unless [`Picture::meetings_complete`].
    pub meetings: ByNumber<Meeting>,
    /// Tenants by number.
    pub tenants: ByNumber<Tenant>,
    /// Clusters by name.
    pub clusters: Vec<Cluster>,
    /// Cluster groups by name.
    pub groups: Vec<GroupView>,
    /// The last events, oldest first.
    pub events: VecDeque<LoggedEvent>,
    /// All but the meetings is as the daemon has it: no part of a snapshot is missing.
    pub complete: bool,
    /// The meetings are as the daemon has them.
    pub meetings_complete: bool,
    /// What changed.
    pub versions: Versions,
    pub(super) epoch: u64,
    pub(super) last_event: u64,
    pub(super) next_event: i64,
    /// Figures whose row has not come yet.
    pub(super) strays: Strays,
}

/// Figures that came before the row that they belong to.
#[derive(Clone, Debug, Default)]
pub(super) struct Strays {
    pub(super) nodes: ByNumber<NodeFigures>,
    pub(super) tenants: ByNumber<TenantFigures>,
    pub(super) meetings: ByNumber<MeetingFigures>,
}

impl Picture {
    /// The daemon's clock: milliseconds since 1970, when the dashboard's clock is at `now`.
    pub fn daemon_clock(&self, now: Millis) -> Millis {
        self.totals.as_ref().map_or(0, |it| it.now) + (now - self.told_at)
    }

    /// The node of that name.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.values().find(|it| it.name == name)
    }

    /// The meeting of that key.
    pub fn meeting(&self, key: &str) -> Option<&Meeting> {
        self.meetings.values().find(|it| it.key == key)
    }

    /// The tenant of that slug.
    pub fn tenant(&self, slug: &str) -> Option<&Tenant> {
        self.tenants.values().find(|it| it.slug == slug)
    }

    /// The cluster of that name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|it| it.view.name == name)
    }

    /// Name of the node of that number.
    pub fn node_name(&self, number: i64) -> &str {
        self.nodes.get(&number).map_or("", |it| &it.name)
    }

    /// The meetings on a node, the largest first.
    pub fn meetings_on(&self, node: &str) -> Vec<&Meeting> {
        let Some((number, _)) = self.nodes.iter().find(|(_, it)| it.name == node) else { return Vec::new() };
        let mut meetings: Vec<_> = self.meetings.values().filter(|it| it.node == *number).collect();
        meetings.sort_by(|a, b| b.counts.attendees.cmp(&a.counts.attendees).then_with(|| a.key.cmp(&b.key)));
        meetings
    }

    /// Forgets that the meetings are up to date, when nobody watches them any more.
    pub fn meetings_go_stale(&mut self) {
        self.meetings_complete = false;
    }
}
