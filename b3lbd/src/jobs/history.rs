//! Records the pool at the end of each minute.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::history::minute_of;
use crate::lifecycle::Core;

const MINUTE: i64 = 60_000;
/// How long the first record waits for the nodes.
const FIRST_ROUND: Duration = Duration::from_mins(1);

/// Records forever. Until the nodes were polled, there is nothing to tell.
pub async fn keep_history(core: Arc<Core>) {
    core.pool.first_round.wait(FIRST_ROUND).await;
    loop {
        let now = core.pool.clock.wall_ms();
        core.pool.task_runs.note("history", now);
        let minute = minute_of(now);
        let left = MINUTE - now.rem_euclid(MINUTE);
        tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
        record(&core, minute).await;
    }
}

/// Records the minute that has begun.
pub async fn write_history(core: &Core) {
    if core.pool.first_round.is_complete() {
        record(core, minute_of(core.pool.clock.wall_ms())).await;
    }
}

async fn record(core: &Core, minute: i64) {
    if core.pool.standing.is_replica() {
        // The primary records; what was counted here is not its own.
        core.pool.tally.take();
        return;
    }
    if let Err(error) = core.record_history(minute, TimeZone::system()).await {
        tracing::warn!(%error, "a minute of the history could not be written");
    }
}
