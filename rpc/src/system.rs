//! The daemon itself.

use serde::{Deserialize, Serialize};

use crate::Event;

/// Number of the protocol; raised when an older tool could no longer be understood.
pub const PROTOCOL: u32 = 2;

/// Whether the daemon writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// It writes.
    Primary,
    /// It follows a primary's database.
    Replica,
}

impl Role {
    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Replica => "replica",
        }
    }
}

/// Who calls, for the audit log; the user is what the operating system says, not this.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Name and version of the program.
    #[serde(default)]
    pub program: String,
    /// Where the operator sits, as `ssh` told it: an address, or a name. Absent on the same machine.
    #[serde(default)]
    pub origin: Option<String>,
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
    /// As whom its audit log knows the caller, such as `ada (1000)`.
    #[serde(default)]
    pub user: String,
}

/// How many nodes are in which state; those in maintenance are in a state too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCounts {
    /// All.
    pub total: u32,
    /// Answer.
    pub up: u32,
    /// Failed lately.
    pub suspect: u32,
    /// Failed for long.
    pub down: u32,
    /// Not asked yet.
    pub unknown: u32,
    /// Take no new meetings by an operator's wish.
    pub maintenance: u32,
}

/// What happens in a second, as a mean of the last ten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// API requests of any kind.
    pub requests: f64,
    /// Redirects into meetings.
    pub joins: f64,
    /// Meetings made.
    pub creates: f64,
}

/// How the database does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStatus {
    /// It takes writes.
    pub writable: bool,
    /// The last error, if it does not.
    pub error: Option<String>,
    /// Bytes of the database file.
    pub bytes: u64,
    /// Bytes of its write-ahead log.
    pub wal_bytes: u64,
    /// Callbacks to clients that wait to be delivered.
    pub callbacks_waiting: u64,
}

/// The daemon on one screen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Nothing in `problems`.
    pub healthy: bool,
    /// What needs an operator, in words.
    pub problems: Vec<String>,
    /// Its role.
    pub role: Role,
    /// Its version.
    pub version: String,
    /// Since when it runs; RFC 3339.
    pub started_at: String,
    /// For how long it runs.
    pub uptime_seconds: u64,
    /// Nodes by state.
    pub nodes: NodeCounts,
    /// Most nodes fail at once, so that the fault is probably on our side.
    pub outage: bool,
    /// How many tenants there are.
    pub tenants: u32,
    /// Meetings of all tenants.
    pub meetings: u64,
    /// Attendees of all tenants.
    pub attendees: u64,
    /// What happens in a second.
    pub rates: Rates,
    /// The database.
    pub store: StoreStatus,
    /// The last warnings and errors, the newest first.
    pub last_errors: Vec<Event>,
    /// The daemon's tasks, in order of name.
    #[serde(default)]
    pub tasks: Vec<TaskStatus>,
}

/// One of the tasks that run for as long as the daemon does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatus {
    /// Its name, as the log has it.
    pub name: String,
    /// When it did its work last; RFC 3339.
    pub last_run_at: String,
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

/// A consistent copy of the database that waits to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Names it in the calls that read it; it is gone when the connection is.
    pub id: u64,
    /// Its size.
    pub bytes: u64,
    /// Hex SHA-256 of it.
    pub sha256: String,
}
