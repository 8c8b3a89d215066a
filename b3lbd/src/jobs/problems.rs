//! Looks for problems every second.

use std::sync::Arc;
use std::time::Duration;

use crate::lifecycle::Core;

const EVERY: Duration = Duration::from_secs(1);

/// Runs forever.
pub async fn look_for_problems(core: Arc<Core>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        core.pool.task_runs.note("problems", core.pool.clock.wall_ms());
        core.find_problems().await;
    }
}
