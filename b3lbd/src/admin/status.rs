//! An overview of the daemon.

use std::time::Duration;

use jiff::Timestamp;
use rpc::{AdminResult, NodeCounts, Role, Status, StoreStatus, TaskStatus};

use super::context::unavailable;
use super::{Context, events, meetings, watch};
use crate::model::Severity;

/// Maximum number of warnings and errors to show.
const LAST_ERRORS: usize = 5;

pub(super) async fn status(context: &Context) -> AdminResult<Status> {
    let pool = &context.core.pool;
    let store = &context.core.store;
    let error = store.probe().await.err().map(|it| it.to_string());
    let size = store.size();
    let callbacks_waiting = match &error {
        None => store.waiting_callbacks().await.map_err(|error| unavailable(&error))?,
        Some(_) => 0,
    };
    let nodes = watch::node_counts(context);
    let outage = pool.outage_of_ours();
    let stats = meetings::stats(context);
    let uptime = pool.clock.now();
    let started = Timestamp::from_millisecond(pool.clock.wall_ms()).unwrap_or_default()
        - Duration::try_from_secs_f64(uptime).unwrap_or_default();
    let strays = pool.fleet.strays();
    let mut problems = problems(nodes, outage, error.as_deref(), strays);
    problems.extend(pool.standing.problems());
    Ok(Status {
        healthy: problems.is_empty(),
        problems,
        role: Role::Primary,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started_at: started.round(jiff::Unit::Second).unwrap_or(started).to_string(),
        uptime_seconds: Duration::try_from_secs_f64(uptime).unwrap_or_default().as_secs(),
        nodes,
        outage,
        tenants: u32::try_from(context.catalog().tenants.len()).unwrap_or(u32::MAX),
        meetings: stats.meetings,
        attendees: stats.attendees,
        rates: watch::rates(context),
        store: StoreStatus {
            writable: error.is_none(),
            error,
            bytes: size.file,
            wal_bytes: size.log,
            callbacks_waiting,
        },
        last_errors: pool
            .journal
            .latest(Severity::Warning, LAST_ERRORS)
            .iter()
            .map(|it| events::event(it))
            .collect(),
        tasks: pool.task_runs.all().into_iter().map(|(name, at)| task(name, at)).collect(),
    })
}

fn task(name: &str, at: i64) -> TaskStatus {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    TaskStatus { name: name.to_owned(), last_run_at: at.round(jiff::Unit::Second).unwrap_or(at).to_string() }
}

/// Describes what needs attention from an operator.
fn problems(nodes: NodeCounts, outage: bool, store: Option<&str>, strays: usize) -> Vec<String> {
    let count = |n: u32, what: &str| match n {
        0 => None,
        1 => Some(format!("1 node is {what}")),
        n => Some(format!("{n} nodes are {what}")),
    };
    let no_node = match nodes {
        NodeCounts { total: 0, .. } => Some("there are no nodes"),
        NodeCounts { total, maintenance, .. } if total == maintenance => Some("all nodes are in maintenance"),
        NodeCounts { up: 0, unknown: 0, .. } => Some("no node is up"),
        _ => None,
    };
    let outage = outage.then(|| "most nodes fail at once: probably our own network".to_owned());
    let store = store.map(|error| format!("the database takes no writes: {error}"));
    let strays = match strays {
        0 => None,
        1 => Some("1 meeting is bound to nobody".to_owned()),
        n => Some(format!("{n} meetings are bound to nobody")),
    };
    let (down, suspect) = (count(nodes.down, "down"), count(nodes.suspect, "suspect"));
    [store, outage, no_node.map(str::to_owned), down, suspect, strays].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_in_words() {
        let well = NodeCounts { total: 3, up: 3, maintenance: 1, ..NodeCounts::default() };
        assert!(problems(well, false, None, 0).is_empty());
        let ill = NodeCounts { total: 3, up: 1, down: 1, suspect: 1, ..NodeCounts::default() };
        let found = problems(ill, false, Some("full"), 0);
        assert_eq!(found, ["the database takes no writes: full", "1 node is down", "1 node is suspect"]);
        assert_eq!(problems(NodeCounts::default(), false, None, 0), ["there are no nodes"]);
    }
}
