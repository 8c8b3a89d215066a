//! Events: written once a second, read once at the start.

use std::sync::Arc;

use rusqlite::{Row, params};
use strum::VariantArray as _;

use super::{Store, StoreError};
use crate::model::{Entry, EventKind, JournalEntry, MOST_EVENTS, Severity};

/// How many events are pruned at most at a time, so that a clock that is wrong for a while does not empty the table.
const PRUNED: i64 = 1_000;

impl Store {
    /// The stored events, oldest first.
    pub async fn events(&self) -> Result<Vec<Entry>, StoreError> {
        self.read(|db| {
            let sql = "SELECT seq, at, kind, severity, subject, text, who, count FROM event ORDER BY seq DESC LIMIT ?1";
            let mut statement = db.prepare(sql)?;
            let rows = statement.query_map([most()], entry)?;
            let mut entries = rows.collect::<Result<Vec<_>, _>>()?;
            entries.reverse();
            Ok(entries)
        })
        .await
    }

    /// The number of the last stored event; 0 if there is none.
    pub async fn last_event(&self) -> Result<u64, StoreError> {
        self.read(|db| {
            let last: i64 = db.query_row("SELECT coalesce(max(seq), 0) FROM event", [], |row| row.get(0))?;
            Ok(last.unsigned_abs())
        })
        .await
    }

    /// Stores events.
    pub async fn write_events(&self, entries: Vec<Arc<Entry>>) -> Result<(), StoreError> {
        self.write(move |db| {
            let sql = "INSERT OR IGNORE INTO event (seq, at, kind, severity, subject, text, who, count)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let mut statement = db.prepare_cached(sql)?;
            for entry in &entries {
                let Entry { seq, at, what, count } = entry.as_ref();
                let JournalEntry { kind, severity, subject, text, who } = what;
                let (seq, count) = (seq.cast_signed(), count.cast_signed());
                let (kind, severity) = (kind.as_str(), severity.as_str());
                statement.execute(params![seq, at, kind, severity, subject, text, who, count])?;
            }
            Ok(())
        })
        .await
    }

    /// Deletes events from before `oldest` (milliseconds), and all but the newest ones, some at a time.
    pub async fn prune_events(&self, oldest: i64) -> Result<(), StoreError> {
        self.write(move |db| {
            let sql =
                "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE at < ?1 ORDER BY seq LIMIT ?2)";
            db.execute(sql, params![oldest, PRUNED])?;
            let sql =
                "DELETE FROM event WHERE seq <= (SELECT seq FROM event ORDER BY seq DESC LIMIT 1 OFFSET ?1)";
            db.execute(sql, [most()])?;
            Ok(())
        })
        .await
    }
}

fn most() -> i64 {
    i64::try_from(MOST_EVENTS).unwrap_or(i64::MAX)
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let (kind, severity): (String, String) = (row.get(2)?, row.get(3)?);
    let what = JournalEntry {
        kind: EventKind::VARIANTS.iter().copied().find(|it| it.as_str() == kind).unwrap_or(EventKind::System),
        severity: Severity::VARIANTS
            .iter()
            .copied()
            .find(|it| it.as_str() == severity)
            .unwrap_or(Severity::Info),
        subject: row.get(4)?,
        text: row.get(5)?,
        who: row.get(6)?,
    };
    let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
    Ok(Entry { seq: number(0)?, at: row.get(1)?, what, count: number(7)? })
}
