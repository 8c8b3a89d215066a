//! Events, and the audit log.

use std::time::Duration;

use jiff::Timestamp;
use rpc::{AdminError, AdminResult, AuditEntry, AuditFilter, Event, EventFilter, PAGE_ROWS, Page, Paged};

use super::Context;
use super::context::{time, unavailable};
use crate::model::Entry;
use crate::store::AuditRow;

/// Maximum time to wait for an event.
const MAX_WAIT: Duration = Duration::from_mins(2);

/// Converts a journal entry to its rpc type.
pub(super) fn event(entry: &Entry) -> Event {
    Event {
        seq: entry.seq,
        at: time(entry.at),
        kind: entry.what.kind,
        severity: entry.what.severity,
        subject: entry.what.subject.clone(),
        text: entry.what.text.clone(),
        who: entry.what.who.clone(),
        count: entry.count,
    }
}

/// Events that match the filter. Waits if there are none.
pub(super) async fn list(context: &Context, filter: &EventFilter, wait_ms: u32) -> Vec<Event> {
    let journal = &context.core.pool.journal;
    let mut last = journal.last();
    let wait = Duration::from_millis(wait_ms.into()).min(MAX_WAIT);
    let wanted = async {
        loop {
            let found = passing(context, filter);
            if !found.is_empty() || last.changed().await.is_err() {
                return found;
            }
        }
    };
    tokio::time::timeout(wait, wanted).await.unwrap_or_else(|_| passing(context, filter))
}

fn passing(context: &Context, filter: &EventFilter) -> Vec<Event> {
    let subject = filter.subject.as_ref().map(|it| it.to_lowercase());
    let passes = |it: &Event| {
        (filter.kinds.is_empty() || filter.kinds.contains(&it.kind))
            && filter.severity.is_none_or(|least| it.severity >= least)
            && subject.as_ref().is_none_or(|text| it.subject.to_lowercase().contains(text))
    };
    let entries = context.core.pool.journal.after(filter.after.unwrap_or(0));
    entries.iter().map(|it| event(it)).filter(passes).collect()
}

/// A page of the audit log, newest first.
pub(super) async fn audit(
    context: &Context,
    filter: AuditFilter,
    page: Page,
) -> AdminResult<Paged<AuditEntry>> {
    let since = match filter.since {
        None => i64::MIN,
        Some(text) => {
            let time: Timestamp =
                text.parse().map_err(|_| AdminError::invalid("since", "a time as in RFC 3339"))?;
            time.as_millisecond()
        }
    };
    let below = page.after.and_then(|it| it.parse().ok());
    let most = page.rows.unwrap_or(PAGE_ROWS).clamp(1, PAGE_ROWS);
    let subject = filter.subject.unwrap_or_default();
    let rows = context.core.store.audit_log(below, since, subject, most + 1).await;
    let mut rows: Vec<AuditRow> = rows.map_err(|error| unavailable(&error))?;
    let more = rows.len() > most as usize;
    rows.truncate(most as usize);
    let next = rows.last().filter(|_| more).map(|it| it.id.to_string());
    let entry = |it: AuditRow| AuditEntry {
        id: it.id,
        at: time(it.at),
        who: it.who,
        from: it.origin,
        action: it.action,
        subject: it.subject,
        before: it.before,
        after: it.after,
    };
    Ok(Paged { rows: rows.into_iter().map(entry).collect(), next })
}
