//! Events: changes by operators, node health, and problems.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use strum::{IntoStaticStr, VariantArray};

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum EventKind {
    /// An operator changed something.
    Change,
    /// A node changed its state.
    Node,
    /// A meeting was moved, refused by a limit, or ended by an operator.
    Meeting,
    /// About the daemon itself: database, network, callbacks.
    System,
}

impl EventKind {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// The severity of an event.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
pub enum Severity {
    /// For information.
    Info,
    /// May need attention from an operator.
    Warning,
    /// Needs attention from an operator.
    Error,
}

impl Severity {
    /// The name used in JSON.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One event, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Increases with every event.
    pub seq: u64,
    /// When it happened; RFC 3339, UTC.
    pub at: String,
    /// What it is about.
    pub kind: EventKind,
    /// Its severity.
    pub severity: Severity,
    /// The object concerned, such as `node n1.example.org` or `tenant SCHOOL`.
    pub subject: String,
    /// What happened.
    pub text: String,
    /// The user that caused it, if any.
    #[serde(default)]
    pub who: Option<String>,
    /// How often it happened within half a minute, to the same or to several objects.
    #[serde(default = "once")]
    pub count: u64,
}

fn once() -> u64 {
    1
}

/// Which events to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFilter {
    /// Only events after this sequence number.
    #[serde(default)]
    pub after: Option<u64>,
    /// Only of these kinds; all if empty.
    #[serde(default)]
    pub kinds: Vec<EventKind>,
    /// Only events of at least this severity.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Only events whose subject contains this text.
    #[serde(default)]
    pub subject: Option<String>,
}

/// One change in the audit log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Number in the log.
    pub id: i64,
    /// When; RFC 3339, UTC.
    pub at: String,
    /// The user, such as `ada (1000)`.
    pub who: String,
    /// The program, and the remote host if it connected by ssh.
    pub from: String,
    /// The action, such as `tenant set`.
    pub action: String,
    /// The object changed, such as `tenant SCHOOL`.
    pub subject: String,
    /// The old values of the changed fields, without secrets; null if the object is new.
    pub before: Value,
    /// The new values of the changed fields; null if the object was removed.
    pub after: Value,
}

/// Which audit log entries to list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Only changes since this time; RFC 3339.
    #[serde(default)]
    pub since: Option<String>,
    /// Only changes whose subject contains this text.
    #[serde(default)]
    pub subject: Option<String>,
}
