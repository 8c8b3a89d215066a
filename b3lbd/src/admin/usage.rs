//! The usage of tenants by day.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rpc::{AdminError, AdminResult, PAGE_ROWS, Page, Paged, UsageDay, UsageFilter};

use super::Context;
use super::context::{Lookup, unavailable};
use crate::store::{UsageQuery, UsageRow};

/// A page of the usage, by day and tenant.
pub(super) async fn list(context: &Context, filter: UsageFilter, page: Page) -> AdminResult<Paged<UsageDay>> {
    let zone = TimeZone::system();
    let now = Timestamp::from_millisecond(context.core.pool.clock.wall_ms()).unwrap_or_default();
    let days = days(&filter, now.to_zoned(zone.clone()).date())?;
    let tenant = match filter.tenant {
        Some(slug) => Some(known_tenant(context, &slug).await?),
        None => None,
    };
    let most = page.rows.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS);
    let after = page.after.as_deref().and_then(cursor);
    let query = UsageQuery { days, tenant, after, most: most as usize + 1 };
    let mut rows = context.core.store.usage(query, zone).await.map_err(|error| unavailable(&error))?;
    let is_last = rows.len() <= most as usize;
    rows.truncate(most as usize);
    let next = rows.last().filter(|_| !is_last).map(|it| format!("{} {}", it.day, it.tenant));
    Ok(Paged { rows: rows.into_iter().map(view).collect(), next })
}

fn view(row: UsageRow) -> UsageDay {
    UsageDay {
        day: row.day.to_string(),
        tenant: row.tenant,
        peak_attendees: row.usage.peak_attendees,
        peak_meetings: row.usage.peak_meetings,
        attendee_minutes: row.usage.attendee_minutes,
        meetings: row.usage.meetings,
    }
}

/// The last row of the previous page.
fn cursor(text: &str) -> Option<(Date, String)> {
    let (day, tenant) = text.split_once(' ')?;
    Some((day.parse().ok()?, tenant.to_owned()))
}

/// The first and last day.
fn days(filter: &UsageFilter, today: Date) -> AdminResult<std::ops::RangeInclusive<Date>> {
    let day = |field: &str, text: &Option<String>, default: Date| match text {
        Some(text) => text.parse().map_err(|_| AdminError::invalid(field, "a day as in 2026-11-30")),
        None => Ok(default),
    };
    let to = day("to", &filter.to, today)?;
    let from = day("from", &filter.from, today.first_of_month().min(to))?;
    if from > to {
        return Err(AdminError::invalid("to", "a day that is not before the first one"));
    }
    Ok(from..=to)
}

/// The slug as it is stored, of a tenant that exists or did.
async fn known_tenant(context: &Context, slug: &str) -> AdminResult<String> {
    let slug = slug.to_ascii_uppercase();
    let catalog = context.catalog();
    let unknown = match catalog.tenant(&slug) {
        Ok(tenant) => return Ok(tenant.slug.to_string()),
        Err(unknown) => unknown,
    };
    let former = context.core.store.tenants_in_history().await.map_err(|error| unavailable(&error))?;
    if former.contains(&slug) { Ok(slug) } else { Err(unknown) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_current_month_unless_told() {
        let today = date(2026, 11, 27);
        let of = |from: Option<&str>, to: Option<&str>| {
            let filter = UsageFilter { tenant: None, from: from.map(Into::into), to: to.map(Into::into) };
            days(&filter, today).map_err(|error| error.message)
        };
        assert_eq!(of(None, None), Ok(date(2026, 11, 1)..=today));
        assert_eq!(of(Some("2026-10-05"), None), Ok(date(2026, 10, 5)..=today));
        assert_eq!(of(None, Some("2026-10-05")), Ok(date(2026, 10, 5)..=date(2026, 10, 5)));
        assert_eq!(of(Some("2026-11-27"), Some("2026-11-27")), Ok(today..=today));
        assert!(of(Some("2026-11-27"), Some("2026-11-26")).unwrap_err().contains("not before"));
        for text in ["", "yesterday", "2026-02-30", "2026-11", "27.11.2026"] {
            assert!(of(Some(text), None).unwrap_err().contains("a day as in 2026-11-30"), "{text}");
        }
    }

    #[test]
    fn cursors() {
        assert_eq!(cursor("2026-11-27 FOO"), Some((date(2026, 11, 27), "FOO".to_owned())));
        assert_eq!((cursor("FOO"), cursor("")), (None, None));
    }
}
