//! Nodes: hosts that run BigBlueButton.

use serde::{Deserialize, Serialize};

use crate::Sensitive;

/// A node to be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name, with a port if need be; the daemon's default domain if absent.
    pub domain: Option<String>,
    /// Name of its cluster.
    pub cluster: String,
    /// Its BBB secret.
    pub secret: Sensitive,
    /// Takes meetings at once; else it starts in maintenance.
    pub active: bool,
}

/// What to change of a node; absent fields stay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeChange {
    /// Name of its new cluster; running meetings go on.
    #[serde(default)]
    pub cluster: Option<String>,
    /// Its new BBB secret.
    #[serde(default)]
    pub secret: Option<Sensitive>,
}

/// What the polls say of a node; maintenance is a fact of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NodeState {
    /// Answers.
    Up,
    /// Failed lately: no new meetings, joins go on.
    Suspect,
    /// Failed for long: its meetings are placed anew when they are created again.
    Down,
    /// Not asked yet.
    Unknown,
}

impl NodeState {
    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Suspect => "suspect",
            Self::Down => "down",
            Self::Unknown => "unknown",
        }
    }
}

/// How placement ranks a node for a meeting of typical size; the least rank gets it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankView {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name.
    pub domain: String,
    /// Up and not in maintenance.
    pub takes_meetings: bool,
    /// Load of attendees there and on their way.
    pub attendees: f64,
    /// Load of attendees still expected of the meetings there.
    pub reserved: f64,
    /// Load of meetings there.
    pub meetings: f64,
    /// Load of the CPU, carried forward to what is booked.
    pub cpu: f64,
    /// What the new meeting would add.
    pub own: f64,
    /// The sum.
    pub rank: f64,
}

/// A node as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeView {
    /// First label of its host name.
    pub slug: String,
    /// The rest of its host name.
    pub domain: String,
    /// Name of its cluster.
    pub cluster: String,
    /// What the polls say.
    pub state: NodeState,
    /// Set by an operator: no new meetings.
    pub maintenance: bool,
    /// Load by the documented formula; -2 in maintenance, else -1 if not up.
    pub load: i64,
    /// Attendees at the last good poll.
    pub attendees: Option<u64>,
    /// Meetings at the last good poll, those that B3LB does not know included.
    pub meetings: Option<u64>,
    /// CPU use, base 10,000; null without a figure.
    pub cpu: Option<u32>,
    /// The last poll's error in words, null after a good one.
    pub last_poll_error: Option<String>,
}

impl NodeView {
    /// `slug.domain`.
    pub fn fqdn(&self) -> String {
        format!("{}.{}", self.slug, self.domain)
    }
}

/// The documented load in its parts, also where the node's load is -1 or -2.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadParts {
    /// Of attendees.
    pub attendees: f64,
    /// Of meetings.
    pub meetings: f64,
    /// Of the CPU.
    pub cpu: f64,
}

/// What one good poll showed: milliseconds since 1970, load, attendees, CPU on the base 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample(pub i64, pub i64, pub u32, pub Option<u32>);

/// A node with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeDetails {
    /// The node.
    pub node: NodeView,
    /// Its load in parts.
    pub parts: LoadParts,
    /// How placement ranks it; none before its first poll.
    pub rank: Option<RankView>,
    /// Failed polls in a row.
    pub misses: u32,
    /// When it was last asked; milliseconds since 1970.
    pub polled_at: Option<i64>,
    /// How long that took, in milliseconds.
    pub poll_ms: u64,
    /// Meetings of tenants that are bound to it.
    pub bound: u64,
    /// Attendees in these.
    pub bound_attendees: u64,
    /// The last hour, oldest first.
    pub history: Vec<Sample>,
}

/// What became of a node's meetings when all were to be ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evacuation {
    /// The node.
    pub node: NodeView,
    /// Meetings that were ended.
    pub ended: u64,
    /// Those that could not be: `ID of T-012: why`.
    pub failed: Vec<String>,
}
