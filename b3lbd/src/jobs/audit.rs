//! The audit log, kept for so many days. A clock that is wrong for a while must not empty it: at each look no more than
//! its oldest day goes.

use std::sync::Arc;
use std::time::Duration;

use crate::lifecycle::Core;

const EVERY: Duration = Duration::from_hours(1);
const DAY: i64 = 24 * 3600 * 1000;

/// Prunes for ever.
pub async fn prune_audit(core: Arc<Core>, days: u32) {
    let mut ticks = tokio::time::interval(EVERY);
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("audit", core.pool.clock.wall_ms());
        let oldest = core.pool.clock.wall_ms() - i64::from(days) * DAY;
        if let Err(error) = core.store.prune_audit(oldest).await {
            tracing::warn!(%error, "the audit log was not pruned, and will be later");
        }
    }
}
