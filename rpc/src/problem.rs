//! What needs attention from an operator.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

use crate::Severity;

/// What kind of problem it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, EnumIter,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ProblemKind {
    /// The database accepts no writes.
    Store,
    /// The database is not copied to its store, or the claims there cannot be read.
    Replication,
    /// Most nodes fail at once.
    Outage,
    /// No node accepts meetings.
    NoNode,
    /// Clients were refused new meetings.
    CreatesRefused,
    /// A limit refused new meetings.
    LimitReached,
    /// A node has failed for a while.
    NodeDown,
    /// A node has failed recently.
    NodeSuspect,
    /// A node answers, but rejects our secret.
    NodeRejectsUs,
    /// A node's CPU has been busy for a while.
    NodeOverloaded,
    /// A node's CPU load is unknown.
    NodeLoadUnknown,
    /// Meetings in a node's list cannot be read.
    MeetingsUnreadable,
    /// Running meetings that cannot be bound to their owner.
    MeetingsUnbound,
    /// Callbacks to clients have been waiting for long.
    CallbacksLate,
}

impl ProblemKind {
    /// All kinds.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::iter()
    }

    /// The name used in JSON and metrics.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// What needs attention from an operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind of problem it is.
    pub kind: ProblemKind,
    /// How bad it is.
    pub severity: Severity,
    /// The object concerned, such as `node n1.example.org`, `tenant FOO` or `pool`.
    pub subject: String,
    /// When it began; RFC 3339.
    pub since: String,
    /// How often it happened, for what happens repeatedly; otherwise 1.
    pub count: u64,
    /// Running meetings affected.
    pub meetings: u64,
    /// Attendees in these.
    pub attendees: u64,
    /// Slugs of the tenants affected, sorted.
    pub tenants: Vec<String>,
    /// What is wrong, in words.
    pub text: String,
    /// What to do.
    pub advice: String,
}
