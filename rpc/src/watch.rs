//! Live data: a snapshot, then only what changed.
//!
//! Things are told in two parts, so that little goes over the wire: what hardly changes of a thing in a
//! `*Row`, its figures in a short array. Both name it by a number that is good for one life of the daemon.

use serde::{Deserialize, Serialize};

use crate::{ClusterView, Event, GroupView, NodeCounts, NodeState, Rates, Role};

/// Where a watcher stands: what the last answer said, or zeros to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchFrom {
    /// Names the life of the daemon.
    pub epoch: u64,
    /// The last change seen of nodes, tenants, clusters and events.
    pub seq: u64,
    /// The last change seen of meetings; none if they are not wanted now.
    #[serde(default)]
    pub meetings: Option<u64>,
}

/// A node, but for its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRow {
    /// Number.
    pub id: i64,
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name.
    pub domain: String,
    /// Name of its cluster.
    pub cluster: String,
}

/// Figures of a node, an array on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "NodeFiguresWire", into = "NodeFiguresWire")]
pub struct NodeFigures {
    /// The node's number.
    pub id: i64,
    /// What the polls say.
    pub state: NodeState,
    /// Set by an operator: no new meetings.
    pub maintenance: bool,
    /// Load by the documented formula; -2 in maintenance, else -1 if not up.
    pub load: i64,
    /// Attendees at the last good poll.
    pub attendees: Option<u32>,
    /// Meetings at the last good poll.
    pub meetings: Option<u32>,
    /// CPU use, base 10,000.
    pub cpu: Option<u32>,
    /// Failed polls in a row.
    pub misses: u32,
    /// When it was last asked; seconds since 1970.
    pub polled_at: i64,
    /// The last poll's error in words.
    pub error: Option<String>,
}

type NodeFiguresWire =
    (i64, NodeState, bool, i64, Option<u32>, Option<u32>, Option<u32>, u32, i64, Option<String>);

impl From<NodeFiguresWire> for NodeFigures {
    fn from(it: NodeFiguresWire) -> Self {
        let (id, state, maintenance, load, attendees, meetings, cpu, misses, polled_at, error) = it;
        Self { id, state, maintenance, load, attendees, meetings, cpu, misses, polled_at, error }
    }
}

impl From<NodeFigures> for NodeFiguresWire {
    fn from(it: NodeFigures) -> Self {
        let NodeFigures { id, state, maintenance, load, attendees, meetings, cpu, misses, polled_at, error } =
            it;
        (id, state, maintenance, load, attendees, meetings, cpu, misses, polled_at, error)
    }
}

/// A tenant, but for its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantRow {
    /// Number.
    pub id: i64,
    /// Slug.
    pub slug: String,
    /// Free text.
    pub description: String,
    /// Name of its cluster group.
    pub group: String,
    /// Host name of sub id 0.
    pub hostname: String,
    /// 0 = none.
    pub attendee_limit: u32,
    /// 0 = none.
    pub meeting_limit: u32,
    /// How many secrets it has.
    pub secrets: u32,
}

/// Figures of a tenant, an array on the wire: number, meetings, attendees, creates refused by a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantFigures(pub i64, pub u32, pub u32, pub u64);

/// A running meeting, but for its figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRow {
    /// Number.
    pub row: i64,
    /// Its id, as the client gave it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// Sub id of the secret.
    pub sub_id: u16,
    /// Number of the node.
    pub node: i64,
    /// Milliseconds since 1970.
    pub created_at: i64,
}

/// Figures of a meeting, an array on the wire: number, attendees, listeners, voices, videos, moderators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingFigures(pub i64, pub u32, pub u32, pub u32, pub u32, pub u32);

/// Sums over everything, and how the daemon does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Its role.
    pub role: Role,
    /// Nodes by state.
    pub nodes: NodeCounts,
    /// Most nodes fail at once, so that the fault is probably on our side.
    pub outage: bool,
    /// Meetings of all tenants.
    pub meetings: u64,
    /// Attendees of all tenants.
    pub attendees: u64,
    /// What happens in a second.
    pub rates: Rates,
    /// Why the database takes no writes.
    pub store_error: Option<String>,
    /// Seconds between two polls of a node.
    pub poll_seconds: f64,
    /// The daemon's clock; milliseconds since 1970.
    pub now: i64,
}

/// What changed of the meetings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingChanges {
    /// Where the watcher stands now.
    pub seq: u64,
    /// Forget all meetings: a snapshot begins.
    pub reset: bool,
    /// New ones, or changed ones.
    pub rows: Vec<MeetingRow>,
    /// New figures.
    pub figures: Vec<MeetingFigures>,
    /// Numbers of those that are gone.
    pub gone: Vec<i64>,
}

/// What changed since [`WatchFrom`]; every thing at most once, as it is now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchAnswer {
    /// Names the life of the daemon.
    pub epoch: u64,
    /// Where the watcher stands now.
    pub seq: u64,
    /// Forget all nodes, tenants, clusters and groups: a snapshot begins. Events go on.
    pub reset: bool,
    /// There is more to tell: ask again at once.
    pub more: bool,
    /// Sums.
    pub totals: Totals,
    /// New or changed nodes.
    pub nodes: Vec<NodeRow>,
    /// New figures of nodes.
    pub node_figures: Vec<NodeFigures>,
    /// Numbers of nodes that are gone.
    pub nodes_gone: Vec<i64>,
    /// New or changed tenants.
    pub tenants: Vec<TenantRow>,
    /// New figures of tenants.
    pub tenant_figures: Vec<TenantFigures>,
    /// Numbers of tenants that are gone.
    pub tenants_gone: Vec<i64>,
    /// All clusters, if anything of them changed.
    pub clusters: Option<Vec<ClusterView>>,
    /// All cluster groups, if anything of them changed.
    pub groups: Option<Vec<GroupView>>,
    /// New events, oldest first.
    pub events: Vec<Event>,
    /// Meetings, if they were wanted.
    pub meetings: Option<MeetingChanges>,
}
