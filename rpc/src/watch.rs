//! Live data: a snapshot, then only the changes.
//!
//! To keep messages small, each object is sent in two parts: its rarely changing properties in a `*Row`, its
//! statistics in a short array. Both identify it by a number that is valid until the daemon restarts.

use serde::{Deserialize, Serialize};

use crate::{ClusterView, Event, GroupView, NodeCounts, NodeState, Rates, Role};

/// The position of a watcher: taken from the last answer, or zeros to begin with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchFrom {
    /// Identifies the daemon process.
    pub epoch: u64,
    /// The last change seen of nodes, tenants, clusters and events.
    pub seq: u64,
    /// The last change seen of meetings; absent if meetings are not wanted.
    #[serde(default)]
    pub meetings: Option<u64>,
}

/// A node without its statistics.
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

/// Statistics of a node; an array on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "NodeFiguresWire", into = "NodeFiguresWire")]
pub struct NodeFigures {
    /// The node's number.
    pub id: i64,
    /// The state according to its polls.
    pub state: NodeState,
    /// Whether an operator has switched maintenance on: no new meetings.
    pub maintenance: bool,
    /// Load by the documented formula; -2 in maintenance, otherwise -1 unless up.
    pub load: i64,
    /// Attendees at the last successful poll.
    pub attendees: Option<u32>,
    /// Meetings at the last successful poll.
    pub meetings: Option<u32>,
    /// CPU use in units of 0.01 %.
    pub cpu: Option<u32>,
    /// Consecutive failed polls.
    pub misses: u32,
    /// When it was last polled; seconds since 1970.
    pub polled_at: i64,
    /// The last poll's error.
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

/// A tenant without its statistics.
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
    /// API host name of its secret with sub id 0.
    pub hostname: String,
    /// 0 means no limit.
    pub attendee_limit: u32,
    /// 0 means no limit.
    pub meeting_limit: u32,
    /// Number of secrets.
    pub secrets: u32,
}

/// Statistics of a tenant; an array on the wire: number, meetings, attendees, creates refused by a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantFigures(pub i64, pub u32, pub u32, pub u64);

/// A running meeting without its statistics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRow {
    /// Number.
    pub row: i64,
    /// Meeting id, as the client gave it.
    pub id: String,
    /// Meeting name.
    pub name: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// Sub id of the secret.
    pub sub_id: u16,
    /// Number of the node.
    pub node: i64,
    /// When it was created; milliseconds since 1970.
    pub created_at: i64,
}

/// Statistics of a meeting; an array on the wire: number, attendees, listeners, voices, videos, moderators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingFigures(pub i64, pub u32, pub u32, pub u32, pub u32, pub u32);

/// Totals, and the state of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Its role.
    pub role: Role,
    /// Nodes by state.
    pub nodes: NodeCounts,
    /// Whether most nodes fail at once, so that the problem is probably ours.
    pub outage: bool,
    /// Meetings of all tenants.
    pub meetings: u64,
    /// Attendees of all tenants.
    pub attendees: u64,
    /// Events per second.
    pub rates: Rates,
    /// Why the database accepts no writes.
    pub store_error: Option<String>,
    /// Poll interval of a node, in seconds.
    pub poll_seconds: f64,
    /// The daemon's clock; milliseconds since 1970.
    pub now: i64,
}

/// Changes to the meetings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingChanges {
    /// The watcher's new position.
    pub seq: u64,
    /// A snapshot begins: discard all meetings.
    pub reset: bool,
    /// New or changed meetings.
    pub rows: Vec<MeetingRow>,
    /// Changed statistics.
    pub figures: Vec<MeetingFigures>,
    /// Numbers of meetings that are gone.
    pub gone: Vec<i64>,
}

/// Changes since [`WatchFrom`]. Contains each object at most once, in its current state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WatchAnswer {
    /// Identifies the daemon process.
    pub epoch: u64,
    /// The watcher's new position.
    pub seq: u64,
    /// A snapshot begins: discard all nodes, tenants, clusters and groups, but keep the events.
    pub reset: bool,
    /// More changes are pending: call again immediately.
    pub more: bool,
    /// Totals.
    pub totals: Totals,
    /// New or changed nodes.
    pub nodes: Vec<NodeRow>,
    /// Changed statistics of nodes.
    pub node_figures: Vec<NodeFigures>,
    /// Numbers of nodes that are gone.
    pub nodes_gone: Vec<i64>,
    /// New or changed tenants.
    pub tenants: Vec<TenantRow>,
    /// Changed statistics of tenants.
    pub tenant_figures: Vec<TenantFigures>,
    /// Numbers of tenants that are gone.
    pub tenants_gone: Vec<i64>,
    /// All clusters, if any of them changed.
    pub clusters: Option<Vec<ClusterView>>,
    /// All cluster groups, if any of them changed.
    pub groups: Option<Vec<GroupView>>,
    /// New events, oldest first.
    pub events: Vec<Event>,
    /// Changes to meetings, if they were wanted.
    pub meetings: Option<MeetingChanges>,
}
