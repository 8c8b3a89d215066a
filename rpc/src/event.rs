//! What happened: changes by operators, health of nodes, trouble.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// An operator changed something.
    Change,
    /// A node changed its state.
    Node,
    /// Something befell a meeting: moved, refused by a limit, ended by an operator.
    Meeting,
    /// The daemon itself: database, network, callbacks.
    System,
}

impl EventKind {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 4] = [Self::Change, Self::Node, Self::Meeting, Self::System];

    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change => "change",
            Self::Node => "node",
            Self::Meeting => "meeting",
            Self::System => "system",
        }
    }
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// May need an operator.
    Warning,
    /// Needs an operator.
    Error,
}

impl Severity {
    /// The word for it, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something that happened, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// Grows with every event of one life of the daemon.
    pub seq: u64,
    /// When; RFC 3339, UTC.
    pub at: String,
    /// What it is about.
    pub kind: EventKind,
    /// How much it matters.
    pub severity: Severity,
    /// The thing, such as `node n1.example.org` or `tenant SCHOOL`.
    pub subject: String,
    /// What happened to it.
    pub text: String,
    /// Who did it; none if nobody did.
    #[serde(default)]
    pub who: Option<String>,
}

/// Which events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFilter {
    /// Only those after this number.
    #[serde(default)]
    pub after: Option<u64>,
    /// Only of these kinds; all if empty.
    #[serde(default)]
    pub kinds: Vec<EventKind>,
    /// Only those that matter at least so much.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Only those with this text in their subject.
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
    /// From where: the program, and the far end if it came by ssh.
    pub from: String,
    /// What was done, such as `tenant set`.
    pub action: String,
    /// To what, such as `tenant SCHOOL`.
    pub subject: String,
    /// The fields that changed as they were, without secrets; null if the thing is new.
    pub before: Value,
    /// The fields that changed as they are; null if the thing is gone.
    pub after: Value,
}

/// Which changes of the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditFilter {
    /// Only those since then; RFC 3339.
    #[serde(default)]
    pub since: Option<String>,
    /// Only those with this text in their subject.
    #[serde(default)]
    pub subject: Option<String>,
}
