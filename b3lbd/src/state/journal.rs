//! Recent events for dashboards: changes by operators, node health, and problems.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::model::{EventKind, Severity, printable};

/// Maximum number of entries.
const REMEMBERED: usize = 5_000;

/// Number of recent entries that are searched for a duplicate.
const LOOKED_BACK: usize = 50;
/// Duplicates within this many milliseconds are dropped.
const REPEATED: i64 = 60_000;

/// An event.
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

/// An event with its sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Sequence number, starting at 1.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// The event.
    pub what: JournalEntry,
}

/// The journal of events since the start of the daemon.
#[derive(Debug)]
pub struct Journal {
    entries: RwLock<VecDeque<Arc<Entry>>>,
    last: watch::Sender<u64>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { entries: RwLock::default(), last: watch::Sender::new(0) }
    }
}

impl Journal {
    /// Appends an event that happened at `at` (milliseconds since 1970), unless it repeats a recent one.
    pub fn note(&self, at: i64, what: JournalEntry) {
        let mut entries = self.entries.write();
        let mut recent = entries.iter().rev().take(LOOKED_BACK);
        let last_of_it = recent.find(|it| it.what.subject == what.subject);
        if what.kind != EventKind::Change
            && last_of_it.is_some_and(|it| it.what == what && at - it.at < REPEATED)
        {
            return;
        }
        let seq = *self.last.borrow() + 1;
        if entries.len() == REMEMBERED {
            entries.pop_front();
        }
        entries.push_back(Arc::new(Entry { seq, at, what }));
        self.last.send_replace(seq);
    }

    /// Entries after `seq`, oldest first.
    pub fn after(&self, seq: u64) -> Vec<Arc<Entry>> {
        let entries = self.entries.read();
        let from = entries.partition_point(|it| it.seq <= seq);
        entries.range(from..).cloned().collect()
    }

    /// The last `most` entries of at least this severity, newest first.
    pub fn latest(&self, severity: Severity, most: usize) -> Vec<Arc<Entry>> {
        let entries = self.entries.read();
        entries.iter().rev().filter(|it| it.what.severity >= severity).take(most).cloned().collect()
    }

    /// Watches the sequence number of the last entry.
    pub fn last(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_go_on_and_old_entries_go() {
        let journal = Journal::default();
        let what = |severity| JournalEntry::new(EventKind::Node, severity, "node n1", "down");
        for n in 0..REMEMBERED {
            journal.note(1, JournalEntry::new(EventKind::Node, Severity::Info, "node n1", n.to_string()));
        }
        journal.note(2, what(Severity::Error));
        journal.note(3, what(Severity::Error));
        let all = journal.after(0);
        assert_eq!((all.len(), all[0].seq), (REMEMBERED, 2));
        let newest = u64::try_from(REMEMBERED).unwrap() + 1;
        assert_eq!(journal.after(newest - 1)[0].seq, newest);
        assert!(journal.after(newest).is_empty());
        assert_eq!(journal.latest(Severity::Warning, 5).len(), 1);
        assert_eq!(*journal.last().borrow(), newest);
    }
}
