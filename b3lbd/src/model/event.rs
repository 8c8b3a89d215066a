//! Events: changes by operators, node health, and problems.

use super::{EventKind, Severity, printable};

/// Maximum number of events that are kept, in memory and in the database.
pub const MOST_EVENTS: usize = 20_000;

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// What it is about.
    pub kind: EventKind,
    /// The severity.
    pub severity: Severity,
    /// The object concerned, such as `node n1.example.org`.
    pub subject: String,
    /// What happened.
    pub text: String,
    /// The user who caused it, if any.
    pub who: Option<String>,
}

impl JournalEntry {
    /// An event that no operator caused. Text from nodes and clients is made printable.
    pub fn new(
        kind: EventKind,
        severity: Severity,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        let (subject, text) = (printable(&subject.into()).into_owned(), printable(&text.into()).into_owned());
        Self { kind, severity, subject, text, who: None }
    }
}

/// An event in the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Sequence number, starting at 1. Only grows, also over restarts.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The event.
    pub what: JournalEntry,
    /// How often it happened, to the same or to several objects.
    pub count: u64,
}
