//! The journal of events, which the database keeps too. Many equal events within some seconds are one entry.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::model::{Entry, EventKind, JournalEntry, MOST_EVENTS, Severity};

/// Equal events within this many milliseconds of the first one are gathered.
const GATHERED: i64 = 30_000;
/// Number of objects that have an entry of their own before others are gathered.
const SHOWN: usize = 3;
/// Maximum number of gathered objects that are named.
const NAMED: usize = 3;
/// After a start, numbers go on with this distance: those of the last second may have been given, but not stored.
const GAP: u64 = 1_000;

/// Equal events of the last seconds.
#[derive(Debug, Default)]
struct Burst {
    /// When the first one happened.
    begun: i64,
    /// The objects that have an entry of their own.
    shown: Vec<String>,
    /// The objects that wait for a common entry, and how often it happened to each.
    gathered: Vec<(String, u64)>,
}

#[derive(Debug, Default)]
struct Entries {
    all: VecDeque<Arc<Entry>>,
    bursts: HashMap<(EventKind, Severity, String), Burst>,
}

/// The journal.
#[derive(Debug)]
pub struct Journal {
    entries: RwLock<Entries>,
    last: watch::Sender<u64>,
    stored: AtomicU64,
    /// Whether another daemon has written the database since: then its numbers go on, and not these.
    is_behind: AtomicBool,
}

impl Default for Journal {
    fn default() -> Self {
        Self::restored(Vec::new())
    }
}

impl Journal {
    /// The journal with the entries of the database, oldest first.
    pub fn restored(stored: Vec<Entry>) -> Self {
        let journal = Self {
            entries: RwLock::default(),
            last: watch::Sender::new(0),
            stored: AtomicU64::new(0),
            is_behind: AtomicBool::new(false),
        };
        if let Some(last) = stored.last() {
            journal.continue_after(last.seq);
        }
        journal.entries.write().all = stored.into_iter().map(Arc::new).collect();
        journal
    }

    /// Goes on with numbers above `seq`, which is the last one in the database. What has no entry there now gets none.
    pub fn continue_after(&self, seq: u64) {
        let next = (*self.last.borrow()).max(seq + GAP);
        self.last.send_replace(next);
        self.stored.store(next, Ordering::Relaxed);
        self.is_behind.store(false, Ordering::Relaxed);
    }

    /// Another daemon writes the database.
    pub fn fall_behind(&self) {
        self.is_behind.store(true, Ordering::Relaxed);
    }

    /// Whether [`Self::continue_after`] has to come before anything is stored.
    pub fn is_behind(&self) -> bool {
        self.is_behind.load(Ordering::Relaxed)
    }

    /// Records an event that happened at `at` (milliseconds since 1970).
    pub fn note(&self, at: i64, what: JournalEntry) {
        let mut entries = self.entries.write();
        if what.kind == EventKind::Change || what.who.is_some() {
            return self.push(&mut entries, at, what, 1);
        }
        let key = (what.kind, what.severity, what.text.clone());
        if entries.bursts.get(&key).is_some_and(|it| (at - it.begun).abs() >= GATHERED) {
            self.close(&mut entries, &key, at);
        }
        let burst = entries.bursts.entry(key).or_insert_with(|| Burst { begun: at, ..Burst::default() });
        let gathered = burst.gathered.iter_mut().find(|(subject, _)| *subject == what.subject);
        if let Some((_, count)) = gathered {
            *count += 1;
        } else if burst.shown.len() < SHOWN && !burst.shown.contains(&what.subject) {
            burst.shown.push(what.subject.clone());
            self.push(&mut entries, at, what, 1);
        } else {
            burst.gathered.push((what.subject, 1));
        }
    }

    /// Makes entries of what was gathered, once its time is over.
    pub fn flush(&self, now: i64) {
        self.close_all(now, |it| (now - it.begun).abs() >= GATHERED);
    }

    /// Makes entries of everything that was gathered.
    pub fn flush_all(&self, now: i64) {
        self.close_all(now, |_| true);
    }

    fn close_all(&self, now: i64, is_over: impl Fn(&Burst) -> bool) {
        let mut entries = self.entries.write();
        let over = entries.bursts.iter().filter(|(_, it)| is_over(it)).map(|(key, _)| key.clone());
        for key in over.collect::<Vec<_>>() {
            self.close(&mut entries, &key, now);
        }
    }

    fn close(&self, entries: &mut Entries, key: &(EventKind, Severity, String), now: i64) {
        let Some(burst) = entries.bursts.remove(key) else { return };
        let (kind, severity, text) = key.clone();
        let count = burst.gathered.iter().map(|(_, count)| count).sum();
        let (subject, text) = match burst.gathered.as_slice() {
            [] => return,
            [(subject, _)] => (subject.clone(), text),
            many => (subjects(many), format!("{text} ({})", names(many))),
        };
        self.push(entries, now, JournalEntry { kind, severity, subject, text, who: None }, count);
    }

    fn push(&self, entries: &mut Entries, at: i64, what: JournalEntry, count: u64) {
        let seq = *self.last.borrow() + 1;
        if entries.all.len() == MOST_EVENTS {
            entries.all.pop_front();
        }
        entries.all.push_back(Arc::new(Entry { seq, at, what, count }));
        self.last.send_replace(seq);
    }

    /// Entries after `seq`, oldest first.
    pub fn after(&self, seq: u64) -> Vec<Arc<Entry>> {
        let entries = &self.entries.read().all;
        let from = entries.partition_point(|it| it.seq <= seq);
        entries.range(from..).cloned().collect()
    }

    /// The last `most` entries of at least this severity, oldest first.
    pub fn latest(&self, severity: Severity, most: usize) -> Vec<Arc<Entry>> {
        let entries = &self.entries.read().all;
        let mut latest: Vec<_> =
            entries.iter().rev().filter(|it| it.what.severity >= severity).take(most).cloned().collect();
        latest.reverse();
        latest
    }

    /// Watches the sequence number of the last entry.
    pub fn last(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }

    /// The entries that the database does not have yet, oldest first.
    pub fn not_stored(&self) -> Vec<Arc<Entry>> {
        self.after(self.stored.load(Ordering::Relaxed))
    }

    /// The database has all entries up to `seq`.
    pub fn set_stored(&self, seq: u64) {
        self.stored.store(seq, Ordering::Relaxed);
    }
}

/// Describes several objects, such as `997 nodes`.
fn subjects(many: &[(String, u64)]) -> String {
    let kind = |subject: &str| subject.split_once(' ').map(|(kind, _)| kind.to_owned());
    let first = many.first().and_then(|(subject, _)| kind(subject));
    match first.filter(|first| many.iter().all(|(subject, _)| kind(subject).as_ref() == Some(first))) {
        Some(kind) => format!("{} {kind}s", many.len()),
        None => format!("{} objects", many.len()),
    }
}

/// The first names, such as `n4.example.org, n5.example.org, n6.example.org, ...`.
fn names(many: &[(String, u64)]) -> String {
    let name =
        |subject: &String| subject.split_once(' ').map_or(subject.clone(), |(_, name)| name.to_owned());
    let mut names: Vec<_> = many.iter().take(NAMED).map(|(subject, _)| name(subject)).collect();
    if many.len() > NAMED {
        names.push("...".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(node: usize) -> JournalEntry {
        JournalEntry::new(EventKind::Node, Severity::Info, format!("node n{node}.a"), "up, was unknown")
    }

    #[test]
    fn numbers_go_on_and_old_entries_go() {
        let journal = Journal::default();
        for n in 0..=MOST_EVENTS {
            journal.note(1, JournalEntry::new(EventKind::Node, Severity::Info, "node n1", n.to_string()));
        }
        let all = journal.after(0);
        assert_eq!((all.len(), all[0].seq), (MOST_EVENTS, 2));
        let newest = u64::try_from(MOST_EVENTS).unwrap() + 1;
        assert_eq!(journal.after(newest - 1)[0].seq, newest);
        assert!(journal.after(newest).is_empty() && journal.latest(Severity::Warning, 5).is_empty());
        assert_eq!(*journal.last().borrow(), newest);
    }

    #[test]
    fn a_thousand_nodes_that_come_up_are_four_entries() {
        let journal = Journal::default();
        (0..1_000).for_each(|n| journal.note(i64::try_from(n).unwrap() * 10, up(n)));
        assert_eq!(journal.after(0).len(), SHOWN, "the first ones are shown at once");
        journal.flush(GATHERED);
        let all = journal.after(0);
        assert_eq!(all.len(), SHOWN + 1);
        let last = all.last().unwrap();
        assert_eq!((last.what.subject.as_str(), last.count), ("997 nodes", 997));
        assert_eq!(last.what.text, "up, was unknown (n3.a, n4.a, n5.a, ...)");
        journal.flush(10 * GATHERED);
        assert_eq!(journal.after(0).len(), SHOWN + 1);
    }

    #[test]
    fn repetitions_are_counted() {
        let journal = Journal::default();
        (0..8).for_each(|at| journal.note(at, up(1)));
        // What happens later closes what was gathered before.
        journal.note(GATHERED, up(1));
        let counts: Vec<_> = journal.after(0).iter().map(|it| (it.what.subject.clone(), it.count)).collect();
        let node = || "node n1.a".to_owned();
        assert_eq!(counts, [(node(), 1), (node(), 7), (node(), 1)]);
    }

    #[test]
    fn every_change_by_an_operator_is_an_entry() {
        let journal = Journal::default();
        let change = JournalEntry::new(EventKind::Change, Severity::Info, "tenant A", "tenant set");
        (0..5).for_each(|at| journal.note(at, change.clone()));
        assert_eq!(journal.after(0).len(), 5);
    }

    #[test]
    fn numbers_go_on_after_a_restart() {
        let journal = Journal::default();
        journal.note(1, up(1));
        let stored: Vec<Entry> = journal.not_stored().iter().map(|it| it.as_ref().clone()).collect();
        journal.note(2, up(2));
        let restored = Journal::restored(stored.clone());
        assert!(restored.not_stored().is_empty());
        restored.note(3, up(3));
        let seqs: Vec<_> = restored.after(0).iter().map(|it| it.seq).collect();
        assert_eq!(seqs, [1, 1 + GAP + 1], "the number that was not stored is not given again");
        assert_eq!(restored.not_stored().len(), 1);
    }
}
