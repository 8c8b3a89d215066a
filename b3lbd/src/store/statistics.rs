//! Counters and the past: written every few seconds, read once at the start.

use rusqlite::{Connection, params};

use super::{Store, StoreError};
use crate::model::{CounterRow, Mean, PastEntry, SecretId, Statistics, TenantId};

impl Store {
    /// The stored statistics, without entries of the past that were not used since `oldest` (milliseconds).
    pub async fn statistics(&self, oldest: i64) -> Result<Statistics, StoreError> {
        self.read(move |db| Ok(Statistics { counters: counters(db)?, past: past(db, oldest)? })).await
    }

    /// Writes changed statistics, and deletes entries of the past that were not used since `oldest`.
    pub async fn write_statistics(
        &self,
        changed: Statistics,
        now: i64,
        oldest: i64,
    ) -> Result<(), StoreError> {
        self.write(move |db| {
            for (secret, row) in &changed.counters {
                write_counters(db, *secret, row)?;
            }
            for entry in &changed.past {
                write_past(db, entry, now)?;
            }
            if !changed.past.is_empty() {
                db.execute("DELETE FROM past WHERE used_at < ?1 AND meeting_id <> ''", [oldest])?;
            }
            Ok(())
        })
        .await
    }
}

fn counters(db: &Connection) -> Result<Vec<(SecretId, CounterRow)>, StoreError> {
    let mut statement = db.prepare(
        "SELECT secret_id, joins, creates, ended, duration_ms, attendee_limit_hits, meeting_limit_hits FROM counter",
    )?;
    let rows = statement.query_map([], |row| {
        let number = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
        let counters = CounterRow {
            joins: number(1)?,
            creates: number(2)?,
            ended: number(3)?,
            duration_ms: number(4)?,
            attendee_limit_hits: number(5)?,
            meeting_limit_hits: number(6)?,
        };
        Ok((SecretId(row.get(0)?), counters))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write_counters(db: &Connection, secret: SecretId, row: &CounterRow) -> Result<(), StoreError> {
    // The secret may have been removed meanwhile.
    let sql = "INSERT OR REPLACE INTO counter SELECT id, ?2, ?3, ?4, ?5, ?6, ?7 FROM secret WHERE id = ?1";
    db.prepare_cached(sql)?.execute(params![
        secret.0,
        row.joins.cast_signed(),
        row.creates.cast_signed(),
        row.ended.cast_signed(),
        row.duration_ms.cast_signed(),
        row.attendee_limit_hits.cast_signed(),
        row.meeting_limit_hits.cast_signed()
    ])?;
    Ok(())
}

fn past(db: &Connection, oldest: i64) -> Result<Vec<PastEntry>, StoreError> {
    let sql =
        "SELECT tenant_id, meeting_id, mean, occasions FROM past WHERE used_at >= ?1 OR meeting_id = ''";
    let mut statement = db.prepare(sql)?;
    let rows = statement.query_map([oldest], |row| {
        let (tenant, id): (i64, String) = (row.get(0)?, row.get(1)?);
        Ok(PastEntry {
            tenant: (tenant != 0).then_some(TenantId(tenant)),
            id: (!id.is_empty()).then(|| id.into()),
            mean: Mean { value: row.get(2)?, occasions: row.get(3)? },
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write_past(db: &Connection, entry: &PastEntry, now: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO past (tenant_id, meeting_id, mean, occasions, used_at) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        entry.tenant.map_or(0, |it| it.0),
        entry.id.as_deref().unwrap_or_default(),
        entry.mean.value,
        entry.mean.occasions,
        now
    ])?;
    Ok(())
}
