//! Running meetings.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Which meetings to list; absent fields match everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingFilter {
    /// Slug of a tenant, or `SLUG-NNN` for one secret.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Name of a node.
    #[serde(default)]
    pub node: Option<String>,
}

/// A running meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingView {
    /// Meeting id, as the client gave it.
    pub id: String,
    /// Meeting name.
    pub name: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// Sub id of the secret.
    pub sub_id: u16,
    /// `slug.domain` of the node.
    pub node: String,
    /// Number of attendees, including moderators.
    pub attendees: u64,
    /// Attendees who only listen.
    pub listeners: u64,
    /// Attendees with a microphone.
    pub voices: u64,
    /// Number of cameras.
    pub videos: u64,
    /// Attendees who are moderators.
    pub moderators: u64,
    /// When it was created; RFC 3339.
    pub created_at: String,
}

/// Why a meeting is on its node: what placement knew when it decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeetingWhy {
    /// The meeting.
    pub meeting: MeetingView,
    /// The decision; absent if the meeting was found running, or imported.
    pub placement: Option<PlacementView>,
}

/// One decision of placement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlacementView {
    /// Attendees that were expected.
    pub expected: f64,
    /// Number of nodes that the meeting could be placed on.
    pub candidates: u32,
    /// The first five of them by rank, best first.
    pub best: Vec<RankedNode>,
    /// The other nodes of the tenant's group, by reason.
    pub excluded: Vec<ExcludedNodes>,
    /// The node that the meeting was on before, and which was down.
    pub moved_from: Option<String>,
}

/// A node with the parts of its rank at that time; see [`RankView`](crate::RankView).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankedNode {
    /// Its host name.
    pub node: String,
    /// The sum of the parts.
    pub rank: f64,
    /// Load of attendees that were present or about to arrive.
    pub attendees: f64,
    /// Load of attendees still expected in its meetings.
    pub reserved: f64,
    /// Load of its meetings.
    pub meetings: f64,
    /// Load of the CPU.
    pub cpu: f64,
    /// Load that the new meeting would add.
    pub own: f64,
}

/// Nodes that a meeting was not placed on, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedNodes {
    /// The reason.
    pub why: Exclusion,
    /// Their number.
    pub count: u32,
    /// Up to five of them.
    pub nodes: Vec<String>,
}

/// Why a node cannot get a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Exclusion {
    /// It is in maintenance.
    Maintenance,
    /// The create failed there before.
    Tried,
    /// It was not polled yet.
    Unknown,
    /// It is suspect.
    Suspect,
    /// It is down.
    Down,
    /// It has somebody else's meeting with this id.
    IdTaken,
    /// A breakout room belongs on the node of its parent.
    NotOfParent,
}

impl Exclusion {
    /// The reason in words.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Maintenance => "in maintenance",
            Self::Tried => "tried before, without success",
            Self::Unknown => "not polled yet",
            Self::Suspect => "suspect",
            Self::Down => "down",
            Self::IdTaken => "has another owner's meeting with this id",
            Self::NotOfParent => "not the node of the parent meeting",
        }
    }
}
