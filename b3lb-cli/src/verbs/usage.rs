//! `usage`: what tenants used on each day

use rpc::{UsageDay, UsageFilter};
use rpc_client::Failure;

use crate::app::App;
use crate::args::usage::Usage;
use crate::out::print;

const COLUMNS: &[&str] =
    &["day", "tenant", "peak_attendees", "peak_meetings", "attendee_minutes", "meetings"];

pub(super) async fn run(app: &App, usage: Usage) -> Result<(), Failure> {
    let filter = UsageFilter {
        tenant: usage.tenant,
        from: usage.from.map(|it| it.to_string()),
        to: usage.to.map(|it| it.to_string()),
    };
    let daemon = app.connect().await?;
    let rows = daemon.all(|client, deadline, page| client.usage_list(deadline, filter.clone(), page)).await?;
    if usage.csv { print(&csv(&rows)) } else { app.out.list(&rows, COLUMNS, None) }
}

/// A line for each row. No value needs quotes: they are days, slugs and numbers.
fn csv(rows: &[UsageDay]) -> String {
    let line = |it: &UsageDay| {
        let UsageDay { day, tenant, peak_attendees, peak_meetings, attendee_minutes, meetings } = it;
        format!("{day},{tenant},{peak_attendees},{peak_meetings},{attendee_minutes},{meetings}")
    };
    let lines: Vec<_> = std::iter::once(COLUMNS.join(",")).chain(rows.iter().map(line)).collect();
    lines.join("\n")
}
