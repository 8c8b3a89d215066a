//! What happened lately, for who watches: a short memory of changes, of nodes' health and of trouble.

use std::collections::VecDeque;
use std::sync::Arc;

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::model::printable;

/// Entries that are remembered.
const REMEMBERED: usize = 5_000;

/// Entries that are looked through for a repetition.
const LOOKED_BACK: usize = 50;
/// Milliseconds within which the same is not said twice.
const REPEATED: i64 = 60_000;

/// What an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// An operator changed something.
    Change,
    /// A node changed its state.
    Node,
    /// Something befell a meeting.
    Meeting,
    /// The daemon itself.
    System,
}

/// How much an entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Good to know.
    Info,
    /// May need an operator.
    Warning,
    /// Needs an operator.
    Error,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// What it is about.
    pub topic: Topic,
    /// How much it matters.
    pub severity: Severity,
    /// The thing, such as `node n1.example.org`.
    pub subject: String,
    /// What happened to it.
    pub text: String,
    /// Who did it.
    pub who: Option<String>,
}

impl JournalEntry {
    /// Something that nobody did. Text of nodes and clients in it is made printable.
    pub fn new(
        topic: Topic,
        severity: Severity,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        let (subject, text) = (printable(&subject.into()).into_owned(), printable(&text.into()).into_owned());
        Self { topic, severity, subject, text, who: None }
    }
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Counts from 1.
    pub seq: u64,
    /// Milliseconds since 1970.
    pub at: i64,
    /// What happened.
    pub what: JournalEntry,
}

/// The journal of one life of the daemon.
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
    /// Notes what happened at `at` (milliseconds since 1970). What was said a moment ago is not said again.
    pub fn note(&self, at: i64, what: JournalEntry) {
        let mut entries = self.entries.write();
        let mut recent = entries.iter().rev().take(LOOKED_BACK);
        let last_of_it = recent.find(|it| it.what.subject == what.subject);
        if what.topic != Topic::Change
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

    /// The last `most` entries that matter at least so much, newest first.
    pub fn latest(&self, severity: Severity, most: usize) -> Vec<Arc<Entry>> {
        let entries = self.entries.read();
        entries.iter().rev().filter(|it| it.what.severity >= severity).take(most).cloned().collect()
    }

    /// Tells of each new entry by its number.
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
        let what = |severity| JournalEntry::new(Topic::Node, severity, "node n1", "down");
        for n in 0..REMEMBERED {
            journal.note(1, JournalEntry::new(Topic::Node, Severity::Info, "node n1", n.to_string()));
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
