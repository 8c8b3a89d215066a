//! Counters of each secret. Counting never waits for the database.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::RwLock;

use super::Rates;
use crate::model::{CounterRow, SecretId};

/// An event to be counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// A join was redirected.
    Join,
    /// A meeting was created.
    Create,
    /// A meeting has ended after this many milliseconds.
    Ended(u64),
    /// A create was refused by an attendee limit.
    AttendeeLimit,
    /// A create was refused by a meeting limit.
    MeetingLimit,
}

#[derive(Debug, Default)]
struct Cell {
    joins: AtomicU64,
    creates: AtomicU64,
    ended: AtomicU64,
    duration_ms: AtomicU64,
    attendee_limit_hits: AtomicU64,
    meeting_limit_hits: AtomicU64,
    /// Changed since the last write.
    changed: AtomicBool,
}

impl From<CounterRow> for Cell {
    fn from(it: CounterRow) -> Self {
        Self {
            joins: it.joins.into(),
            creates: it.creates.into(),
            ended: it.ended.into(),
            duration_ms: it.duration_ms.into(),
            attendee_limit_hits: it.attendee_limit_hits.into(),
            meeting_limit_hits: it.meeting_limit_hits.into(),
            changed: AtomicBool::new(false),
        }
    }
}

impl Cell {
    fn row(&self) -> CounterRow {
        let get = |it: &AtomicU64| it.load(Ordering::Relaxed);
        CounterRow {
            joins: get(&self.joins),
            creates: get(&self.creates),
            ended: get(&self.ended),
            duration_ms: get(&self.duration_ms),
            attendee_limit_hits: get(&self.attendee_limit_hits),
            meeting_limit_hits: get(&self.meeting_limit_hits),
        }
    }
}

/// The counters of all secrets.
#[derive(Debug, Default)]
pub struct Counters {
    /// Events per second.
    pub rates: Rates,
    cells: RwLock<HashMap<SecretId, Arc<Cell>>>,
}

impl Counters {
    /// Creates counters that continue from the stored values.
    pub fn restored(rows: Vec<(SecretId, CounterRow)>) -> Self {
        let cells = rows.into_iter().map(|(secret, row)| (secret, Arc::new(Cell::from(row)))).collect();
        Self { rates: Rates::default(), cells: RwLock::new(cells) }
    }

    /// Adds stored values to what was counted here.
    pub fn add(&self, rows: Vec<(SecretId, CounterRow)>) {
        let mut cells = self.cells.write();
        for (secret, row) in rows {
            let cell = cells.entry(secret).or_default();
            let add = |counter: &AtomicU64, by: u64| _ = counter.fetch_add(by, Ordering::Relaxed);
            add(&cell.joins, row.joins);
            add(&cell.creates, row.creates);
            add(&cell.ended, row.ended);
            add(&cell.duration_ms, row.duration_ms);
            add(&cell.attendee_limit_hits, row.attendee_limit_hits);
            add(&cell.meeting_limit_hits, row.meeting_limit_hits);
        }
    }

    /// Starts at zero.
    pub fn clear(&self) {
        self.cells.write().clear();
    }

    /// Counts an event.
    pub fn count(&self, secret: SecretId, what: Count) {
        let known = self.cells.read().get(&secret).cloned();
        let cell = known.unwrap_or_else(|| Arc::clone(self.cells.write().entry(secret).or_default()));
        let (counter, by) = match what {
            Count::Join => {
                self.rates.join();
                (&cell.joins, 1)
            }
            Count::Create => {
                self.rates.create();
                (&cell.creates, 1)
            }
            Count::Ended(milliseconds) => {
                cell.duration_ms.fetch_add(milliseconds, Ordering::Relaxed);
                (&cell.ended, 1)
            }
            Count::AttendeeLimit => (&cell.attendee_limit_hits, 1),
            Count::MeetingLimit => (&cell.meeting_limit_hits, 1),
        };
        counter.fetch_add(by, Ordering::Relaxed);
        cell.changed.store(true, Ordering::Release);
    }

    /// Keeps only the counters of these secrets, because the database may reuse the row id of a removed one.
    pub fn keep(&self, secrets: &HashSet<SecretId>) {
        self.cells.write().retain(|secret, _| secrets.contains(secret));
    }

    /// The counters of a secret.
    pub fn of(&self, secret: SecretId) -> CounterRow {
        self.cells.read().get(&secret).map(|cell| cell.row()).unwrap_or_default()
    }

    /// Removes and returns the counters that have changed since the last call.
    pub fn take_changed(&self) -> Vec<(SecretId, CounterRow)> {
        let cells = self.cells.read();
        let changed = cells.iter().filter(|(_, cell)| cell.changed.swap(false, Ordering::Acquire));
        changed.map(|(secret, cell)| (*secret, cell.row())).collect()
    }

    /// Marks counters as changed again, after they could not be written.
    pub fn not_written(&self, secrets: &HashSet<SecretId>) {
        for (secret, cell) in &*self.cells.read() {
            if secrets.contains(secret) {
                cell.changed.store(true, Ordering::Release);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_goes_on_from_what_was_written() {
        let before = CounterRow { joins: 7, ..CounterRow::default() };
        let counters = Counters::restored(vec![(SecretId(1), before)]);
        counters.count(SecretId(1), Count::Join);
        counters.count(SecretId(2), Count::Ended(1500));
        assert_eq!(counters.of(SecretId(1)).joins, 8);
        let mut changed = counters.take_changed();
        changed.sort_by_key(|it| it.0);
        assert_eq!(
            changed[1],
            (SecretId(2), CounterRow { ended: 1, duration_ms: 1500, ..CounterRow::default() })
        );
        assert!(counters.take_changed().is_empty());
        counters.not_written(&HashSet::from([SecretId(2)]));
        assert_eq!(counters.take_changed().len(), 1);
    }
}
