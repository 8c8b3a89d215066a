//! Minutes go in, quarters and days come out.

use jiff::civil::date;

use super::read::{UsageQuery, pool_history, usage};
use super::*;
use crate::history::{NodeCounts, minute_of, start_of};
use crate::store::open;

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
    let oldest: i64 = db.query_row("SELECT min(minute) FROM history_minute", [], |row| row.get(0)).unwrap();
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
    db.execute("UPDATE history_minute SET tenants = x'0102', pool = x'' WHERE minute = ?1", [eight]).unwrap();
    for minute in [eight, eight + 15] {
        record(&db, minute, &sample(&[("FOO", 1)]), &zone).unwrap();
    }
    let day = date(2026, 11, 27);
    assert_eq!(days(&db, day, day)[0].2.attendee_minutes, 7);
}
