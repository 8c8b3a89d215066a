//! `status`: the state of the daemon and its nodes on one screen

use std::time::Duration;

use indicatif::{BinaryBytes, HumanDuration};
use rpc::{AdminClient, NodeCounts, Problem, Rates, ReplicationStatus, Role, Severity, Status};
use rpc_client::{Exit, Failure, clean};

use crate::app::App;
use crate::out::{document, print};
use crate::paint::Paint;
use crate::text::count;
use crate::time;

pub(super) async fn run(app: &App) -> Result<Exit, Failure> {
    let daemon = app.connect().await?;
    let status = daemon.call(AdminClient::status).await?;
    if app.out.is_json() {
        document(&status)?;
    } else {
        print(&screen(&status, daemon.place(), Paint::for_stdout()).join("\n"))?;
    }
    Ok(if status.healthy { Exit::Done } else { Exit::Degraded })
}

fn screen(status: &Status, place: &str, paint: Paint) -> Vec<String> {
    let health = if status.healthy { paint.green("healthy") } else { paint.red("degraded") };
    let up = HumanDuration(Duration::from_secs(status.uptime_seconds));
    let mut lines = vec![
        format!("b3lbd {} at {}: {health}", clean(&status.version), clean(place)),
        format!(
            "role      {}, up {up}, since {}",
            status.role.as_str(),
            clean(&time::local(&status.started_at))
        ),
        format!("nodes     {}", nodes(&status.nodes)),
        format!(
            "meetings  {} with {}, of {}",
            count(status.meetings, "meeting"),
            count(status.attendees, "attendee"),
            count(status.tenants.into(), "tenant"),
        ),
        format!("requests  {}", rates(&status.rates)),
        format!("database  {}", store(status)),
        format!("callbacks {} waiting for clients", status.store.callbacks_waiting),
    ];
    lines.extend(status.replication.as_ref().map(replication));
    if let Some(oldest) = status.tasks.iter().min_by(|a, b| a.last_run_at.cmp(&b.last_run_at)) {
        lines.push(format!(
            "tasks     {}, least recent run: {} at {}",
            status.tasks.len(),
            clean(&oldest.name),
            clean(&time::local(&oldest.last_run_at))
        ));
    }
    if !status.problems.is_empty() {
        lines.push("problems".to_owned());
        lines.extend(status.problems.iter().flat_map(|it| problem(it, paint)));
    }
    if !status.last_errors.is_empty() {
        lines.push("last warnings and errors".to_owned());
        lines.extend(status.last_errors.iter().map(|event| format!("  {}", super::events::line(event))));
    }
    lines
}

/// What the daemon knows of the others that share its store.
fn replication(it: &ReplicationStatus) -> String {
    let epoch = format!("store     epoch {}", it.epoch);
    let Some(primary) = &it.primary else { return epoch };
    let lag = it.lag_seconds.map(|lag| format!(", {lag:.0} s behind")).unwrap_or_default();
    let answers = if it.primary_answers == Some(true) { "answers" } else { "does not answer" };
    format!("{epoch}, the primary {} {answers}{lag}", clean(primary))
}

/// Two lines: what is wrong, and what to do.
fn problem(it: &Problem, paint: Paint) -> [String; 2] {
    let what = format!("{} {}", clean(&it.subject), clean(&it.text));
    let what = if it.severity == Severity::Error { paint.red(&what) } else { paint.yellow(&what) };
    let affected = match (it.meetings, it.tenants.as_slice()) {
        (0, _) | (_, []) => String::new(),
        (_, tenants) => format!(
            "; {} with {} of {}",
            count(it.meetings, "meeting"),
            count(it.attendees, "attendee"),
            clean(&named(tenants)),
        ),
    };
    let since = clean(&time::local(&it.since));
    [format!("  {what}; since {since}{affected}"), format!("    {}", clean(&it.advice))]
}

/// The first tenants by name.
fn named(tenants: &[String]) -> String {
    const NAMED: usize = 3;
    match tenants.len().checked_sub(NAMED) {
        None | Some(0) => tenants.join(", "),
        Some(more) => format!("{}, and {more} more", tenants[..NAMED].join(", ")),
    }
}

fn nodes(counts: &NodeCounts) -> String {
    let NodeCounts { total, up, suspect, down, unknown, maintenance } = counts;
    format!(
        "{total}: {up} up, {suspect} suspect, {down} down, {unknown} unknown; {maintenance} in maintenance"
    )
}

fn rates(rates: &Rates) -> String {
    let Rates { requests, joins, creates } = rates;
    format!("{requests:.1} a second, of these {joins:.1} joins and {creates:.1} creates")
}

fn store(status: &Status) -> String {
    let store = &status.store;
    let writes = match (&store.error, store.writable) {
        (None, false) if status.role == Role::Replica => "a copy of the primary's".to_owned(),
        (_, true) => "takes writes".to_owned(),
        (Some(error), false) => format!("takes no writes: {}", clean(error)),
        (None, false) => "takes no writes".to_owned(),
    };
    let (bytes, log) = (BinaryBytes(store.bytes), BinaryBytes(store.wal_bytes));
    format!("{writes}; {bytes}, write-ahead log {log}")
}
