//! The daemon itself.

use serde::{Deserialize, Serialize};

/// Number of the protocol; raised when an older tool could no longer be understood.
pub const PROTOCOL: u32 = 1;

/// Whether the daemon writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It writes.
    Primary,
    /// It follows a primary's database.
    Replica,
}

/// The first answer of a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`] of the daemon.
    pub protocol: u32,
    /// Its version.
    pub version: String,
    /// Its role.
    pub role: Role,
}

/// Whether the database takes writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreState {
    /// It does.
    pub writable: bool,
    /// The last error, if it does not.
    pub error: Option<String>,
}

/// Totals of running meetings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingStats {
    /// All tenants' meetings.
    pub meetings: u64,
    /// All tenants' attendees.
    pub attendees: u64,
    /// Each tenant, in order of slug.
    pub tenants: Vec<TenantMeetings>,
}

/// One tenant's share of [`MeetingStats`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantMeetings {
    /// Slug.
    pub tenant: String,
    /// Its meetings.
    pub meetings: u64,
    /// Its attendees.
    pub attendees: u64,
}
