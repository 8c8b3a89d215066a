//! Live data: a snapshot, then only the changes.
//!
//! To keep messages small, each object is sent in two parts: its rarely changing properties in a `*Row`, its
//! statistics in `*Stats`, which is an array on the wire. Both identify it by a number that is valid until the daemon restarts.

use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use crate::{ClusterView, DrainView, Event, GroupView, NodeCounts, NodeState, Problem, Rates, Role};

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
    /// Its drain, if it is being drained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain: Option<DrainView>,
}

/// Statistics of a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct NodeStats {
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
    /// Attendees that it carries at the target CPU use of its cluster, in two digits; absent until it is learned.
    pub capacity: Option<u32>,
    /// Consecutive failed polls.
    pub misses: u32,
    /// When it was last polled; seconds since 1970.
    pub polled_at: i64,
    /// The last poll's error.
    pub error: Option<String>,
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

/// Statistics of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct TenantStats {
    /// The tenant's number.
    pub id: i64,
    /// Running meetings.
    pub meetings: u32,
    /// Attendees of all its meetings.
    pub attendees: u32,
    /// Number of creates that a limit refused.
    pub refused: u64,
}

/// A running meeting without its statistics.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingRow {
    /// Number.
    pub number: i64,
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

/// Statistics of a meeting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct MeetingStats {
    /// The meeting's number.
    pub number: i64,
    /// People, including moderators.
    pub attendees: u32,
    /// Attendees who only listen.
    pub listeners: u32,
    /// Attendees with a microphone.
    pub voices: u32,
    /// Cameras that are on.
    pub videos: u32,
    /// Attendees who are moderators.
    pub moderators: u32,
}

/// Number of problems in [`Totals`].
pub const SHOWN_PROBLEMS: usize = 3;

/// Totals, and the state of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Totals {
    /// Its role.
    pub role: Role,
    /// Nodes by state.
    pub nodes: NodeCounts,
    /// Meetings of all tenants.
    pub meetings: u64,
    /// Attendees of all tenants.
    pub attendees: u64,
    /// Events per second.
    pub rates: Rates,
    /// Number of problems.
    pub problem_count: u32,
    /// The gravest problems, at most [`SHOWN_PROBLEMS`].
    pub problems: Vec<Problem>,
    /// Poll interval of a node, in seconds.
    pub poll_seconds: f64,
    /// The daemon's clock; milliseconds since 1970.
    pub now: i64,
}

/// Changes to the objects of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes<Row, Stats> {
    /// New or changed objects.
    pub rows: Vec<Row>,
    /// Changed statistics.
    pub stats: Vec<Stats>,
    /// Numbers of objects that are gone.
    pub gone: Vec<i64>,
}

impl<Row, Stats> Default for Changes<Row, Stats> {
    fn default() -> Self {
        Self { rows: Vec::new(), stats: Vec::new(), gone: Vec::new() }
    }
}

impl<Row, Stats> Changes<Row, Stats> {
    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.stats.is_empty() && self.gone.is_empty()
    }
}

/// Changes to the meetings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingChanges {
    /// The watcher's new position.
    pub seq: u64,
    /// A snapshot begins: discard all meetings.
    pub reset: bool,
    /// What has changed.
    #[serde(flatten)]
    pub changes: Changes<MeetingRow, MeetingStats>,
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
    /// Changes to nodes.
    pub nodes: Changes<NodeRow, NodeStats>,
    /// Changes to tenants.
    pub tenants: Changes<TenantRow, TenantStats>,
    /// All clusters, if any of them changed.
    pub clusters: Option<Vec<ClusterView>>,
    /// All cluster groups, if any of them changed.
    pub groups: Option<Vec<GroupView>>,
    /// New events, oldest first.
    pub events: Vec<Event>,
    /// Changes to meetings, if they were wanted.
    pub meetings: Option<MeetingChanges>,
}
