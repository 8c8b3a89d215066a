//! Running meetings.

use serde::{Deserialize, Serialize};

/// Which meetings to list; absent fields do not narrow.
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
    /// Its id, as the client gave it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Slug of the tenant.
    pub tenant: String,
    /// Sub id of the secret.
    pub sub_id: u16,
    /// `slug.domain` of the node.
    pub node: String,
    /// People in it, moderators included.
    pub attendees: u64,
    /// Of these, listening only.
    pub listeners: u64,
    /// Of these, with a microphone.
    pub voices: u64,
    /// Cameras.
    pub videos: u64,
    /// Of the attendees, moderators.
    pub moderators: u64,
    /// RFC 3339.
    pub created_at: String,
}
