//! The pool over time: one transaction a minute, which also completes quarters of an hour and days, and prunes.

use std::collections::{BTreeMap, HashMap};
use std::ops::{Range, RangeInclusive};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Store, StoreError};
use crate::history::{
    ByName, DAYS_KEPT, Fold, MINUTES_KEPT, PoolRow, QUARTERS_KEPT, Sample, Stats, TENANT_QUARTERS_KEPT,
    TenantMinute, Usage, completed, date_of, day_number, fold, minutes_of, numbered_day, pack, quarter_of,
    quarters_of, unpack, usage_of,
};

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

fn usage(db: &Connection, query: &UsageQuery, zone: &TimeZone) -> Result<Vec<UsageRow>, StoreError> {
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

fn pool_history(db: &Connection, quarters: &Range<i64>) -> Result<HashMap<i64, PoolRow>, StoreError> {
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

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::super::open;
    use super::*;
    use crate::history::{NodeCounts, minute_of, start_of};

    fn database() -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        open::migrate(&mut db).unwrap();
        db
    }

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn at(time: &str) -> i64 {
        minute_of(time.parse::<jiff::Timestamp>().unwrap().as_millisecond())
    }

    fn sample(tenants: &[(&str, u32)]) -> Sample {
        let row = |(slug, attendees): &(&str, u32)| {
            ((*slug).to_owned(), TenantMinute { attendees: *attendees, meetings: 1, creates: 1 })
        };
        let attendees = tenants.iter().map(|(_, attendees)| attendees).sum();
        let nodes = NodeCounts { up: 3, ..NodeCounts::default() };
        let pool = Stats { nodes, attendees, creates: 1, ..Stats::default() };
        Sample {
            pool,
            clusters: BTreeMap::from([("main".to_owned(), pool)]),
            tenants: tenants.iter().map(row).collect(),
            ..Sample::default()
        }
    }

    fn days(db: &Connection, from: Date, to: Date) -> Vec<(Date, String, Usage)> {
        // Small pages must not change anything.
        let mut found: Vec<(Date, String, Usage)> = Vec::new();
        loop {
            let after = found.last().map(|(day, tenant, _)| (*day, tenant.clone()));
            let query = UsageQuery { days: from..=to, tenant: None, after, most: 3 };
            let rows = usage(db, &query, &berlin()).unwrap();
            found.extend(rows.iter().map(|it| (it.day, it.tenant.clone(), it.usage)));
            if rows.len() < 3 {
                return found;
            }
        }
    }

    fn count(db: &Connection, table: &str) -> i64 {
        db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_day_is_the_sum_of_its_minutes_in_the_zone_of_the_daemon() {
        let db = database();
        let zone = berlin();
        // 23:30 of the 26th to 00:30 of the 28th.
        for minute in at("2026-11-26T22:30:00Z")..=at("2026-11-27T23:30:00Z") {
            record(&db, minute, &sample(&[("FOO", 10), ("BAR", 1)]), &zone).unwrap();
        }
        let of = |attendees: u32, minutes: u32| Usage {
            peak_attendees: attendees,
            peak_meetings: 1,
            attendee_minutes: (attendees * minutes).into(),
            meetings: minutes,
        };
        let expected: Vec<_> = [(26, 30), (27, 1_440), (28, 31)]
            .into_iter()
            .flat_map(|(day, minutes)| {
                let tenant = |(slug, attendees): (&str, u32)| {
                    (date(2026, 11, day), slug.to_owned(), of(attendees, minutes))
                };
                [("BAR", 1), ("FOO", 10)].map(tenant)
            })
            .collect();
        assert_eq!(days(&db, date(2026, 11, 1), date(2026, 11, 30)), expected);
        assert_eq!(days(&db, date(2026, 11, 27), date(2026, 11, 27)), expected[2..4]);
        assert_eq!(count(&db, "history_quarter"), 2 + 96 + 2);
    }

    #[test]
    fn a_restart_within_a_minute_and_a_clock_that_is_set_back_lose_nothing() {
        let db = database();
        let zone = berlin();
        let eight = at("2026-11-27T08:00:00Z");
        record(&db, eight + 5, &sample(&[("FOO", 9)]), &zone).unwrap();
        record(&db, eight + 5, &sample(&[("FOO", 3), ("BAR", 2)]), &zone).unwrap();
        // The clock was an hour ahead for a while, over the end of a quarter.
        for minute in [eight + 6, eight + 70, eight + 80, eight + 7, eight + 20] {
            record(&db, minute, &sample(&[("FOO", 10)]), &zone).unwrap();
        }
        let day = date(2026, 11, 27);
        let found = days(&db, day, day);
        let foo = Usage { peak_attendees: 10, peak_meetings: 1, attendee_minutes: 59, meetings: 7 };
        let bar = Usage { peak_attendees: 2, peak_meetings: 1, attendee_minutes: 2, meetings: 1 };
        assert_eq!(found, [(day, "BAR".to_owned(), bar), (day, "FOO".to_owned(), foo)]);
        // The first quarter was completed again, from all of its minutes.
        let first = usage_in_quarters(&db, &(eight / 15..eight / 15 + 1)).unwrap().unwrap();
        assert_eq!(first.values().map(|it| it.attendee_minutes).sum::<u64>(), 9 + 2 + 10 + 10);
        record(&db, at("2026-11-28T08:00:00Z"), &sample(&[]), &zone).unwrap();
        assert_eq!(days(&db, day, day), found, "completed, it is the same");
    }

    #[test]
    fn a_tenant_that_was_removed_keeps_its_days_and_its_number() {
        let db = database();
        let zone = berlin();
        let eight = at("2026-11-27T08:00:00Z");
        record(&db, eight, &sample(&[("FOO", 9)]), &zone).unwrap();
        record(&db, eight + 1, &sample(&[("NEW", 2)]), &zone).unwrap();
        let day = date(2026, 11, 27);
        let peaks: Vec<_> =
            days(&db, day, day).into_iter().map(|(_, slug, usage)| (slug, usage.peak_attendees)).collect();
        assert_eq!(peaks, [("FOO".to_owned(), 9), ("NEW".to_owned(), 2)]);
    }

    #[test]
    fn old_rows_go_but_a_wrong_clock_does_not_empty_the_history() {
        let db = database();
        let zone = berlin();
        let begin = at("2026-11-20T00:00:00Z");
        for minute in begin..begin + 3 * 1_440 {
            record(&db, minute, &sample(&[("FOO", 1)]), &zone).unwrap();
        }
        assert_eq!(count(&db, "history_minute"), MINUTES_KEPT + 1);
        let oldest: i64 =
            db.query_row("SELECT min(minute) FROM history_minute", [], |row| row.get(0)).unwrap();
        assert_eq!(start_of(oldest).to_string(), "2026-11-20T23:59:00Z");
        record(&db, begin + 800 * 1_440, &sample(&[("FOO", 1)]), &zone).unwrap();
        assert_eq!(count(&db, "history_minute"), MINUTES_KEPT);
        assert_eq!(
            count(&db, "history_day"),
            3 - 2 + 1,
            "days 20 to 22, two of them pruned, and that of the 23rd"
        );
    }

    #[test]
    fn the_current_quarter_of_the_pool_is_told_too() {
        let db = database();
        let eight = at("2026-11-27T08:00:00Z");
        for (minute, attendees) in [(eight, 9), (eight + 14, 5), (eight + 15, 2), (eight + 16, 3)] {
            record(&db, minute, &sample(&[("FOO", attendees)]), &berlin()).unwrap();
        }
        let quarter = eight / 15;
        let found = pool_history(&db, &(quarter - 1..quarter + 2)).unwrap();
        let told = |quarter: i64| found.get(&quarter).map(|it| (it.pool.attendees, it.pool.creates));
        assert_eq!([-1, 0, 1].map(|it| told(quarter + it)), [None, Some((9, 2)), Some((3, 2))]);
    }

    #[test]
    fn a_damaged_row_is_a_gap() {
        let db = database();
        let zone = berlin();
        let eight = at("2026-11-27T08:00:00Z");
        record(&db, eight, &sample(&[("FOO", 9)]), &zone).unwrap();
        record(&db, eight + 1, &sample(&[("FOO", 5)]), &zone).unwrap();
        db.execute("UPDATE history_minute SET tenants = x'0102', pool = x'' WHERE minute = ?1", [eight])
            .unwrap();
        for minute in [eight, eight + 15] {
            record(&db, minute, &sample(&[("FOO", 1)]), &zone).unwrap();
        }
        let day = date(2026, 11, 27);
        assert_eq!(days(&db, day, day)[0].2.attendee_minutes, 7);
    }
}
