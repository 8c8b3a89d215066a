//! What the history tells: the usage of tenants, and the pool over time.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use super::{column, last, names, readable, usage_in_minutes, usage_in_quarters};
use crate::history::{
    ByName, PoolRow, Stats, Usage, date_of, day_number, fold, minutes_of, numbered_day, quarter_of,
    quarters_of,
};
use crate::store::{Store, StoreError};

/// A tenant on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// The day.
    pub day: Date,
    /// Slug of the tenant.
    pub tenant: String,
    /// What it used.
    pub usage: Usage,
}

/// Which usage to read.
#[derive(Clone, Debug)]
pub struct UsageQuery {
    /// The days.
    pub days: RangeInclusive<Date>,
    /// Slug of the only tenant.
    pub tenant: Option<String>,
    /// Only rows after this one.
    pub after: Option<(Date, String)>,
    /// Maximum number of rows.
    pub most: usize,
}

impl UsageQuery {
    fn wants(&self, row: &UsageRow) -> bool {
        self.tenant.as_ref().is_none_or(|it| *it == row.tenant)
            && self.after.as_ref().is_none_or(|(day, tenant)| (&row.day, &row.tenant) > (day, tenant))
    }
}

impl Store {
    /// The usage of tenants, by day and slug. The current day is included as far as it is recorded.
    pub async fn usage(&self, query: UsageQuery, zone: TimeZone) -> Result<Vec<UsageRow>, StoreError> {
        self.read(move |db| usage(db, &query, &zone)).await
    }

    /// The whole pool in these quarters of an hour, as far as it was recorded. That of the last minute is included.
    pub async fn pool_history(&self, quarters: Range<i64>) -> Result<HashMap<i64, PoolRow>, StoreError> {
        self.read(move |db| pool_history(db, &quarters)).await
    }

    /// Slugs of all tenants that the history knows, including those that were removed.
    pub async fn tenants_in_history(&self) -> Result<Vec<String>, StoreError> {
        self.read(|db| Ok(names(db, "tenant")?.into_keys().collect())).await
    }
}

pub(super) fn usage(
    db: &Connection,
    query: &UsageQuery,
    zone: &TimeZone,
) -> Result<Vec<UsageRow>, StoreError> {
    let names: BTreeMap<u32, String> =
        names(db, "tenant")?.into_iter().map(|(name, number)| (number, name)).collect();
    let open = last(db)?.map(|minute| (day_number(date_of(minute, zone)), minute));
    let mut found = Vec::new();
    for (number, day) in days_of(db, query, open.map(|(number, _)| number))? {
        let row = match open {
            Some((open, minute)) if open == number => usage_of_open_day(db, day, quarter_of(minute), zone)?,
            _ => usage_of_day(db, number)?,
        };
        let named = row.into_iter().filter_map(|(number, usage)| Some((names.get(&number)?, usage)));
        let mut rows: Vec<_> = named
            .map(|(tenant, usage)| UsageRow { day, tenant: tenant.clone(), usage })
            .filter(|row| query.wants(row))
            .collect();
        rows.sort_by(|a, b| a.tenant.cmp(&b.tenant));
        found.extend(rows);
        if found.len() >= query.most {
            found.truncate(query.most);
            break;
        }
    }
    Ok(found)
}

/// The days that a query is about, in order. That of the last minute is not stored yet.
fn days_of(
    db: &Connection,
    query: &UsageQuery,
    open: Option<i64>,
) -> Result<BTreeMap<i64, Date>, StoreError> {
    let first = query.after.as_ref().map_or(*query.days.start(), |(day, _)| *day.max(query.days.start()));
    let numbers = day_number(first)..=day_number(*query.days.end());
    let sql = "SELECT day FROM history_day WHERE day >= ?1 AND day <= ?2";
    let mut statement = db.prepare_cached(sql)?;
    let stored = statement.query_map([numbers.start(), numbers.end()], |row| row.get(0))?;
    let stored: Vec<i64> = stored.collect::<Result<_, _>>()?;
    let all = stored.into_iter().chain(open.filter(|it| numbers.contains(it)));
    Ok(all.map(|number| (number, numbered_day(number))).collect())
}

fn usage_of_day(db: &Connection, number: i64) -> Result<ByName<Usage>, StoreError> {
    let sql = "SELECT tenants FROM history_day WHERE day >= ?1 AND day < ?2";
    let rows: Vec<((), ByName<Usage>)> = column(db, sql, &(number..number + 1))?;
    Ok(fold(rows.into_iter().map(|((), row)| row)).unwrap_or_default())
}

/// The day of the last minute: its quarters, and the minutes of the one that is not complete.
fn usage_of_open_day(
    db: &Connection,
    day: Date,
    open: i64,
    zone: &TimeZone,
) -> Result<ByName<Usage>, StoreError> {
    let quarters = quarters_of(day, zone);
    let parts = [
        usage_in_quarters(db, &(quarters.start..open))?,
        usage_in_minutes(db, &minutes_of(open))?,
        usage_in_quarters(db, &(open.saturating_add(1)..quarters.end))?,
    ];
    Ok(fold(parts.into_iter().flatten()).unwrap_or_default())
}

pub(super) fn pool_history(
    db: &Connection,
    quarters: &Range<i64>,
) -> Result<HashMap<i64, PoolRow>, StoreError> {
    let sql = "SELECT quarter, pool FROM history_quarter WHERE quarter >= ?1 AND quarter < ?2";
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement
        .query_map([quarters.start, quarters.end], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    let mut found = HashMap::new();
    for row in rows {
        let (quarter, blob) = row?;
        found.extend(readable::<PoolRow, Stats>(&blob).map(|(pool, _)| (quarter, pool)));
    }
    if let Some(open) = last(db)?.map(quarter_of).filter(|it| quarters.contains(it)) {
        let sql = "SELECT pool FROM history_minute WHERE minute >= ?1 AND minute < ?2";
        let minutes: Vec<(PoolRow, ByName<Stats>)> = column(db, sql, &minutes_of(open))?;
        found.extend(fold(minutes.into_iter().map(|(pool, _)| pool)).map(|pool| (open, pool)));
    }
    Ok(found)
}
