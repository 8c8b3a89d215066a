//! Prunes the audit log by age. A clock that is temporarily wrong must not empty it, so each run deletes at
//! most the oldest day.

use std::sync::Arc;
use std::time::Duration;

use crate::lifecycle::Core;

const EVERY: Duration = Duration::from_hours(1);
const DAY: i64 = 24 * 3600 * 1000;

/// Prunes forever.
pub async fn prune_audit(core: Arc<Core>, days: u32) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("audit", core.pool.clock.wall_ms());
        if core.pool.standing.is_replica() {
            continue;
        }
        let oldest = core.pool.clock.wall_ms() - i64::from(days) * DAY;
        if let Err(error) = core.store.prune_audit(oldest).await {
            tracing::warn!(%error, "the audit log could not be pruned; will be retried");
        }
    }
}
