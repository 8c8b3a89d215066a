//! An overview of the daemon.

use std::time::Duration;

use jiff::Timestamp;
use rpc::{AdminResult, Problem, Status, StoreStatus, TaskStatus};

use super::context::unavailable;
use super::{Context, events, meetings, replication, watch};
use crate::model::Severity;
use crate::state::OpenProblem;

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
    context.core.find_problems().await;
    let problems: Vec<_> = pool.problems.all().into_iter().map(problem).collect();
    Ok(Status {
        healthy: problems.is_empty(),
        problems,
        role: replication::role(&pool.standing),
        replication: replication::status(&pool.standing),
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
            writable: error.is_none() && !pool.standing.is_replica(),
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

/// A problem as the tools show it.
pub(super) fn problem(it: OpenProblem) -> Problem {
    let OpenProblem { since, finding } = it;
    let since = Timestamp::from_millisecond(since).unwrap_or_default();
    Problem {
        kind: finding.kind,
        severity: finding.severity,
        subject: finding.subject,
        since: since.round(jiff::Unit::Second).unwrap_or(since).to_string(),
        count: finding.count,
        meetings: finding.affected.meetings,
        attendees: finding.affected.attendees,
        tenants: finding.affected.tenants.iter().map(ToString::to_string).collect(),
        text: finding.text,
        advice: finding.advice.to_owned(),
    }
}
