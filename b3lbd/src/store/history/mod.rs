//! The pool over time: one transaction a minute, which also completes quarters of an hour and days, and prunes.

mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use read::{UsageQuery, UsageRow};

use super::{Store, StoreError};
use crate::history::{
    ByName, DAYS_KEPT, Fold, MINUTES_KEPT, PoolRow, QUARTERS_KEPT, Sample, Stats, TENANT_QUARTERS_KEPT,
    TenantMinute, Usage, completed, date_of, day_number, fold, minutes_of, pack, quarter_of, quarters_of,
    unpack, usage_of,
};

/// Maximum number of old rows of a table that one transaction deletes. A clock that is temporarily wrong must not
/// empty the history.
const PRUNED_AT_ONCE: u32 = 2;

impl Store {
    /// Adds the sample of a minute. What was stored for that minute is kept, since its daemon may have been restarted
    /// or its clock set back.
    pub async fn record_history(
        &self,
        minute: i64,
        sample: Sample,
        zone: TimeZone,
    ) -> Result<(), StoreError> {
        self.write(move |db| record(db, minute, &sample, &zone)).await
    }
}

fn record(db: &Connection, minute: i64, sample: &Sample, zone: &TimeZone) -> Result<(), StoreError> {
    let done = completed(last(db)?, minute, zone);
    if let Some(quarter) = done.quarter {
        complete_quarter(db, quarter)?;
    }
    if let Some(day) = done.day {
        complete_day(db, day, zone)?;
    }
    let clusters = numbered(db, "cluster", &sample.clusters)?;
    let tenants = numbered(db, "tenant", &sample.tenants)?;
    let pool = (PoolRow { pool: sample.pool, refusals: sample.refusals }, clusters);
    let sql = "SELECT pool, tenants FROM history_minute WHERE minute = ?1";
    let known = db
        .prepare_cached(sql)?
        .query_row([minute], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let (known_pool, known_tenants) = known.unzip();
    let pool = known_pool.and_then(|it| readable(&it)).into_iter().fold(pool, folded);
    let tenants = known_tenants.and_then(|it| readable(&it)).into_iter().fold(((), tenants), folded).1;
    db.prepare_cached("INSERT OR REPLACE INTO history_minute (minute, pool, tenants) VALUES (?1, ?2, ?3)")?
        .execute(params![minute, packed(&pool), pack(&(), &tenants)])?;
    db.prepare_cached("INSERT OR REPLACE INTO history_last (id, minute) VALUES (1, ?1)")?
        .execute([minute])?;
    prune(db, "history_minute", "minute", minute.saturating_sub(MINUTES_KEPT))?;
    let quarter = quarter_of(minute);
    prune(db, "history_quarter", "quarter", quarter.saturating_sub(QUARTERS_KEPT))?;
    prune(db, "history_tenant_quarter", "quarter", quarter.saturating_sub(TENANT_QUARTERS_KEPT))?;
    prune(db, "history_day", "day", day_number(date_of(minute, zone)).saturating_sub(DAYS_KEPT))
}

fn prune(db: &Connection, table: &str, key: &str, oldest: i64) -> Result<(), StoreError> {
    let sql = format!(
        "DELETE FROM {table} WHERE {key} IN (
            SELECT {key} FROM {table} WHERE {key} < ?1 ORDER BY {key} LIMIT {PRUNED_AT_ONCE})"
    );
    db.prepare_cached(&sql)?.execute([oldest])?;
    Ok(())
}

fn last(db: &Connection) -> Result<Option<i64>, StoreError> {
    Ok(db.query_row("SELECT minute FROM history_last", [], |row| row.get(0)).optional()?)
}

/// Stores the sum of a quarter's minutes.
fn complete_quarter(db: &Connection, quarter: i64) -> Result<(), StoreError> {
    let minutes = minutes_of(quarter);
    let pool = column(db, "SELECT pool FROM history_minute WHERE minute >= ?1 AND minute < ?2", &minutes)?;
    if let Some(row) = pool.into_iter().reduce(folded) {
        db.prepare_cached("INSERT OR REPLACE INTO history_quarter (quarter, pool) VALUES (?1, ?2)")?
            .execute(params![quarter, packed::<PoolRow, Stats>(&row)])?;
    }
    if let Some(row) = usage_in_minutes(db, &minutes)? {
        db.prepare_cached(
            "INSERT OR REPLACE INTO history_tenant_quarter (quarter, tenants) VALUES (?1, ?2)",
        )?
        .execute(params![quarter, pack(&(), &row)])?;
    }
    Ok(())
}

/// Stores the sum of a day's quarters.
fn complete_day(db: &Connection, day: Date, zone: &TimeZone) -> Result<(), StoreError> {
    if let Some(row) = usage_in_quarters(db, &quarters_of(day, zone))? {
        db.prepare_cached("INSERT OR REPLACE INTO history_day (day, tenants) VALUES (?1, ?2)")?
            .execute(params![day_number(day), pack(&(), &row)])?;
    }
    Ok(())
}

fn usage_in_minutes(db: &Connection, minutes: &Range<i64>) -> Result<Option<ByName<Usage>>, StoreError> {
    let sql = "SELECT tenants FROM history_minute WHERE minute >= ?1 AND minute < ?2";
    let rows: Vec<((), ByName<TenantMinute>)> = column(db, sql, minutes)?;
    Ok(fold(rows.into_iter().map(|((), row)| usage_of(row))))
}

fn usage_in_quarters(db: &Connection, quarters: &Range<i64>) -> Result<Option<ByName<Usage>>, StoreError> {
    let sql = "SELECT tenants FROM history_tenant_quarter WHERE quarter >= ?1 AND quarter < ?2";
    let rows: Vec<((), ByName<Usage>)> = column(db, sql, quarters)?;
    Ok(fold(rows.into_iter().map(|((), row)| row)))
}

/// The numbers of all names of a kind.
fn names(db: &Connection, kind: &str) -> Result<BTreeMap<String, u32>, StoreError> {
    let mut statement = db.prepare_cached("SELECT name, id FROM history_name WHERE kind = ?1")?;
    let rows = statement.query_map([kind], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Replaces names by their numbers. New ones get one.
fn numbered<T: Copy>(
    db: &Connection,
    kind: &str,
    rows: &BTreeMap<String, T>,
) -> Result<ByName<T>, StoreError> {
    let known = names(db, kind)?;
    let mut numbered = ByName::new();
    for (name, row) in rows {
        let number = match known.get(name) {
            Some(number) => *number,
            None => db
                .prepare_cached("INSERT INTO history_name (kind, name) VALUES (?1, ?2) RETURNING id")?
                .query_row(params![kind, name], |row| row.get(0))?,
        };
        numbered.insert(number, *row);
    }
    Ok(numbered)
}

/// The readable blobs of one column, with keys in a range.
fn column<H: DeserializeOwned, T: DeserializeOwned>(
    db: &Connection,
    sql: &str,
    keys: &Range<i64>,
) -> Result<Vec<(H, ByName<T>)>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let blobs = statement.query_map([keys.start, keys.end], |row| row.get::<_, Vec<u8>>(0))?;
    let mut rows = Vec::new();
    for blob in blobs {
        rows.extend(readable(&blob?));
    }
    Ok(rows)
}

/// What a blob contains. One that is damaged is left out, since others depend on it no more than on a missing one.
fn readable<H: DeserializeOwned, T: DeserializeOwned>(blob: &[u8]) -> Option<(H, ByName<T>)> {
    unpack(blob).inspect_err(|error| tracing::warn!(%error, "the history has a gap")).ok()
}

fn packed<H: Serialize, T: Serialize + Copy>((head, rows): &(H, ByName<T>)) -> Vec<u8> {
    pack(head, rows)
}

#[expect(clippy::needless_pass_by_value, reason = "used as a function for reduce")]
fn folded<H: Fold, T: Fold + Copy>(mut sum: (H, ByName<T>), row: (H, ByName<T>)) -> (H, ByName<T>) {
    sum.0.fold(&row.0);
    sum.1.fold(&row.1);
    sum
}
