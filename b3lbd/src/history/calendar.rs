//! Minutes, quarters of an hour and days; what a new minute completes, and how long rows are kept.
//!
//! Minutes and quarters are numbered since 1970. Days are those of a time zone: in each zone they begin with a quarter.

use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _, Unit};

/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;
/// Minutes of a quarter of an hour.
const QUARTER: i64 = 15;

/// How many minutes are kept: 48 hours.
pub const MINUTES_KEPT: i64 = 48 * 60;
/// How many quarters of the pool are kept: 400 days.
pub const QUARTERS_KEPT: i64 = 400 * 96;
/// How many quarters of tenants are kept: 15 days.
pub const TENANT_QUARTERS_KEPT: i64 = 15 * 96;
/// How many days of tenants are kept.
pub const DAYS_KEPT: i64 = 400;

/// The minute of a time in milliseconds since 1970.
pub fn minute_of(wall_ms: i64) -> i64 {
    wall_ms.div_euclid(MINUTE)
}

/// The quarter of a minute.
pub fn quarter_of(minute: i64) -> i64 {
    minute.div_euclid(QUARTER)
}

/// The minutes of a quarter.
pub fn minutes_of(quarter: i64) -> Range<i64> {
    quarter.saturating_mul(QUARTER)..quarter.saturating_add(1).saturating_mul(QUARTER)
}

/// When a minute begins.
pub fn start_of(minute: i64) -> Timestamp {
    Timestamp::from_millisecond(minute.saturating_mul(MINUTE)).unwrap_or_default()
}

/// The date of a minute.
pub fn date_of(minute: i64, zone: &TimeZone) -> Date {
    start_of(minute).to_zoned(zone.clone()).date()
}

/// Number of a date: days since 1970.
pub fn day_number(date: Date) -> i64 {
    let since = date.since((Unit::Day, Date::constant(1970, 1, 1)));
    since.map_or(0, |span| span.get_days().into())
}

/// The date with a number.
pub fn numbered_day(number: i64) -> Date {
    let days = Span::new().try_days(number).unwrap_or_default();
    Date::constant(1970, 1, 1).saturating_add(days)
}

/// The quarters of a date.
pub fn quarters_of(date: Date, zone: &TimeZone) -> Range<i64> {
    let start = |date: Date| {
        let start = date.to_zoned(zone.clone()).and_then(|it| it.start_of_day());
        start.map_or(0, |it| quarter_of(minute_of(it.timestamp().as_millisecond())))
    };
    start(date)..start(date.saturating_add(1.day()))
}

/// What is complete once a minute has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Completed {
    /// A quarter.
    pub quarter: Option<i64>,
    /// A day.
    pub day: Option<Date>,
}

/// What `minute` completes, if the minute recorded before it was `last`. After the clock was set back, a quarter is
/// completed a second time, from all of its minutes.
pub fn completed(last: Option<i64>, minute: i64, zone: &TimeZone) -> Completed {
    let Some(last) = last else { return Completed::default() };
    let (quarter, day) = (quarter_of(last), date_of(last, zone));
    Completed {
        quarter: (quarter != quarter_of(minute)).then_some(quarter),
        day: (day != date_of(minute, zone)).then_some(day),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn berlin() -> TimeZone {
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap()
    }

    fn minute(text: &str) -> i64 {
        minute_of(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_zone() {
        let zone = berlin();
        assert_eq!(date_of(minute("2026-11-26T22:59:59Z"), &zone), date(2026, 11, 26));
        assert_eq!(date_of(minute("2026-11-26T23:00:00Z"), &zone), date(2026, 11, 27));
        assert_eq!(quarters_of(date(2026, 11, 27), &zone).start, minute("2026-11-26T23:00:00Z") / 15);
        let hours = |day| quarters_of(day, &zone).count() / 4;
        assert_eq!([25, 28, 29].map(|day| hours(date(2026, 10, day))), [25, 24, 24]);
        assert_eq!(hours(date(2026, 3, 29)), 23);
        let kathmandu = TimeZone::posix("NPT-5:45").unwrap();
        assert_eq!(quarters_of(date(2026, 11, 27), &kathmandu).start, minute("2026-11-26T18:15:00Z") / 15);
    }

    #[test]
    fn days_are_numbered() {
        assert_eq!(day_number(date(1970, 1, 1)), 0);
        assert_eq!(day_number(date(2026, 11, 27)), 20_784);
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!([0, 20_784, -1].map(|it| day_number(numbered_day(it))), [0, 20_784, -1]);
    }

    #[test]
    fn a_minute_completes_what_the_last_one_was_in() {
        let zone = berlin();
        let of = |last: &str, now: &str| completed(Some(minute(last)), minute(now), &zone);
        let quarter = |text: &str| Some(quarter_of(minute(text)));
        assert_eq!(completed(None, 5, &zone), Completed::default());
        assert_eq!(of("2026-11-27T08:13:00Z", "2026-11-27T08:14:00Z"), Completed::default());
        let done = Completed { quarter: quarter("2026-11-27T08:00:00Z"), day: None };
        assert_eq!(of("2026-11-27T08:14:00Z", "2026-11-27T08:15:00Z"), done);
        let done = Completed { quarter: quarter("2026-11-27T22:45:00Z"), day: Some(date(2026, 11, 27)) };
        assert_eq!(of("2026-11-27T22:59:00Z", "2026-11-27T23:00:00Z"), done);
        // Not running for a week, or the clock is set back.
        assert_eq!(of("2026-11-27T22:59:00Z", "2026-12-04T08:00:00Z"), done);
        let done = Completed { quarter: quarter("2026-11-27T09:00:00Z"), day: None };
        assert_eq!(of("2026-11-27T09:03:00Z", "2026-11-27T08:04:00Z"), done);
    }

    #[test]
    fn times_beyond_the_calendar_are_harmless() {
        for minute in [i64::MIN, i64::MAX] {
            let _ = (completed(Some(minute), 0, &berlin()), minutes_of(quarter_of(minute)));
        }
        assert!(quarters_of(Date::MAX, &TimeZone::UTC).count() <= 96);
    }
}
