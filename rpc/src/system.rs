//! The daemon itself.

use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

use crate::{Event, Problem};

/// Protocol version; incremented for incompatible changes.
pub const PROTOCOL: u32 = 5;

/// The role of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    /// It writes.
    Primary,
    /// It follows a primary's database.
    Replica,
}

impl Role {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Who connects, for the audit log. The user name comes from the operating system, not from here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientInfo {
    /// Name and version of the program.
    #[serde(default)]
    pub program: String,
    /// The address or name that the operator connects from, as reported over `ssh`. Absent if on the same machine.
    #[serde(default)]
    pub origin: Option<String>,
    /// The daemon refuses every change on this connection.
    #[serde(default)]
    pub read_only: bool,
}

impl From<&str> for ClientInfo {
    fn from(program: &str) -> Self {
        Self { program: program.to_owned(), ..Self::default() }
    }
}

/// The first answer on a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version of the daemon.
    pub protocol: u32,
    /// Version of the daemon.
    pub version: String,
    /// Role of the daemon.
    pub role: Role,
    /// The user that the audit log records, such as `ada (1000)`.
    #[serde(default)]
    pub user: String,
}

/// Number of nodes in each state. Nodes in maintenance also count in their state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeCounts {
    /// All nodes.
    pub total: u32,
    /// Nodes that answer polls.
    pub up: u32,
    /// Nodes that failed recently.
    pub suspect: u32,
    /// Nodes that failed for a while.
    pub down: u32,
    /// Nodes that have not been polled yet.
    pub unknown: u32,
    /// Nodes that take no new meetings because an operator said so.
    pub maintenance: u32,
}

/// Events per second, averaged over the last ten seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// API requests of any kind.
    pub requests: f64,
    /// Redirects into meetings.
    pub joins: f64,
    /// Meetings created.
    pub creates: f64,
}

/// The steps of a takeover.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Takeover {
    /// What was done, in order.
    pub steps: Vec<String>,
    /// Whether it has ended.
    pub done: bool,
    /// Why it has failed.
    pub error: Option<String>,
}

/// A daemon that shares a store with others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReplicationStatus {
    /// The number of the primary's claim.
    pub epoch: u64,
    /// The host name of the primary, if that is another daemon.
    pub primary: Option<String>,
    /// How this daemon reaches it.
    pub primary_url: Option<String>,
    /// Whether it answers.
    pub primary_answers: Option<bool>,
    /// Seconds since the last heartbeat of the primary arrived in the copy.
    pub lag_seconds: Option<f64>,
}

/// The state of the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreStatus {
    /// Whether it accepts writes.
    pub writable: bool,
    /// The last error, if it accepts no writes.
    pub error: Option<String>,
    /// Size of the database file, in bytes.
    pub bytes: u64,
    /// Size of its write-ahead log, in bytes.
    pub wal_bytes: u64,
    /// Callbacks to clients waiting to be delivered.
    pub callbacks_waiting: u64,
}

/// An overview of the daemon.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// Whether `problems` is empty.
    pub healthy: bool,
    /// What needs attention from an operator, the gravest first.
    pub problems: Vec<Problem>,
    /// Its role.
    pub role: Role,
    /// What it knows of the others; absent without a store.
    #[serde(default)]
    pub replication: Option<ReplicationStatus>,
    /// Its version.
    pub version: String,
    /// Start time; RFC 3339.
    pub started_at: String,
    /// Time since the start.
    pub uptime_seconds: u64,
    /// Nodes by state.
    pub nodes: NodeCounts,
    /// Whether most nodes fail at once, so that the problem is probably ours.
    pub outage: bool,
    /// Number of tenants.
    pub tenants: u32,
    /// Running meetings of all tenants.
    pub meetings: u64,
    /// Attendees in these.
    pub attendees: u64,
    /// Events per second.
    pub rates: Rates,
    /// The state of the database.
    pub store: StoreStatus,
    /// The last warnings and errors, newest first.
    pub last_errors: Vec<Event>,
    /// The daemon's tasks, sorted by name.
    #[serde(default)]
    pub tasks: Vec<TaskStatus>,
}

/// A task that runs as long as the daemon does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskStatus {
    /// Its name, as in the log.
    pub name: String,
    /// When it last ran; RFC 3339.
    pub last_run_at: String,
}

/// Totals of running meetings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeetingTotals {
    /// Meetings of all tenants.
    pub meetings: u64,
    /// Attendees of all tenants.
    pub attendees: u64,
    /// Each tenant, sorted by slug.
    pub tenants: Vec<TenantMeetings>,
}

/// One tenant's share of [`MeetingTotals`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantMeetings {
    /// Slug.
    pub tenant: String,
    /// Its meetings.
    pub meetings: u64,
    /// Its attendees.
    pub attendees: u64,
}

/// A consistent copy of the database that is ready to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backup {
    /// Identifies the copy in later calls. The copy is deleted when the connection closes.
    pub id: u64,
    /// Its size in bytes.
    pub bytes: u64,
    /// Its SHA-256 in hex.
    pub sha256: String,
}
