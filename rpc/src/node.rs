//! Nodes: hosts that run BigBlueButton.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::Sensitive;

/// A node to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name, with an optional port; the daemon's default domain if absent.
    pub domain: Option<String>,
    /// Name of its cluster.
    pub cluster: String,
    /// Its BBB secret.
    pub secret: Sensitive,
    /// Whether it takes meetings immediately. Otherwise it starts in maintenance.
    pub active: bool,
}

/// Changes to a node; absent fields stay as they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeChange {
    /// Name of its new cluster; running meetings go on.
    #[serde(default)]
    pub cluster: Option<String>,
    /// Its new BBB secret.
    #[serde(default)]
    pub secret: Option<Sensitive>,
}

/// How a node is drained.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainSpec {
    /// Why, in words; may be empty.
    #[serde(default)]
    pub reason: String,
    /// After this many seconds the meetings that are left are ended; their people are warned before. None if they may
    /// run as long as they want.
    #[serde(default)]
    pub evacuate_after: Option<u64>,
}

/// A drain: maintenance until the last meeting has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrainView {
    /// Why, in words; may be empty.
    pub reason: String,
    /// The user who began it, such as `ada (1000)`.
    pub who: String,
    /// When it began; RFC 3339, UTC.
    pub since: String,
    /// When the meetings that are left are ended; RFC 3339, UTC.
    pub evacuate_at: Option<String>,
}

/// The state of a node according to its polls. Maintenance is separate.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum NodeState {
    /// Answers polls.
    Up,
    /// Failed recently: takes no new meetings, but joins go on.
    Suspect,
    /// Failed for a while: the next create moves its meetings to another node.
    Down,
    /// Not polled yet.
    #[default]
    Unknown,
}

impl NodeState {
    /// The name used in JSON and logs.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// How placement ranks a node for a meeting of typical size. The node with the lowest rank gets the meeting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankView {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name.
    pub domain: String,
    /// Up and not in maintenance.
    pub takes_meetings: bool,
    /// Load of attendees that are present or about to arrive.
    pub attendees: f64,
    /// Load of attendees still expected in its meetings.
    pub reserved: f64,
    /// Load of its meetings.
    pub meetings: f64,
    /// Load of the CPU, projected to the booked attendees.
    pub cpu: f64,
    /// Load that the new meeting would add.
    pub own: f64,
    /// The sum of the parts.
    pub rank: f64,
}

/// A node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name.
    pub domain: String,
    /// Name of its cluster.
    pub cluster: String,
    /// The state according to its polls.
    pub state: NodeState,
    /// Whether an operator has switched maintenance on: no new meetings.
    pub maintenance: bool,
    /// The drain that the maintenance is part of, if any.
    #[serde(default)]
    pub drain: Option<DrainView>,
    /// Load by the documented formula; -2 in maintenance, otherwise -1 unless up.
    pub load: i64,
    /// Attendees at the last successful poll.
    pub attendees: Option<u64>,
    /// Meetings at the last successful poll, including those unknown to B3LB.
    pub meetings: Option<u64>,
    /// CPU use in units of 0.01 %; null if the node does not report it.
    pub cpu: Option<u32>,
    /// Attendees that it carries at the target CPU use of its cluster; null until it is learned.
    pub capacity: Option<u32>,
    /// The last poll's error, null if it succeeded.
    pub last_poll_error: Option<String>,
}

impl NodeView {
    /// `slug.domain`.
    pub fn fqdn(&self) -> String {
        format!("{}.{}", self.slug, self.domain)
    }
}

/// The parts of the documented load. Given even if the node's load is -1 or -2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadParts {
    /// Load of attendees.
    pub attendees: f64,
    /// Load of meetings.
    pub meetings: f64,
    /// Load of the CPU.
    pub cpu: f64,
}

/// The result of one successful poll: milliseconds since 1970, load, attendees, CPU use in units of 0.01 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample(pub i64, pub i64, pub u32, pub Option<u32>);

/// Everything known about a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeDetails {
    /// The node.
    pub node: NodeView,
    /// The parts of its load.
    pub parts: LoadParts,
    /// How placement ranks it; absent before its first poll.
    pub rank: Option<RankView>,
    /// Consecutive failed polls.
    pub misses: u32,
    /// When it was last polled; milliseconds since 1970.
    pub polled_at: Option<i64>,
    /// Duration of that poll, in milliseconds.
    pub poll_ms: u64,
    /// Tenants' meetings that are bound to it.
    pub bound: u64,
    /// Attendees in these meetings.
    pub bound_attendees: u64,
    /// Samples of the last hour, oldest first.
    pub history: Vec<Sample>,
}

/// The result of ending all meetings on a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evacuation {
    /// The node.
    pub node: NodeView,
    /// Number of meetings that were ended.
    pub ended: u64,
    /// Meetings that could not be ended: `ID of T-012: why`.
    pub failed: Vec<String>,
}
