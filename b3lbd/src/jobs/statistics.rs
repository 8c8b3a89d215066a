//! Writes counters and the past every few seconds; a crash loses no more than that.

use std::sync::Arc;
use std::time::Duration;

use crate::lifecycle::Core;
use crate::model::oldest_past;

const EVERY: Duration = Duration::from_secs(5);

/// Writes forever.
pub async fn keep_statistics(core: Arc<Core>) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("statistics", core.pool.clock.wall_ms());
        write_statistics(&core).await;
        core.metrics.upkeep();
    }
}

/// Writes what has changed.
pub async fn write_statistics(core: &Core) {
    let pool = &core.pool;
    // The primary's are those of the database.
    if pool.standing.is_replica() {
        return;
    }
    let changed = pool.take_statistics();
    if changed.counters.is_empty() && changed.past.is_empty() {
        return;
    }
    let now = pool.clock.wall_ms();
    if let Err(error) = core.store.write_statistics(changed.clone(), now, oldest_past(now)).await {
        tracing::warn!(%error, "counters could not be written; will be retried");
        pool.statistics_not_written(changed);
    }
}
