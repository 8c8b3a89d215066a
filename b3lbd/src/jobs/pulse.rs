//! Checks that run every second: rates, and whether the database accepts writes.

use std::sync::Arc;
use std::time::Duration;

use crate::lifecycle::Core;
use crate::model::{EventKind, Severity};

const EVERY: Duration = Duration::from_secs(1);

/// Runs forever.
pub async fn keep_pulse(core: Arc<Core>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    let mut previous = None;
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("pulse", core.pool.clock.wall_ms());
        core.pool.counters.rates.tick(core.pool.clock.now());
        let now = core.store.last_error();
        match (&previous, &now) {
            (None, Some(error)) => {
                core.record_event(
                    EventKind::System,
                    Severity::Error,
                    "database",
                    format!("takes no writes: {error}"),
                );
            }
            (Some(_), None) => {
                core.record_event(EventKind::System, Severity::Info, "database", "takes writes again");
            }
            _ => {}
        }
        previous = now;
    }
}
