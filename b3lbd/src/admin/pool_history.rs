//! The pool over time.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use rpc::{AdminResult, PoolForecast, PoolHistory, PoolPoint};

use super::Context;
use super::capacity::Capacities;
use super::context::unavailable;
use crate::history::{PoolRow, days_before, forecast, minute_of, minutes_of, quarter_of, start_of};

/// Quarters of an hour before the current one, and after it where another day is told.
const BEFORE: i64 = 95;
const AFTER: i64 = 48;

pub(super) async fn history(context: &Context) -> AdminResult<PoolHistory> {
    let zone = TimeZone::system();
    let minute = minute_of(context.core.pool.clock.wall_ms());
    let now = quarter_of(minute);
    let known: HashMap<i64, PoolRow> = context
        .core
        .store
        .pool_history(now - 7 * 96 - BEFORE - 8..now + 1)
        .await
        .map_err(|error| unavailable(&error))?;
    let day = |days: i64, after: i64| {
        let quarters = now - BEFORE..=now + after;
        let before = |quarter| if days == 0 { Some(quarter) } else { days_before(quarter, days, &zone) };
        quarters.map(|it| before(it).and_then(|it| known.get(&it)).map(point)).collect()
    };
    // The minute that has begun is not recorded yet.
    let expected = forecast(minute - 1, |quarter| known.get(&quarter).map(|it| it.pool.attendees), &zone);
    let catalog = context.catalog();
    Ok(PoolHistory {
        start: start_of(minutes_of(now - BEFORE).start).as_millisecond(),
        utc_offset: zone.to_offset(start_of(minute)).seconds(),
        today: day(0, 0),
        yesterday: day(1, AFTER),
        last_week: day(7, AFTER),
        forecast: expected.map(|it| PoolForecast {
            at: start_of(it.minute).as_millisecond(),
            attendees: it.attendees,
            week_before: it.week_before,
        }),
        capacity: Capacities::now(context).of_clusters(&catalog, |_| true),
    })
}

fn point(row: &PoolRow) -> PoolPoint {
    PoolPoint {
        attendees: row.pool.attendees,
        meetings: row.pool.meetings,
        creates: row.pool.creates,
        refusals: row.refusals.iter().fold(0, |sum: u32, it| sum.saturating_add(*it)),
    }
}
