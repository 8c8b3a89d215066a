//! Running meetings.

use serde::{Deserialize, Serialize};

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
